"""Label selectors of Kubernetes objects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.manifests.fields import Fields


@dataclass(frozen=True, kw_only=True)
class Selector:
    """A label selector. Without labels and expressions, it matches everything.

    https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/
    """

    labels: Mapping[str, str]
    """Value of each label."""
    expressions: Sequence[tuple[str, str, Sequence[str]]] = ()
    """Label, operator and values of each further requirement."""

    def matches(self, labels: Mapping[str, str]) -> bool:
        """True if the labels of an object meet all requirements."""
        return self.labels.items() <= labels.items() and all(
            _meets(labels.get(label), operator, values)
            for label, operator, values in self.expressions
        )

    @property
    def allowed(self) -> list[tuple[str, Sequence[str]]]:
        """Labels that an object must have, each with its possible values."""
        exact = [(label, (value,)) for label, value in self.labels.items()]
        listed = [
            (label, values) for label, operator, values in self.expressions if operator == "In"
        ]
        return [*exact, *listed]


def pod_selector(kind: str, spec: Fields) -> Selector | None:
    """Returns the selector of a Service or a PodDisruptionBudget; None if it selects no pods, such
    as the empty selector of a Service."""
    if kind != "Service":
        return label_selector(spec, "selector")
    labels = spec.mapping("selector")
    return Selector(labels=labels) if labels else None


def label_selector(owner: Fields, key: str) -> Selector | None:
    """Returns the label selector in a field; None without the field, which selects nothing."""
    if key not in owner:
        return None
    selector = owner.section(key)
    return Selector(
        labels=selector.mapping("matchLabels"),
        expressions=[
            (each.text("key") or "", each.text("operator") or "", each.texts("values"))
            for each in selector.sections("matchExpressions")
        ],
    )


def _meets(value: str | None, operator: str, values: Sequence[str]) -> bool:
    """True if the value of a label, or None without the label, meets an expression."""
    match operator:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case _:
            return value is None
