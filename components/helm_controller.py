"""A controller of the cell: a pinned chart, with an AWS role of its own if it calls AWS."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes import helm, meta, policy

from components.cell_context import ClusterContext
from components.labels import NAME
from components.placement import spread_values
from components.pod_identity import association, pod_role
from components.pod_security import namespace
from core.availability.resources import Resources
from core.facts.versions import Chart


@dataclass(frozen=True, kw_only=True)
class ControllerArgs:
    """What a controller needs."""

    chart: Chart
    """The chart; namespace, release and service account are named like it."""
    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    policy: pulumi.Input[Mapping[str, object]] | None = None
    """What its role may do; None: it has none, and asks AWS nothing."""
    values: Mapping[str, Any]  # Any: JSON of any shape
    """Values of the chart. They name the service account like the chart."""
    without: Sequence[str] = ()
    """Values of the chart's own that are taken out, as resources.limits.cpu."""
    budget: Mapping[str, str] | None = None
    """Labels of its pods, to be evicted one by one; None: the chart has a disruption budget."""
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
        own = args.chart.name
        rights = () if args.policy is None else self._rights(name, args, args.policy)
        space = namespace(name, own, pulumi.ResourceOptions(parent=self))
        self.release = release(
            name,
            own,
            args.chart,
            space.metadata.name,
            args.values,
            pulumi.ResourceOptions(parent=self, depends_on=[*rights, *args.after]),
            args.without,
        )
        if args.budget is not None:
            budget(name, own, space.metadata.name, args.budget, pulumi.ResourceOptions(parent=self))
        self.register_outputs({})

    def _rights(
        self, name: str, args: ControllerArgs, may: pulumi.Input[Mapping[str, object]]
    ) -> Sequence[pulumi.Resource]:
        """A role that its service account has, with what it may do."""
        child = pulumi.ResourceOptions(parent=self)
        role = pod_role(name, child)
        allowed = aws.iam.RolePolicy(
            name,
            aws.iam.RolePolicyArgs(role=role.name, policy=pulumi.Output.json_dumps(may)),
            opts=child,
        )
        return [allowed, association(name, args.context.cluster_name, args.chart.name, role, child)]


def release(
    logical_name: str,
    name: str,
    chart: Chart,
    namespace: pulumi.Input[str],
    values: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
    without: Sequence[str] = (),
) -> helm.v3.Release:
    """A release of a pinned chart: whole, or taken back; `without` some of the chart's values."""
    return helm.v3.Release(
        logical_name,
        helm.v3.ReleaseArgs(
            name=name,
            chart=chart.name,
            version=chart.version,
            repository_opts=helm.v3.RepositoryOptsArgs(repo=chart.repository),
            namespace=namespace,
            values=values,
            value_yaml_files=[_taken_out(without)] if without else None,
            atomic=True,
            timeout=600,
        ),
        opts=opts,
    )


def budget(
    logical_name: str,
    name: str,
    namespace: pulumi.Input[str],
    labels: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> policy.v1.PodDisruptionBudget:
    """For a chart that brings none: its pods, which have `labels`, are evicted one by one."""
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


def highly_available(pod_name: str, release: str) -> Mapping[str, Any]:
    """Values that both charts have for two replicas over zones and nodes, evicted one by one.

    `pod_name` is the label app.kubernetes.io/name that the chart gives to its pods.
    """
    return {
        "replicaCount": 2,
        "priorityClassName": "system-cluster-critical",
        "podDisruptionBudget": {"maxUnavailable": 1},
        "topologySpreadConstraints": spread_values(chart_labels(pod_name, release)),
    }


def chart_labels(pod_name: str, release: str) -> Mapping[str, str]:
    """Labels by which charts select the pods of a release."""
    return {NAME: pod_name, "app.kubernetes.io/instance": release}


def resources(requests: Resources) -> Mapping[str, Any]:
    """Requests of a container, and a memory limit that is the same."""
    memory = f"{requests.memory}Mi"
    return {
        "requests": {"cpu": f"{requests.cpu}m", "memory": memory},
        "limits": {"memory": memory},
    }


def _taken_out(paths: Sequence[str]) -> pulumi.StringAsset:
    """Values that are null, which Helm takes a chart's own out for.

    In a file of values, since Pulumi's SDK for Python leaves out what is None:
    https://github.com/pulumi/pulumi-kubernetes/pull/4306
    """
    nulls: dict[str, object] = {}
    for path in paths:
        *above, last = path.split(".")
        at: Any = nulls
        for key in above:
            at = at.setdefault(key, {})
        at[last] = None
    return pulumi.StringAsset(json.dumps(nulls))
