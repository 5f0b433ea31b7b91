"""Problems of a stack file."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing in a stack file that is not accepted."""

    key: str
    """Config key and the path in it, as `pulumi config set --path` takes them."""
    message: str
    """The problem, and what to write instead."""
    value: object = None
    """Value that the stack file has at the key; None if the key is not there. `check` sets it."""
    line: int | None = None
    """Line of the stack file, from 1; None if it is not known."""

    def __str__(self) -> str:
        """Returns the problem as one printable line."""
        return printable(f"{self.key}: {self.message}")


def printable(text: str) -> str:
    """Returns a text with escapes for characters that break a line or control a terminal."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
