"""Constraints of AWS on the VPC, its subnets and endpoints, and the subnets of the cluster.

Error codes of EC2: the messages that users report, such as
https://github.com/hashicorp/terraform-provider-aws/issues/17535 and
https://github.com/aws/containers-roadmap/issues/2258
"""

import json
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import cast

from core.facts.vpc_endpoints import NEEDED_TO_JOIN
from tools.rehearsal.fake_cloud.cloud import CLUSTER, Constraint, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.references import Values

_NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
_SUBNET = "aws:ec2/subnet:Subnet"
_RESERVATION = "aws:ec2/subnetCidrReservation:SubnetCidrReservation"
_LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
_VPC = "aws:ec2/vpc:Vpc"
_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_SECONDARY_CIDR = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"


def can_join(cloud: FakeCloud, subnet: str) -> bool:
    """True if nodes in a subnet reach the services that they need to join the cluster.

    Always true for the subnets of an existing VPC, whose routes are unknown.
    """
    if subnet in cloud.external:
        return True
    return _routes_to_internet(cloud, subnet) or _has_endpoints(cloud, subnet)


def pod_subnets(cloud: FakeCloud, subnets: list[str]) -> Iterator[str]:
    """Yields the subnets of the pods on nodes in some subnets, if pods have separate subnets.

    Raises RefusedError if VPC CNI has no ENIConfig for the zone of a node.
    """
    for add_on in cloud.of_type("aws:eks/addon:Addon"):
        values: Values = json.loads(add_on.inputs.get("configurationValues") or "{}")
        if values.get("env", {}).get("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG") != "true":
            continue
        configs: Values = values.get("eniConfig", {}).get("subnets", {})
        for zone in sorted(zones_of(cloud, subnets)):
            if zone not in configs:
                raise RefusedError("NodeCreationFailure", f"VPC CNI has no ENIConfig for {zone}")
            yield configs[zone]["id"]


def _route_tables(cloud: FakeCloud, subnet: str) -> set[str]:
    return {
        each.inputs["routeTableId"]
        for each in cloud.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
        if each.inputs["subnetId"] == subnet
    }


def _routes_to_internet(cloud: FakeCloud, subnet: str, through_nat: bool = True) -> bool:
    """True if a subnet has a default route to an internet gateway or a working NAT gateway."""
    tables = _route_tables(cloud, subnet)
    for route in cloud.of_type("aws:ec2/route:Route"):
        default = route.inputs.get("destinationCidrBlock") == "0.0.0.0/0"
        if not default or route.inputs["routeTableId"] not in tables:
            continue
        if route.inputs.get("gatewayId"):
            return True
        for nat in cloud.of_type(_NAT_GATEWAY):
            if through_nat and nat.id == route.inputs.get("natGatewayId"):
                if nat.inputs.get("availabilityMode") == "regional":  # AWS manages its routes
                    return True
                return _routes_to_internet(cloud, nat.inputs["subnetId"], through_nat=False)
    return False


def _has_endpoints(cloud: FakeCloud, subnet: str) -> bool:
    """True if a subnet reaches the services that nodes need to join through VPC endpoints."""
    services: set[str] = set()
    s3 = False
    for each in cloud.of_type(_ENDPOINT):
        if each.inputs["vpcEndpointType"] == "Gateway":
            tables = set(each.inputs.get("routeTableIds") or [])
            s3 |= bool(_route_tables(cloud, subnet) & tables)
        elif _admits_https(cloud, each.inputs["securityGroupIds"]):
            services.add(each.inputs["serviceName"])
    prefix = f"com.amazonaws.{cloud.made_up_outputs.region}."
    return s3 and {f"{prefix}{service}" for service in NEEDED_TO_JOIN} <= services


def _admits_https(cloud: FakeCloud, groups: list[str]) -> bool:
    """True if one of some security groups admits HTTPS."""
    rules = cloud.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    return any(
        rule.inputs["securityGroupId"] in groups and rule.inputs["fromPort"] == 443
        for rule in rules
    )


def zones_of(cloud: FakeCloud, subnets: list[str]) -> set[str]:
    """Returns the zones of some subnets."""
    created = {each.id: each.inputs["availabilityZone"] for each in cloud.of_type(_SUBNET)}
    existing = {id_: place.zone for id_, place in cloud.made_up_outputs.subnets.items()}
    return {zone for id_ in subnets if (zone := {**existing, **created}.get(id_))}


