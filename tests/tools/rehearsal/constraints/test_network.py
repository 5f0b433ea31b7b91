"""What the stand-in cloud refuses of a network, and of a cluster's place in it."""

import json
from copy import deepcopy
from typing import Any

import pytest

from core.facts.vpc_endpoints import NEEDED_FOR_TRACES, NEEDED_TO_JOIN, NEEDED_WITHOUT_NAT
from tests.stacks.random_stacks import in_their_vpc
from tests.stacks.test_network import COPIES, config_of, recorded
from tests.tools.rehearsal.clouds import (
    build,
    cloud_for,
    created_by,
    delete,
    empty_cloud,
    inputs_of,
    make,
    refused,
    update,
)
from tests.tools.rehearsal.constraints.test_cell import Name, again, named, take_away, there
from tools.recording import Recording
from tools.recording.made_up_outputs import Answers, Place
from tools.rehearsal.constraints.network import CONSTRAINTS
from tools.rehearsal.fake_cloud.cloud import Cloud

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
NAT = "aws:ec2/natGateway:NatGateway"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ADDED = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"
TABLE_OF = "aws:ec2/routeTableAssociation:RouteTableAssociation"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ROUTE = "aws:ec2/route:Route"
CLUSTER = "aws:eks/cluster:Cluster"
GROUP = "aws:eks/nodeGroup:NodeGroup"
ADD_ON = "aws:eks/addon:Addon"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
FIRST = (GROUP, "nodes-general-us-east-1a")


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Dev without NAT, its pods in a network of their own."""
    config = config_of()
    config["ha-eks:network"] |= {
        "nat": "none",
        "endpoints": [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES],
        "pods": {"cidr": "100.64.0.0/16"},
    }
    config["ha-eks:images"] = COPIES
    return recorded(tmp_path_factory.mktemp("closed"), config)


@pytest.fixture(scope="module")
def regional(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    config = config_of()
    config["ha-eks:network"]["nat"] = "regional"
    return recorded(tmp_path_factory.mktemp("regional"), config)


def built(recording: Recording) -> Cloud:
    return build(cloud_for(recording), created_by(recording))


# Nodes.


CASES: dict[str, tuple[tuple[Name, ...], Name, str, str]] = {
    "nodes that find no images": (
        ((ENDPOINT, "network-s3"),), FIRST, "NodeCreationFailure", "no way out",
    ),
    "nodes whose services are closed": (
        ((RULE, "network-endpoints-from-vpc"), (RULE, "network-endpoints-from-pod-network")), FIRST,
        "NodeCreationFailure", "no way out",
    ),
    "nodes without the routes of their subnet": (
        ((TABLE_OF, "network-private-us-east-1a"),), FIRST, "NodeCreationFailure", "no way out",
    ),
    "pods without the routes of theirs": (
        ((TABLE_OF, "network-pods-us-east-1a"),), FIRST, "NodeCreationFailure", "no way out",
    ),
    "flow logs whose role may nothing": (
        ((ROLE_POLICY, "network-flow-logs"),), (FLOW_LOG, "network-flow-logs"),
        "AccessDenied", "network-flow-logs",
    ),
    "a subnet of pods before their addresses": (
        ((ADDED, "network-pods"),), (SUBNET, "network-pods-us-east-1a"),
        "InvalidSubnet.Range", "100.64.0.0/19 is in no network",
    ),
    **{
        f"nodes without {service}": (
            ((ENDPOINT, f"network-endpoint-{service.replace('.', '-')}"),), FIRST,
            "NodeCreationFailure", "no way out",
        )
        for service in NEEDED_TO_JOIN
    },
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_without_nat_what_is_missing_is_refused_and_taken_once_it_is_there(
    case: str, closed: Recording
) -> None:
    missing, target, code, word = CASES[case]
    cloud = built(closed)
    take_away(cloud, target, *missing)
    with refused(code, word):
        again(cloud, closed, target)
    for name in missing:
        again(cloud, closed, name)
    again(cloud, closed, target)


def test_services_that_no_node_joins_by_may_come_later(closed: Recording) -> None:
    cloud = built(closed)
    take_away(cloud, FIRST, (ENDPOINT, "network-endpoint-logs"))
    again(cloud, closed, FIRST)


def test_nodes_of_a_zone_without_addresses_for_pods_never_become_ready(closed: Recording) -> None:
    cloud = built(closed)
    add_on = there(cloud, (ADD_ON, "node-add-ons-vpc-cni"))
    values: dict[str, Any] = json.loads(add_on.inputs["configurationValues"])
    del values["eniConfig"]["subnets"]["us-east-1a"]
    add_on.inputs["configurationValues"] = json.dumps(values)
    take_away(cloud, FIRST)
    with refused("NodeCreationFailure", "no ENIConfig for us-east-1a"):
        again(cloud, closed, FIRST)


def test_nodes_go_out_by_a_regional_nat_gateway(regional: Recording) -> None:
    cloud = built(regional)
    take_away(cloud, FIRST, (NAT, "network-nat"))
    with refused("NodeCreationFailure", "no way out"):
        again(cloud, regional, FIRST)
    again(cloud, regional, (NAT, "network-nat"))
    again(cloud, regional, FIRST)


# NAT gateways.


def test_a_regional_nat_gateway_needs_the_internet_gateway(regional: Recording) -> None:
    cloud = built(regional)
    take_away(cloud, (GATEWAY, "network-internet"), (NAT, "network-nat"))
    with refused("Gateway.NotAttached", "internet gateway"):
        again(cloud, regional, (NAT, "network-nat"))


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"availabilityMode": "regional"}, "InvalidParameter"),
        ({"availabilityMode": "regional", "vpcId": "v", "subnetId": "s"}, "InvalidParameter"),
        ({"availabilityMode": "regional", "vpcId": "v", "allocationId": "a"}, "InvalidParameter"),
        ({"subnetId": "s"}, "MissingParameter"),
        ({"allocationId": "a"}, "MissingParameter"),
        ({"vpcId": "v"}, "MissingParameter"),
    ],
)
def test_a_nat_gateway_is_of_one_mode(inputs: dict[str, str], code: str) -> None:
    cloud = empty_cloud(constraints=CONSTRAINTS)
    with refused(code):
        make(cloud, NAT, "nat", **inputs)
    make(cloud, NAT, "regional", availabilityMode="regional", vpcId="v")
    make(cloud, NAT, "zonal", subnetId="s", allocationId="a")


# Endpoints.


def vpc_in(cloud: Cloud, name: str = "vpc", **names: bool) -> str:
    dns = {"enableDnsSupport": True, "enableDnsHostnames": True, **names}
    return make(cloud, VPC, name, cidrBlock="10.0.0.0/16", **dns).id


def test_a_service_s_own_name_leads_to_one_endpoint_in_a_vpc() -> None:
    cloud = empty_cloud(constraints=CONSTRAINTS)
    one, other = vpc_in(cloud), vpc_in(cloud, "other")
    sts = {"serviceName": "com.amazonaws.eu-west-1.sts", "privateDnsEnabled": True}
    make(cloud, ENDPOINT, "first", vpcId=one, **sts)
    with refused("InvalidParameter", "conflicting DNS domain", "first"):
        make(cloud, ENDPOINT, "second", vpcId=one, **sts)
    make(cloud, ENDPOINT, "elsewhere", vpcId=other, **sts)
    make(cloud, ENDPOINT, "nameless", vpcId=one, **{**sts, "privateDnsEnabled": False})
    make(cloud, ENDPOINT, "logs", vpcId=one, **{**sts, "serviceName": "com.amazonaws.x.logs"})


@pytest.mark.parametrize("off", ["enableDnsSupport", "enableDnsHostnames"])
def test_a_service_s_own_name_needs_dns_in_the_vpc(off: str) -> None:
    cloud = empty_cloud(constraints=CONSTRAINTS)
    vpc = vpc_in(cloud, **{off: False})
    with refused("InvalidParameter", "private DNS"):
        make(cloud, ENDPOINT, "sts", vpcId=vpc, serviceName="x", privateDnsEnabled=True)
    make(cloud, ENDPOINT, "s3", vpcId=vpc, serviceName="x")


# Addresses.


def test_subnets_are_in_a_network_of_their_vpc_and_apart() -> None:
    cloud = empty_cloud(constraints=CONSTRAINTS)
    vpc, other = vpc_in(cloud), vpc_in(cloud, "other")
    make(cloud, SUBNET, "first", vpcId=vpc, cidrBlock="10.0.0.0/20")
    with refused("InvalidSubnet.Conflict", "first"):
        make(cloud, SUBNET, "again", vpcId=vpc, cidrBlock="10.0.0.0/20")
    with refused("InvalidSubnet.Conflict", "first"):
        make(cloud, SUBNET, "inside", vpcId=vpc, cidrBlock="10.0.0.0/24")
    with refused("InvalidSubnet.Range", "10.1.0.0/20"):
        make(cloud, SUBNET, "outside", vpcId=vpc, cidrBlock="10.1.0.0/20")
    make(cloud, SUBNET, "elsewhere", vpcId=other, cidrBlock="10.0.0.0/20")
    make(cloud, SUBNET, "beside", vpcId=vpc, cidrBlock="10.0.16.0/20")


def test_addresses_are_added_before_subnets_and_go_after_them() -> None:
    cloud = empty_cloud(constraints=CONSTRAINTS)
    vpc, other = vpc_in(cloud), vpc_in(cloud, "other")
    make(cloud, ADDED, "other", vpcId=other, cidrBlock="100.64.0.0/16")
    with refused("InvalidSubnet.Range"):
        make(cloud, SUBNET, "pods", vpcId=vpc, cidrBlock="100.64.0.0/19")
    added = make(cloud, ADDED, "pods", vpcId=vpc, cidrBlock="100.64.0.0/16")
    subnet = make(cloud, SUBNET, "pods", vpcId=vpc, cidrBlock="100.64.0.0/19")
    with refused("InvalidCidrBlock.InUse", "pods"):
        delete(cloud, added)
    delete(cloud, subnet)
    delete(cloud, added)


# The control plane.


def in_zones(cloud: Cloud, zones: str, name: str = "old") -> dict[str, Any]:
    """A cluster's inputs, with a subnet of each zone in a VPC of that name."""
    vpc = vpc_in(cloud, name)
    ids = [
        make(
            cloud, SUBNET, f"{name}-{zone}",
            vpcId=vpc, cidrBlock=f"10.0.{number}.0/24", availabilityZone=f"eu-west-1{zone}",
        ).id
        for number, zone in enumerate(zones)
    ]  # fmt: skip
    return {"name": "cell", "vpcConfig": {"subnetIds": ids}}


