"""Rules for ha-eks:network: zones, services reached without NAT, and existing VPCs."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from core.facts.instance_types import zones_of
from core.facts.regions import last_letter
from core.facts.vpc_endpoints import (
    NEEDED_FOR_QUERIES,
    NEEDED_FOR_QUEUES,
    NEEDED_FOR_SECRETS,
    NEEDED_FOR_TRACES,
    NEEDED_WITHOUT_NAT,
)
from core.network.subnets import region_of
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_KEY = f"{NAMESPACE}:network"


def _zones_in_region(settings: Settings) -> Iterator[Problem]:
    network, region = settings.network, settings.aws.region
    for key, zones in (
        ("zones", network.zones),
        ("controlPlaneZones", network.control_plane_zones),
    ):
        for index, zone in enumerate(zones):
            if region_of(zone) != region:
                yield Problem(
                    key=f"{_KEY}.{key}[{index}]",
                    message=f"{zone} is not in aws:region {region}; write a zone such as {region}a",
                )


def _zones_exist(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for zones that no account has, and for more zones than the region has."""
    network, region = settings.network, settings.aws.region
    count, last = zones_of(region), last_letter(region)
    if count is None or last is None:
        return
    for key, zones in (
        ("zones", network.zones),
        ("controlPlaneZones", network.control_plane_zones),
    ):
        unknown = [zone for zone in zones if region_of(zone) == region and zone[-1] > last]
        for zone in unknown:
            yield Problem(
                key=f"{_KEY}.{key}[{zones.index(zone)}]",
                message=f"{zone} does not exist; the zones of {region} are among {region}a to "
                f"{region}{last}",
            )
        if not unknown and len(zones) > count:
            yield Problem(
                key=f"{_KEY}.{key}",
                message=f"{region} has {count} zones, but {len(zones)} are listed; remove "
                f"{len(zones) - count}, or write another aws:region",
            )


def _zones_out(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    key, zones = f"{_KEY}.zonesOut", ", ".join(network.zones)
    for index, zone in enumerate(network.zones_out):
        if zone not in network.zones:
            yield Problem(
                key=f"{key}[{index}]",
                message=f"{zone} is not in network.zones; write one of {zones}",
            )
    if not network.zones_in:
        message = f"at least one zone must remain; remove one of {zones}"
        yield Problem(key=key, message=message)


def _endpoints_without_nat(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    queries = NEEDED_FOR_QUERIES if settings.scales_on_prometheus else ()
    queues = NEEDED_FOR_QUEUES if settings.queues else ()
    traces = NEEDED_FOR_TRACES if settings.traced_apps else ()
    secrets = NEEDED_FOR_SECRETS if settings.reads_secrets_manager else ()
    needed = (*NEEDED_WITHOUT_NAT, *queries, *queues, *secrets, *traces)
    missing = [each for each in needed if each not in network.endpoints]
    if network.nat == "none" and missing and not network.existing:
        yield Problem(
            key=f"{_KEY}.endpoints",
            message="with nat: none, nodes and system pods reach AWS services only through "
            f"endpoints; add {', '.join(missing)}",
        )


def _pods_overlap(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    pods = network.pods.cidr
    if pods and IPv4Network(pods).overlaps(IPv4Network(network.cidr)):
        yield Problem(
            key=f"{_KEY}.pods.cidr",
            message=f"{pods} overlaps with network.cidr, {network.cidr}; write a network that does "
            "not overlap",
        )


def _no_settings_of_a_new_vpc(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    if network.existing is None:
        return
    keys = [
        alias
        for name, alias in (
            ("cidr", "cidr"), ("nat", "nat"), ("endpoints", "endpoints"), ("flow_logs", "flowLogs"),
        )
        if name in network.model_fields_set
    ]  # fmt: skip
    if "cidr" in network.pods.model_fields_set:
        keys.append("pods.cidr")
    for key in keys:
        yield Problem(
            key=f"{_KEY}.{key}",
            message=f"the program does not change an existing VPC; remove {key} or existing",
        )


def _existing_zones(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    existing = network.existing
    if existing is None:
        return
    kinds = settings.load_balancers
    if existing.internal_subnets and "internal" not in kinds:
        yield Problem(
            key=f"{_KEY}.existing.internalSubnets",
            message="no workload has an internal route, so that the cell has no internal load "
            "balancer; remove internalSubnets, or write expose: {internal: true} in an app",
        )
    roles = [
        ("privateSubnets", "zones", network.zones, existing.private_subnets),
        ("controlPlaneSubnets", "controlPlaneZones", network.control_plane_zones,
         existing.control_plane_subnets),
    ]  # fmt: skip
    if existing.public_subnets or "internal" not in kinds or "public" in kinds:
        roles.append(("publicSubnets", "zones", network.zones, existing.public_subnets))
    if "internal" in kinds:
        roles.append(("internalSubnets", "zones", network.zones, existing.internal_subnets))
    for key, zones_key, zones, subnets in roles:
        missing = [zone for zone in zones if zone not in subnets]
        extra = [zone for zone in subnets if zone not in zones]
        if missing or extra:
            changes = [f"add {', '.join(missing)}"] if missing else []
            changes += [f"remove {', '.join(extra)}"] if extra else []
            yield Problem(
                key=f"{_KEY}.existing.{key}",
                message=f"must have one subnet for each zone of {zones_key}; "
                f"{' and '.join(changes)}",
            )
    for zone, subnet in existing.public_subnets.items():
        if subnet in existing.private_subnets.values():
            yield Problem(
                key=f"{_KEY}.existing.publicSubnets.{zone}",
                message=f"{subnet} is listed in privateSubnets too, but nodes must not be in a "
                "public subnet; write another subnet",
            )


RULES = (
    _zones_in_region,
    _zones_exist,
    _zones_out,
    _endpoints_without_nat,
    _pods_overlap,
    _no_settings_of_a_new_vpc,
    _existing_zones,
)
