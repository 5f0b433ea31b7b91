"""Room that each zone holds for the pods of a lost one, in the mode that the stack file asks for.

Names are those of app and zone in each mode: from one mode to another, what holds room by the new
one comes before what held it by the old one goes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import apps, meta

from components.images import Pulled
from components.overprovisioner.capacity_buffers import buffer
from components.overprovisioner.pause_pods import NAMESPACE, Held, held, pod_template
from components.overprovisioner.proportional import Proportional, ProportionalArgs
from components.pod_security import namespace
from core.availability.zone_loss import HeadroomPods
from settings.app.apps import App
from settings.headroom.headroom import Headroom
from settings.pool.pools import Pool


@dataclass(frozen=True, kw_only=True)
class OverprovisionerArgs:
    """What the headroom of a cell needs."""

    headroom: Headroom
    """The stack file's `headroom`."""
    apps: Mapping[str, App]
    """The apps that room is held for, by name."""
    pools: Mapping[str, Pool]
    """The pools of the stack file, by name."""
    zones: Sequence[str]
    """The zones, each of which holds room."""
    headroom_pods: HeadroomPods
    """What each of them holds room for."""
    priority_class: pulumi.Input[str]
    """Priority below that of every other pod."""
    pulled: Pulled
    """Where its images are pulled from."""


class Overprovisioner(pulumi.ComponentResource):
    """Room for every app, and for the system, in every zone.

    By pods that do nothing and give way, and what makes them more as the cell gets more nodes; or
    by what the Cluster Autoscaler is told to keep free.
    """

    def __init__(
        self, name: str, args: OverprovisionerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Overprovisioner", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        space = namespace(name, NAMESPACE, child).metadata.name
        growing: list[tuple[Held, Sequence[apps.v1.Deployment]]] = []
        for of in held(args.headroom_pods, args.apps, args.pools):
            if args.headroom.mode == "capacityBuffer":
                for zone in args.zones:
                    buffer(f"{name}-{of.name}-{zone}", of, zone, space, args.priority_class,
                           args.pulled, child)  # fmt: skip
                continue
            made = [self._pause_pods(name, args, of, zone, space) for zone in args.zones]
            if of.max_pods is not None:
                growing.append((of, made))
        if growing:
            Proportional(
                f"{name}-proportional",
                ProportionalArgs(
                    targets=growing,
                    namespace=space,
                    nodes_per_pod=args.headroom.nodes_per_pod,
                    pulled=args.pulled,
                ),
                child,
            )
        self.register_outputs({})

    def _pause_pods(
        self, name: str, args: OverprovisionerArgs, of: Held, zone: str, space: pulumi.Input[str]
    ) -> apps.v1.Deployment:
        """Without `replicas` where something else decides on them."""
        labels = of.labels(zone)
        return apps.v1.Deployment(
            f"{name}-{of.name}-{zone}",
            metadata=meta.v1.ObjectMetaArgs(
                name=f"{of.name}-{zone}",
                namespace=space,
                labels=labels,
                annotations={
                    # Pods that gave way are pending, which is what they are for.
                    "pulumi.com/skipAwait": "true",
                    # Replicas that used to grow with the cell may be somebody else's field.
                    "pulumi.com/patchForce": "true",
                },
            ),
            spec=apps.v1.DeploymentSpecArgs(
                replicas=of.pods if of.max_pods is None else None,
                selector=meta.v1.LabelSelectorArgs(match_labels=labels),
                template=pod_template(
                    of, zone, priority_class=args.priority_class, pulled=args.pulled
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
