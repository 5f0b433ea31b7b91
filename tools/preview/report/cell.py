"""The zones of a cell with their subnets, nodes and pods, for the architecture diagram."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from core.availability.zone_proof import ZoneLossProof
from settings import Settings
from settings.reading.wording import counted
from tools.preview.report.nodes import REST, NodeView, evicted, left, nodes_by_zone
from tools.recording import Recording, Resource

Inputs = dict[str, Any]  # Any: inputs are JSON of any shape

_SUBNET = "aws:ec2/subnet:Subnet"
_NAT = "aws:ec2/natGateway:NatGateway"
_LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"


@dataclass(frozen=True, kw_only=True)
class ZoneView:
    """A zone of the cell."""

    name: str
    in_service: bool
    entry: str
    """Subnet of the load balancer; empty if the zone has none."""
    has_load_balancer: bool
    has_nat: bool
    private: str
    """Subnet of the nodes."""
    pools: Mapping[str, str]
    """Instance types and numbers of nodes of each pool, by name."""
    nodes: Sequence[NodeView]


@dataclass(frozen=True, kw_only=True)
class CellView:
    """A cell as the architecture diagram shows it."""

    region: str
    vpc: str
    """Address range or ID of the VPC."""
    version: str
    """Version of Kubernetes."""
    clients: Sequence[str]
    """Clients of the load balancer, and the names that they resolve; empty without one."""
    load_balancer: Sequence[str]
    """Title and protocols of the load balancer; empty without one."""
    zones: Sequence[ZoneView]
    states: Sequence[str]


def cell_of(recording: Recording, proof: ZoneLossProof) -> CellView:
    """Returns the view of a cell."""
    settings = recording.settings
    network = settings.network
    pools = {
        name: f"{' or '.join(pool.instance_types)}, {pool.per_zone.min} to "
        f"{pool.per_zone.max} nodes"
        for name, pool in settings.pools.items()
    }
    balancers = recording.of_type(_LOAD_BALANCER)
    nodes = nodes_by_zone(proof, network.zones_in)
    subnets = {each.name: cast("Inputs", each.inputs) for each in recording.of_type(_SUBNET)}
    nat = recording.of_type(_NAT)
    return CellView(
        region=settings.aws.region,
        vpc=network.existing.vpc_id if network.existing else network.cidr,
        version=settings.cluster.version,
        clients=_clients(settings) if balancers else (),
        load_balancer=_load_balancer(settings) if balancers else (),
        zones=[
            ZoneView(
                name=zone,
                in_service=zone in network.zones_in,
                entry=_subnet(settings, subnets, zone, "entry") if balancers else "",
                has_load_balancer=bool(balancers),
                has_nat=_has_nat(nat, zone),
                private=_subnet(settings, subnets, zone, "private"),
                pools=pools,
                nodes=nodes.get(zone, ()),
            )
            for zone in network.zones
        ],
        states=[
            REST,
            *(state(each.lost_zones[0]) for each in proof.zones for state in (left, evicted)),
        ],
    )


def _clients(settings: Settings) -> Sequence[str]:
    traffic = settings.traffic
    kinds = settings.load_balancers
    who = "Clients on the internet" if "public" in kinds else "Clients in connected networks"
    if len(kinds) > 1:
        who = "Public and internal clients"
    if traffic is None:
        return (who, "no domain")
    hosts = [host for each in kinds.values() for host in each.recorded_hosts]
    more = f" and {counted(len(hosts) - 1, 'more host')}" if len(hosts) > 1 else ""
    return (who, f"{hosts[0]}{more}", f"Route 53, {traffic.policy} routing")


def _load_balancer(settings: Settings) -> Sequence[str]:
    return (
        "Application Load Balancer",
        *(
            f"{'HTTPS' if each.https else 'HTTP'}, "
            f"{'internal' if each.internal else 'internet-facing'}"
            for each in settings.load_balancers.values()
        ),
    )


def _subnet(
    settings: Settings,
    subnets: Mapping[str, Inputs],
    zone: str,
    role: Literal["entry", "private"],
) -> str:
    """Returns the address range or the ID of a subnet of a zone."""
    network, internal = settings.network, "public" not in settings.load_balancers
    kind = role if role == "private" else "internal" if internal else "public"
    if network.existing:
        existing = {
            "private": network.existing.private_subnets,
            "public": network.existing.public_subnets,
            "internal": network.existing.internal_subnets,
        }[kind]
        return f"{kind} subnet {existing[zone]}" if zone in existing else ""
    found = [each for name, each in subnets.items() if name.endswith(f"-{kind}-{zone}")]
    return f"{kind} subnet {found[0]['cidrBlock']}" if found else ""


def _has_nat(gateways: Sequence[Resource], zone: str) -> bool:
    """True if a zonal NAT gateway is in a zone, or a regional one serves all zones."""
    return any(
        each.inputs.get("availabilityMode") == "regional" or each.name.endswith(f"-{zone}")
        for each in gateways
    )
