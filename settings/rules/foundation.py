"""Network, cluster and pools."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from core.subnets import region_of
from settings.cell import NAMESPACE, Settings
from settings.problem import Problem


def _zones_in_region(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    for key, zones in (
        ("zones", network.zones),
        ("controlPlaneZones", network.control_plane_zones),
    ):
        for index, zone in enumerate(zones):
            if region_of(zone) != settings.aws.region:
                yield Problem(
                    key=f"{NAMESPACE}:network.{key}[{index}]",
                    value=zone,
                    allowed=f"a zone of aws:region {settings.aws.region}",
                )


def _sizes(settings: Settings) -> Iterator[Problem]:
    for name, pool in settings.pools.root.items():
        size, key = pool.per_zone, f"{NAMESPACE}:pools.{name}.perZone"
        if size.min > size.max:
            allowed = f"at most max, which is {size.max}"
            yield Problem(key=f"{key}.min", value=size.min, allowed=allowed)
        if size.initial is not None and not size.min <= size.initial <= size.max:
            allowed = f"{size.min} to {size.max} (min to max)"
            yield Problem(key=f"{key}.initial", value=size.initial, allowed=allowed)


def _spot_variety(settings: Settings) -> Iterator[Problem]:
    for name, pool in settings.pools.root.items():
        if pool.capacity_type == "SPOT" and len(pool.instance_types) < 2:
            yield Problem(
                key=f"{NAMESPACE}:pools.{name}.instanceTypes",
                value=list(pool.instance_types),
                allowed="two types or more: one type's spot capacity can be gone in a whole zone",
            )


def _room_for_the_system(settings: Settings) -> Iterator[Problem]:
    pools = settings.pools.root
    if all(pool.repels for pool in pools.values()):
        yield Problem(
            key=f"{NAMESPACE}:pools",
            value=sorted(pools),
            allowed="one pool without NO_SCHEDULE and NO_EXECUTE taints: DNS, autoscaler and "
            "controllers tolerate none",
        )


_WORLD = 8
"""Networks shorter than this are nobody's own: no registry ever gave out more than a /8."""


def _endpoint_not_open(settings: Settings) -> Iterator[Problem]:
    cluster = settings.cluster
    for index, cidr in enumerate(cluster.public_access_cidrs):
        if IPv4Network(cidr).prefixlen < _WORLD and not cluster.public_access_from_anywhere:
            yield Problem(
                key=f"{NAMESPACE}:cluster.publicAccessCidrs[{index}]",
                value=cidr,
                allowed="your own networks, or publicAccessFromAnywhere: true beside it",
            )


RULES = (_zones_in_region, _sizes, _spot_variety, _room_for_the_system, _endpoint_not_open)
