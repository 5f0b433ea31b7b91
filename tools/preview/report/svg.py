"""Shapes of a figure, in pixels, which the template writes as SVG."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

CHARACTER = 6.5
"""Width of a character of 12 pixels, on average, in the sans-serif fonts of the page."""

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, kw_only=True)
class Rect:
    """A rectangle with round corners."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    """Class in the style sheet."""


@dataclass(frozen=True, kw_only=True)
class Label:
    """A line of text."""

    x: float
    y: float
    """Base line of the text."""
    text: str
    kind: str = ""
    anchor: Anchor = "start"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A curve with an arrow at its end."""

    path: str
    """Value of the attribute `d`."""
    kind: str = "flow"


@dataclass(frozen=True, kw_only=True)
class Layer:
    """Shapes that are visible in some states of the page only."""

    states: Sequence[str] = ()
    """States in which the shapes are visible; empty: in all."""
    shapes: Sequence[Rect | Label | Line]


@dataclass(kw_only=True)
class Figure:
    """An image in one of the two layouts of the page."""

    layout: Literal["wide", "narrow"]
    width: float
    height: float = 0
    layers: list[Layer] = field(default_factory=list[Layer])

    def add(self, *shapes: Rect | Label | Line, states: Sequence[str] = ()) -> None:
        """Adds shapes, which later shapes cover."""
        self.layers.append(Layer(states=states, shapes=shapes))


def width_of(text: str) -> float:
    """Returns the approximate width of a text of 12 pixels."""
    return len(text) * CHARACTER


def fitted(text: str, width: float) -> str:
    """Returns a text, cut so that it is at most `width` pixels wide."""
    count = int(width / CHARACTER)
    return text if len(text) <= count else f"{text[: max(1, count - 1)]}…"


def box(x: float, y: float, width: float, kind: str, *lines: str) -> Iterator[Rect | Label]:
    """Yields a box with centered lines of text, the first of which is its title."""
    yield Rect(x=x, y=y, width=width, height=box_height(len(lines)), kind=f"box {kind}")
    for number, text in enumerate(lines):
        yield Label(
            x=x + width / 2,
            y=y + 21 + number * 16,
            text=fitted(text, width - 12),
            kind="note" if number else "title",
            anchor="middle",
        )


def box_height(lines: int) -> float:
    """Returns the height of a box with some lines of text."""
    return 16 + lines * 16
