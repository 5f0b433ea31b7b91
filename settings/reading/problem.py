"""What is wrong with a stack file, and how people are told."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing in a stack file that cannot be taken."""

    key: str
    """Where: the config key and the path in it, as `pulumi config set --path` takes it."""
    message: str
    """What is wrong, and what to write instead."""
    value: object = None
    """Value that the stack file has at the key; None if the key is not there. `check` sets it."""

    def __str__(self) -> str:
        """Returns the problem as one printable line."""
        return printable(f"{self.key}: {self.message}")


def printable(text: str) -> str:
    """A text with whatever would break its line, or a terminal, escaped: people choose names."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


class SettingsError(pulumi.RunError):
    """A stack file that cannot be taken, with every problem of the phase that found them.

    Pulumi shows a RunError by its message alone, without a stack trace.
    """

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        lines = [f"{file}: {problem}" for problem in self.problems]
        super().__init__("\n".join(lines))
