"""Edits of a stack file, each with what an `up` may touch because of it.

An operation is written as "verb type name", the type without its package; * stands for anything,
APP for the app at "/", ZONE for the zone that comes or goes.
"""

from collections.abc import Mapping

from rehearsal import changes, scaling
from rehearsal.changes import Config, main_app
from rehearsal.edit import Edit


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


def _descheduler(verb: str) -> tuple[str, ...]:
    return tuple(
        f"{verb} {kind} autoscaling-descheduler"
        for kind in ("Namespace", "Release", "PodDisruptionBudget")
    )


_OVER_ZONES = (
    "update VpcEndpoint network-s3",
    "update LoadBalancer lb",
    "update Addon cluster-add-ons-coredns",
    *scaling.CLAIM,
)
"""What goes over all zones, and changes with their number."""

_PERHAPS_OVER_ZONES = (
    *scaling.PERHAPS_CLAIM,
    "update VpcEndpoint network-endpoint-*",
    "update Addon node-add-ons-vpc-cni",
)

_KEDA = ("Namespace", "Role", "RolePolicy", "PodIdentityAssociation", "Release")


def _for_queries(verb: str, back: str) -> tuple[str, ...]:
    """What comes or goes with the first query, and instead of an autoscaler."""
    return (
        f"{verb} Workspace queries",
        f"{verb} Scraper queries",
        *(f"{verb} {type_} queries-keda" for type_ in _KEDA),
        f"{verb} TriggerAuthentication APP",
        f"{verb} ScaledObject APP",
        f"{back} HorizontalPodAutoscaler APP",
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
    might=(
        "update Record traffic",
        "create * autoscaling-headroom-extra-*",
        f"update {scaling.ROOM}",
    ),
)

BIGGER_POOL = Edit(
    name="a bigger pool", change=changes.bigger_pool, may=("update NodeGroup nodes-*",)
)
"""Made while the autoscaler holds more nodes than the file says: they stay."""

EDITS = (
    Edit(name="a new image", change=changes.image, may=("update Deployment APP",)),
    Edit(
        name="more replicas",
        change=changes.replicas,
        may=("update HorizontalPodAutoscaler APP", "update PodDisruptionBudget APP"),
        might=(f"update {scaling.ROOM}",),
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
        might=(
            "update Record traffic",
            "delete * autoscaling-headroom-extra-*",
            f"update {scaling.ROOM}",
        ),
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
    scaling.HIGHER_MINIMUM,
    BIGGER_POOL,
    Edit(
        name="the descheduler off",
        change=changes.descheduler_off,
        fits=changes.has_descheduler,
        may=_descheduler("delete"),
        might=(f"update {scaling.ROOM}",),
    ),
    Edit(
        name="the descheduler on",
        change=changes.descheduler_on,
        fits=changes.has_no_descheduler,
        may=_descheduler("create"),
        might=(f"update {scaling.ROOM}",),
    ),
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
    scaling.ZONE_OUT,
    scaling.ZONE_BACK,
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
    scaling.KEPT_ROOM,
    scaling.GROWING_ROOM,
    Edit(
        name="an app that scales on a query",
        change=changes.query,
        fits=changes.takes_query,
        may=_for_queries("create", "delete"),
        might=("update Deployment autoscaling-headroom-*",),
    ),
    Edit(
        name="that query gone",
        change=changes.query_gone,
        fits=changes.follows_query,
        may=_for_queries("delete", "create"),
        might=("update Deployment autoscaling-headroom-*",),
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
