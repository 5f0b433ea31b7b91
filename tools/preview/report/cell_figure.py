"""Draws the architecture of a cell: zones side by side, or one below another on a phone."""

from collections.abc import Iterator, Mapping, Sequence

from tools.preview.report.cell import CellView, ZoneView
from tools.preview.report.cell_layout import (
    CHIP,
    PAD,
    Slot,
    node_heights,
    numbered,
    placed,
    zone_height,
)
from tools.preview.report.nodes import Chip, NodeView, evicted, left
from tools.preview.report.svg import Figure, Label, Line, Rect, box, box_height, fitted

_WIDE, _NARROW, _ZONE_WIDTH = 1100, 344, 250
"""Widths of the two layouts, and the least width of a zone beside others."""
_GAP = 10
"""Distance between boxes."""


def cell_figures(cell: CellView) -> Sequence[Figure]:
    """Returns the figure of a cell in both layouts."""
    return [_wide(cell), _narrow(cell)]


def _wide(cell: CellView) -> Figure:
    count = len(cell.zones)
    width = max(_WIDE, count * _ZONE_WIDTH + (count - 1) * _GAP + 4 * PAD)
    figure = Figure(layout="wide", width=width)
    top = _entrance(figure, cell, width)
    zone_width = (width - 4 * PAD - (count - 1) * _GAP) / count
    heights = node_heights(cell.zones, zone_width)
    tallest = max(zone_height(each, heights) for each in cell.zones)
    bottom = top + tallest
    _frames(figure, cell, width, bottom)
    for number, zone in enumerate(cell.zones):
        x = 2 * PAD + number * (zone_width + _GAP)
        _zone(figure, zone, heights, (x, top, zone_width, tallest))
    figure.height = bottom + 2 * PAD + 1
    return figure


def _narrow(cell: CellView) -> Figure:
    figure = Figure(layout="narrow", width=_NARROW)
    top = _entrance(figure, cell, _NARROW)
    zone_width = _NARROW - 2 * PAD
    heights = node_heights(cell.zones, zone_width)
    each_height = [zone_height(each, heights) for each in cell.zones]
    bottom = top + sum(each_height) + _GAP * (len(each_height) - 1)
    control = box_height(2) + PAD
    _frames(figure, cell, _NARROW, bottom, below=control)
    figure.add(
        *box(2 * PAD, bottom + 2 * PAD, zone_width - 2 * PAD, "managed", *_control_plane(cell))
    )
    for zone, height in zip(cell.zones, each_height, strict=True):
        _zone(figure, zone, heights, (PAD, top, zone_width, height))
        top += height + _GAP
    figure.height = bottom + control + 2 * PAD + 1
    return figure


def _entrance(figure: Figure, cell: CellView, width: float) -> float:
    """Draws what is above the zones, and returns the top of the zones.

    The control plane is outside of the VPC; on a phone, it is below the zones.
    """
    boxes = min(300, width - 6 * PAD)
    middle, y = (width - boxes) / 2, 1.0
    shapes: list[Rect | Label | Line] = []
    if cell.clients:
        shapes += box(middle, y, boxes, "outside", *cell.clients)
        y += box_height(len(cell.clients))
    start = y
    figure.height = y + 18 if cell.clients else 1
    inside = _inside(figure)
    if figure.layout == "wide":
        place = (width - 3 * PAD - 230, inside - box_height(2) - 10, 230)
        shapes += box(*place, "managed", *_control_plane(cell))
    y = inside + 30
    if cell.load_balancer:
        shapes.append(Line(path=f"M{width / 2} {start}V{y - 2}"))
        shapes += box(middle, y, boxes, "balancer", *cell.load_balancer)
        y += box_height(2)
    figure.add(*shapes)
    return y + PAD


def _control_plane(cell: CellView) -> Sequence[str]:
    return ("EKS control plane", f"Kubernetes {cell.version}, run by AWS")


def _inside(figure: Figure) -> float:
    """Returns the top of the VPC below the title of the region."""
    return figure.height + (72 if figure.layout == "wide" else 34)


def _frames(figure: Figure, cell: CellView, width: float, bottom: float, below: float = 0) -> None:
    """Draws the frames of region and VPC behind all other shapes."""
    y, top = figure.height, _inside(figure)
    inside = PAD if figure.layout == "wide" else 4
    shapes = [
        Rect(x=1, y=y, width=width - 2, height=bottom + below + 2 * PAD - y, kind="frame region"),
        Label(x=PAD, y=y + 19, text=f"Region {cell.region}", kind="title"),
        Rect(x=inside, y=top, width=width - 2 * inside, height=bottom + PAD - top,
             kind="frame vpc"),
        Label(x=inside + 8, y=top + 18, text=f"VPC {cell.vpc}", kind="note"),
    ]  # fmt: skip
    figure.add(*shapes)
    figure.layers.insert(0, figure.layers.pop())


