"""KEDA, whose autoscalers follow queries: the values of its chart, and what it may do."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.helm_controller import resources
from components.images import Pulled
from components.labels import NAME
from components.placement import spread_values
from core.facts.system_pods import CONTROLLERS
from core.facts.versions import KEDA, KEDA_METRICS_IMAGE, KEDA_WEBHOOKS_IMAGE
from core.iam import Document, allow, policy

_OPERATOR = "keda-operator"
_METRICS = "keda-operator-metrics-apiserver"
_WEBHOOKS = "keda-admission-webhooks"
"""Names that the chart gives to its Deployments, and to their pods by the label of names."""


WITHOUT = tuple(f"resources.{part}.limits.cpu" for part in ("operator", "metricServer", "webhooks"))
"""Defaults of its chart that are taken out."""


def values(pulled: Pulled) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Values of its chart: two replicas of each part, and no more rights than it needs.

    Keys: https://github.com/kedacore/charts/blob/v2.20.2/keda/values.yaml
    The chart says metricServer in one place and metricsServer in another.
    Flags under extraArgs.webhooks: https://github.com/kedacore/keda/blob/v2.20.2/cmd/webhooks/main.go
    """
    evicted_one_by_one = {"maxUnavailable": 1}
    return {
        "image": {
            "keda": _image(pulled(KEDA.image)),
            "metricsApiServer": _image(pulled(KEDA_METRICS_IMAGE)),
            "webhooks": _image(pulled(KEDA_WEBHOOKS_IMAGE)),
            "pullPolicy": "IfNotPresent",
        },
        "operator": {"replicaCount": 2},
        "metricsServer": {"replicaCount": 2},
        # A webhook that does not answer keeps nobody from scaling, or from being taken down.
        "webhooks": {"replicaCount": 2, "failurePolicy": "Ignore"},
        "priorityClassName": "system-cluster-critical",
        "podDisruptionBudget": {
            "operator": evicted_one_by_one,
            "metricServer": evicted_one_by_one,
            "webhooks": evicted_one_by_one,
        },
        "topologySpreadConstraints": {
            "operator": _spread(_OPERATOR),
            "metricsServer": _spread(_METRICS),
            "webhooks": _spread(_WEBHOOKS),
        },
        "resources": {
            "operator": resources(CONTROLLERS["keda-operator"]),
            "metricServer": resources(CONTROLLERS["keda-metrics-apiserver"]),
            "webhooks": resources(CONTROLLERS["keda-admission-webhooks"]),
        },
        "serviceAccount": {"operator": {"create": True, "name": KEDA.name}},
        # Deployments it may scale without; the default reads everything, Secrets included.
        "rbac": {"enabledCustomScaledRefKinds": False},
        "permissions": {
            "operator": {"restrict": {"secret": True}},
            "metricServer": {"restrict": {"secret": True}},
        },
        # A Deployment that has just been made is in no cache, and its ScaledObject comes at once.
        "extraArgs": {"webhooks": {"cache-miss-to-direct-client": True}},
    }


def _image(name: pulumi.Input[str]) -> Mapping[str, pulumi.Input[str]]:
    """An image by its whole name: with a registry of its own, the chart would put that before."""
    return {"registry": "", "repository": name}


def _spread(pod_name: str) -> Sequence[Mapping[str, object]]:
    return spread_values({NAME: pod_name, "app.kubernetes.io/instance": KEDA.name})


def policy_for(workspace_arn: str) -> Document:
    """What it needs: to ask, of one workspace.

    https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-APIReference-QueryMetrics.html
    """
    return policy(allow(["aps:QueryMetrics"], workspace_arn))
