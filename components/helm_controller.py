"""Controllers that are installed from pinned Helm charts, with an IAM role if they call AWS."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes import helm, meta, policy

from components.cell_context import ClusterContext
from components.placement import topology_spread_values
from components.pod_identity import pod_identity_association, pod_role
from components.pod_security import restricted_namespace
from core.availability.resources import Resources
from core.facts.versions.charts import Chart
from core.labels import NAME
from core.merge import merged
from core.pod_identity import ASSOCIATION


@dataclass(frozen=True, kw_only=True)
class ControllerArgs:
    """Arguments of Controller."""

    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    chart: Chart
    """The chart. Namespace, release and service account have the name of the chart."""
    values: Mapping[str, Any]  # Any: JSON of any shape
    """Values of the chart. The values set the name of the service account to the chart's name."""
    removed_values: Sequence[str] = ()
    """Paths of chart defaults that are removed, such as resources.limits.cpu."""
    policy: pulumi.Input[Mapping[str, object]] | None = None
    """IAM policy of the controller's role; None: the controller calls no AWS API and has no
    role."""
    annotations_value: str = "podAnnotations"
    """Path of the chart value with the annotations of the controller's pods."""
    budget_labels: Mapping[str, str] | None = None
    """Labels of the controller's pods, for a disruption budget; None: the chart has its own."""
    before_pods: Sequence[pulumi.Resource]
    """Resources that the controller's pods require: nodes and CoreDNS."""


class Controller(pulumi.ComponentResource):
    """Creates a namespace and a chart release, and the IAM role that the controller's pods use."""

    release: helm.v3.Release
    """The release, whose pods are ready. Resources that need the controller depend on it."""

    def __init__(
        self, name: str, args: ControllerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Controller", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        chart = args.chart
        role, values = self._role(name, args)
        namespace = restricted_namespace(name, chart.name, child).metadata.name
        self.release = release(
            name,
            chart.name,
            chart,
            namespace,
            values,
            pulumi.ResourceOptions(parent=self, depends_on=[*role, *args.before_pods]),
            args.removed_values,
        )
        if args.budget_labels is not None:
            disruption_budget(name, chart.name, namespace, args.budget_labels, child)
        self.register_outputs({})

    def _role(
        self, name: str, args: ControllerArgs
    ) -> tuple[Sequence[pulumi.Resource], Mapping[str, Any]]:
        """Creates the role of the service account, if the controller has a policy.

        Returns the resources on which credentials depend, and the values with the annotation of the
        association.
        """
        if args.policy is None:
            return (), args.values
        child = pulumi.ResourceOptions(parent=self)
        role = pod_role(name, child)
        document = pulumi.Output.json_dumps(args.policy)
        role_policy = aws.iam.RolePolicy(
            name, aws.iam.RolePolicyArgs(role=role.name, policy=document), opts=child
        )
        cluster, account = args.context.cluster_name, args.chart.name
        association = pod_identity_association(name, cluster, account, role, child)
        annotations: dict[str, object] = {ASSOCIATION: association.id}
        for key in reversed(args.annotations_value.split(".")):
            annotations = {key: annotations}
        return [role_policy, association], merged(args.values, annotations)


def release(
    logical_name: str,
    name: str,
    chart: Chart,
    namespace: pulumi.Input[str],
    values: Mapping[str, Any],  # Any: JSON of any shape
    opts: pulumi.ResourceOptions,
    removed_values: Sequence[str] = (),
) -> helm.v3.Release:
    """Creates a release of a pinned chart, which rolls back if it does not become ready."""
    oci = chart.repository.startswith("oci://")
    return helm.v3.Release(
        logical_name,
        helm.v3.ReleaseArgs(
            name=name,
            chart=f"{chart.repository}/{chart.name}" if oci else chart.name,
            version=chart.version,
            repository_opts=None if oci else helm.v3.RepositoryOptsArgs(repo=chart.repository),
            namespace=namespace,
            values=values,
            value_yaml_files=[_null_values(removed_values)] if removed_values else None,
            atomic=True,
            timeout=600,
        ),
        opts=opts,
    )


def disruption_budget(
    logical_name: str,
    name: str,
    namespace: pulumi.Input[str],
    labels: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> policy.v1.PodDisruptionBudget:
    """Creates a disruption budget for a chart that has none: one eviction at a time."""
    return policy.v1.PodDisruptionBudget(
        logical_name,
        metadata=meta.v1.ObjectMetaArgs(name=name, namespace=namespace),
        spec=policy.v1.PodDisruptionBudgetSpecArgs(
            selector=meta.v1.LabelSelectorArgs(match_labels=labels),
            max_unavailable=1,
            unhealthy_pod_eviction_policy="AlwaysAllow",
        ),
        opts=opts,
    )


def highly_available_values(
    pod_name: str, release: str
) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Returns values for two replicas over zones and nodes, with one eviction at a time.

    The charts of the Cluster Autoscaler and of the AWS Load Balancer Controller have these keys.
    `pod_name` is the pods' label app.kubernetes.io/name.
    """
    return {
        "replicaCount": 2,
        "priorityClassName": "system-cluster-critical",
        "podDisruptionBudget": {"maxUnavailable": 1},
        "topologySpreadConstraints": topology_spread_values(chart_labels(pod_name, release)),
    }


def chart_labels(pod_name: str, release: str) -> Mapping[str, str]:
    """Returns the labels by which charts select the pods of a release."""
    return {NAME: pod_name, "app.kubernetes.io/instance": release}


def container_resources(
    requests: Resources,
) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Returns requests as Helm values, with a memory limit equal to the memory request."""
    memory = f"{requests.memory}Mi"
    return {
        "requests": {"cpu": f"{requests.cpu}m", "memory": memory},
        "limits": {"memory": memory},
    }


def _null_values(paths: Sequence[str]) -> pulumi.StringAsset:
    """Returns a values file in which the paths are null: Helm then removes the chart's default.

    A file, because Pulumi's SDK for Python drops None from the values:
    https://github.com/pulumi/pulumi-kubernetes/pull/4306
    docs/decisions/0025-chart-defaults-are-removed-with-a-values-file-of-nulls.md
    """
    nulls: dict[str, object] = {}
    for path in paths:
        *parents, key = path.split(".")
        node: Any = nulls  # Any: a dict at each level but the last
        for parent in parents:
            node = node.setdefault(parent, {})
        node[key] = None
    return pulumi.StringAsset(json.dumps(nulls))
