"""Room that grows with the cell: more pods that hold it, the more nodes there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes import apps

from components.helm_controller import budget, release, resources
from components.images import Pulled
from components.labels import HOST, NAME, ZONE
from components.overprovisioner.pause_pods import Held
from components.pod_security import namespace
from core.facts.system_pods import CONTROLLERS
from core.facts.versions import (
    CLUSTER_PROPORTIONAL_AUTOSCALER,
    CLUSTER_PROPORTIONAL_AUTOSCALER_IMAGE,
)

_NOBODY = 65535


@dataclass(frozen=True, kw_only=True)
class ProportionalArgs:
    """What is to grow."""

    targets: Sequence[tuple[Held, Sequence[apps.v1.Deployment]]]
    """For what, and the Deployments that hold its room, one a zone: they are of one size."""
    namespace: pulumi.Input[str]
    """Namespace of those."""
    nodes_per_pod: int
    """Nodes of the cell for which there is one pod in each zone."""
    pulled: Pulled
    """Where its images are pulled from."""


class Proportional(pulumi.ComponentResource):
    """A cluster-proportional-autoscaler for each app: one of them knows one ratio."""

    def __init__(
        self, name: str, args: ProportionalArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Proportional", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        chart = CLUSTER_PROPORTIONAL_AUTOSCALER
        space = namespace(name, chart.name, child).metadata.name
        for of, deployments in args.targets:
            own = f"headroom-{of.name}"
            labels = {NAME: chart.name, "app.kubernetes.io/instance": own}
            release(
                f"{name}-{of.name}",
                own,
                chart,
                space,
                values(args, of, deployments, labels),
                child,
            )
            budget(f"{name}-{of.name}", own, space, labels, child)
        self.register_outputs({})


def values(
    args: ProportionalArgs,
    of: Held,
    deployments: Sequence[apps.v1.Deployment],
    labels: Mapping[str, str],
) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Values of its chart, for what grows with the cell; `labels` are those of its own pods.

    The chart has neither a spread over zones nor a disruption budget: zones and nodes are kept
    apart by affinity where that can be, and the budget is ours.

    Keys: https://github.com/kubernetes-sigs/cluster-proportional-autoscaler/blob/helm-chart-cluster-proportional-autoscaler-1.1.0/charts/cluster-proportional-autoscaler/values.yaml
    Below config.linear: https://github.com/kubernetes-sigs/cluster-proportional-autoscaler/blob/v1.10.3/pkg/autoscaler/controller/linearcontroller/linear_controller.go
    """
    chart = CLUSTER_PROPORTIONAL_AUTOSCALER
    targets = [pulumi.Output.concat("deployment/", each.metadata.name) for each in deployments]
    return {
        # Two at once come to the same sum, and write it only where it differs.
        "replicaCount": 2,
        "priorityClassName": "system-cluster-critical",
        "image": {
            "repository": args.pulled(chart.image),
            "tag": CLUSTER_PROPORTIONAL_AUTOSCALER_IMAGE,
        },
        "resources": resources(CONTROLLERS[chart.name]),
        "podSecurityContext": {
            "runAsNonRoot": True,
            "runAsUser": _NOBODY,
            "runAsGroup": _NOBODY,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "affinity": _apart(labels),
        "options": {
            "namespace": args.namespace,
            "target": pulumi.Output.all(*targets).apply(",".join),
        },
        "config": {
            "linear": {
                "nodesPerReplica": args.nodes_per_pod,
                "min": of.pods,
                "max": of.max_pods,
                "preventSinglePointFailure": False,
                # Those of a lost zone, and those that are drained: while they are gone, the
                # room that was held for them is not to shrink.
                "includeUnschedulableNodes": True,
            }
        },
    }


def _apart(labels: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {
                    "weight": weight,
                    "podAffinityTerm": {
                        "topologyKey": key,
                        "labelSelector": {"matchLabels": dict(labels)},
                    },
                }
                for key, weight in ((ZONE, 100), (HOST, 50))
            ]
        }
    }
