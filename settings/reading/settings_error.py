"""The error that refuses a stack file."""

from collections.abc import Iterable
from pathlib import Path

import pulumi

from settings.reading.lines import with_lines
from settings.reading.problem import Problem


class SettingsError(pulumi.RunError):
    """Refuses a stack file, with one line for each problem: file, line, key, message.

    Problems without a line come first. The other problems are in the order of the file.

    Pulumi shows a RunError by its message alone, without a stack trace.
    """

    def __init__(self, file: Path, problems: Iterable[Problem]) -> None:
        located = with_lines(file, problems)
        self.problems = tuple(sorted(located, key=lambda each: each.line or 0))
        super().__init__("\n".join(f"{file.name}{_at(each)}: {each}" for each in self.problems))


def _at(problem: Problem) -> str:
    return "" if problem.line is None else f":{problem.line}"
