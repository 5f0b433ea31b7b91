"""Draws the architecture of a cell: zones side by side, or one below another on a phone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tools.preview.report.cell import CellView, ZoneView
from tools.preview.report.nodes import Chip, NodeView, evicted, left
from tools.preview.report.svg import Figure, Label, Line, Rect, box, box_height, fitted, width_of

_WIDE, _NARROW, _ZONE_WIDTH = 1100, 344, 250
"""Widths of the two layouts, and the least width of a zone beside others."""
_PAD, _GAP, _CHIP = 12, 10, 20
"""Distance to a frame, distance between boxes, and height of a chip."""

Slot = tuple[str, int]
"""Pool of a node, and its number among the nodes of the pool in its zone."""


def cell_figures(cell: CellView) -> Sequence[Figure]:
    """Returns the figure of a cell in both layouts."""
    return [_wide(cell), _narrow(cell)]


def _wide(cell: CellView) -> Figure:
    count = len(cell.zones)
    width = max(_WIDE, count * _ZONE_WIDTH + (count - 1) * _GAP + 4 * _PAD)
    figure = Figure(layout="wide", width=width)
    top = _entrance(figure, cell, width)
    zone_width = (width - 4 * _PAD - (count - 1) * _GAP) / count
    heights = _heights(cell.zones, zone_width)
    tallest = max(_zone_height(each, heights) for each in cell.zones)
    bottom = top + tallest
    _frames(figure, cell, width, bottom)
    for number, zone in enumerate(cell.zones):
        x = 2 * _PAD + number * (zone_width + _GAP)
        _zone(figure, zone, heights, (x, top, zone_width, tallest))
    figure.height = bottom + 2 * _PAD + 1
    return figure


def _narrow(cell: CellView) -> Figure:
    figure = Figure(layout="narrow", width=_NARROW)
    top = _entrance(figure, cell, _NARROW)
    zone_width = _NARROW - 2 * _PAD
    heights = _heights(cell.zones, zone_width)
    each_height = [_zone_height(each, heights) for each in cell.zones]
    bottom = top + sum(each_height) + _GAP * (len(each_height) - 1)
    control = box_height(2) + _PAD
    _frames(figure, cell, _NARROW, bottom, below=control)
    figure.add(
        *box(2 * _PAD, bottom + 2 * _PAD, zone_width - 2 * _PAD, "managed", *_control_plane(cell))
    )
    for zone, height in zip(cell.zones, each_height, strict=True):
        _zone(figure, zone, heights, (_PAD, top, zone_width, height))
        top += height + _GAP
    figure.height = bottom + control + 2 * _PAD + 1
    return figure


def _entrance(figure: Figure, cell: CellView, width: float) -> float:
    """Draws what is above the zones, and returns the top of the zones.

    The control plane is outside of the VPC; on a phone, it is below the zones.
    """
    boxes = min(300, width - 6 * _PAD)
    middle, y = (width - boxes) / 2, 1.0
    shapes: list[Rect | Label | Line] = []
    if cell.clients:
        shapes += box(middle, y, boxes, "outside", *cell.clients)
        y += box_height(len(cell.clients))
    start = y
    figure.height = y + 18 if cell.clients else 1
    inside = _inside(figure)
    if figure.layout == "wide":
        place = (width - 3 * _PAD - 230, inside - box_height(2) - 10, 230)
        shapes += box(*place, "managed", *_control_plane(cell))
    y = inside + 30
    if cell.load_balancer:
        shapes.append(Line(path=f"M{width / 2} {start}V{y - 2}"))
        shapes += box(middle, y, boxes, "balancer", *cell.load_balancer)
        y += box_height(2)
    figure.add(*shapes)
    return y + _PAD


def _control_plane(cell: CellView) -> Sequence[str]:
    return ("EKS control plane", f"Kubernetes {cell.version}, run by AWS")


def _inside(figure: Figure) -> float:
    """Returns the top of the VPC below the title of the region."""
    return figure.height + (72 if figure.layout == "wide" else 34)


def _frames(figure: Figure, cell: CellView, width: float, bottom: float, below: float = 0) -> None:
    """Draws the frames of region and VPC behind all other shapes."""
    y, top = figure.height, _inside(figure)
    inside = _PAD if figure.layout == "wide" else 4
    shapes = [
        Rect(x=1, y=y, width=width - 2, height=bottom + below + 2 * _PAD - y, kind="frame region"),
        Label(x=_PAD, y=y + 19, text=f"Region {cell.region}", kind="title"),
        Rect(x=inside, y=top, width=width - 2 * inside, height=bottom + _PAD - top,
             kind="frame vpc"),
        Label(x=inside + 8, y=top + 18, text=f"VPC {cell.vpc}", kind="note"),
    ]  # fmt: skip
    figure.add(*shapes)
    figure.layers.insert(0, figure.layers.pop())


def _heights(zones: Iterable[ZoneView], zone_width: float) -> Mapping[Slot, float]:
    """Returns the height of each node, the same in all zones and states."""
    found: dict[Slot, float] = {}
    for zone in zones:
        for slot, node in _slots(zone.nodes):
            rows = max(_rows(chips, zone_width - 5 * _PAD) for chips in node.chips.values())
            found[slot] = max(found.get(slot, 0), 26 + rows * (_CHIP + 4))
    return found


def _slots(nodes: Iterable[NodeView]) -> Iterator[tuple[Slot, NodeView]]:
    counts = Counter[str]()
    for node in nodes:
        counts[node.pool] += 1
        yield (node.pool, counts[node.pool]), node


def _rows(chips: Sequence[Chip], width: float) -> int:
    return max((row for row, _, _, _ in _placed(chips, width)), default=0) + 1


def _placed(chips: Sequence[Chip], width: float) -> Iterator[tuple[int, float, float, Chip]]:
    """Yields row, place and width of each chip."""
    row, x = 0, 0.0
    for chip in chips:
        wanted = min(width, width_of(chip.text) + 14)
        if x and x + wanted > width:
            row, x = row + 1, 0.0
        yield row, x, wanted, chip
        x += wanted + 4


def _zone_height(zone: ZoneView, heights: Mapping[Slot, float]) -> float:
    entry = 88 if zone.entry or zone.has_nat else 0
    pools = len({node.pool for node in zone.nodes})
    nodes = sum(heights[slot] + 6 for slot, _ in _slots(zone.nodes))
    return 34 + entry + 30 + pools * 48 + nodes + 2 * _PAD


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
        Label(x=x + width - _PAD, y=y + 22, text=note, kind="note", anchor="end"),
    )
    failed = [left(zone.name), evicted(zone.name)]
    figure.add(
        Rect(x=x, y=y, width=width, height=height, kind="zone failed"),
        Label(x=x + width - _PAD, y=y + 22, text="✕ failed", kind="bad", anchor="end"),
        states=failed,
    )
    figure.add(Label(x=x + _PAD, y=y + 22, text=zone.name, kind="title"))
    y += 34
    inner, inside = x + _PAD, width - 2 * _PAD
    if zone.entry or zone.has_nat:
        parts = [
            *(["Load balancer node"] if zone.has_load_balancer else []),
            *(["NAT gateway"] if zone.has_nat else []),
        ]
        figure.add(*_entry(zone.entry or "public subnet", parts, inner, y, inside))
        y += 88
    bottom = place[1] + height - _PAD
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
    slots = [*_slots(zone.nodes)]
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
        for row, offset, chip_width, chip in _placed(chips, width - 12):
            left_, top = x + 6 + offset, y + 22 + row * (_CHIP + 4)
            shapes += [
                Rect(x=left_, y=top, width=chip_width, height=_CHIP, kind=f"chip {chip.kind}"),
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
