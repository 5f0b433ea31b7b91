"""Constraints on the VPC, and on the subnets of the cluster."""

import json
from copy import deepcopy
from typing import Any

import pytest

from core.facts.vpc_endpoints import NEEDED_FOR_TRACES, NEEDED_TO_JOIN, NEEDED_WITHOUT_NAT
from tests.stacks.random_stacks import in_existing_vpc
from tests.stacks.test_network import COPIES, config_of
from tests.stacks.test_network import recorded as record_config
from tests.tools.rehearsal.clouds import (
    Name,
    build,
    cloud_for,
    create_again,
    created_by,
    delete,
    empty_cloud,
    find,
    inputs_of,
    make,
    recorded,
    refused,
    remove,
    update,
)
from tools.recording import Recording
from tools.recording.made_up_outputs import MadeUpOutputs, Subnet
from tools.rehearsal.constraints.network import CONSTRAINTS
from tools.rehearsal.fake_cloud.cloud import FakeCloud

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
RESERVATION = "aws:ec2/subnetCidrReservation:SubnetCidrReservation"
SECONDARY_CIDR = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"
ROUTE_TABLE_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
CLUSTER = "aws:eks/cluster:Cluster"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"

FIRST_GROUP = ("aws:eks/nodeGroup:NodeGroup", "nodes-general-us-east-1a")
VPC_CNI = ("aws:eks/addon:Addon", "node-add-ons-vpc-cni")
FLOW_LOGS = ("aws:ec2/flowLog:FlowLog", "network-flow-logs")
GATEWAY = ("aws:ec2/internetGateway:InternetGateway", "network-internet")
REGIONAL_NAT = (NAT_GATEWAY, "network-nat")

NO_ROUTE = (
    "NodeCreationFailure",
    "nodes cannot join: {subnet} has neither a route to the internet nor all VPC endpoints",
)
NO_GATEWAY = ("Gateway.NotAttached", "the VPC has no internet gateway")


def built(recording: Recording) -> FakeCloud:
    return build(cloud_for(recording), created_by(recording))


# Nodes without NAT, with pods in a separate network.


