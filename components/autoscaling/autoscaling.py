"""What lets the cell grow and shrink: metrics, priorities, the Cluster Autoscaler, headroom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.autoscaling import cluster_autoscaler, descheduler
from components.cluster.add_ons import AddOn, AddOnChoices, AddOns, AddOnsArgs
from components.helm_controller import Controller, ControllerArgs
from components.images import Pulled
from components.overprovisioner import Overprovisioner, OverprovisionerArgs
from components.overprovisioner.capacity_buffer_crd import capacity_buffer_crd
from components.priority_classes import PriorityClasses, priority_classes
from core.availability.zone_loss import HeadroomPods
from core.facts.versions import CLUSTER_AUTOSCALER, CLUSTER_AUTOSCALER_IMAGE, DESCHEDULER
from settings.app.apps import App
from settings.autoscaling.autoscaling import Autoscaling as AutoscalingSettings
from settings.headroom.headroom import Headroom
from settings.pool.pools import Pool


@dataclass(frozen=True, kw_only=True)
class AutoscalingArgs:
    """What autoscaling needs."""

    autoscaling: AutoscalingSettings
    """The stack file's `autoscaling`."""
    apps: Mapping[str, App]
    """The apps of the stack file, by name."""
    pools: Mapping[str, Pool]
    """The pools of the stack file, by name."""
    zones: Sequence[str]
    """Zones with nodes."""
    headroom: Headroom
    """The stack file's `headroom`."""
    headroom_pods: HeadroomPods
    """What each zone holds room for."""
    spot_groups: Sequence[str]
    """Patterns of the names of Auto Scaling groups of spot instances."""
    region: str
    """Region of the cell."""
    cluster_name: pulumi.Input[str]
    """Name of the cluster, taken from the cluster itself so that order holds."""
    choices: AddOnChoices
    """Minor of the cluster, and what decides on the add-on's version and configuration."""
    before_pods: Sequence[pulumi.Resource]
    """What pods need: nodes, and the cluster's DNS."""
    pulled: Pulled
    """Where its images are pulled from."""


class Autoscaling(pulumi.ComponentResource):
    """metrics-server, PriorityClasses, Cluster Autoscaler, headroom in every zone, descheduler."""

    priority_classes: PriorityClasses
    """Who makes whom give way."""
    ready: Sequence[pulumi.Resource]
    """What has to be there for pods to be scaled, and for nodes to come when they are."""

    def __init__(
        self, name: str, args: AutoscalingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Autoscaling", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        metrics = AddOns(
            name,
            AddOnsArgs(
                add_ons=[AddOn(name="metrics-server")],
                cluster_name=args.cluster_name,
                choices=args.choices,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=args.before_pods),
        )
        self.priority_classes = priority_classes(name, child)
        buffers = args.headroom.mode == "capacityBuffer"
        kinds = [capacity_buffer_crd(f"{name}-capacity-buffers", child)] if buffers else []
        autoscaler = Controller(
            f"{name}-{CLUSTER_AUTOSCALER.name}",
            ControllerArgs(
                chart=CLUSTER_AUTOSCALER,
                cluster_name=args.cluster_name,
                policy=pulumi.Output.from_input(args.cluster_name).apply(
                    lambda cluster: cluster_autoscaler.policy_for(cluster, args.region)
                ),
                values=cluster_autoscaler.values(
                    cluster_name=args.cluster_name,
                    region=args.region,
                    image_tag=args.autoscaling.version
                    or CLUSTER_AUTOSCALER_IMAGE[args.choices.kubernetes_version],
                    zones=len(args.zones),
                    provision_minutes=args.autoscaling.node_provision_minutes,
                    apps=args.apps,
                    buffers=buffers,
                    spot_groups=args.spot_groups
                    if args.autoscaling.expander == "priority"
                    else None,
                    pulled=args.pulled,
                ),
                after=[*args.before_pods, *kinds],
            ),
            child,
        )
        if args.autoscaling.descheduler:
            Controller(
                f"{name}-{DESCHEDULER.name}",
                ControllerArgs(
                    chart=DESCHEDULER,
                    cluster_name=args.cluster_name,
                    values=descheduler.values(args.pulled),
                    without=descheduler.WITHOUT,
                    budget=descheduler.LABELS,
                    after=args.before_pods,
                ),
                child,
            )
        if any(args.headroom_pods.pods.values()):
            Overprovisioner(
                f"{name}-overprovisioner",
                OverprovisionerArgs(
                    headroom=args.headroom,
                    apps=args.apps,
                    pools=args.pools,
                    zones=args.zones,
                    headroom_pods=args.headroom_pods,
                    priority_class=self.priority_classes.headroom,
                    pulled=args.pulled,
                ),
                pulumi.ResourceOptions(parent=self, depends_on=[autoscaler.release]),
            )
        self.ready = [*metrics.add_ons, autoscaler.release]
        self.register_outputs({})
