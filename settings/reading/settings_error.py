"""The error that refuses a stack file."""

from collections.abc import Iterable
from pathlib import Path

import pulumi

from settings.reading.lines import with_lines
from settings.reading.problem import Problem


class SettingsError(pulumi.RunError):
    """Refuses a stack file, with one line for each problem: file, line, key, message.

    Problems without a line come first, then those of the stack file in the order of the file, then
    those of its shared file.

    Pulumi shows a RunError by its message alone, without a stack trace.
    """

    def __init__(self, file: Path, problems: Iterable[Problem]) -> None:
        located = with_lines(file, problems)
        self.problems = tuple(sorted(located, key=_order))
        super().__init__(
            "\n".join(f"{each.file or file.name}{_at(each)}: {each}" for each in self.problems)
        )


def _order(problem: Problem) -> tuple[str, int]:
    return problem.file or "", problem.line or 0


def _at(problem: Problem) -> str:
    return "" if problem.line is None else f":{problem.line}"
