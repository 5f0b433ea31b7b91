"""The descheduler: pods that stand unevenly over the zones are spread anew.

Nothing moves a pod back by itself when a zone returns or a burst is over. It evicts one pod at a
time, through the Eviction API and so within disruption budgets, and only where a zone with fewer
of them has a node with room: then the scheduler has a better place for it, and nothing goes round
in circles (docs/decisions/0024-pods-spread-over-zones-before-nodes.md).
"""

from collections.abc import Mapping
from typing import Any

from components.helm_controller import chart_labels, resources
from components.images import Pulled
from components.placement import spread_values
from core.facts.system_pods import CONTROLLERS
from core.facts.versions import DESCHEDULER

LABELS = chart_labels(DESCHEDULER.name, DESCHEDULER.name)
"""Of its pods."""

WITHOUT = ("resources.limits.cpu",)
"""Defaults of its chart that are taken out."""

_INTERVAL = "30s"
"""Between two looks, of which each evicts one pod at the most: ten pods in five minutes."""

_PLUGIN = "RemovePodsViolatingTopologySpreadConstraint"

_POLICY: Mapping[str, Any] = {
    "maxNoOfPodsToEvictTotal": 1,
    "profiles": [
        {
            "name": "spread",
            "pluginConfig": [
                {
                    "name": "DefaultEvictor",
                    "args": {
                        "nodeFit": True,
                        # What it protects it does not count either: pods with scratch volumes
                        # would be no pods, and neither would young ones, or some priorities.
                        "podProtections": {"defaultDisabled": ["PodsWithLocalStorage"]},
                    },
                },
                {
                    "name": _PLUGIN,
                    "args": {
                        "constraints": ["DoNotSchedule", "ScheduleAnyway"],
                        "topologyBalanceNodeFit": True,
                    },
                },
            ],
            "plugins": {"balance": {"enabled": [_PLUGIN]}},
        }
    ],
}
"""https://github.com/kubernetes-sigs/descheduler/blob/v0.36.0/pkg/api/v1alpha2/types.go

A key of the first level that it does not know is ignored without a word."""


def values(pulled: Pulled) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Values of its chart.

    Pods of system-cluster-critical are never moved, so that it leaves the system alone.
    Keys: https://github.com/kubernetes-sigs/descheduler/blob/descheduler-helm-chart-0.36.0/charts/descheduler/values.yaml
    """
    own = DESCHEDULER.name
    return {
        "kind": "Deployment",
        "replicas": 2,
        "leaderElection": {
            "enabled": True,
            "resourceNamespace": own,
            "leaseDuration": "15s",
            "renewDeadline": "10s",
            "retryPeriod": "2s",
        },
        "deschedulingInterval": _INTERVAL,
        "deschedulerPolicy": _POLICY,
        "image": {"repository": pulled(DESCHEDULER.image)},
        "priorityClassName": "system-cluster-critical",
        "topologySpreadConstraints": spread_values(LABELS),
        "resources": resources(CONTROLLERS[own]),
        "podSecurityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "capabilities": {"drop": ["ALL"]},
        },
        "serviceAccount": {"create": True, "name": own},
    }