@pytest.fixture(scope="module")
def without_nat(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """The stack dev without NAT, with a separate pod network."""
    config = config_of()
    config["ha-eks:network"] |= {
        "nat": "none",
        "endpoints": [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES],
        "pods": {"cidr": "100.64.0.0/16"},
    }
    config["ha-eks:images"] = COPIES
    return record_config(tmp_path_factory.mktemp("without-nat"), config)


NODE_SUBNET, POD_SUBNET = (f"network-{role}-us-east-1a" for role in ("private", "pods"))

JOIN_CASES: dict[str, tuple[tuple[Name, ...], str]] = {
    "without the S3 endpoint": (((ENDPOINT, "network-s3"),), NODE_SUBNET),
    "without HTTPS to the endpoints": (
        (
            (INGRESS_RULE, "network-endpoints-from-vpc"),
            (INGRESS_RULE, "network-endpoints-from-pod-network"),
        ),
        NODE_SUBNET,
    ),
    "without the route table of the node subnet": (
        ((ROUTE_TABLE_ASSOCIATION, NODE_SUBNET),), NODE_SUBNET,
    ),
    "without the route table of the pod subnet": (
        ((ROUTE_TABLE_ASSOCIATION, POD_SUBNET),), POD_SUBNET,
    ),
    **{
        f"without the endpoint of {service}": (
            ((ENDPOINT, f"network-endpoint-{service.replace('.', '-')}"),), NODE_SUBNET,
        )
        for service in NEEDED_TO_JOIN
    },
}  # fmt: skip
"""Resources that are missing, and the subnet from which nodes or pods then reach no services."""


@pytest.mark.parametrize("case", JOIN_CASES)
def test_nodes_without_nat_need_endpoints_and_routes(case: str, without_nat: Recording) -> None:
    missing, subnet = JOIN_CASES[case]
    cloud = built(without_nat)
    remove(cloud, FIRST_GROUP, *missing)
    id_ = find(cloud, (SUBNET, subnet)).id
    with refused(NO_ROUTE[0], NO_ROUTE[1].format(subnet=id_)):
        create_again(cloud, without_nat, FIRST_GROUP)
    for name in missing:
        create_again(cloud, without_nat, name)
    create_again(cloud, without_nat, FIRST_GROUP)


def test_flow_logs_need_the_policy_of_their_role(without_nat: Recording) -> None:
    cloud = built(without_nat)
    policy = (ROLE_POLICY, "network-flow-logs")
    remove(cloud, FLOW_LOGS, policy)
    with refused("AccessDenied", "Role network-flow-logs has no policy"):
        create_again(cloud, without_nat, FLOW_LOGS)
    create_again(cloud, without_nat, policy)
    create_again(cloud, without_nat, FLOW_LOGS)


def test_a_pod_subnet_needs_the_secondary_cidr_block(without_nat: Recording) -> None:
    cloud = built(without_nat)
    subnet, block = (SUBNET, POD_SUBNET), (SECONDARY_CIDR, "network-pods")
    [vpc] = cloud.of_type(VPC)
    remove(cloud, subnet, block)
    with refused("InvalidSubnet.Range", f"100.64.0.0/19 is not in a CIDR block of {vpc.id}"):
        create_again(cloud, without_nat, subnet)
    create_again(cloud, without_nat, block)
    create_again(cloud, without_nat, subnet)


def test_nodes_join_without_endpoints_that_only_other_software_needs(
    without_nat: Recording,
) -> None:
    cloud = built(without_nat)
    remove(cloud, FIRST_GROUP, (ENDPOINT, "network-endpoint-logs"))
    create_again(cloud, without_nat, FIRST_GROUP)


def test_nodes_in_a_zone_without_an_eni_config_do_not_become_ready(without_nat: Recording) -> None:
    cloud = built(without_nat)
    add_on = find(cloud, VPC_CNI)
    values: dict[str, Any] = json.loads(add_on.inputs["configurationValues"])
    del values["eniConfig"]["subnets"]["us-east-1a"]
    add_on.inputs["configurationValues"] = json.dumps(values)
    remove(cloud, FIRST_GROUP)
    with refused("NodeCreationFailure", "VPC CNI has no ENIConfig for us-east-1a"):
        create_again(cloud, without_nat, FIRST_GROUP)


# NAT gateways.


@pytest.fixture(scope="module")
def regional(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """The stack dev with a regional NAT gateway."""
    config = config_of()
    config["ha-eks:network"]["nat"] = "regional"
    return record_config(tmp_path_factory.mktemp("regional"), config)


def test_nodes_join_through_a_regional_nat_gateway(regional: Recording) -> None:
    cloud = built(regional)
    remove(cloud, FIRST_GROUP, REGIONAL_NAT)
    subnet = find(cloud, (SUBNET, NODE_SUBNET)).id
    with refused(NO_ROUTE[0], NO_ROUTE[1].format(subnet=subnet)):
        create_again(cloud, regional, FIRST_GROUP)
    create_again(cloud, regional, REGIONAL_NAT)
    create_again(cloud, regional, FIRST_GROUP)


def test_a_regional_nat_gateway_needs_the_internet_gateway(regional: Recording) -> None:
    cloud = built(regional)
    remove(cloud, GATEWAY, REGIONAL_NAT)
    with refused(*NO_GATEWAY):
        create_again(cloud, regional, REGIONAL_NAT)


REGIONAL_INPUTS = (
    "InvalidParameter",
    "a regional NAT gateway needs vpcId, and neither subnetId nor allocationId",
)
ZONAL_INPUTS = ("MissingParameter", "a zonal NAT gateway needs subnetId and allocationId")


@pytest.mark.parametrize(
    ("inputs", "error"),
    [
        ({"availabilityMode": "regional"}, REGIONAL_INPUTS),
        ({"availabilityMode": "regional", "vpcId": "v", "subnetId": "s"}, REGIONAL_INPUTS),
        ({"availabilityMode": "regional", "vpcId": "v", "allocationId": "a"}, REGIONAL_INPUTS),
        ({"subnetId": "s"}, ZONAL_INPUTS),
        ({"allocationId": "a"}, ZONAL_INPUTS),
        ({"vpcId": "v"}, ZONAL_INPUTS),
    ],
)
def test_a_nat_gateway_has_the_inputs_of_one_mode(
    inputs: dict[str, str], error: tuple[str, str]
) -> None:
    cloud = empty_cloud(constraints=CONSTRAINTS)
    with refused(*error):
        make(cloud, NAT_GATEWAY, "nat", **inputs)
    make(cloud, NAT_GATEWAY, "regional", availabilityMode="regional", vpcId="v")
    make(cloud, NAT_GATEWAY, "zonal", subnetId="s", allocationId="a")


# Endpoints.


def make_vpc(cloud: FakeCloud, name: str = "vpc", **dns: bool) -> str:
    """Creates a VPC with DNS support; returns its ID."""
    inputs = {"enableDnsSupport": True, "enableDnsHostnames": True, **dns}
    return make(cloud, VPC, name, cidrBlock="10.0.0.0/16", **inputs).id


def test_only_one_endpoint_of_a_vpc_has_the_private_dns_name_of_a_service() -> None:
    cloud = empty_cloud(constraints=CONSTRAINTS)
    vpc, other_vpc = make_vpc(cloud), make_vpc(cloud, "other")
    sts = {"serviceName": "com.amazonaws.eu-west-1.sts", "privateDnsEnabled": True}
    make(cloud, ENDPOINT, "first", vpcId=vpc, **sts)
    message = (
        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
        "com.amazonaws.eu-west-1.sts in the VPC: VpcEndpoint first"
    )
    with refused("InvalidParameter", message):
        make(cloud, ENDPOINT, "second", vpcId=vpc, **sts)
    make(cloud, ENDPOINT, "other-vpc", vpcId=other_vpc, **sts)
    make(cloud, ENDPOINT, "no-dns", vpcId=vpc, **{**sts, "privateDnsEnabled": False})
    make(cloud, ENDPOINT, "logs", vpcId=vpc, **{**sts, "serviceName": "com.amazonaws.x.logs"})


@pytest.mark.parametrize("option", ["enableDnsSupport", "enableDnsHostnames"])
def test_private_dns_needs_both_dns_options_of_the_vpc(option: str) -> None:
    cloud = empty_cloud(constraints=CONSTRAINTS)
    vpc = make_vpc(cloud, **{option: False})
    message = "private DNS needs enableDnsSupport and enableDnsHostnames of Vpc vpc"
    with refused("InvalidParameter", message):
        make(cloud, ENDPOINT, "sts", vpcId=vpc, serviceName="x", privateDnsEnabled=True)
    make(cloud, ENDPOINT, "s3", vpcId=vpc, serviceName="x")


# CIDR blocks.


def test_subnets_are_in_a_cidr_block_of_their_vpc_and_do_not_overlap() -> None:
    cloud = empty_cloud(constraints=CONSTRAINTS)
    vpc, other_vpc = make_vpc(cloud), make_vpc(cloud, "other")
    make(cloud, SUBNET, "first", vpcId=vpc, cidrBlock="10.0.0.0/20")
    for cidr in ("10.0.0.0/20", "10.0.0.0/24"):
        with refused("InvalidSubnet.Conflict", f"{cidr} overlaps with Subnet first"):
            make(cloud, SUBNET, "overlapping", vpcId=vpc, cidrBlock=cidr)
    with refused("InvalidSubnet.Range", f"10.1.0.0/20 is not in a CIDR block of {vpc}"):
        make(cloud, SUBNET, "outside", vpcId=vpc, cidrBlock="10.1.0.0/20")
    make(cloud, SUBNET, "other-vpc", vpcId=other_vpc, cidrBlock="10.0.0.0/20")
    make(cloud, SUBNET, "second", vpcId=vpc, cidrBlock="10.0.16.0/20")


def test_a_secondary_cidr_block_is_added_before_its_subnets_and_removed_after_them() -> None:
    cloud = empty_cloud(constraints=CONSTRAINTS)
    vpc, other_vpc = make_vpc(cloud), make_vpc(cloud, "other")
    make(cloud, SECONDARY_CIDR, "other", vpcId=other_vpc, cidrBlock="100.64.0.0/16")
    with refused("InvalidSubnet.Range", f"100.64.0.0/19 is not in a CIDR block of {vpc}"):
        make(cloud, SUBNET, "pods", vpcId=vpc, cidrBlock="100.64.0.0/19")
    block = make(cloud, SECONDARY_CIDR, "pods", vpcId=vpc, cidrBlock="100.64.0.0/16")
    subnet = make(cloud, SUBNET, "pods", vpcId=vpc, cidrBlock="100.64.0.0/19")
    with refused("InvalidCidrBlock.InUse", "100.64.0.0/16 is in use by Subnet pods"):
        delete(cloud, block)
    delete(cloud, subnet)
    delete(cloud, block)


def test_a_reservation_is_in_its_subnet_and_overlaps_with_no_other() -> None:
    cloud = empty_cloud(constraints=CONSTRAINTS)
    subnet = make(cloud, SUBNET, "pods", vpcId=make_vpc(cloud), cidrBlock="10.0.0.0/24")
    with refused("InvalidParameterValue", "10.0.1.0/25 is not in Subnet pods"):
        make(cloud, RESERVATION, "outside", subnetId=subnet.id, cidrBlock="10.0.1.0/25")
    make(cloud, RESERVATION, "pods", subnetId=subnet.id, cidrBlock="10.0.0.128/25")
    overlap = "10.0.0.192/26 overlaps with SubnetCidrReservation pods"
    with refused("InvalidParameterValue", overlap):
        make(cloud, RESERVATION, "again", subnetId=subnet.id, cidrBlock="10.0.0.192/26")


# Subnets of the cluster.


def cluster_inputs(cloud: FakeCloud, zones: str, vpc: str = "old") -> dict[str, Any]:
    """Creates a VPC with a subnet in each zone; returns the inputs of a cluster in the subnets."""
    vpc_id = make_vpc(cloud, vpc)
    ids = [
        make(
            cloud, SUBNET, f"{vpc}-{zone}",
            vpcId=vpc_id, cidrBlock=f"10.0.{number}.0/24", availabilityZone=f"eu-west-1{zone}",
        ).id
        for number, zone in enumerate(zones)
    ]  # fmt: skip
    return {"name": "cell", "vpcConfig": {"subnetIds": ids}}


@pytest.mark.parametrize(
    ("zones", "refused_zones"),
    [
        ("ab", None),
        ("ba", None),
        ("abc", "eu-west-1a, eu-west-1b, eu-west-1c"),
        ("a", "eu-west-1a"),
        ("ac", "eu-west-1a, eu-west-1c"),
    ],
)
def test_the_subnets_of_a_cluster_change_only_within_its_zones(
    zones: str, refused_zones: str | None
) -> None:
    cloud = empty_cloud(constraints=CONSTRAINTS)
    cluster = make(cloud, CLUSTER, "cell", **cluster_inputs(cloud, "ab"))
    changed = cluster_inputs(cloud, zones, "new")
    if refused_zones is None:
        update(cloud, cluster, **changed)
        return
    message = (
        f"subnets in {refused_zones}, but the cluster was created in eu-west-1a, eu-west-1b: EKS "
        "accepts only subnets in these zones"
    )
    with refused("InvalidParameterException", message):
        update(cloud, cluster, **changed)
    update(cloud, cluster, **{**deepcopy(cluster.inputs), "version": "1.36"})


# Existing VPC.


@pytest.fixture(scope="module")
def existing_vpc(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """The stack dev in an existing VPC."""
    return record_config(tmp_path_factory.mktemp("existing"), in_existing_vpc(config_of()))


def test_a_stack_in_an_existing_vpc_is_created_and_deleted(existing_vpc: Recording) -> None:
    cloud = built(existing_vpc)
    for resource in reversed(list(cloud.resources.values())):
        resource.inputs = {
            key: value
            for key, value in resource.inputs.items()
            if key not in ("deletionProtection", "enableDeletionProtection")
        }
        delete(cloud, resource)
    assert cloud.resources == {}


def test_a_cluster_in_an_existing_vpc_stays_in_its_zones(existing_vpc: Recording) -> None:
    cloud = built(existing_vpc)
    cluster = find(cloud, (CLUSTER, "cluster-eksCluster"))
    new = "subnet-0123456789abcdef0"
    subnets = {
        **cloud.made_up_outputs.subnets,
        new: Subnet("us-east-1c", "vpc-1", "192.168.9.0/24"),
    }
    cloud.made_up_outputs = MadeUpOutputs("us-east-1", subnets)
    cloud.external |= {new}
    changed = deepcopy(cluster.inputs)
    changed["vpcConfig"]["subnetIds"].append(new)
    message = (
        "subnets in us-east-1a, us-east-1b, us-east-1c, but the cluster was created in us-east-1a, "
        "us-east-1b: EKS accepts only subnets in these zones"
    )
    with refused("InvalidParameterException", message):
        update(cloud, cluster, **changed)


def test_only_a_load_balancer_with_all_subnets_in_an_existing_vpc_needs_no_internet_gateway(
    existing_vpc: Recording,
) -> None:
    cloud = built(existing_vpc)
    name = (LOAD_BALANCER, "lb")
    remove(cloud, name)
    inputs = inputs_of(recorded(existing_vpc, name))
    other = make(empty_cloud(), SUBNET, "other").id
    subnets = [*inputs["subnets"], other]
    cloud.external |= {other}
    create_again(cloud, existing_vpc, name, subnets=subnets)
    remove(cloud, name)
    cloud.external -= {other}
    with refused(*NO_GATEWAY):
        create_again(cloud, existing_vpc, name, subnets=subnets)


# IPv6.


def dual_stack() -> FakeCloud:
    """A VPC with an IPv6 block, a subnet with a network of it, and a dual-stack load balancer."""
    cloud = empty_cloud("eu-west-1a", constraints=CONSTRAINTS)
    vpc = make(cloud, VPC, "v", cidrBlock="10.0.0.0/16", assignGeneratedIpv6CidrBlock=True)
    ipv6 = "2001:db8:1234:1a00::/64"
    subnet = make(cloud, SUBNET, "s", vpcId=vpc.id, cidrBlock="10.0.0.0/24", ipv6CidrBlock=ipv6)
    make(cloud, LOAD_BALANCER, "lb", subnets=[subnet.id], ipAddressType="dualstack")
    return cloud


def test_ipv6_networks_of_a_dual_stack_load_balancer_cannot_be_removed() -> None:
    cloud = dual_stack()
    vpc, subnet, balancer = (cloud.of_type(each)[0] for each in (VPC, SUBNET, LOAD_BALANCER))
    with refused("DependencyViolation", "subnets use the IPv6 block of the VPC"):
        update(cloud, vpc, cidrBlock="10.0.0.0/16")
    without = {key: value for key, value in subnet.inputs.items() if key != "ipv6CidrBlock"}
    with refused("DependencyViolation", f"{balancer.label} uses the IPv6 network"):
        update(cloud, subnet, **without)
    update(cloud, balancer, subnets=[subnet.id], ipAddressType="ipv4")
    update(cloud, subnet, **without)
    with refused("InvalidConfigurationRequest", "a subnet has no IPv6 network"):
        update(cloud, balancer, subnets=[subnet.id], ipAddressType="dualstack")
    update(cloud, vpc, cidrBlock="10.0.0.0/16")
