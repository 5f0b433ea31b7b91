"""Formats counts and lists for messages."""

from collections.abc import Sequence


def counted(count: int, noun: str) -> str:
    """Returns a count with its noun, such as `1 pod` or `2 pods`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def listed(items: Sequence[str], conjunction: str = "and") -> str:
    """Returns items as a list in a sentence, such as `a`, `a and b` or `a, b and c`."""
    return f" {conjunction} ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))
