"""What is wrong with a stack file, and how people are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import pulumi


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing in a stack file that cannot be taken."""

    key: str
    """Where: the config key and the path in it, as `pulumi config set --path` takes it."""
    value: object
    """What stands there; None if nothing does."""
    allowed: str
    """What may stand there, or what to do."""

    def __str__(self) -> str:
        """One line for people."""
        stands = "missing" if self.value is None else repr(_as_yaml(self.value))
        return printable(f"{self.key}: {stands}; allowed: {self.allowed}")


def printable(text: str) -> str:
    """A text with whatever would break its line, or a terminal, escaped: people choose names."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def _as_yaml(value: object) -> object:
    """Tuples as the lists that people wrote."""
    if isinstance(value, tuple | list):
        return [_as_yaml(item) for item in cast("tuple[object, ...]", value)]
    return value


class SettingsError(pulumi.RunError):
    """A stack file that cannot be taken, with every problem of the phase that found them.

    Pulumi shows a RunError by its message alone, without a stack trace.
    """

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        lines = [f"{file}: {problem}" for problem in self.problems]
        super().__init__("\n".join(lines))
