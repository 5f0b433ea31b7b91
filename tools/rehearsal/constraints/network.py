"""What AWS refuses of a network, and of a cluster's place in it.

Error codes: of EC2, the messages that users report, such as
https://github.com/hashicorp/terraform-provider-aws/issues/17535 and
https://github.com/aws/containers-roadmap/issues/2258
"""

import json
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import cast

from core.facts.vpc_endpoints import NEEDED_TO_JOIN
from tools.rehearsal.fake_cloud.cloud import CLUSTER, Cloud, Constraint, RefusedError, Values

_NAT = "aws:ec2/natGateway:NatGateway"
_SUBNET = "aws:ec2/subnet:Subnet"
_VPC = "aws:ec2/vpc:Vpc"
_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_ADDED = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"


def joins(cloud: Cloud, subnet: str) -> bool:
    """Whether nodes in a subnet reach what they need to join."""
    if subnet in cloud.outside:  # somebody else's concern
        return True
    return _leads_out(cloud, subnet) or _has_endpoints(cloud, subnet)


def pod_subnets(cloud: Cloud, subnets: list[str]) -> Iterator[str]:
    """The subnets that nodes in some subnets take their pods' addresses from.

    Raises RefusedError if VPC CNI is told to look for one and knows none for a node's zone.
    """
    for add_on in cloud.of_type("aws:eks/addon:Addon"):
        values: Values = json.loads(add_on.inputs.get("configurationValues") or "{}")
        if values.get("env", {}).get("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG") != "true":
            continue
        configs: Values = values.get("eniConfig", {}).get("subnets", {})
        for zone in sorted(zones_of(cloud, subnets)):
            if zone not in configs:
                raise RefusedError("NodeCreationFailure", f"no ENIConfig for {zone}")
            yield configs[zone]["id"]


def _tables(cloud: Cloud, subnet: str) -> set[str]:
    return {
        each.inputs["routeTableId"]
        for each in cloud.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
        if each.inputs["subnetId"] == subnet
    }


def _leads_out(cloud: Cloud, subnet: str, by_nat: bool = True) -> bool:
    """Whether a subnet's routes lead to the internet, by a NAT gateway if it may."""
    tables = _tables(cloud, subnet)
    for route in cloud.of_type("aws:ec2/route:Route"):
        everything = route.inputs["destinationCidrBlock"] == "0.0.0.0/0"
        if not everything or route.inputs["routeTableId"] not in tables:
            continue
        if route.inputs.get("gatewayId"):
            return True
        for nat in cloud.of_type(_NAT):
            if by_nat and nat.id == route.inputs.get("natGatewayId"):
                zonal = (
                    nat.inputs.get("availabilityMode") != "regional"
                )  # else its routes are AWS's
                return not zonal or _leads_out(cloud, nat.inputs["subnetId"], by_nat=False)
    return False


def _has_endpoints(cloud: Cloud, subnet: str) -> bool:
    """Whether a subnet reaches the services that nodes join by, without leaving the VPC."""
    there: set[str] = set()
    images = False
    for each in cloud.of_type(_ENDPOINT):
        if each.inputs["vpcEndpointType"] == "Gateway":
            images |= bool(_tables(cloud, subnet) & set(each.inputs.get("routeTableIds") or []))
        elif _opened(cloud, each.inputs["securityGroupIds"]):
            there.add(each.inputs["serviceName"])
    prefix = f"com.amazonaws.{cloud.answers.region}."
    return images and {f"{prefix}{service}" for service in NEEDED_TO_JOIN} <= there


def _opened(cloud: Cloud, groups: list[str]) -> bool:
    """Whether some rule lets HTTPS into one of some security groups."""
    rules = cloud.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    return any(
        rule.inputs["securityGroupId"] in groups and rule.inputs["fromPort"] == 443
        for rule in rules
    )


