"""Workloads by the labels of their pods."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence

from tools.manifests.selectors import Selector, pod_selector
from tools.rules.by_namespace import ByNamespace
from tools.rules.model import Object, Workload

_ADDED: Mapping[str, Sequence[str]] = {
    "StatefulSet": ("statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"),
    "Job": ("batch.kubernetes.io/job-name", "job-name"),
}
"""Labels that Kubernetes adds to the pods of a workload. The value is the name of the workload, the
number of the pod, or both. https://kubernetes.io/docs/reference/labels-annotations-taints/"""


class PodLabels:
    """Workloads by the labels of their pods.

    A selector is compared only with the workloads that have the rarest of the labels that the
    selector requires.
    """

    def __init__(self, workloads: Iterable[Workload]) -> None:
        self._found = ByNamespace[Workload]()
        for each in workloads:
            self._found.add(each.object, each, None, each.kind, *each.labels.items())

    def selected(self, selecting: Object) -> list[Workload]:
        """Returns the workloads whose pods a Service or a PodDisruptionBudget selects."""
        selector = pod_selector(selecting.kind, selecting.spec)
        if selector is None:
            return []
        return [
            each
            for each in self._candidates(selecting, selector)
            if selector.matches({**each.labels, **_added(each, selector)})
        ]

    def matching(self, object_: Object, selector: Selector) -> list[Workload]:
        """Returns the workloads beside an object whose pod templates a selector matches."""
        found = self._candidates(object_, selector)
        return [each for each in found if selector.matches(each.labels)]

    def _candidates(self, object_: Object, selector: Selector) -> list[Workload]:
        """Returns the workloads beside an object that can have a label of the selector."""
        required = [
            [*((label, value) for value in values), *_kinds_with(label)]
            for label, values in selector.allowed
        ]
        rarest = min(
            required, key=lambda keys: self._found.count_beside(object_, *keys), default=[None]
        )
        return self._found.beside(object_, *rarest)


def _kinds_with(label: str) -> list[Hashable]:
    """Returns the kinds of the workloads to whose pods Kubernetes adds a label."""
    return [kind for kind, labels in _ADDED.items() if label in labels]


def _added(workload: Workload, selector: Selector) -> Mapping[str, str]:
    """Returns the labels of a selector that Kubernetes adds to pods of the workload."""
    keys = [key for key in _ADDED.get(workload.kind, ()) if key in selector.labels]
    name = re.escape(workload.object.name)
    value = re.compile(rf"{name}|(?:{name}-)?[0-9]+")
    return {key: selector.labels[key] for key in keys if value.fullmatch(selector.labels[key])}
