"""Proportional headroom of the overprovisioner: more nodes, more pause pods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes import apps

from components.helm_controller import container_resources, disruption_budget, release
from components.images import ImageResolver
from components.overprovisioner.pause_pods import ReservedPods
from components.pod_security import restricted_namespace
from core.facts.system_pods import CONTROLLERS
from core.facts.versions.charts import CLUSTER_PROPORTIONAL_AUTOSCALER
from core.facts.versions.images import CLUSTER_PROPORTIONAL_AUTOSCALER_IMAGE
from core.labels import HOST, NAME, ZONE

_USER_ID = 65535


@dataclass(frozen=True, kw_only=True)
class ProportionalArgs:
    """Arguments of Proportional."""

    targets: Sequence[tuple[ReservedPods, Sequence[apps.v1.Deployment]]]
    """Reserved pods and their Deployments of pause pods, one per zone and all of the same size."""
    namespace: pulumi.Input[str]
    """Namespace of the Deployments."""
    nodes_per_pod: int
    """Number of nodes of the cell per pause pod in each zone."""
    resolve_image: ImageResolver
    """Returns the name under which nodes pull an image."""


class Proportional(pulumi.ComponentResource):
    """Creates one cluster-proportional-autoscaler per app, since each supports only one ratio."""

    def __init__(
        self, name: str, args: ProportionalArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Proportional", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        chart = CLUSTER_PROPORTIONAL_AUTOSCALER
        in_namespace = restricted_namespace(name, chart.name, child).metadata.name
        for reserved, deployments in args.targets:
            release_name = f"headroom-{reserved.name}"
            labels = {NAME: chart.name, "app.kubernetes.io/instance": release_name}
            release(
                f"{name}-{reserved.name}",
                release_name,
                chart,
                in_namespace,
                values(args, reserved, deployments, labels),
                child,
            )
            disruption_budget(f"{name}-{reserved.name}", release_name, in_namespace, labels, child)
        self.register_outputs({})


def values(
    args: ProportionalArgs,
    reserved: ReservedPods,
    deployments: Sequence[apps.v1.Deployment],
    labels: Mapping[str, str],
) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Returns the values of the chart; `labels` are those of the autoscaler's own pods.

    The chart supports neither topology spread constraints nor a disruption budget. Preferred
    anti-affinity spreads the pods over zones and nodes, and `Proportional` creates the budget.

    Keys: https://github.com/kubernetes-sigs/cluster-proportional-autoscaler/blob/helm-chart-cluster-proportional-autoscaler-1.1.0/charts/cluster-proportional-autoscaler/values.yaml
    Below config.linear: https://github.com/kubernetes-sigs/cluster-proportional-autoscaler/blob/v1.10.3/pkg/autoscaler/controller/linearcontroller/linear_controller.go
    """
    chart = CLUSTER_PROPORTIONAL_AUTOSCALER
    targets = [pulumi.Output.concat("deployment/", each.metadata.name) for each in deployments]
    return {
        # No leader election: both replicas calculate the same number and write only differences.
        "replicaCount": 2,
        "priorityClassName": "system-cluster-critical",
        "image": {
            "repository": args.resolve_image(chart.image),
            "tag": CLUSTER_PROPORTIONAL_AUTOSCALER_IMAGE,
        },
        "resources": container_resources(CONTROLLERS[chart.name]),
        "podSecurityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER_ID,
            "runAsGroup": _USER_ID,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "affinity": _anti_affinity(labels),
        "options": {
            "namespace": args.namespace,
            "target": pulumi.Output.all(*targets).apply(",".join),
        },
        "config": {
            "linear": {
                "nodesPerReplica": args.nodes_per_pod,
                "min": reserved.pods,
                "max": reserved.max_pods,
                "preventSinglePointFailure": False,
                # Nodes of a failed zone, and cordoned nodes, count: headroom must not shrink
                # while these nodes are unavailable.
                "includeUnschedulableNodes": True,
            }
        },
    }


def _anti_affinity(labels: Mapping[str, str]) -> Mapping[str, Any]:
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
