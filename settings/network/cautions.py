"""Cautions about ha-eks:network."""

from collections.abc import Iterator
from datetime import date

from core.facts.regions import NO_CONTROL_PLANE
from settings.autoscaling import rules as autoscaling
from settings.caution_rule import CautionRule
from settings.headroom import rules as headroom
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings
from settings.workload import scaling_rules as scaling


def _zones_out(settings: Settings, today: date) -> Iterator[Caution]:
    network, key = settings.network, f"{NAMESPACE}:network.zonesOut"
    if len(network.zones_in) == 1:
        yield Caution(
            key=key,
            text=f"all pods run in {network.zones_in[0]}, and the cell is unavailable if this zone "
            "fails; remove a zone from zonesOut as soon as the zone is available",
        )
    if network.zones_out:
        return
    last = network.zones[-1]
    without_last = settings.model_copy(
        update={"network": network.model_copy(update={"zones_out": (last,)})}
    )
    for rule in (*scaling.RULES, *autoscaling.RULES, *headroom.RULES):
        for problem in rule(without_last):
            yield Caution(
                key=key,
                text=f"if {last} fails for a long time, zonesOut: [{last}] will be refused with: "
                f"{problem}",
            )


def control_plane_zones(settings: Settings, today: date) -> Iterator[Caution]:
    """Yields a caution in regions with a zone that EKS refuses for control planes."""
    region = settings.aws.region
    zone = NO_CONTROL_PLANE.get(region)
    if zone:
        yield Caution(
            key=f"{NAMESPACE}:network.controlPlaneZones",
            text=f"EKS refuses the zone with the ID {zone}; its name differs between accounts, so "
            "find the name in your account: aws ec2 describe-availability-zones --region "
            f"{region} --zone-ids {zone}",
        )


def _prefixes_in_existing_subnets(settings: Settings, today: date) -> Iterator[Caution]:
    """Yields a caution about prefixes in subnets for which the program makes no reservation.

    https://docs.aws.amazon.com/eks/latest/best-practices/prefix-mode-linux.html
    """
    network = settings.network
    if network.existing and network.pods.prefix_delegation:
        yield Caution(
            key=f"{NAMESPACE}:network.pods.prefixDelegation",
            text="a prefix is a free block of 16 addresses, and other addresses can be anywhere in "
            "existing subnets, so that AWS may find no block although addresses are free; reserve "
            "a part of each private subnet: aws ec2 create-subnet-cidr-reservation --subnet-id ID "
            "--reservation-type prefix --cidr CIDR",
        )


def _balancer_among_pods(settings: Settings, today: date) -> Iterator[Caution]:
    existing = settings.network.existing
    for zone, subnet in existing.internal_subnets.items() if existing else ():
        if existing and subnet in existing.private_subnets.values():
            yield Caution(
                key=f"{NAMESPACE}:network.existing.internalSubnets.{zone}",
                text=f"{subnet} is listed in privateSubnets too: the network policies of exposed "
                "apps admit this subnet, and so all pods in it; write a subnet without nodes",
            )


CAUTIONS = (
    CautionRule(
        "HA911", "At least two zones are in service, and one more can be taken out.", _zones_out
    ),
    CautionRule("HA912", "EKS accepts the zones of the control plane.", control_plane_zones),
    CautionRule(
        "HA913", "Existing subnets reserve blocks for prefixes.", _prefixes_in_existing_subnets
    ),
    CautionRule(
        "HA950", "An internal load balancer and pods have separate subnets.", _balancer_among_pods
    ),
)
