"""Label selectors of Kubernetes objects."""

from collections.abc import Mapping

from tools.manifests.fields import Fields


def selects_pods(kind: str, spec: Fields, labels: Mapping[str, str]) -> bool:
    """True if the selector of a Service or a PodDisruptionBudget matches the labels of pods.

    An empty selector of a Service matches no pods.
    """
    if kind == "Service":
        wanted = spec.mapping("selector")
        return bool(wanted) and wanted.items() <= labels.items()
    return matches(spec, "selector", labels)


def matches(owner: Fields, key: str, labels: Mapping[str, str]) -> bool:
    """True if the label selector in a field matches the labels.

    An empty selector matches all labels, a missing one none.
    https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/
    """
    if key not in owner:
        return False
    selector = owner.section(key)
    if not selector.mapping("matchLabels").items() <= labels.items():
        return False
    return all(_expression(each, labels) for each in selector.sections("matchExpressions"))


def _expression(expression: Fields, labels: Mapping[str, str]) -> bool:
    value = labels.get(expression.text("key") or "")
    match expression.text("operator"):
        case "In":
            return value in expression.texts("values")
        case "NotIn":
            return value not in expression.texts("values")
        case "Exists":
            return value is not None
        case _:
            return value is None
