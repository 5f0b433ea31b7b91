"""A comparison as lines for a terminal."""

import textwrap
from collections.abc import Iterator, Sequence

from tools.preview.diff.blocks import Block
from tools.preview.diff.comparison import Comparison
from tools.preview.diff.sections import sections


def lines(comparison: Comparison, width: int) -> Iterator[str]:
    """Yields the summary and all details, as lines of at most `width` characters."""
    for title, text in comparison.summary:
        yield from _wrapped(f"{title}: {text}", width)
    yield ""
    yield from _wrapped(
        f"{comparison.stack}, {comparison.counts}; before: {comparison.before.name}; "
        f"after: {comparison.after.name}",
        width,
    )
    for each in comparison.notes:
        yield from _wrapped(each, width)
    for section in sections(comparison):
        yield ""
        yield section.heading
        for block in section.blocks:
            yield from _block(block, width)


def _block(block: Block, width: int) -> Iterator[str]:
    yield from _wrapped(block.title, width, "  ")
    for each in (*block.texts, *block.differences):
        yield from _wrapped(each, width, "    ")
    yield from _table(block.table, width - len("    "))


def _table(rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Yields the rows; the first column is cut so that the others fit."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    left = max(10, width - sum(each + 2 for each in widths[1:]))
    widths[:1] = [min(left, each) for each in widths[:1]]
    for first, *others in rows:
        cut = first if len(first) <= widths[0] else f"{first[: widths[0] - 1]}…"
        cells = [cut.ljust(widths[0]), *map(str.rjust, others, widths[1:])]
        yield f"    {'  '.join(cells)}"


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Returns the lines of a text, broken between words if possible."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_on_hyphens=False,
    )
