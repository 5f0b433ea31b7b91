"""Workloads of a stack and the requests between them: a table, and a figure in layers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.availability.zone_proof import ZoneLossProof
from settings import Settings
from settings.reading.wording import counted
from tools.preview.report.svg import Figure, Label, Line, Rect, box, box_height

INTERNET, BALANCER = "clients", "load balancer"
"""Names of the first two layers."""

_GAP, _ROW = 14, 52
"""Distance between boxes, and distance between layers."""


@dataclass(frozen=True, kw_only=True)
class WorkloadView:
    """A workload, with its pods and its connections."""

    name: str
    kind: str
    """app, worker, singleton or cron job."""
    key: str
    """Key in the stack file."""
    pods: str
    """Number of pods at rest and at most."""
    needed: int
    """Pods that must remain; 0: no claim."""
    per_zone: Sequence[tuple[str, int]]
    """Pods at rest by zone."""
    receives_from: Sequence[str]
    talks_to: Sequence[str]
    reaches: Sequence[str]
    """Addresses outside of the cell."""


def workloads_of(settings: Settings, proof: ZoneLossProof) -> Sequence[WorkloadView]:
    """Returns all workloads in the order of the stack file."""
    zones = settings.network.effective_zones
    return [
        WorkloadView(
            name=name,
            kind=_kind(settings, name),
            key=settings.key_of(name),
            pods=_pods(settings, name, zones),
            needed=settings.replicated[name].needed if name in settings.replicated else 0,
            per_zone=[*_per_zone(name, proof, settings.network.zones_in)],
            receives_from=[
                *([BALANCER] if name in settings.exposed else []),
                *settings.callers(name),
            ],
            talks_to=each.talks_to,
            reaches=[f"{reach.cidr} port {reach.port}" for reach in each.reaches],
        )
        for name, each in settings.workloads.items()
    ]


def _kind(settings: Settings, name: str) -> str:
    kinds = {"apps": "app", "workers": "worker", "singletons": "singleton", "cronJobs": "cron job"}
    return next(kinds[kind] for kind, names in settings.names_by_kind.items() if name in names)


def _pods(settings: Settings, name: str, zones: int) -> str:
    each = settings.deployments.get(name)
    if each is None:
        return "at set times"
    least, most = each.minimum_replicas(zones), each.maximum_replicas
    return counted(least, "pod") if least == most else f"{least} to {most} pods"


def _per_zone(
    name: str, proof: ZoneLossProof, zones: Sequence[str]
) -> Iterator[tuple[str, int]]:  # fmt: skip
    for number, zone in enumerate(zones):
        nodes = [node for node in proof.at_rest.nodes if node.zone == number]
        running = sum(pod.name == name and not pod.headroom for n in nodes for pod in n.pods)
        yield zone, running


def flow_figures(workloads: Sequence[WorkloadView], clients: Sequence[str]) -> Sequence[Figure]:
    """Returns the figure of all connections in both layouts."""
    return [
        _drawn(workloads, clients, Figure(layout="wide", width=1100), 196),
        _drawn(workloads, clients, Figure(layout="narrow", width=344), 160),
    ]


def layers_of(workloads: Sequence[WorkloadView]) -> Sequence[Sequence[str]]:
    """Returns the names of the workloads in layers: each callee below its callers.

    The first layer has the workloads that no other workload calls. In a cycle, the workload that
    comes first in the stack file is above the others.
    """
    by_name = {each.name: each for each in workloads}
    callers = {each.name: {*each.receives_from} & by_name.keys() for each in workloads}
    layers: list[list[str]] = []
    placed: set[str] = set()
    while len(placed) < len(by_name):
        rest = [name for name in by_name if name not in placed]
        layer = [name for name in rest if callers[name] <= placed] or rest[:1]
        layers.append(layer)
        placed.update(layer)
    return layers


def _drawn(
    workloads: Sequence[WorkloadView], clients: Sequence[str], figure: Figure, box_width: float
) -> Figure:
    """Draws layer below layer: clients, load balancer, workloads, addresses outside of the cell."""
    by_name = {each.name: each for each in workloads}
    exposed = [each.name for each in workloads if BALANCER in each.receives_from]
    outside = [*dict.fromkeys(reach for each in workloads for reach in each.reaches)]
    texts: list[Mapping[str, tuple[str, ...]]] = [
        *([{INTERNET: tuple(clients)}] if exposed else []),
        *([{BALANCER: ("Application Load Balancer",)}] if exposed else []),
        *({name: _lines(by_name[name]) for name in layer} for layer in layers_of(workloads)),
        *([{each: (each, "outside of the cell") for each in outside}] if outside else []),
    ]
    places: dict[str, tuple[float, float, float, float]] = {}
    shapes: list[Rect | Label] = []
    y = 1.0
    for layer in texts:
        kind = "outside" if layer.keys() & {INTERNET, *outside} else "app"
        kind = "balancer" if BALANCER in layer else kind
        wide = min(figure.width - 2, 300) if layer.keys() & {INTERNET, BALANCER} else box_width
        for row in _rows([*layer], wide, figure.width):
            height = box_height(max(len(layer[name]) for name in row))
            x = (figure.width - len(row) * (wide + _GAP) + _GAP) / 2
            for name in row:
                shapes += box(x, y, wide, kind, *layer[name])
                places[name] = (x, y, wide, box_height(len(layer[name])))
                x += wide + _GAP
            y += height + _GAP
        y += _ROW - _GAP
    edges = [
        *([(INTERNET, BALANCER), *((BALANCER, name) for name in exposed)] if exposed else []),
        *((each.name, other) for each in workloads for other in each.talks_to),
        *((each.name, other) for each in workloads for other in each.reaches),
    ]
    figure.add(*(Line(path=_curve(places[a], places[b]), kind="flow") for a, b in edges))
    figure.add(*shapes)
    figure.height = y - _ROW + 2
    return figure


def _lines(each: WorkloadView) -> tuple[str, ...]:
    return (each.name, f"{each.kind}, {each.pods}")


def _rows(names: Sequence[str], box_width: float, width: float) -> Iterator[Sequence[str]]:
    """Yields the names of a layer in rows of equal length, as far as possible."""
    most = max(1, int((width + _GAP) // (box_width + _GAP)))
    rows = -(-len(names) // most)
    count = -(-len(names) // rows)
    for start in range(0, len(names), count):
        yield names[start : start + count]


def _curve(
    first: tuple[float, float, float, float], second: tuple[float, float, float, float]
) -> str:
    """Returns the path of a connection: down to a box below, and beside the boxes to one above."""
    x1, x2 = first[0] + first[2] / 2, second[0] + second[2] / 2
    y1, y2 = first[1] + first[3], second[1] - 2
    if y2 > y1:
        bend = min(40.0, (y2 - y1) / 2)
        return _path((x1, y1), (x1, y1 + bend), (x2, y2 - bend), (x2, y2))
    start, end = first[0] + first[2], second[0] + second[2] + 2
    y1, y2 = first[1] + first[3] / 2, second[1] + second[3] / 2
    beside = max(start, end) + 30
    return _path((start, y1), (beside, y1), (beside, y2), (end, y2))


def _path(start: tuple[float, float], *rest: tuple[float, float]) -> str:
    """Returns a curve with three further points."""
    points = " ".join(f"{x:.0f} {y:.0f}" for x, y in rest)
    return f"M{start[0]:.0f} {start[1]:.0f}C{points}"