def _zone(
    figure: Figure,
    zone: ZoneView,
    heights: Mapping[Slot, float],
    place: tuple[float, float, float, float],
) -> None:
    x, y, width, height = place
    note = "" if zone.in_service else "out of service"
    figure.add(
        Rect(x=x, y=y, width=width, height=height, kind="zone"),
        Label(x=x + width - PAD, y=y + 22, text=note, kind="note", anchor="end"),
    )
    failed = [left(zone.name), evicted(zone.name)]
    figure.add(
        Rect(x=x, y=y, width=width, height=height, kind="zone failed"),
        Label(x=x + width - PAD, y=y + 22, text="✕ failed", kind="bad", anchor="end"),
        states=failed,
    )
    figure.add(Label(x=x + PAD, y=y + 22, text=zone.name, kind="title"))
    y += 34
    inner, inside = x + PAD, width - 2 * PAD
    if zone.entry or zone.has_nat:
        parts = [
            *(["Load balancer node"] if zone.has_load_balancer else []),
            *(["NAT gateway"] if zone.has_nat else []),
        ]
        figure.add(*_entry(zone.entry or "public subnet", parts, inner, y, inside))
        y += 88
    bottom = place[1] + height - PAD
    figure.add(
        Rect(x=inner, y=y, width=inside, height=bottom - y, kind="subnet"),
        Label(x=inner + 8, y=y + 18, text=fitted(zone.private, inside - 16), kind="note"),
    )
    _groups(figure, zone, heights, (inner + 6, y + 28, inside - 12))


def _entry(subnet: str, parts: Sequence[str], x: float, y: float, width: float
           ) -> Iterator[Rect | Label]:  # fmt: skip
    """Yields the subnet of the load balancer, with what is in it."""
    yield Rect(x=x, y=y, width=width, height=78, kind="subnet")
    yield Label(x=x + 8, y=y + 18, text=fitted(subnet, width - 16), kind="note")
    each = (width - 16 - 6 * (len(parts) - 1)) / max(1, len(parts))
    for number, part in enumerate(parts):
        at = x + 8 + number * (each + 6)
        yield Rect(x=at, y=y + 30, width=each, height=34, kind="box balancer")
        yield Label(
            x=at + each / 2, y=y + 51, text=fitted(part, each - 4), kind="small", anchor="middle"
        )


def _groups(
    figure: Figure,
    zone: ZoneView,
    heights: Mapping[Slot, float],
    place: tuple[float, float, float],
) -> None:
    """Draws the node groups of a zone, each with its nodes."""
    x, y, width = place
    slots = [*numbered(zone.nodes)]
    for pool in dict.fromkeys(node.pool for node in zone.nodes):
        mine = [(slot, node) for slot, node in slots if node.pool == pool]
        height = 36 + sum(heights[slot] + 6 for slot, _ in mine)
        figure.add(
            Rect(x=x, y=y, width=width, height=height, kind="group"),
            Label(x=x + 8, y=y + 17, text=fitted(f"node group {pool}", width - 12), kind="strong"),
            Label(x=x + 8, y=y + 31, text=fitted(zone.pools[pool], width - 12), kind="small"),
        )
        at = y + 38
        for slot, node in mine:
            _node(figure, node, slot[1], (x + 6, at, width - 12, heights[slot]))
            at += heights[slot] + 6
        y += height + 12


def _node(
    figure: Figure, node: NodeView, number: int, place: tuple[float, float, float, float]
) -> None:
    """Draws a node with its pods; equal pods of several states are drawn once."""
    x, y, width, height = place
    by_chips: dict[tuple[Chip, ...], list[str]] = {}
    for state, chips in node.chips.items():
        by_chips.setdefault(tuple(chips), []).append(state)
    figure.add(
        Rect(x=x, y=y, width=width, height=height, kind="node"),
        Label(x=x + 6, y=y + 15, text=f"node {number}", kind="small"),
        states=[*node.chips],
    )
    for chips, states in by_chips.items():
        shapes: list[Rect | Label] = []
        for row, offset, chip_width, chip in placed(chips, width - 12):
            left_, top = x + 6 + offset, y + 22 + row * (CHIP + 4)
            shapes += [
                Rect(x=left_, y=top, width=chip_width, height=CHIP, kind=f"chip {chip.kind}"),
                Label(
                    x=left_ + chip_width / 2,
                    y=top + 14,
                    text=fitted(chip.text, chip_width - 8),
                    kind=f"chip-text {chip.kind}",
                    anchor="middle",
                ),
            ]
        if shapes:
            figure.add(*shapes, states=states)
