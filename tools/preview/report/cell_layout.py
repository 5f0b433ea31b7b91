"""Calculates the sizes of zones, nodes and pods in the figure of a cell."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tools.preview.report.cell import ZoneView
from tools.preview.report.nodes import Chip, NodeView
from tools.preview.report.svg import width_of

PAD, CHIP = 12, 20
"""Distance to a frame, and height of a chip."""

Slot = tuple[str, int]
"""Pool of a node, and its number among the nodes of the pool in its zone."""


def node_heights(zones: Iterable[ZoneView], zone_width: float) -> Mapping[Slot, float]:
    """Returns the height of each node, the same in all zones and states."""
    found: dict[Slot, float] = {}
    for zone in zones:
        for slot, node in numbered(zone.nodes):
            rows = max(_rows(chips, zone_width - 5 * PAD) for chips in node.chips.values())
            found[slot] = max(found.get(slot, 0), 26 + rows * (CHIP + 4))
    return found


def numbered(nodes: Iterable[NodeView]) -> Iterator[tuple[Slot, NodeView]]:
    """Yields each node with its slot."""
    counts = Counter[str]()
    for node in nodes:
        counts[node.pool] += 1
        yield (node.pool, counts[node.pool]), node


def _rows(chips: Sequence[Chip], width: float) -> int:
    return max((row for row, _, _, _ in placed(chips, width)), default=0) + 1


def placed(chips: Sequence[Chip], width: float) -> Iterator[tuple[int, float, float, Chip]]:
    """Yields row, place and width of each chip."""
    row, x = 0, 0.0
    for chip in chips:
        wanted = min(width, width_of(chip.text) + 14)
        if x and x + wanted > width:
            row, x = row + 1, 0.0
        yield row, x, wanted, chip
        x += wanted + 4


def zone_height(zone: ZoneView, heights: Mapping[Slot, float]) -> float:
    """Returns the height of a zone with its subnets, node groups and nodes."""
    entry = 88 if zone.entry or zone.has_nat else 0
    pools = len({node.pool for node in zone.nodes})
    nodes = sum(heights[slot] + 6 for slot, _ in numbered(zone.nodes))
    return 34 + entry + 30 + pools * 48 + nodes + 2 * PAD
