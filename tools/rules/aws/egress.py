"""HA8: rules about the egress of nodes and pods to AWS and to the internet."""

from collections.abc import Iterator

from tools.recording import Recording
from tools.rules.rule import Evidence, Rule

_NAT = "aws:ec2/natGateway:NatGateway"


def _single_nat(recording: Recording) -> Iterator[Evidence]:
    gateways, zones = recording.of_type(_NAT), recording.settings.network.zones_in
    if len(gateways) != 1 or len(zones) < 2:
        return
    [gateway] = gateways
    if gateway.inputs.get("availabilityMode") != "regional":
        yield Evidence(
            resource=f"NatGateway/{gateway.name}",
            field="subnetId",
            text=f"nodes and pods of all {len(zones)} zones reach AWS and the internet through the "
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
