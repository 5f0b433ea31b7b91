"""HA8: rules about node groups and their instances."""

from collections.abc import Iterator
from typing import Any

from tools.recording import Resource
from tools.rules.resources import Resources, subject_of
from tools.rules.rule import Evidence, Rule

_GROUP = "aws:eks/nodeGroup:NodeGroup"
_SUBNET = "aws:ec2/subnet:Subnet"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"


def _subnets_of(resources: Resources, group: Resource) -> list[Resource]:
    """Returns the subnets of a node group that the program creates."""
    return [each for each in resources.of_type(_SUBNET) if each.urn in group.dependencies]


def _one_zone(resources: Resources) -> Iterator[Evidence]:
    groups = resources.of_type(_GROUP)
    subnets = [_subnets_of(resources, group) for group in groups]
    zones = {each.inputs.get("availabilityZone") for found in subnets for each in found}
    if len(zones) == 1 and None not in zones and all(subnets) and resources.zones != 1:
        yield Evidence(
            resource=subject_of(groups[0]),
            field="subnetIds",
            text=f"all node groups are in {zones.pop()}, so that all pods stop if this zone fails; "
            "write subnets of two or more zones",
        )


ONE_ZONE = Rule(
    id="HA802",
    claim="Node groups are in two or more zones.",
    why="Nodes of one zone fail together. "
    "https://docs.aws.amazon.com/eks/latest/best-practices/reliability.html",
    not_flagged=(
        "subnets that the program does not create: their zones are not known",
        "one zone in service in the stack file (HA911)",
    ),
    severity="error",
    setting="network.zones",
    find=_one_zone,
)


def _public_nodes(resources: Resources) -> Iterator[Evidence]:
    for group in resources.of_type(_GROUP):
        public = [
            each.name
            for each in _subnets_of(resources, group)
            if each.inputs.get("mapPublicIpOnLaunch") is True
        ]
        if public:
            yield Evidence(
                resource=subject_of(group),
                field="subnetIds",
                text=f"{', '.join(public)} gives nodes public addresses, at which the internet can "
                "reach them; write private subnets",
            )


PUBLIC_NODES = Rule(
    id="HA803",
    claim="Nodes have no public addresses.",
    why="If a node has a public address, one wrong security group rule opens it to the internet. "
    "https://docs.aws.amazon.com/eks/latest/best-practices/protecting-the-infrastructure.html",
    not_flagged=("subnets that the program does not create: their settings are not known",),
    severity="warning",
    setting="The program puts nodes into private subnets.",
    find=_public_nodes,
)


def _metadata_without_token(resources: Resources) -> Iterator[Evidence]:
    for template in resources.of_type(_TEMPLATE):
        metadata: dict[str, Any] = template.inputs.get("metadataOptions") or {}  # Any: JSON
        if metadata.get("httpTokens") == "optional" and metadata.get("httpEndpoint") != "disabled":
            yield Evidence(
                resource=subject_of(template),
                field="metadataOptions.httpTokens",
                text="optional answers requests without a token, so that a request that a program "
                "makes for an attacker reads the credentials of the node; write required",
            )


METADATA_WITHOUT_TOKEN = Rule(
    id="HA804",
    claim="The instance metadata of nodes requires a token (IMDSv2).",
    why="Without a token, one forwarded request reads the credentials of the node. "
    "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
    not_flagged=(
        "templates without metadataOptions: AMIs of EKS have IMDSv2 as their default",
        "a disabled metadata endpoint",
    ),
    severity="warning",
    setting="The program requires a token.",
    find=_metadata_without_token,
)

RULES = (ONE_ZONE, PUBLIC_NODES, METADATA_WITHOUT_TOKEN)
