"""Draws the requests between workloads: layers of boxes, or one column on a phone."""

from collections.abc import Iterator, Mapping, Sequence

from tools.preview.report.flow import BALANCER, WorkloadView
from tools.preview.report.svg import Figure, Label, Line, Rect, box, box_height

MAX_WORKLOADS = 30
"""Workloads above which the page has the table only."""

_INTERNET = "clients"
_GAP, _ROW, _BOX = 16, 56, 192
"""Distance between boxes, distance between layers, and width of a box."""
_COLUMN, _NARROW = 238, 344
"""Width of the boxes and of the figure on a phone."""

Box = tuple[float, float, float, float]
"""Left, top, width and height."""
Edge = tuple[str, str]
"""Names of a client and of what it sends requests to."""


def flow_figures(workloads: Sequence[WorkloadView], clients: Sequence[str]) -> Sequence[Figure]:
    """Returns the figure of all connections in both layouts; none for many workloads."""
    if len(workloads) > MAX_WORKLOADS:
        return []
    texts = _texts(workloads, clients)
    return [_layers(workloads, texts), _column(workloads, texts)]


def layers_of(workloads: Sequence[WorkloadView]) -> Sequence[Sequence[str]]:
    """Returns the names of the workloads in layers: each callee below its callers.

    Workloads that no other one calls are in the first layer if they are exposed or if no workload
    is, and in the second one otherwise. In a cycle, the workload that comes first in the stack file
    is above the others.
    """
    callers = {each.name: {*each.receives_from} - {BALANCER} for each in workloads}
    exposed = {each.name for each in workloads if BALANCER in each.receives_from}
    depth: dict[str, int] = {}
    while len(depth) < len(callers):
        ready = [name for name in callers if name not in depth and callers[name] <= depth.keys()]
        for name in ready or [next(each for each in callers if each not in depth)]:
            above = [depth[caller] for caller in callers[name] if caller in depth]
            first = 0 if name in exposed or not exposed else 1
            depth[name] = max(above) + 1 if above else first
    found = [
        [name for name in callers if depth[name] == n]
        for n in range(max(depth.values(), default=-1) + 1)
    ]
    calling = {each.name for each in workloads if each.talks_to}
    # Connections of the last row of a layer cross no box.
    return [sorted(layer, key=calling.__contains__) for layer in found if layer]


def _texts(
    workloads: Sequence[WorkloadView], clients: Sequence[str]
) -> Mapping[str, tuple[str, ...]]:
    """Returns the lines of each box, by name."""
    found: dict[str, tuple[str, ...]] = {}
    if any(BALANCER in each.receives_from for each in workloads):
        found = {_INTERNET: tuple(clients), BALANCER: ("Application Load Balancer",)}
    for each in workloads:
        more = f", +{len(each.reaches) - 1}" if len(each.reaches) > 1 else ""
        outside = [f"→ {each.reaches[0].replace(' port ', ':')}{more}"] if each.reaches else []
        found[each.name] = (each.name, f"{each.kind}, {each.pods}", *outside)
    return found


def _kind(name: str) -> str:
    return {BALANCER: "balancer", _INTERNET: "outside"}.get(name, "app")


def _calls(workloads: Sequence[WorkloadView]) -> Iterator[Edge]:
    for each in workloads:
        for other in each.talks_to:
            yield each.name, other


