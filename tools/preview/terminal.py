"""Output that a terminal wraps between words, and that is not wrapped elsewhere."""

import sys
from collections.abc import Iterable

from rich.console import Console

from tools.console import OutputConsole

_UNLIMITED_WIDTH = 10_000
_MIN_WIDTH = 20
"""Width of the lines in a narrower terminal, which breaks the lines itself."""


def output() -> Console:
    """Returns a console that wraps lines only in a terminal: Rich assumes 80 columns elsewhere."""
    if not sys.stdout.isatty():
        return OutputConsole(width=_UNLIMITED_WIDTH)
    console = OutputConsole()
    console.width = max(_MIN_WIDTH, console.width)
    return console


def print_lines(lines: Iterable[str], style: str = "none") -> None:
    """Prints lines, which a terminal wraps between words."""
    console = output()
    for line in lines:
        console.print(line, highlight=False, markup=False, emoji=False, style=style)
