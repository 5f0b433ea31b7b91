"""Values of KEDA's chart, and the IAM policy of its operator."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.helm_controller import container_resources
from components.images import ImageResolver
from components.placement import topology_spread_values
from core.facts.system_pods import CONTROLLERS
from core.facts.versions.charts import KEDA
from core.facts.versions.images import KEDA_METRICS_IMAGE, KEDA_WEBHOOKS_IMAGE
from core.iam import Document, allow, policy
from core.labels import NAME

_OPERATOR = "keda-operator"
_METRICS = "keda-operator-metrics-apiserver"
_WEBHOOKS = "keda-admission-webhooks"
"""Names of the Deployments in the chart; their pods have the same name as a label."""


REMOVED_VALUES = tuple(
    f"resources.{part}.limits.cpu" for part in ("operator", "metricServer", "webhooks")
)
"""Default values of the chart that are removed."""


def values(resolve_image: ImageResolver) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Returns the values of the chart: two replicas of each part, and minimal permissions.

    Keys: https://github.com/kedacore/charts/blob/v2.20.2/keda/values.yaml
    The chart uses both metricServer and metricsServer.
    Flags under extraArgs.webhooks: https://github.com/kedacore/keda/blob/v2.20.2/cmd/webhooks/main.go
    """
    one_unavailable = {"maxUnavailable": 1}
    return {
        "image": {
            "keda": _image(resolve_image(KEDA.image)),
            "metricsApiServer": _image(resolve_image(KEDA_METRICS_IMAGE)),
            "webhooks": _image(resolve_image(KEDA_WEBHOOKS_IMAGE)),
            "pullPolicy": "IfNotPresent",
        },
        "operator": {"replicaCount": 2},
        "metricsServer": {"replicaCount": 2},
        # Fail open: without the webhook, scaling and deletion still work.
        "webhooks": {"replicaCount": 2, "failurePolicy": "Ignore"},
        "priorityClassName": "system-cluster-critical",
        "podDisruptionBudget": {
            "operator": one_unavailable,
            "metricServer": one_unavailable,
            "webhooks": one_unavailable,
        },
        "topologySpreadConstraints": {
            "operator": _spread(_OPERATOR),
            "metricsServer": _spread(_METRICS),
            "webhooks": _spread(_WEBHOOKS),
        },
        "resources": {
            "operator": container_resources(CONTROLLERS["keda-operator"]),
            "metricServer": container_resources(CONTROLLERS["keda-metrics-apiserver"]),
            "webhooks": container_resources(CONTROLLERS["keda-admission-webhooks"]),
        },
        "serviceAccount": {"operator": {"create": True, "name": KEDA.name}},
        # KEDA can scale Deployments without it; the default may read all kinds, even Secrets.
        "rbac": {"enabledCustomScaledRefKinds": False},
        "permissions": {
            "operator": {"restrict": {"secret": True}},
            "metricServer": {"restrict": {"secret": True}},
        },
        # A new Deployment is not yet in the cache of the webhook when its ScaledObject is created.
        "extraArgs": {"webhooks": {"cache-miss-to-direct-client": True}},
    }


def _image(name: pulumi.Input[str]) -> Mapping[str, pulumi.Input[str]]:
    """Returns an image by its full name; the chart would prepend any registry."""
    return {"registry": "", "repository": name}


def _spread(pod_name: str) -> Sequence[Mapping[str, object]]:
    return topology_spread_values({NAME: pod_name, "app.kubernetes.io/instance": KEDA.name})


def policy_for(workspace_arn: str | None, queue_arns: Sequence[str]) -> Document:
    """Returns the IAM policy of KEDA: queries on a workspace, and numbers of messages of queues.

    https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-APIReference-QueryMetrics.html
    https://keda.sh/docs/2.20/scalers/aws-sqs/
    """
    return policy(
        *([allow(["aps:QueryMetrics"], workspace_arn)] if workspace_arn else []),
        *([allow(["sqs:GetQueueAttributes"], [*queue_arns])] if queue_arns else []),
    )
