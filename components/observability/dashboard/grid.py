"""Rows of widgets on the 24 columns of a dashboard."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from components.observability.dashboard.widgets import Json, Widget

_COLUMNS = 24


@dataclass(frozen=True)
class Row:
    """Widgets of equal width, side by side."""

    widgets: Sequence[Widget]
    """The widgets, 1 to 24, from left to right."""
    height: int = 6
    """Height in units of the grid, 1 to 1000."""


def rows_of(widgets: Sequence[Widget], max_per_row: int, height: int = 6) -> list[Row]:
    """Distributes widgets evenly over as few rows as possible."""
    rows = -(-len(widgets) // max_per_row)
    cuts = [len(widgets) * number // rows for number in range(rows + 1)] if rows else [0]
    return [Row(widgets[start:end], height) for start, end in pairwise(cuts)]


def place(rows: Iterable[Row], region: str) -> Iterator[Json]:
    """Yields the JSON of all widgets with their positions: rows from top to bottom, full width."""
    y = 0
    for row in rows:
        cuts = [_COLUMNS * number // len(row.widgets) for number in range(len(row.widgets) + 1)]
        for widget, (left, right) in zip(row.widgets, pairwise(cuts), strict=True):
            yield {
                "type": widget.type,
                "x": left,
                "y": y,
                "width": right - left,
                "height": row.height,
                "properties": widget.properties(region),
            }
        y += row.height