def zones_of(cloud: Cloud, subnets: list[str]) -> set[str]:
    """The zones of some subnets."""
    own = {each.id: each.inputs["availabilityZone"] for each in cloud.of_type(_SUBNET)}
    others = {id_: place.zone for id_, place in cloud.answers.subnets.items()}
    return {zone for id_ in subnets if (zone := {**others, **own}.get(id_))}


def _control_plane_stays(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """A cluster's subnets move within the zones that it was created in, all of which stay."""
    if verb != "update" or type_ != CLUSTER:
        return
    now = zones_of(cloud, inputs["vpcConfig"]["subnetIds"])
    for cluster in cloud.of_type(CLUSTER):
        if cluster.inputs["name"] == inputs["name"]:
            then = zones_of(cloud, cluster.inputs["vpcConfig"]["subnetIds"])
            if now != then:
                raise RefusedError(
                    "InvalidParameterException",
                    f"subnets in {', '.join(sorted(now))}: the cluster was created in "
                    f"{', '.join(sorted(then))}, and its subnets have to be in exactly those",
                )


def _nat_modes(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """A zonal NAT gateway is in a subnet with an address, a regional one in a VPC with neither."""
    if verb != "create" or type_ != _NAT:
        return
    regional = inputs.get("availabilityMode") == "regional"
    zonal_only = [key for key in ("subnetId", "allocationId") if key in inputs]
    if regional and (zonal_only or "vpcId" not in inputs):
        why = f"regional, of a VPC alone, and not with {', '.join(zonal_only) or 'nothing'}"
        raise RefusedError("InvalidParameter", why)
    if not regional and len(zonal_only) < 2:
        raise RefusedError("MissingParameter", "zonal, and without a subnet or an address")


def _private_dns_once(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """A service's own name leads to one endpoint in a VPC."""
    if verb != "create" or type_ != _ENDPOINT or not inputs.get("privateDnsEnabled"):
        return
    [vpc] = [each for each in cloud.of_type(_VPC) if each.id == inputs["vpcId"]]
    if not (vpc.inputs.get("enableDnsSupport") and vpc.inputs.get("enableDnsHostnames")):
        raise RefusedError("InvalidParameter", f"private DNS needs DNS names in {vpc.id}")
    for other in cloud.of_type(_ENDPOINT):
        same = [other.inputs.get(key) == inputs[key] for key in ("vpcId", "serviceName")]
        if all(same) and other.inputs.get("privateDnsEnabled"):
            raise RefusedError(
                "InvalidParameter",
                "private-dns-enabled cannot be set because there is already a conflicting DNS "
                f"domain for {inputs['serviceName']} in the VPC: {other.urn}",
            )


def _within_the_vpc(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """Subnets are in a network of the VPC, and do not overlap; a network with subnets stays."""
    if type_ not in (_SUBNET, _ADDED) or verb == "update":
        return
    vpc, cidr = cast("str", inputs["vpcId"]), IPv4Network(inputs["cidrBlock"])
    taken = [
        (IPv4Network(each.inputs["cidrBlock"]), each.urn)
        for each in cloud.of_type(_SUBNET)
        if each.inputs["vpcId"] == vpc
    ]
    if type_ == _ADDED:
        for subnet, urn in taken:
            if verb == "delete" and subnet.subnet_of(cidr):
                raise RefusedError("InvalidCidrBlock.InUse", f"{cidr} is in use by {urn}")
        return
    if verb == "delete":
        return
    networks = [
        IPv4Network(each.inputs["cidrBlock"])
        for each in cloud.of_type(_VPC, _ADDED)
        if vpc in (each.id, each.inputs.get("vpcId"))
    ]
    if not any(cidr.subnet_of(network) for network in networks):
        raise RefusedError("InvalidSubnet.Range", f"{cidr} is in no network of {vpc}")
    for subnet, urn in taken:
        if cidr.overlaps(subnet):
            raise RefusedError("InvalidSubnet.Conflict", f"{cidr} overlaps {urn}")


CONSTRAINTS: tuple[Constraint, ...] = (
    _control_plane_stays,
    _nat_modes,
    _private_dns_once,
    _within_the_vpc,
)
"""Every law of the network."""
