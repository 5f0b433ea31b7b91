"""The overprovisioner: holds headroom in each zone, with pause pods or CapacityBuffers.

Logical names consist of app and zone in both modes. After a change of the mode, Pulumi creates the
objects of the new mode before it deletes those of the old one, so headroom is never missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import apps, meta

from components.images import ImageResolver
from components.overprovisioner.capacity_buffers import capacity_buffer
from components.overprovisioner.pause_pods import (
    NAMESPACE,
    ReservedPods,
    pod_template,
    reserved_pods,
)
from components.overprovisioner.proportional import Proportional, ProportionalArgs
from components.pod_security import restricted_namespace
from core.availability.zone_loss import HeadroomPods
from settings.headroom.headroom import Headroom
from settings.pool.pools import Pool
from settings.workload.deployed import Deployed


@dataclass(frozen=True, kw_only=True)
class OverprovisionerArgs:
    """Arguments of Overprovisioner."""

    headroom: Headroom
    """The `headroom` section of the stack file."""
    apps: Mapping[str, Deployed]
    """Apps of the stack file, by name."""
    pools: Mapping[str, Pool]
    """Pools of the stack file, by name."""
    zones: Sequence[str]
    """Zones with nodes; each of them holds headroom."""
    headroom_pods: HeadroomPods
    """Number of pods for which each zone reserves capacity."""
    priority_class: pulumi.Input[str]
    """PriorityClass of the pause pods, below that of all other pods."""
    resolve_image: ImageResolver
    """Returns the name under which nodes pull an image."""


class Overprovisioner(pulumi.ComponentResource):
    """Creates pause pods or CapacityBuffers for each app and the system in each zone.

    With `headroom.size: proportional`, a cluster-proportional-autoscaler increases the number of
    pause pods with the number of nodes.
    """

    def __init__(
        self, name: str, args: OverprovisionerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Overprovisioner", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        in_namespace = restricted_namespace(name, NAMESPACE, child).metadata.name
        proportional: list[tuple[ReservedPods, Sequence[apps.v1.Deployment]]] = []
        for reserved in reserved_pods(args.headroom_pods, args.apps, args.pools):
            if args.headroom.mode == "capacityBuffer":
                for zone in args.zones:
                    capacity_buffer(
                        f"{name}-{reserved.name}-{zone}",
                        reserved,
                        zone,
                        in_namespace,
                        args.priority_class,
                        args.resolve_image,
                        child,
                    )
                continue
            deployments = [
                self._pause_pods(name, args, reserved, zone, in_namespace) for zone in args.zones
            ]
            if reserved.max_pods is not None:
                proportional.append((reserved, deployments))
        if proportional:
            Proportional(
                f"{name}-proportional",
                ProportionalArgs(
                    targets=proportional,
                    namespace=in_namespace,
                    nodes_per_pod=args.headroom.nodes_per_pod,
                    resolve_image=args.resolve_image,
                ),
                child,
            )
        self.register_outputs({})

    def _pause_pods(
        self,
        name: str,
        args: OverprovisionerArgs,
        reserved: ReservedPods,
        zone: str,
        in_namespace: pulumi.Input[str],
    ) -> apps.v1.Deployment:
        """Creates the pause pods of a zone; without `replicas` if headroom is proportional."""
        labels = reserved.labels(zone)
        return apps.v1.Deployment(
            f"{name}-{reserved.name}-{zone}",
            metadata=meta.v1.ObjectMetaArgs(
                name=f"{reserved.name}-{zone}",
                namespace=in_namespace,
                labels=labels,
                annotations={
                    # Preempted pause pods are pending; an update must not wait for them.
                    "pulumi.com/skipAwait": "true",
                    # After proportional headroom, the autoscaler still owns the field `replicas`.
                    "pulumi.com/patchForce": "true",
                },
            ),
            spec=apps.v1.DeploymentSpecArgs(
                replicas=reserved.pods if reserved.max_pods is None else None,
                selector=meta.v1.LabelSelectorArgs(match_labels=labels),
                template=pod_template(
                    reserved,
                    zone,
                    priority_class=args.priority_class,
                    resolve_image=args.resolve_image,
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
