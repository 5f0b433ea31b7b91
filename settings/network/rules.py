"""The network: its zones, what is reached without NAT, and a VPC that is there already."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from core.facts.vpc_endpoints import NEEDED_FOR_QUERIES, NEEDED_FOR_TRACES, NEEDED_WITHOUT_NAT
from core.network.subnets import region_of
from settings.reading.problem import Problem
from settings.reading.section import Section
from settings.stack import NAMESPACE, Settings

_KEY = f"{NAMESPACE}:network"


def _zones_in_region(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    for key, zones in (
        ("zones", network.zones),
        ("controlPlaneZones", network.control_plane_zones),
    ):
        for index, zone in enumerate(zones):
            if region_of(zone) != settings.aws.region:
                yield Problem(
                    key=f"{_KEY}.{key}[{index}]",
                    value=zone,
                    message=f"a zone of aws:region {settings.aws.region}",
                )


def _endpoints_without_nat(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    queries = NEEDED_FOR_QUERIES if settings.reads_queries else ()
    traces = NEEDED_FOR_TRACES if settings.traced else ()
    needed = (*NEEDED_WITHOUT_NAT, *queries, *traces)
    missing = [each for each in needed if each not in network.endpoints]
    if network.nat == "none" and missing and not network.existing:
        yield Problem(
            key=f"{_KEY}.endpoints",
            value=list(network.endpoints),
            message=f"{', '.join(missing)} as well: without NAT, nodes and the system's pods "
            "reach AWS by nothing else",
        )


def _pods_apart(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    pods = network.pods.cidr
    if pods and IPv4Network(pods).overlaps(IPv4Network(network.cidr)):
        yield Problem(
            key=f"{_KEY}.pods.cidr",
            value=pods,
            message=f"a network apart from cidr, which is {network.cidr}",
        )


def _existing_alone(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    if network.existing is None:
        return
    given: dict[str, object] = {
        f"{_KEY}.{alias}": getattr(network, name)
        for name, alias in (
            ("cidr", "cidr"), ("nat", "nat"), ("endpoints", "endpoints"), ("flow_logs", "flowLogs"),
        )
        if name in network.model_fields_set
    }  # fmt: skip
    if "cidr" in network.pods.model_fields_set:
        given[f"{_KEY}.pods.cidr"] = network.pods.cidr
    for key, value in given.items():
        shown = value.model_dump(by_alias=True) if isinstance(value, Section) else value
        message = "nothing: with existing, the VPC is as it is"
        yield Problem(key=key, value=shown, message=message)


def _existing_zones(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    existing = network.existing
    if existing is None:
        return
    for key, zones_key, zones, subnets in (
        ("privateSubnets", "zones", network.zones, existing.private_subnets),
        ("publicSubnets", "zones", network.zones, existing.public_subnets),
        ("controlPlaneSubnets", "controlPlaneZones", network.control_plane_zones,
         existing.control_plane_subnets),
    ):  # fmt: skip
        if set(subnets) != set(zones):
            yield Problem(
                key=f"{_KEY}.existing.{key}",
                value=sorted(subnets),
                message=f"a subnet of each of {zones_key} and no other: {', '.join(zones)}",
            )
    for zone, subnet in existing.public_subnets.items():
        if subnet in existing.private_subnets.values():
            yield Problem(
                key=f"{_KEY}.existing.publicSubnets.{zone}",
                value=subnet,
                message="a subnet that is not one of privateSubnets: nodes are not public",
            )


RULES = (
    _zones_in_region, _endpoints_without_nat, _pods_apart,
    _existing_alone, _existing_zones,
)  # fmt: skip
