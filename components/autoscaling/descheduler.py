"""The descheduler: evicts pods that are spread unevenly over zones, so that they are rescheduled.

Kubernetes itself does not move pods back when a zone returns or a burst ends. The descheduler
evicts pods through the Eviction API, which respects disruption budgets. In each run it evicts at
most one pod of each app. With a preferred spread, it evicts a pod only if a zone with fewer pods of
the app has a node with enough free capacity. Therefore the scheduler always finds a better node,
and no pod is evicted again and again
(docs/decisions/0024-pods-spread-over-zones-before-nodes.md).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from components.helm_controller import chart_labels, container_resources
from components.images import ImageResolver
from components.placement import topology_spread_values
from core.availability.rebalancing import INTERVAL_SECONDS
from core.facts.system_pods import CONTROLLERS
from core.facts.versions.charts import DESCHEDULER

LABELS = chart_labels(DESCHEDULER.name, DESCHEDULER.name)
"""Labels of the pods of the descheduler."""

REMOVED_VALUES = ("resources.limits.cpu",)
"""Default values of the chart that are removed."""

_PLUGIN = "RemovePodsViolatingTopologySpreadConstraint"


def _policy(excluded: Sequence[str]) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Returns the policy of the descheduler, which leaves out the namespaces `excluded`.

    The descheduler silently ignores unknown keys of the first level.
    https://github.com/kubernetes-sigs/descheduler/blob/v0.36.0/pkg/api/v1alpha2/types.go
    https://github.com/kubernetes-sigs/descheduler/blob/v0.36.0/pkg/framework/plugins/removepodsviolatingtopologyspreadconstraint/types.go
    """
    return {
        # Each app has its own namespace. With a limit for all apps together, an app would wait for
        # the others.
        "maxNoOfPodsToEvictPerNamespace": 1,
        "profiles": [
            _profile("preferred", "ScheduleAnyway", excluded, must_fit=True),
            _profile("strict", "DoNotSchedule", excluded, must_fit=False),
        ],
    }


def _profile(
    name: str, constraint: str, excluded: Sequence[str], *, must_fit: bool
) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Returns a profile that moves pods with one kind of constraint.

    With a preferred spread, a pod must fit into free capacity: otherwise the scheduler could place
    it in the full zone again. With a strict spread it cannot, and the pod preempts headroom.
    """
    return {
        "name": name,
        "pluginConfig": [
            {
                "name": "DefaultEvictor",
                "args": {
                    "nodeFit": must_fit,
                    # The plugin does not count protected pods. By default, pods with scratch
                    # volumes are protected, so the spread would be calculated wrongly.
                    "podProtections": {"defaultDisabled": ["PodsWithLocalStorage"]},
                },
            },
            {
                "name": _PLUGIN,
                "args": {
                    "constraints": [constraint],
                    "topologyBalanceNodeFit": must_fit,
                    **({"namespaces": {"exclude": [*excluded]}} if excluded else {}),
                },
            },
        ],
        "plugins": {"balance": {"enabled": [_PLUGIN]}},
    }


def values(
    resolve_image: ImageResolver, excluded: Sequence[str]
) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Returns the values of the chart.

    The descheduler leaves the pods of the namespaces `excluded` where they are. These are apps with
    constraints over zones and over nodes. The descheduler balances each constraint on its own, and
    would evict pods for one constraint that the scheduler cannot place because of the other, again
    and again: https://github.com/kubernetes-sigs/descheduler/pull/1918

    The descheduler never evicts pods with the priority class system-cluster-critical.
    Keys: https://github.com/kubernetes-sigs/descheduler/blob/descheduler-helm-chart-0.36.0/charts/descheduler/values.yaml
    """
    name = DESCHEDULER.name
    return {
        "kind": "Deployment",
        "replicas": 2,
        "leaderElection": {
            "enabled": True,
            "resourceNamespace": name,
            "leaseDuration": "15s",
            "renewDeadline": "10s",
            "retryPeriod": "2s",
        },
        "deschedulingInterval": f"{INTERVAL_SECONDS}s",
        "deschedulerPolicy": _policy(excluded),
        "image": {"repository": resolve_image(DESCHEDULER.image)},
        "priorityClassName": "system-cluster-critical",
        "topologySpreadConstraints": topology_spread_values(LABELS),
        "resources": container_resources(CONTROLLERS[name]),
        "podSecurityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "capabilities": {"drop": ["ALL"]},
        },
        "serviceAccount": {"create": True, "name": name},
    }
