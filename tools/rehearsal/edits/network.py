"""Edits of the network: zones that are out, added or removed, and NAT modes."""

from core.network.subnets import ZONE_LETTERS
from core.tags import SPANNING
from tools.rehearsal.edits.alarm_operations import UPDATE_COMPOSITE_ALARMS, metric_alarms
from tools.rehearsal.edits.edit import Config, Edit, stays_valid
from tools.rehearsal.edits.headroom import OVERPROVISIONER

_MAXIMUM_ZONES = 6

_REPLICAS = ("update HorizontalPodAutoscaler *", "update Deployment *")
"""Resources that depend on the number of zones."""

_OPTIONAL_REPLICAS = (
    "update PodDisruptionBudget *",
    "update Service *",
    "update Release autoscaling-cluster-autoscaler",
    f"update {OVERPROVISIONER}",
    *metric_alarms("update", "*"),
    "update HealthCheck internal-traffic*",  # with the threshold of its alarm
    # An app with fewer pods than zones has no alarm for each zone; a pool with a fixed size has no
    # alarm on its maximum.
    *(
        each
        for verb in ("create", "delete")
        for each in metric_alarms(verb, "app-*-hosts-*", "nodes-*")
    ),
)
"""Resources that depend on the number of zones in some stacks."""


def zones_in_use(config: Config) -> set[str]:
    """Returns the zones of the stack file, without the zones that are out."""
    network = config["ha-eks:network"]
    return {*network["zones"]} - {*network.get("zonesOut", [])}


def take_zone_out(config: Config) -> None:
    """Adds the last zone to `zonesOut`, as after a long failure."""
    network = config["ha-eks:network"]
    network["zonesOut"] = [network["zones"][-1]]


TAKE_ZONE_OUT = Edit(
    name="take a zone out (zonesOut)",
    change=take_zone_out,
    applies=stays_valid(take_zone_out),
    expected=(
        "update NodeGroup nodes-*",
        *metric_alarms("delete", "nodes-*-ZONE"),
        UPDATE_COMPOSITE_ALARMS,
    ),
    optional=(
        f"delete {OVERPROVISIONER}",
        *metric_alarms("delete", "headroom-*"),
        *_REPLICAS,
        *_OPTIONAL_REPLICAS,
    ),
)
"""Applied, as is RETURN_ZONE, after the autoscaler has scaled down to the minimum."""


def has_zone_out(config: Config) -> bool:
    """True if a zone is out."""
    return "zonesOut" in config["ha-eks:network"]


def return_zone(config: Config) -> None:
    """Removes `zonesOut`."""
    del config["ha-eks:network"]["zonesOut"]


RETURN_ZONE = Edit(
    name="return the zone",
    change=return_zone,
    applies=has_zone_out,
    expected=(
        "update NodeGroup nodes-*",
        *metric_alarms("create", "nodes-*-ZONE"),
        UPDATE_COMPOSITE_ALARMS,
    ),
    optional=(
        f"create {OVERPROVISIONER}",
        *metric_alarms("create", "headroom-*"),
        *_REPLICAS,
        *_OPTIONAL_REPLICAS,
    ),
)


def _zonal_resources(verb: str) -> tuple[str, ...]:
    """Returns patterns for the resources that every zone has."""
    return (
        f"{verb} Subnet network-public-ZONE",
        f"{verb} Subnet network-private-ZONE",
        f"{verb} RouteTable network-private-ZONE",
        f"{verb} RouteTableAssociation network-*-ZONE",
        f"{verb} Route network-private-ZONE-egress",
        f"{verb} NodeGroup nodes-*-ZONE",
        f"{verb} Tag nodes-*-ZONE-*",
        f"{verb} CapacityReservation nodes-*-ZONE",
        *metric_alarms(verb, "nodes-*-ZONE"),
    )


def _optional_zonal_resources(verb: str) -> tuple[str, ...]:
    return (
        f"{verb} Eip network-nat-ZONE",
        f"{verb} NatGateway network-nat-ZONE",
        f"{verb} Subnet network-pods-ZONE",
        f"{verb} * overprovisioner-*-ZONE",
        f"{verb} MountTarget *-ZONE",
        *metric_alarms(verb, "nat-ZONE"),
    )


