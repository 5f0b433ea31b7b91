"""Relations between Kubernetes objects that rules need."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from tools.rules.model import (
    Autoscaler,
    Object,
    Workload,
    autoscaler_of,
    matches,
    workload_of,
)


class Objects:
    """Kubernetes objects of a set of files or of a recording."""

    def __init__(self, objects: Iterable[Object], *, zones: int | None = None) -> None:
        self.all: Sequence[Object] = tuple(objects)
        self.zones = zones
        """Number of zones with nodes; None if it is unknown."""

    def of_kind(self, *kinds: str) -> list[Object]:
        """Returns the objects of some kinds."""
        return [each for each in self.all if each.kind in kinds]

    @cached_property
    def workloads(self) -> Sequence[Workload]:
        """All objects with pod templates, and pods."""
        return tuple(found for each in self.all if (found := workload_of(each)))

    @cached_property
    def replicated(self) -> Sequence[Workload]:
        """Deployments and StatefulSets."""
        return tuple(each for each in self.workloads if each.replicated)

    @cached_property
    def autoscalers(self) -> Sequence[Autoscaler]:
        """All autoscalers."""
        return tuple(found for each in self.all if (found := autoscaler_of(each)))

    def autoscalers_of(self, workload: Workload) -> list[Autoscaler]:
        """Returns the autoscalers of a workload."""
        return [
            each
            for each in self.autoscalers
            if (each.target_kind, each.target) == (workload.kind, workload.object.name)
            and each.object.shares_namespace(workload.object)
        ]

    def minimum(self, workload: Workload) -> int:
        """Returns the minimum number of pods."""
        return min(
            (each.minimum for each in self.autoscalers_of(workload)), default=workload.replicas
        )

    def maximum(self, workload: Workload) -> int:
        """Returns the maximum number of pods."""
        return max(
            (each.maximum for each in self.autoscalers_of(workload)), default=workload.replicas
        )

    def selected(self, object_: Object) -> list[Workload]:
        """Returns the workloads whose pods a Service or a PodDisruptionBudget selects."""
        selector = object_.spec.section("selector")
        if object_.kind == "Service":
            labels = object_.spec.mapping("selector")
            matched = [w for w in self.workloads if labels and labels.items() <= w.labels.items()]
        elif "selector" in object_.spec:
            matched = [w for w in self.workloads if matches(selector, w.labels)]
        else:
            matched = []
        return [each for each in matched if object_.shares_namespace(each.object)]

    def services_of(self, workload: Workload) -> list[Object]:
        """Returns the Services that send traffic to a workload; Services for metrics do not."""
        return [each for each in self._services if workload in self.selected(each)]

    @cached_property
    def _services(self) -> Sequence[Object]:
        return tuple(each for each in self.of_kind("Service") if not _for_metrics(each))

    def holds_headroom(self, workload: Workload) -> bool:
        """True if all containers run an image named pause."""
        images = [each.text("image") or "" for each in workload.containers]
        names = [each.rpartition("/")[2].partition("@")[0].partition(":")[0] for each in images]
        return bool(names) and all(name == "pause" for name in names)

    def claim(self, workload: Workload, name: str) -> Object | None:
        """Returns a PersistentVolumeClaim of a workload; None if no file has it."""
        for each in self.of_kind("PersistentVolumeClaim"):
            if each.name == name and each.shares_namespace(workload.object):
                return each
        return None

    def single_node_claims(self, workload: Workload) -> list[str]:
        """Returns the claims in the pod template that one node at a time can mount."""
        names = [
            each.section("persistentVolumeClaim").text("claimName") or ""
            for each in workload.pod.sections("volumes")
        ]
        found = [(name, self.claim(workload, name)) for name in names if name]
        modes = {name: each.spec.texts("accessModes") for name, each in found if each}
        return [
            name
            for name, of_claim in modes.items()
            if of_claim and {*of_claim} <= {"ReadWriteOnce", "ReadWriteOncePod"}
        ]


def _for_metrics(service: Object) -> bool:
    """True if all ports of a Service have names for metrics."""
    names = [port.text("name") or "" for port in service.spec.sections("ports")]
    return bool(names) and all("metrics" in name or "prometheus" in name for name in names)


def named(objects: Iterable[Object | Workload]) -> str:
    """Returns the subjects of objects, separated by commas."""
    return ", ".join(each.subject for each in objects)


def by_workload(objects: Objects, kind: str) -> Iterator[tuple[Workload, list[Object]]]:
    """Yields each workload with the objects of a kind that select its pods."""
    selections = [(each, objects.selected(each)) for each in objects.of_kind(kind)]
    for workload in objects.workloads:
        yield workload, [each for each, found in selections if workload in found]
