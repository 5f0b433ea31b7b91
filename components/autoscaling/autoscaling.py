"""Autoscaling: metrics-server, PriorityClasses, Cluster Autoscaler and descheduler.

The overprovisioner, which holds headroom, is in components/overprovisioner.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.autoscaling import cluster_autoscaler, descheduler
from components.autoscaling.cluster_autoscaler_iam import iam_policy
from components.cell_context import ClusterContext
from components.cluster.add_ons import AddOn, AddOns, AddOnsArgs, AddOnSettings
from components.helm_controller import Controller, ControllerArgs
from components.images import ImageResolver
from components.overprovisioner.capacity_buffer_crd import capacity_buffer_crd
from components.priority_classes import PriorityClasses, priority_classes
from core.facts.versions.charts import CLUSTER_AUTOSCALER, DESCHEDULER
from core.facts.versions.images import CLUSTER_AUTOSCALER_IMAGE
from settings.autoscaling.autoscaling import Autoscaling as AutoscalingSettings


@dataclass(frozen=True, kw_only=True)
class AutoscalingArgs:
    """Arguments of Autoscaling."""

    autoscaling: AutoscalingSettings
    """The `autoscaling` section of the stack file."""
    strict_nodes: Sequence[str]
    """Workloads with `spread.nodes: strict`, which the descheduler leaves out."""
    longest_grace_seconds: int
    """Longest termination grace period of all pods, in seconds."""
    zones: int
    """Number of zones, including zones that are out: taking a zone out upgrades no Helm release."""
    capacity_buffers: bool
    """True if the overprovisioner holds headroom with CapacityBuffers instead of pause pods."""
    spot_groups: Sequence[str]
    """Regular expressions for the names of Auto Scaling groups with spot instances."""
    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    add_on_settings: AddOnSettings
    """Kubernetes version, and overrides of add-on versions and configurations."""
    before_pods: Sequence[pulumi.Resource]
    """Resources that pods require: nodes and cluster DNS."""
    resolve_image: ImageResolver
    """Returns the name under which nodes pull an image."""


class Autoscaling(pulumi.ComponentResource):
    """Creates metrics-server, PriorityClasses, Cluster Autoscaler and descheduler."""

    priority_classes: PriorityClasses
    """PriorityClasses of apps and of pause pods."""
    cluster_autoscaler: pulumi.Resource
    """Release of the Cluster Autoscaler."""
    ready: Sequence[pulumi.Resource]
    """Resources that scaling requires: metrics-server and Cluster Autoscaler."""

    def __init__(
        self, name: str, args: AutoscalingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Autoscaling", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        metrics = AddOns(
            name,
            AddOnsArgs(
                add_ons=[AddOn(name="metrics-server")],
                context=args.context,
                add_on_settings=args.add_on_settings,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=args.before_pods),
        )
        self.priority_classes = priority_classes(name, child)
        definitions = (
            [capacity_buffer_crd(f"{name}-capacity-buffers", child)]
            if args.capacity_buffers
            else []
        )
        autoscaler = Controller(
            f"{name}-{CLUSTER_AUTOSCALER.name}",
            ControllerArgs(
                chart=CLUSTER_AUTOSCALER,
                context=args.context,
                policy=pulumi.Output.from_input(args.context.cluster_name).apply(
                    lambda cluster: iam_policy(cluster, args.context.region)
                ),
                values=cluster_autoscaler.values(
                    cluster_name=args.context.cluster_name,
                    region=args.context.region,
                    image_tag=args.autoscaling.version
                    or CLUSTER_AUTOSCALER_IMAGE[args.add_on_settings.kubernetes_version],
                    zones=args.zones,
                    provision_minutes=args.autoscaling.node_provision_minutes,
                    longest_grace_seconds=args.longest_grace_seconds,
                    capacity_buffers=args.capacity_buffers,
                    spot_groups=args.spot_groups
                    if args.autoscaling.expander == "priority"
                    else None,
                    resolve_image=args.resolve_image,
                ),
                before_pods=[*args.before_pods, *definitions],
            ),
            child,
        )
        if args.autoscaling.descheduler:
            Controller(
                f"{name}-{DESCHEDULER.name}",
                ControllerArgs(
                    chart=DESCHEDULER,
                    context=args.context,
                    values=descheduler.values(args.resolve_image, args.strict_nodes),
                    removed_values=descheduler.REMOVED_VALUES,
                    budget_labels=descheduler.LABELS,
                    before_pods=args.before_pods,
                ),
                child,
            )
        self.cluster_autoscaler = autoscaler.release
        self.ready = [*metrics.add_ons, autoscaler.release]
        self.register_outputs({})