def _control_plane_zones(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """The subnets of a cluster stay in the zones in which the cluster was created."""
    if verb != "update" or type_ != CLUSTER:
        return
    new = zones_of(cloud, inputs["vpcConfig"]["subnetIds"])
    for cluster in cloud.of_type(CLUSTER):
        if cluster.inputs["name"] == inputs["name"]:
            old = zones_of(cloud, cluster.inputs["vpcConfig"]["subnetIds"])
            if new != old:
                raise RefusedError(
                    "InvalidParameterException",
                    f"subnets in {', '.join(sorted(new))}, but the cluster was created in "
                    f"{', '.join(sorted(old))}: EKS accepts only subnets in these zones",
                )


def _nat_mode(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """A zonal NAT gateway has a subnet and an address, a regional one has only a VPC."""
    if verb != "create" or type_ != _NAT_GATEWAY:
        return
    zonal_inputs = [key for key in ("subnetId", "allocationId") if key in inputs]
    if inputs.get("availabilityMode") != "regional":
        if len(zonal_inputs) < 2:
            raise RefusedError(
                "MissingParameter", "a zonal NAT gateway needs subnetId and allocationId"
            )
    elif zonal_inputs or "vpcId" not in inputs:
        raise RefusedError(
            "InvalidParameter",
            "a regional NAT gateway needs vpcId, and neither subnetId nor allocationId",
        )


def _private_dns(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Only one endpoint of a VPC can have the private DNS name of a service."""
    if verb != "create" or type_ != _ENDPOINT or not inputs.get("privateDnsEnabled"):
        return
    [vpc] = [each for each in cloud.of_type(_VPC) if each.id == inputs["vpcId"]]
    if not (vpc.inputs.get("enableDnsSupport") and vpc.inputs.get("enableDnsHostnames")):
        raise RefusedError(
            "InvalidParameter",
            f"private DNS needs enableDnsSupport and enableDnsHostnames of {vpc.label}",
        )
    for other in cloud.of_type(_ENDPOINT):
        same = [other.inputs.get(key) == inputs[key] for key in ("vpcId", "serviceName")]
        if all(same) and other.inputs.get("privateDnsEnabled"):
            raise RefusedError(
                "InvalidParameter",
                "private-dns-enabled cannot be set because there is already a conflicting DNS "
                f"domain for {inputs['serviceName']} in the VPC: {other.label}",
            )


def _cidr_blocks(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Subnets are in a CIDR block of their VPC and do not overlap.

    A CIDR block with subnets cannot be removed from the VPC.
    """
    if type_ not in (_SUBNET, _SECONDARY_CIDR) or verb == "update":
        return
    vpc, cidr = cast("str", inputs["vpcId"]), IPv4Network(inputs["cidrBlock"])
    subnets = [
        (IPv4Network(each.inputs["cidrBlock"]), each.label)
        for each in cloud.of_type(_SUBNET)
        if each.inputs["vpcId"] == vpc
    ]
    if type_ == _SECONDARY_CIDR:
        for subnet, label in subnets:
            if verb == "delete" and subnet.subnet_of(cidr):
                raise RefusedError("InvalidCidrBlock.InUse", f"{cidr} is in use by {label}")
        return
    if verb == "delete":
        return
    blocks = [
        IPv4Network(each.inputs["cidrBlock"])
        for each in cloud.of_type(_VPC, _SECONDARY_CIDR)
        if vpc in (each.id, each.inputs.get("vpcId"))
    ]
    if not any(cidr.subnet_of(block) for block in blocks):
        raise RefusedError("InvalidSubnet.Range", f"{cidr} is not in a CIDR block of {vpc}")
    for subnet, label in subnets:
        if cidr.overlaps(subnet):
            raise RefusedError("InvalidSubnet.Conflict", f"{cidr} overlaps with {label}")


def _prefix_reservations(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """A reservation is in its subnet, and overlaps with no other reservation of the subnet."""
    if verb != "create" or type_ != _RESERVATION:
        return
    reserved = IPv4Network(inputs["cidrBlock"])
    for subnet in cloud.of_type(_SUBNET):
        within = reserved.subnet_of(IPv4Network(subnet.inputs["cidrBlock"]))
        if subnet.id == inputs["subnetId"] and not within:
            raise RefusedError("InvalidParameterValue", f"{reserved} is not in {subnet.label}")
    for other in cloud.of_type(_RESERVATION):
        overlaps = reserved.overlaps(IPv4Network(other.inputs["cidrBlock"]))
        if other.inputs["subnetId"] == inputs["subnetId"] and overlaps:
            raise RefusedError("InvalidParameterValue", f"{reserved} overlaps with {other.label}")


def _ipv6_networks(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """A dual-stack load balancer uses IPv6 networks of its subnets, and they the block of the VPC.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateSubnetCidrBlock.html
    """
    if verb == "delete":
        return
    ipv6 = {each.id: each for each in cloud.of_type(_SUBNET) if each.inputs.get("ipv6CidrBlock")}
    if type_ == _VPC and ipv6 and not inputs.get("assignGeneratedIpv6CidrBlock"):
        raise RefusedError("DependencyViolation", "subnets use the IPv6 block of the VPC")
    if type_ == _SUBNET and not inputs.get("ipv6CidrBlock"):
        for balancer in cloud.of_type(_LOAD_BALANCER):
            used = (
                ipv6.keys() & {*balancer.inputs["subnets"]} if _dualstack(balancer.inputs) else ()
            )
            if inputs["cidrBlock"] in {ipv6[each].inputs["cidrBlock"] for each in used}:
                raise RefusedError("DependencyViolation", f"{balancer.label} uses the IPv6 network")
    if type_ == _LOAD_BALANCER and _dualstack(inputs):
        own = {each.id for each in cloud.of_type(_SUBNET)} & {*inputs["subnets"]}
        if own - ipv6.keys():
            raise RefusedError("InvalidConfigurationRequest", "a subnet has no IPv6 network")


def _dualstack(inputs: Values) -> bool:
    return inputs.get("ipAddressType") == "dualstack"


CONSTRAINTS: tuple[Constraint, ...] = (
    _control_plane_zones,
    _nat_mode,
    _private_dns,
    _cidr_blocks,
    _prefix_reservations,
    _ipv6_networks,
)
