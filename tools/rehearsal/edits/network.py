"""Edits of the network: zones that come and go, or are out, and the way out of them."""

from core.network.subnets import ZONE_LETTERS
from core.tags import SPANNING
from tools.rehearsal.edits.alarm_operations import OVER_ALL, alarms
from tools.rehearsal.edits.edit import Config, Edit, takes
from tools.rehearsal.edits.headroom import ROOM

_MOST_ZONES = 6

_CLAIM = ("update HorizontalPodAutoscaler *", "update Deployment *")
_PERHAPS_CLAIM = (
    "update PodDisruptionBudget *",
    "update Service *",
    "update Release autoscaling-cluster-autoscaler",
    f"update {ROOM}",
    *alarms("update", "*"),
    # Of apps with fewer pods than zones there is none for a zone; of a pool that cannot grow none
    # for its maximum.
    *(each for verb in ("create", "delete") for each in alarms(verb, "app-*-hosts-*", "nodes-*")),
)
"""What changes with the zones that the claim counts with."""


def zones_in(config: Config) -> set[str]:
    """The zones that are there."""
    network = config["ha-eks:network"]
    return {*network["zones"]} - {*network.get("zonesOut", [])}


def zone_out(config: Config) -> None:
    """The last zone is gone for long."""
    network = config["ha-eks:network"]
    network["zonesOut"] = [network["zones"][-1]]


ZONE_OUT = Edit(
    name="a zone is out",
    change=zone_out,
    fits=takes(zone_out),
    may=("update NodeGroup nodes-*", *alarms("delete", "nodes-*-ZONE"), OVER_ALL),
    might=(f"delete {ROOM}", *alarms("delete", "headroom-*"), *_CLAIM, *_PERHAPS_CLAIM),
)
"""Made while the autoscaler holds no more nodes than it has to, as is the next."""


def is_out(config: Config) -> bool:
    """Whether a zone is out."""
    return "zonesOut" in config["ha-eks:network"]


def zone_back(config: Config) -> None:
    """It is there again."""
    del config["ha-eks:network"]["zonesOut"]


ZONE_BACK = Edit(
    name="that zone is back",
    change=zone_back,
    fits=is_out,
    may=("update NodeGroup nodes-*", *alarms("create", "nodes-*-ZONE"), OVER_ALL),
    might=(f"create {ROOM}", *alarms("create", "headroom-*"), *_CLAIM, *_PERHAPS_CLAIM),
)


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
        *alarms(verb, "nodes-*-ZONE"),
    )


def _perhaps_of_zone(verb: str) -> tuple[str, ...]:
    return (
        f"{verb} Eip network-nat-ZONE",
        f"{verb} NatGateway network-nat-ZONE",
        f"{verb} Subnet network-pods-ZONE",
        f"{verb} * overprovisioner-*-ZONE",
        *alarms(verb, "nat-ZONE"),
    )


_OVER_ZONES = (
    "update VpcEndpoint network-s3",
    "update LoadBalancer lb",
    "update Addon cluster-add-ons-coredns",
    OVER_ALL,
    *_CLAIM,
)
"""What goes over all zones, and changes with their number."""

_PERHAPS_OVER_ZONES = (
    *_PERHAPS_CLAIM,
    "update VpcEndpoint network-endpoint-*",
    "update Addon node-add-ons-vpc-cni",
)


def _zones_move(config: Config) -> bool:
    spanning = [each for each in config["ha-eks:pools"].values() if each.get("layout") == SPANNING]
    return "existing" not in config["ha-eks:network"] and not spanning


def takes_zone(config: Config) -> bool:
    """Whether there can be a zone more: VPC and pools of the file let zones come and go."""
    return _zones_move(config) and len(config["ha-eks:network"]["zones"]) < _MOST_ZONES


def one_more_zone(config: Config) -> None:
    """Another zone of the region."""
    zones = config["ha-eks:network"]["zones"]
    zones.append(zones[0][:-1] + _free(zones))


def _free(zones: list[str]) -> str:
    return next(each for each in ZONE_LETTERS if each not in {zone[-1] for zone in zones})


ONE_MORE_ZONE = Edit(
    name="one more zone",
    change=one_more_zone,
    fits=takes_zone,
    may=(*_of_zone("create"), *_OVER_ZONES),
    might=(*_perhaps_of_zone("create"), *_PERHAPS_OVER_ZONES),
)


def spares_zone(config: Config) -> bool:
    """Whether there can be a zone less."""
    return _zones_move(config) and len(config["ha-eks:network"]["zones"]) > 2


def one_zone_less(config: Config) -> None:
    """The last zone goes: the one that came last, if one came."""
    config["ha-eks:network"]["zones"].pop()


ONE_ZONE_LESS = Edit(
    name="one zone less",
    change=one_zone_less,
    fits=spares_zone,
    may=(*_of_zone("delete"), *_OVER_ZONES),
    might=(*_perhaps_of_zone("delete"), *_PERHAPS_OVER_ZONES),
)


def other_control_plane_zones(config: Config) -> None:
    """A control-plane zone that is another one, which EKS takes at creation only."""
    zones = config["ha-eks:network"]["controlPlaneZones"]
    zones[-1] = zones[-1][:-1] + _free(zones)


NAT = ("perZone", "regional", "single")
"""Modes of NAT that one leads to the next of."""


def goes_out(config: Config) -> bool:
    """Whether a VPC is made, with some NAT."""
    network = config["ha-eks:network"]
    return "existing" not in network and network.get("nat", NAT[0]) in NAT


def other_nat(config: Config) -> None:
    """The next mode of NAT."""
    network = config["ha-eks:network"]
    now = NAT.index(network.get("nat", NAT[0]))
    network["nat"] = NAT[(now + 1) % len(NAT)]


EVERY_NAT = tuple(
    Edit(
        name=f"another NAT mode, {number} of {len(NAT)}",
        change=other_nat,
        fits=goes_out,
        may=("update Route network-private-*-egress",),
        might=(
            "create Eip network-nat-*",
            "create NatGateway network-nat*",
            "delete Eip network-nat-*",
            "delete NatGateway network-nat*",
            *(each for verb in ("create", "update", "delete") for each in alarms(verb, "nat-*")),
            OVER_ALL,
        ),
    )
    for number in range(1, len(NAT) + 1)
)
