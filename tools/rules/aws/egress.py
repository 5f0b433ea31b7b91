"""HA8: rules about the egress of nodes and pods to AWS and to the internet."""

from collections.abc import Iterator

from tools.rules.resources import Resources, subject_of
from tools.rules.rule import Evidence, Rule

_NAT = "aws:ec2/natGateway:NatGateway"


def _single_nat(resources: Resources) -> Iterator[Evidence]:
    gateways, zones = resources.of_type(_NAT), resources.zones
    if len(gateways) != 1 or zones is None or zones < 2:
        return
    [gateway] = gateways
    if gateway.inputs.get("availabilityMode") != "regional":
        yield Evidence(
            resource=subject_of(gateway),
            field="availabilityMode",
            text=f"nodes and pods of all {zones} zones reach AWS and the internet through the "
            "zone of this gateway; if this zone fails, the other zones cannot start nodes or pull "
            "images; write network.nat: perZone or regional",
        )


SINGLE_NAT = Rule(
    id="HA801",
    claim="The egress of a zone does not depend on another zone.",
    why="With one NAT gateway, all zones lose their egress if its zone fails. "
    "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html",
    not_flagged=(
        "a regional NAT gateway, which is in every zone",
        "VPC endpoints without NAT gateways, and existing VPCs",
        "one zone in service",
    ),
    severity="warning",
    setting="network.nat",
    find=_single_nat,
)

RULES = (SINGLE_NAT,)
