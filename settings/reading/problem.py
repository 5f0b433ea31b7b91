"""Problems of a stack file."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A reason to refuse a stack file."""

    key: str
    """Config key with a path, in the format of `pulumi config set --path`."""
    message: str
    """The problem, and what to write instead."""
    value: object = None
    """Value of the key in the stack file, which `check` sets; None if the key is missing."""
    line: int | None = None
    """Line of the file, from 1; None if the line is unknown."""
    file: str | None = None
    """Name of the shared file, if the line is in this file and not in the stack file."""

    def __str__(self) -> str:
        """Returns the problem as one printable line."""
        return printable(f"{self.key}: {self.message}")


def printable(text: str) -> str:
    """Returns a text in which line breaks and control characters are escaped."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
