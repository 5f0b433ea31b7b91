"""Relations between Kubernetes objects that rules need."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from tools.manifests.selectors import Selector
from tools.rules.by_namespace import ByNamespace
from tools.rules.model import (
    Autoscaler,
    Object,
    Workload,
    autoscaler_of,
    workload_of,
)
from tools.rules.pod_labels import PodLabels


class Objects:
    """Kubernetes objects of a set of files or of a recording."""

    def __init__(self, objects: Iterable[Object], *, zones: int | None = None) -> None:
        self.all: Sequence[Object] = _without_owned([*objects])
        """All objects but those that another one owns: their findings belong to the owner."""
        self.zones = zones
        """Number of zones with nodes; None if it is unknown."""
        self._selected: dict[Object, list[Workload]] = {}
        self._selecting: dict[str, Mapping[Workload, list[Object]]] = {}

    def of_kind(self, *kinds: str) -> list[Object]:
        """Returns the objects of some kinds."""
        return [each for kind in kinds for each in self._by_kind.get(kind, ())]

    @cached_property
    def _by_kind(self) -> Mapping[str, list[Object]]:
        found: dict[str, list[Object]] = defaultdict(list)
        for each in self.all:
            found[each.kind].append(each)
        return found

    def beside(self, object_: Object, *kind_and_name: str) -> list[Object]:
        """Returns the objects of a kind, or of a kind and name, that can be in the namespace of an
        object."""
        return self._objects.beside(object_, kind_and_name)

    @cached_property
    def _objects(self) -> ByNamespace[Object]:
        found = ByNamespace[Object]()
        for each in self.all:
            found.add(each, each, (each.kind,), (each.kind, each.name))
        return found

    def custom_kinds_beside(self, object_: Object) -> list[tuple[str, str]]:
        """Returns group and kind of the custom resources that can be in the namespace of an
        object."""
        return self._custom_kinds.beside(object_, None)

    @cached_property
    def _custom_kinds(self) -> ByNamespace[tuple[str, str]]:
        found = ByNamespace[tuple[str, str]]()
        for each in self.all:
            if each.custom:
                found.add(each, (each.group, each.kind), None)
        return found

    @cached_property
    def workloads(self) -> Sequence[Workload]:
        """All objects with pod templates, and pods."""
        return tuple(found for each in self.all if (found := workload_of(each)))

    @cached_property
    def replicated(self) -> Sequence[Workload]:
        """Deployments and StatefulSets."""
        return tuple(each for each in self.workloads if each.replicated)

    def workloads_beside(self, object_: Object, *kind_and_name: str) -> list[Workload]:
        """Returns the workloads that can be in the namespace of an object: all, or those of a kind,
        or of a kind and name."""
        return self._workloads.beside(object_, kind_and_name)

    @cached_property
    def _workloads(self) -> ByNamespace[Workload]:
        found = ByNamespace[Workload]()
        for each in self.workloads:
            found.add(each.object, each, (), (each.kind,), (each.kind, each.object.name))
        return found

    @cached_property
    def autoscalers(self) -> Sequence[Autoscaler]:
        """All autoscalers."""
        return tuple(found for each in self.all if (found := autoscaler_of(each)))

    @cached_property
    def _by_target(self) -> ByNamespace[Autoscaler]:
        found = ByNamespace[Autoscaler]()
        for each in self.autoscalers:
            found.add(each.object, each, (each.target_kind, each.target))
        return found

    def autoscalers_of(self, workload: Workload) -> list[Autoscaler]:
        """Returns the autoscalers of a workload."""
        return self._by_target.beside(workload.object, (workload.kind, workload.object.name))

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
        if object_ not in self._selected:
            self._selected[object_] = self._pod_labels.selected(object_)
        return self._selected[object_]

    def matching(self, object_: Object, selector: Selector) -> list[Workload]:
        """Returns the workloads beside an object whose pod templates a selector matches."""
        return self._pod_labels.matching(object_, selector)

    @cached_property
    def _pod_labels(self) -> PodLabels:
        return PodLabels(self.workloads)

    def selecting(self, kind: str, workload: Workload) -> list[Object]:
        """Returns the objects of a kind that select the pods of a workload."""
        if kind not in self._selecting:
            found: dict[Workload, list[Object]] = defaultdict(list)
            for object_ in self.of_kind(kind):
                for each in self.selected(object_):
                    found[each].append(object_)
            self._selecting[kind] = found
        return self._selecting[kind].get(workload, [])

    def services_of(self, workload: Workload) -> list[Object]:
        """Returns the Services that send traffic to a workload; Services for metrics do not."""
        return [each for each in self.selecting("Service", workload) if not _for_metrics(each)]

    def holds_headroom(self, workload: Workload) -> bool:
        """True if all containers run an image named pause."""
        images = [each.text("image") or "" for each in workload.containers]
        names = [each.rpartition("/")[2].partition("@")[0].partition(":")[0] for each in images]
        return bool(names) and all(name == "pause" for name in names)

    def claim(self, workload: Workload, name: str) -> Object | None:
        """Returns a PersistentVolumeClaim of a workload; None if no file has it."""
        return next(iter(self.beside(workload.object, "PersistentVolumeClaim", name)), None)

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


def _without_owned(objects: Sequence[Object]) -> Sequence[Object]:
    """Returns objects without those that others of them own, such as the autoscaler that KEDA
    creates for a ScaledObject, or the pods of a Deployment in the output of kubectl."""
    known = {(each.kind, each.name, each.namespace) for each in objects}
    return tuple(
        each
        for each in objects
        if not any((*owner, each.namespace) in known for owner in each.owners)
    )


def _for_metrics(service: Object) -> bool:
    """True if all ports of a Service have names for metrics."""
    names = [port.text("name") or "" for port in service.spec.sections("ports")]
    return bool(names) and all("metrics" in name or "prometheus" in name for name in names)


def named(objects: Iterable[Object | Workload]) -> str:
    """Returns the subjects of objects, separated by commas."""
    return ", ".join(each.subject for each in objects)
