"""Colors of the dashboard."""

from core.tags import SPANNING

_ZONES = {
    "a": "#0072b2", "b": "#e69f00", "c": "#009e73", "d": "#cc79a7", "e": "#56b4e9", "f": "#7b4ea3",
    "g": "#8c6d31", "h": "#17becf",
}  # fmt: skip
"""Color of each zone, by its letter; the first ones are distinguishable with color blindness.
https://jfly.uni-koeln.de/color/"""

BAD = "#d13212"
"""Errors, and limits that must not be crossed."""
BAD_INTERNAL = "#ff9896"
"""Errors of the internal load balancer, beside those of the public one."""
GOOD = "#1d8102"
"""Values that ha-eks claims."""
NEUTRAL = "#687078"
"""Totals, for comparison."""
LATENCY = {"p50": "#9ecae1", "p90": "#4292c6", "p99": "#084594"}
"""Color of each percentile: the higher, the darker."""


def zone_color(part: str) -> str:
    """Returns the color of a zone, or a neutral color for SPANNING."""
    return NEUTRAL if part == SPANNING else _ZONES[part[-1]]
