"""Prints the results of checks as a table."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from tools.deploy.check.result import Result

_WIDTH = 100
_CHECK, _SUBJECT, _OUTCOME = 15, 32, 8
"""Widths of the columns, with a space; the last column has the rest."""
_OUTCOMES = ("ok", "NOT OK", "skipped")


def table(results: Mapping[str, Sequence[Result]]) -> str:
    """Returns the table of the results by check, and the number of each outcome."""
    lines = [_row("CHECK", "SUBJECT", "RESULT", "FOUND")]
    for title, found in results.items():
        for number, result in enumerate(found):
            lines += _lines("" if number else title, result)
    every = [each for found in results.values() for each in found]
    numbers = [f"{sum(each.outcome == name for each in every)} {name}" for name in _OUTCOMES]
    return "\n".join([*lines, "", ", ".join(numbers)])


def _row(check: str, subject: str, outcome: str, figures: str) -> str:
    return f"{check:{_CHECK}}{subject:{_SUBJECT}}{outcome:{_OUTCOME}}{figures}".rstrip()


def _lines(title: str, result: Result) -> Iterator[str]:
    """Yields the lines of a result: the figures beside or below the subject, then the remedy."""
    width = _WIDTH - _CHECK - _SUBJECT - _OUTCOME
    first, *others = textwrap.wrap(result.figures, width, break_on_hyphens=False)
    if len(result.subject) < _SUBJECT:
        yield _row(title, result.subject, result.outcome, first)
    else:
        yield f"{title:{_CHECK}}{result.subject}"
        yield _row("", "", result.outcome, first)
    for each in others:
        yield _row("", "", "", each)
    if result.remedy:
        remedy = textwrap.wrap(
            f"-> {result.remedy}",
            _WIDTH - _CHECK,
            subsequent_indent="   ",
            break_long_words=False,  # so that commands can be copied
            break_on_hyphens=False,
        )
        yield from (f"{'':{_CHECK}}{line}" for line in remedy)