def _layers(workloads: Sequence[WorkloadView], texts: Mapping[str, tuple[str, ...]]) -> Figure:
    """Draws layer below layer: clients, load balancer, workloads.

    One arrow leads to all exposed workloads of the first layer, in a frame.
    """
    figure = Figure(layout="wide", width=1100)
    middle, y = figure.width / 2, 1.0
    layers = layers_of(workloads)
    places: dict[str, Box] = {}
    ends: dict[str, tuple[float, float]] = {}
    """Top and bottom of the layer of each box."""
    shapes: list[Rect | Label] = []
    lines: list[Line] = []
    if BALANCER in texts:
        for name in (_INTERNET, BALANCER):
            height = box_height(len(texts[name]))
            places[name], ends[name] = (middle - 150, y, 300, height), (y, y + height)
            shapes += box(middle - 150, y, 300, _kind(name), *texts[name])
            y += height + 42
            lines.append(Line(path=f"M{middle} {y - 42}v40"))
        y += 14
    for layer in layers:
        top = y
        for names, shift in _rows(layer, figure.width - 40):
            x = middle - (len(names) * (_BOX + _GAP) - _GAP) / 2 + shift
            for name in names:
                places[name] = (x, y, _BOX, box_height(len(texts[name])))
                shapes += box(x, y, _BOX, _kind(name), *texts[name])
                x += _BOX + _GAP
            y += max(places[name][3] for name in names) + _GAP
        ends.update(dict.fromkeys(layer, (top, y - _GAP)))
        if layer is layers[0] and BALANCER in texts:
            shapes.insert(0, _frame([places[name] for name in layer]))
        y += _ROW - _GAP
    framed = layers[0] if BALANCER in texts else ()
    exposed = [each.name for each in workloads if BALANCER in each.receives_from]
    beside = [(BALANCER, name) for name in exposed if name not in framed]
    for first, second in (*_calls(workloads), *beside):
        path = _down(places[first], ends[first][1], ends[second][0], places[second])
        lines.append(Line(path=path))
    figure.add(*lines)
    figure.add(*shapes)
    figure.height = y - _ROW + 14
    return figure


def _frame(places: Sequence[Box]) -> Rect:
    """Returns a frame around boxes."""
    left, top = min(each[0] for each in places), min(each[1] for each in places)
    right = max(each[0] + each[2] for each in places)
    bottom = max(each[1] + each[3] for each in places)
    return Rect(
        x=left - 12, y=top - 14, width=right - left + 24, height=bottom - top + 26, kind="frame vpc"
    )


def _rows(names: Sequence[str], width: float) -> Iterator[tuple[Sequence[str], float]]:
    """Yields the names of a layer in rows of similar length, each with its shift to the right.

    The boxes of a row are below the gaps of the row above, through which connections pass.
    """
    half = (_BOX + _GAP) / 2
    most = int((width + _GAP - half) // (_BOX + _GAP))
    count = -(-len(names) // -(-len(names) // most))
    shift = 0.0
    for start in range(0, len(names), count):
        row = names[start : start + count]
        if start and (count - len(row)) % 2 == 0:
            shift = half - shift
        yield row, shift


def _down(first: Box, low: float, high: float, second: Box) -> str:
    """Returns a connection that leaves its layer at `low` and enters the other one at `high`."""
    x1, x2 = first[0] + first[2] / 2, second[0] + second[2] / 2
    if high <= low:
        return _beside(first, second)
    y1, y2, bend = first[1] + first[3], second[1] - 2, (high - low) / 2
    curve = f"C{x1:.0f} {low + bend:.0f} {x2:.0f} {high - bend:.0f} {x2:.0f} {high:.0f}"
    return f"M{x1:.0f} {y1:.0f}V{low:.0f}{curve}" + (f"V{y2:.0f}" if y2 > high else "")


def _beside(first: Box, second: Box) -> str:
    """Returns a connection to the right of the boxes; the longer, the farther away."""
    x1, x2 = first[0] + first[2], second[0] + second[2] + 2
    y1, y2 = first[1] + first[3] / 2 + 5, second[1] + second[3] / 2 - 5
    bend = max(x1, x2) + min(100.0, 24 + abs(y2 - y1) / 5)
    return f"M{x1:.0f} {y1:.0f}C{bend:.0f} {y1:.0f} {bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"


def _column(workloads: Sequence[WorkloadView], texts: Mapping[str, tuple[str, ...]]) -> Figure:
    """Draws box below box, with the connections beside them."""
    figure = Figure(layout="narrow", width=_NARROW)
    names = [name for name in (_INTERNET, BALANCER) if name in texts]
    places: dict[str, Box] = {}
    shapes: list[Rect | Label] = []
    y = 1.0
    for name in (*names, *(name for layer in layers_of(workloads) for name in layer)):
        places[name] = (1, y, _COLUMN, box_height(len(texts[name])))
        shapes += box(1, y, _COLUMN, _kind(name), *texts[name])
        y += places[name][3] + _GAP
    exposed = [(BALANCER, each.name) for each in workloads if BALANCER in each.receives_from]
    edges = [*([(_INTERNET, BALANCER)] if exposed else []), *exposed, *_calls(workloads)]
    figure.add(*(Line(path=_beside(places[a], places[b])) for a, b in edges))
    figure.add(*shapes)
    figure.height = y - _GAP + 1
    return figure
