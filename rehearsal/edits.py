"""Edits of a stack file, each with what an `up` may touch because of it.

An operation is written as "verb type name", the type without its package; * stands for anything,
APP for the app at "/", ZONE for the zone that comes or goes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rehearsal import changes, scaling
from rehearsal.changes import Config, main_app


def _any(config: Config) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change that somebody makes to a stack file."""

    name: str
    change: Callable[[Config], None]
    may: tuple[str, ...]
    """Operations that may follow; each has to be seen at least once."""
    might: tuple[str, ...] = ()
    """Operations that may follow, depending on the stack."""
    fits: Callable[[Config], bool] = _any
    """Whether it can be made to a stack file."""


def words(before: Config, now: Config) -> Mapping[str, str]:
    """What APP and ZONE stand for in operations that follow from an edit."""
    said = {"APP": main_app(now)}
    zones = scaling.zones_in(before) ^ scaling.zones_in(now)
    if zones:
        [said["ZONE"]] = zones
    return said


def _of_zone(verb: str) -> tuple[str, ...]:
    """What a zone of its own has, and is made or deleted with it."""
    return (
        f"{verb} Subnet network-public-ZONE",
        f"{verb} Subnet network-private-ZONE",
        f"{verb} RouteTable network-private-ZONE",
        f"{verb} RouteTableAssociation network-*-ZONE",
        f"{verb} Route network-private-ZONE-egress",
        f"{verb} NodeGroup nodes-*-ZONE",
        f"{verb} Tag nodes-*-ZONE-*",
        f"{verb} CapacityReservation nodes-*-ZONE",
    )


def _perhaps_of_zone(verb: str) -> tuple[str, ...]:
    return (
        f"{verb} Eip network-nat-ZONE",
        f"{verb} NatGateway network-nat-ZONE",
        f"{verb} Subnet network-pods-ZONE",
        f"{verb} * autoscaling-headroom-*-ZONE",
    )


_ROOM = "* autoscaling-headroom-*"
"""What holds room, in any mode."""

_CLAIM = ("update HorizontalPodAutoscaler *", "update Deployment *")
_PERHAPS_CLAIM = (
    "update PodDisruptionBudget *",
    "update Release autoscaling-cluster-autoscaler",
    f"update {_ROOM}",
)
"""What changes with the zones that the claim counts with."""

_OVER_ZONES = (
    "update VpcEndpoint network-s3",
    "update LoadBalancer lb",
    "update Addon cluster-add-ons-coredns",
    *_CLAIM,
)
"""What goes over all zones, and changes with their number."""

_PERHAPS_OVER_ZONES = (
    *_PERHAPS_CLAIM,
    "update VpcEndpoint network-endpoint-*",
    "update Addon node-add-ons-vpc-cni",
)

NEW_APP = Edit(
    name="a new app, exposed",
    change=changes.new_app,
    may=(
        "create TargetGroup lb-extra",
        "create ListenerRule lb-extra",
        "create SecurityGroup*Rule lb-*-pods-8080",
        "create * extra",
    ),
    might=("update Record traffic", "create * autoscaling-headroom-extra-*", f"update {_ROOM}"),
)

BIGGER_POOL = Edit(
    name="a bigger pool", change=changes.bigger_pool, may=("update NodeGroup nodes-*",)
)
"""Made while the autoscaler holds more nodes than the file says: they stay."""

ZONE_OUT = Edit(
    name="a zone is out",
    change=scaling.zone_out,
    fits=scaling.takes(scaling.zone_out),
    may=("update NodeGroup nodes-*",),
    might=("delete * autoscaling-headroom-*-ZONE", *_CLAIM, *_PERHAPS_CLAIM),
)
"""Made while the autoscaler holds no more nodes than it has to, as is the next."""

ZONE_BACK = Edit(
    name="that zone is back",
    change=scaling.zone_back,
    fits=scaling.is_out,
    may=ZONE_OUT.may,
    might=("create * autoscaling-headroom-*-ZONE", *_CLAIM, *_PERHAPS_CLAIM),
)

