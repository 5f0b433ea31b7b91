"""A controller of the cell: a pinned chart, with an AWS role of its own by Pod Identity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes import helm

from components.labels import NAME
from components.placement import spread_values
from components.restricted import namespace
from core.iam import pod_identity_trust
from core.versions import Chart


@dataclass(frozen=True, kw_only=True)
class ControllerArgs:
    """What a controller needs."""

    chart: Chart
    """The chart; namespace, release and service account are named like it."""
    cluster_name: pulumi.Input[str]
    """Name of the cluster, taken from the cluster itself so that order holds."""
    policy: pulumi.Input[Mapping[str, object]]
    """What its role may do."""
    values: Mapping[str, Any]  # Any: JSON of any shape
    """Values of the chart. They name the service account like the chart."""
    after: Sequence[pulumi.Resource]
    """What its pods need: nodes, and the cluster's DNS."""


class Controller(pulumi.ComponentResource):
    """A chart's release, and the role, policy and association that it needs to begin."""

    release: helm.v3.Release
    """Its release, up and ready: whoever needs the controller depends on it."""

    def __init__(
        self, name: str, args: ControllerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Controller", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        own = args.chart.name
        role = aws.iam.Role(
            name,
            aws.iam.RoleArgs(assume_role_policy=pulumi.Output.json_dumps(pod_identity_trust())),
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            name,
            aws.iam.RolePolicyArgs(role=role.name, policy=pulumi.Output.json_dumps(args.policy)),
            opts=child,
        )
        association = aws.eks.PodIdentityAssociation(
            name,
            aws.eks.PodIdentityAssociationArgs(
                cluster_name=args.cluster_name,
                namespace=own,
                service_account=own,
                role_arn=role.arn,
            ),
            opts=child,
        )
        space = namespace(name, own, child)
        self.release = helm.v3.Release(
            name,
            helm.v3.ReleaseArgs(
                name=own,
                chart=own,
                version=args.chart.version,
                repository_opts=helm.v3.RepositoryOptsArgs(repo=args.chart.repository),
                namespace=space.metadata.name,
                values=args.values,
                atomic=True,
                timeout=600,
            ),
            # Credentials come with a pod's creation: the role has to be complete by then.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, association, *args.after]),
        )
        self.register_outputs({})


def highly_available(pod_name: str, release: str) -> Mapping[str, Any]:
    """Values that both charts have for two replicas over zones and nodes, evicted one by one.

    `pod_name` is the label app.kubernetes.io/name that the chart gives to its pods.
    """
    labels = {NAME: pod_name, "app.kubernetes.io/instance": release}
    return {
        "replicaCount": 2,
        "priorityClassName": "system-cluster-critical",
        "podDisruptionBudget": {"maxUnavailable": 1},
        "topologySpreadConstraints": spread_values(labels),
    }