@pytest.mark.parametrize(
    ("zones", "taken"), [("ab", True), ("ba", True), ("abc", False), ("a", False), ("ac", False)]
)
def test_a_cluster_s_subnets_move_within_its_zones_only(zones: str, taken: bool) -> None:
    cloud = empty_cloud(constraints=CONSTRAINTS)
    cluster = make(cloud, CLUSTER, "cell", **in_zones(cloud, "ab"))
    now = in_zones(cloud, zones, "new")
    if taken:
        update(cloud, cluster, **now)
        return
    with refused("InvalidParameterException", "created in eu-west-1a, eu-west-1b"):
        update(cloud, cluster, **now)
    update(cloud, cluster, **{**deepcopy(cluster.inputs), "version": "1.36"})


# A VPC that is there.


@pytest.fixture(scope="module")
def in_theirs(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Dev in a VPC that is there."""
    return recorded(tmp_path_factory.mktemp("theirs"), in_their_vpc(config_of()))


def test_in_a_vpc_that_is_there_a_cell_comes_up_and_goes(in_theirs: Recording) -> None:
    cloud = built(in_theirs)
    for thing in reversed(list(cloud.resources.values())):
        thing.inputs = {
            key: value
            for key, value in thing.inputs.items()
            if key not in ("deletionProtection", "enableDeletionProtection")
        }
        delete(cloud, thing)


def test_a_cluster_stays_in_the_zones_of_a_vpc_that_is_there(in_theirs: Recording) -> None:
    cloud = built(in_theirs)
    cluster = there(cloud, (CLUSTER, "cluster-eksCluster"))
    subnets = dict(cloud.answers.subnets)
    subnets["subnet-0123456789abcdef0"] = Place(
        "us-east-1c", "vpc-0123456789abcdef0", "192.168.9.0/24"
    )
    cloud.answers = Answers("us-east-1", subnets)
    cloud.outside |= {"subnet-0123456789abcdef0"}
    now = deepcopy(cluster.inputs)
    now["vpcConfig"]["subnetIds"].append("subnet-0123456789abcdef0")
    with refused("InvalidParameterException", "us-east-1c"):
        update(cloud, cluster, **now)


def test_only_subnets_that_are_there_are_somebody_else_s_concern(in_theirs: Recording) -> None:
    cloud = built(in_theirs)
    take_away(cloud, (BALANCER, "lb"))
    inputs = inputs_of(named(in_theirs, (BALANCER, "lb")))
    mine = make(empty_cloud(), SUBNET, "mine").id
    cloud.outside |= {mine}
    again(cloud, in_theirs, (BALANCER, "lb"))
    cloud.outside -= {mine}
    with refused("Gateway.NotAttached"):
        make(cloud, BALANCER, "another", **{**inputs, "subnets": [*inputs["subnets"], mine]})
