"""The replacement of a name from another tool."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Hint:
    """The replacement of a name from another tool."""

    keys: tuple[str, ...]
    """Keys to write instead, relative to the section, or in full (`ha-eks:…`)."""
    note: str = ""
    """The difference between the name and these keys."""

    def __str__(self) -> str:
        """Returns the hint in words."""
        note = f" ({self.note})" if self.note else ""
        return f"write {' and '.join(self.keys)} instead{note}"


def use(*keys: str, note: str = "") -> Hint:
    """Returns a hint with some keys and a note."""
    return Hint(keys=keys, note=note)
