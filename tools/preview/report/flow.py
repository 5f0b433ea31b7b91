"""Workloads of a stack and the requests between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.availability.zone_proof import ZoneLossProof
from settings import Settings
from settings.reading.wording import counted

BALANCER = "load balancer"
"""Name of the load balancer among the clients of a workload."""


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
