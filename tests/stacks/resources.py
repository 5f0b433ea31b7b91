"""Resource types, and lookups of resources by their made-up ids and outputs."""

from typing import Any

import pulumi

from tools.recording import Recording, Resource
from tools.recording.made_up_outputs import MadeUpOutputs

SUBNET = "aws:ec2/subnet:Subnet"
NAT = "aws:ec2/natGateway:NatGateway"
GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ADD_ON = "aws:eks/addon:Addon"
RELEASE = "kubernetes:helm.sh/v3:Release"


def inputs_of(resource: Resource) -> dict[str, Any]:
    """Returns the inputs of a resource, with values of any type."""
    return {**resource.inputs}


def outputs_of(recording: Recording, type_: str) -> list[dict[str, Any]]:
    """Returns the made-up outputs of every resource of a type."""
    made_up_outputs = MadeUpOutputs(recording.settings.aws.region)
    return [
        made_up_outputs.new_resource(
            pulumi.runtime.MockResourceArgs(type_, each.name, dict(each.inputs), custom=True)
        )[1]
        for each in recording.of_type(type_)
    ]


def by_id(recording: Recording, type_: str) -> dict[object, Resource]:
    """Returns the resources of a type by their made-up ids."""
    made_up_outputs = MadeUpOutputs(recording.settings.aws.region)
    return {
        made_up_outputs.new_resource(
            pulumi.runtime.MockResourceArgs(type_, each.name, dict(each.inputs), custom=True)
        )[0]: each
        for each in recording.of_type(type_)
    }


def nat_gateways_of(recording: Recording, zone: str) -> dict[str, Resource]:
    """Returns the NAT gateway of the private and pod subnet of a zone, by role of the subnet."""
    subnets, tables = by_id(recording, SUBNET), by_id(recording, "aws:ec2/routeTable:RouteTable")
    nats = by_id(recording, NAT)
    found: dict[str, Resource] = {}
    for role in ("private", "pods"):
        for id_ in [id_ for id_, each in subnets.items() if each.name.endswith(f"-{role}-{zone}")]:
            [table] = [
                each.inputs["routeTableId"]
                for each in recording.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
                if each.inputs["subnetId"] == id_
            ]
            assert table in tables
            [found[role]] = [
                nats[each.inputs["natGatewayId"]]
                for each in recording.of_type("aws:ec2/route:Route")
                if each.inputs["routeTableId"] == table
                and each.inputs.get("destinationCidrBlock") == "0.0.0.0/0"
            ]
    return found


def nat_zone_of(recording: Recording, zone: str) -> str:
    """Returns the zone of the NAT gateway that the subnets of a zone use.

    A regional NAT gateway is in every zone.
    """
    [nat] = {nat.urn: nat for nat in nat_gateways_of(recording, zone).values()}.values()
    if nat.inputs.get("availabilityMode") == "regional":
        return zone
    return str(by_id(recording, SUBNET)[nat.inputs["subnetId"]].inputs["availabilityZone"])


def kubernetes_provider_of(recording: Recording) -> Resource:
    """Returns the Kubernetes provider of the cell; pulumi-eks registers another one."""
    [provider] = [
        each
        for each in recording.of_type("pulumi:providers:kubernetes")
        if each.name == "kubernetes"
    ]
    return provider