_MULTI_ZONE_UPDATES = (
    "update VpcEndpoint network-s3",
    "update LoadBalancer lb",
    "update Addon cluster-add-ons-coredns",
    UPDATE_COMPOSITE_ALARMS,
    *_REPLICAS,
)
"""Updates of resources that span all zones, after the number of zones has changed."""

_OPTIONAL_MULTI_ZONE_UPDATES = (
    *_OPTIONAL_REPLICAS,
    "update VpcEndpoint network-endpoint-*",
    "update Addon node-add-ons-vpc-cni",
)


def _zones_can_change(config: Config) -> bool:
    spanning = [each for each in config["ha-eks:pools"].values() if each.get("layout") == SPANNING]
    return "existing" not in config["ha-eks:network"] and not spanning


def can_add_zone(config: Config) -> bool:
    """True if VPC and pools allow another zone."""
    return _zones_can_change(config) and len(config["ha-eks:network"]["zones"]) < _MAXIMUM_ZONES


def add_zone(config: Config) -> None:
    """Adds a zone of the region as the last one."""
    zones = config["ha-eks:network"]["zones"]
    zones.append(zones[0][:-1] + _unused_letter(zones))


def _unused_letter(zones: list[str]) -> str:
    return next(each for each in ZONE_LETTERS if each not in {zone[-1] for zone in zones})


ADD_ZONE = Edit(
    name="add a zone",
    change=add_zone,
    applies=can_add_zone,
    expected=(*_zonal_resources("create"), *_MULTI_ZONE_UPDATES),
    optional=(*_optional_zonal_resources("create"), *_OPTIONAL_MULTI_ZONE_UPDATES),
)


def can_remove_zone(config: Config) -> bool:
    """True if VPC and pools allow the removal of a zone."""
    return _zones_can_change(config) and len(config["ha-eks:network"]["zones"]) > 2


def remove_zone(config: Config) -> None:
    """Removes the last zone, which is the zone of `add_zone` after that edit."""
    config["ha-eks:network"]["zones"].pop()


REMOVE_ZONE = Edit(
    name="remove a zone",
    change=remove_zone,
    applies=can_remove_zone,
    expected=(*_zonal_resources("delete"), *_MULTI_ZONE_UPDATES),
    optional=(*_optional_zonal_resources("delete"), *_OPTIONAL_MULTI_ZONE_UPDATES),
)


def change_control_plane_zones(config: Config) -> None:
    """Replaces the last control-plane zone, which EKS allows only when it creates a cluster."""
    zones = config["ha-eks:network"]["controlPlaneZones"]
    zones[-1] = zones[-1][:-1] + _unused_letter(zones)


NAT_MODES = ("perZone", "regional", "single")
"""NAT modes; each edit changes a mode to the next one of the list, and the last to the first."""


def has_nat(config: Config) -> bool:
    """True if the stack creates a VPC with NAT gateways."""
    network = config["ha-eks:network"]
    return "existing" not in network and network.get("nat", NAT_MODES[0]) in NAT_MODES


def change_nat_mode(config: Config) -> None:
    """Changes the NAT mode to the next one."""
    network = config["ha-eks:network"]
    index = NAT_MODES.index(network.get("nat", NAT_MODES[0]))
    network["nat"] = NAT_MODES[(index + 1) % len(NAT_MODES)]


CHANGE_NAT_MODES = tuple(
    Edit(
        name=f"change the NAT mode ({number} of {len(NAT_MODES)})",
        change=change_nat_mode,
        applies=has_nat,
        expected=("update Route network-private-*-egress",),
        optional=(
            "create Eip network-nat-*",
            "create NatGateway network-nat*",
            "delete Eip network-nat-*",
            "delete NatGateway network-nat*",
            *(
                each
                for verb in ("create", "update", "delete")
                for each in metric_alarms(verb, "nat-*")
            ),
            UPDATE_COMPOSITE_ALARMS,
        ),
    )
    for number in range(1, len(NAT_MODES) + 1)
)
"""As many edits as modes, so that the last one sets the mode of the stack file again."""
