"""Output that a terminal wraps between words, and that is not wrapped elsewhere."""

import sys
from collections.abc import Iterable
from typing import NoReturn

from rich.console import Console

_UNLIMITED_WIDTH = 10_000


class _Console(Console):
    """A console that leaves the exit status of a broken pipe to the command: Rich exits with 1,
    which is the status of findings."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


def output() -> Console:
    """Returns a console that wraps lines only in a terminal: Rich assumes 80 columns elsewhere."""
    return _Console() if sys.stdout.isatty() else _Console(width=_UNLIMITED_WIDTH)


def print_lines(lines: Iterable[str], style: str = "none") -> None:
    """Prints lines, which a terminal wraps between words."""
    console = output()
    for line in lines:
        console.print(line, highlight=False, markup=False, emoji=False, style=style)