EDITS = (
    Edit(name="a new image", change=changes.image, may=("update Deployment APP",)),
    Edit(
        name="more replicas",
        change=changes.replicas,
        may=("update HorizontalPodAutoscaler APP", "update PodDisruptionBudget APP"),
        might=(f"update {_ROOM}",),
    ),
    NEW_APP,
    Edit(
        name="that app gone",
        change=changes.app_gone,
        may=(
            "delete TargetGroup lb-extra",
            "delete ListenerRule lb-extra",
            "delete SecurityGroup*Rule lb-*-pods-8080",
            "delete * extra",
        ),
        might=("update Record traffic", "delete * autoscaling-headroom-extra-*", f"update {_ROOM}"),
    ),
    Edit(
        name="a viewer and an editor more",
        change=changes.let_in,
        may=(
            "create AccessEntry cluster-viewer-*-extra-viewer",
            "create AccessPolicyAssociation cluster-viewer-*-extra-viewer",
            "create AccessEntry cluster-editor-*-extra-editor",
            "create AccessPolicyAssociation cluster-editor-*-extra-editor",
        ),
    ),
    Edit(
        name="an add-on's version pinned",
        change=changes.pinned,
        may=("update Addon node-add-ons-kube-proxy",),
    ),
    Edit(
        name="a pool's minimum above what runs",
        change=scaling.higher_minimum,
        fits=scaling.takes(scaling.higher_minimum),
        may=("update NodeGroup nodes-*",),
    ),
    BIGGER_POOL,
    Edit(
        name="a new pool",
        change=changes.new_pool,
        may=(
            "create LaunchTemplate nodes-extra",
            "create NodeGroup nodes-extra-*",
            "create Tag nodes-extra-*",
        ),
    ),
    Edit(
        name="capacity reserved for it",
        change=changes.reserved,
        may=(
            "create CapacityReservation nodes-extra-*",
            "update LaunchTemplate nodes-extra",
            "update NodeGroup nodes-extra-*",
        ),
    ),
    Edit(
        name="a larger disk, in the launch template",
        change=changes.larger_disk,
        may=("update LaunchTemplate nodes-*", "update NodeGroup nodes-*"),
    ),
    Edit(
        name="a label of a pool's nodes", change=changes.labels, may=("update NodeGroup nodes-*",)
    ),
    Edit(name="another AMI release", change=changes.release, may=("update NodeGroup nodes-*",)),
    ZONE_OUT,
    ZONE_BACK,
    Edit(
        name="one more zone",
        change=changes.one_more_zone,
        fits=changes.takes_zone,
        may=(*_of_zone("create"), *_OVER_ZONES),
        might=(*_perhaps_of_zone("create"), *_PERHAPS_OVER_ZONES),
    ),
    Edit(
        name="one zone less",
        change=changes.one_zone_less,
        fits=changes.spares_zone,
        may=(*_of_zone("delete"), *_OVER_ZONES),
        might=(*_perhaps_of_zone("delete"), *_PERHAPS_OVER_ZONES),
    ),
    Edit(
        name="a pool over all zones",
        change=changes.spanning_pool,
        may=(
            "create LaunchTemplate nodes-wide",
            "create NodeGroup nodes-wide-spanning",
            "create Tag nodes-wide-spanning-*",
        ),
    ),
    *(
        Edit(
            name=f"another NAT mode, {number} of {len(changes.NAT)}",
            change=changes.other_nat,
            fits=changes.goes_out,
            may=("update Route network-private-*-egress",),
            might=(
                "create Eip network-nat-*",
                "create NatGateway network-nat*",
                "delete Eip network-nat-*",
                "delete NatGateway network-nat*",
            ),
        )
        for number in range(1, len(changes.NAT) + 1)
    ),
    Edit(
        name="that editor in another app",
        change=changes.let_in_further,
        fits=changes.has_several_apps,
        may=(
            "delete AccessPolicyAssociation cluster-editor-*-extra-editor",
            "create AccessPolicyAssociation cluster-editor-*-extra-editor",
        ),
    ),
    Edit(
        name="room that the autoscaler keeps",
        change=scaling.buffers,
        fits=scaling.takes(scaling.buffers),
        may=(
            "create CustomResourceDefinition autoscaling-capacity-buffers",
            "update Release autoscaling-cluster-autoscaler",
            "create PodTemplate autoscaling-headroom-*",
            "create CapacityBuffer autoscaling-headroom-*",
        ),
        might=(f"delete {_ROOM}", "create Namespace autoscaling-headroom"),
    ),
    Edit(
        name="room that grows with the cell",
        change=scaling.growing_room,
        fits=scaling.takes(scaling.growing_room),
        may=(
            "create Deployment autoscaling-headroom-*",
            "create Release autoscaling-headroom-*",
            "create PodDisruptionBudget autoscaling-headroom-*",
            "create Namespace autoscaling-headroom-*",
        ),
        might=(
            f"delete {_ROOM}",
            f"update {_ROOM}",
            "delete CustomResourceDefinition autoscaling-capacity-buffers",
            "update Release autoscaling-cluster-autoscaler",
        ),
    ),
    Edit(
        name="drained: true",
        change=changes.drained,
        fits=changes.has_traffic,
        may=("update Record traffic",),
        might=("create HealthCheck traffic-drained",),
    ),
)
"""In this order, each on top of those before."""

UPGRADE = Edit(
    name="the next Kubernetes minor",
    change=changes.next_minor,
    may=(
        "update Cluster cluster-eksCluster",
        "update NodeGroup nodes-*",
        "update Release autoscaling-cluster-autoscaler",
    ),
    might=("update Addon *",),
)
"""For a stack that is one minor back."""
