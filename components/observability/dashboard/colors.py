"""How things look: the same everywhere on a dashboard."""

from core.tags import SPANNING

_ZONES = {
    "a": "#0072b2", "b": "#e69f00", "c": "#009e73", "d": "#cc79a7", "e": "#56b4e9", "f": "#7b4ea3",
    "g": "#8c6d31", "h": "#17becf",
}  # fmt: skip
"""Colour of each zone, by its letter: those that people who are colour-blind tell apart first.
https://jfly.uni-koeln.de/color/"""

BAD = "#d13212"
"""What must not be, and where it begins."""
GOOD = "#1d8102"
"""What is claimed."""
PLAIN = "#687078"
"""What is there for comparison."""
LATENCY = {"p50": "#9ecae1", "p90": "#4292c6", "p99": "#084594"}
"""The darker, the rarer."""


def zone_color(part: str) -> str:
    """The colour of a zone; none of theirs for what is over all of them."""
    return PLAIN if part == SPANNING else _ZONES[part[-1]]
