"""What lets the cell grow and shrink: metrics, priorities, the Cluster Autoscaler, headroom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import meta, scheduling

from components.add_ons import AddOn, AddOnChoices, AddOns, AddOnsArgs
from components.autoscaling import cluster_autoscaler
from components.autoscaling.headroom import Headroom, HeadroomArgs
from components.controller import Controller, ControllerArgs
from core.versions import CLUSTER_AUTOSCALER, CLUSTER_AUTOSCALER_IMAGE
from settings.apps import App
from settings.autoscaling import Autoscaling as AutoscalingSettings
from settings.pools import Pool

_APP_PRIORITY = 1000
_HEADROOM_PRIORITY = -10
"""The lowest at which a pending pod still makes the Cluster Autoscaler add a node
(--expendable-pods-priority-cutoff)."""


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
    region: str
    """Region of the cell."""
    cluster_name: pulumi.Input[str]
    """Name of the cluster, taken from the cluster itself so that order holds."""
    choices: AddOnChoices
    """Minor of the cluster, and what decides on the add-on's version and configuration."""
    registry: str | None = None
    """Registry with copies of the system's images; default: each image's own."""


class Autoscaling(pulumi.ComponentResource):
    """metrics-server, PriorityClasses, Cluster Autoscaler, and headroom in every zone."""

    app_priority_class: pulumi.Output[str]
    """PriorityClass of the apps, above that of pods without one."""
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
            child,
        )
        for_apps = self._priority_class(name, "app", _APP_PRIORITY, "Applications.")
        for_headroom = self._priority_class(
            name, "headroom", _HEADROOM_PRIORITY, "Room for the pods of a lost zone: gives way."
        )
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
                    registry=args.registry,
                ),
            ),
            child,
        )
        if args.autoscaling.headroom:
            Headroom(
                f"{name}-headroom",
                HeadroomArgs(
                    apps=args.apps,
                    pools=args.pools,
                    zones=args.zones,
                    priority_class=for_headroom.metadata.name,
                    registry=args.registry,
                ),
                pulumi.ResourceOptions(parent=self, depends_on=[autoscaler.release]),
            )
        self.app_priority_class = for_apps.metadata.name
        self.ready = [*metrics.add_ons, autoscaler.release]
        self.register_outputs({"app_priority_class": self.app_priority_class})

    def _priority_class(
        self, name: str, role: str, value: int, description: str
    ) -> scheduling.v1.PriorityClass:
        return scheduling.v1.PriorityClass(
            f"{name}-{role}",
            metadata=meta.v1.ObjectMetaArgs(name=f"ha-eks-{role}"),
            value=value,
            description=description,
            preemption_policy="PreemptLowerPriority" if value > 0 else "Never",
            opts=pulumi.ResourceOptions(parent=self),
        )
