import json
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.network import Network, NetworkArgs
from core.load_balancers import Kind
from core.network.subnets import pod_subnet
from settings.load_balancing.load_balancing import BalancerSettings
from settings.network.network import Network as NetworkSettings
from tests.components.deploy import Deployed, context, deploy, show, with_aws
from tools.recording.made_up_outputs import Subnet, digest

GROUP = "aws:ec2/securityGroup:SecurityGroup"
RESERVATION = "aws:ec2/subnetCidrReservation:SubnetCidrReservation"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ROLE = "aws:iam/role:Role"
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")

EIP = "aws:ec2/eip:Eip"
NAT = "aws:ec2/natGateway:NatGateway"
ROUTE = "aws:ec2/route:Route"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
SUBNET = "aws:ec2/subnet:Subnet"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"


def balancers(
    dualstack: Collection[Kind] = (), *, internal: bool = False
) -> dict[Kind, BalancerSettings]:
    """Returns the settings of a public load balancer, and of an internal one."""
    kinds: list[Kind] = ["public", "internal"] if internal else ["public"]
    ipv6, ipv4 = (
        BalancerSettings.model_validate({"ipAddressType": each}) for each in ("dualstack", "ipv4")
    )
    return {kind: ipv6 if kind in dualstack else ipv4 for kind in kinds}


def args_of(
    nat: str = "perZone",
    *,
    internal: bool = False,
    dualstack: Collection[Kind] = (),
    **changes: Any,
) -> NetworkArgs:
    settings = NetworkSettings.model_validate(
        {"zones": ZONES, "controlPlaneZones": ZONES[1:], "nat": nat, **changes}
    )
    return NetworkArgs(
        context=context(),
        network=settings,
        load_balancers=balancers(dualstack, internal=internal),
        keeps_ipv6=False,
        log_key_arn="arn:key",
    )


def network(nat: str = "perZone", **changes: Any) -> Deployed:
    return deploy(lambda: Network("net", args_of(nat, **changes), with_aws()))


def ids_of(net: Deployed, role: str) -> list[str | None]:
    return [net.id_of(net.one(SUBNET, f"net-{role}-{zone}")) for zone in ZONES]


def table_of(net: Deployed, subnet: str) -> str:
    """Returns the id of the route table of a subnet."""
    subnet_id = net.id_of(net.one(SUBNET, subnet))
    tables = [
        each.inputs["routeTableId"]
        for each in net.of_type(ASSOCIATION)
        if each.inputs["subnetId"] == subnet_id
    ]
    assert len(tables) == 1
    return tables[0]


def only_route(net: Deployed, subnet: str) -> dict[str, str]:
    """Returns the inputs of the only route in the route table of a subnet."""
    table = table_of(net, subnet)
    routes = [each.inputs for each in net.of_type(ROUTE) if each.inputs["routeTableId"] == table]
    assert len(routes) == 1
    return routes[0]


def test_nat_per_zone_has_a_gateway_in_the_public_subnet_of_each_zone() -> None:
    net = network("perZone")
    assert len(net.of_type(NAT)) == len(net.of_type(EIP)) == len(ZONES)
    for zone in ZONES:
        nat = net.one(NAT, f"net-nat-{zone}").inputs
        assert nat["subnetId"] == net.id_of(net.one(SUBNET, f"net-public-{zone}"))
        assert nat["allocationId"] == net.id_of(net.one(EIP, f"net-nat-{zone}"))


def test_nat_per_zone_routes_each_private_subnet_to_the_gateway_of_its_zone() -> None:
    net = network("perZone")
    for zone in ZONES:
        route = only_route(net, f"net-private-{zone}")
        assert route["destinationCidrBlock"] == "0.0.0.0/0"
        assert route["natGatewayId"] == net.id_of(net.one(NAT, f"net-nat-{zone}"))


def test_nat_single_routes_every_private_subnet_to_one_gateway() -> None:
    net = network("single")
    assert len(net.of_type(EIP)) == 1
    nat = net.id_of(net.one(NAT))
    assert [only_route(net, f"net-private-{zone}")["natGatewayId"] for zone in ZONES] == [nat] * 3


def test_every_subnet_is_in_the_zone_of_its_name() -> None:
    net = network()
    for role, zones in {"public": ZONES, "private": ZONES, "control-plane": ZONES[1:]}.items():
        for zone in zones:
            subnet = net.one(SUBNET, f"net-{role}-{zone}")
            assert subnet.inputs["availabilityZone"] == zone


def test_subnets_have_the_role_tags_of_load_balancers() -> None:
    net = network()
    roles = {
        subnet.name: {tag for tag in subnet.inputs["tags"] if tag.startswith("kubernetes.io/")}
        for subnet in net.of_type(SUBNET)
    }
    assert roles == {
        **{f"net-public-{zone}": {"kubernetes.io/role/elb"} for zone in ZONES},
        **{f"net-private-{zone}": {"kubernetes.io/role/internal-elb"} for zone in ZONES},
        **{f"net-control-plane-{zone}": set() for zone in ZONES[1:]},
    }


def test_public_subnets_route_to_the_internet_and_assign_no_public_addresses() -> None:
    net = network()
    gateway = net.id_of(net.one("aws:ec2/internetGateway:InternetGateway"))
    for zone in ZONES:
        assert only_route(net, f"net-public-{zone}")["gatewayId"] == gateway
        public = net.one(SUBNET, f"net-public-{zone}")
        assert public.inputs["mapPublicIpOnLaunch"] is False


def test_control_plane_subnets_are_in_the_control_plane_zones_only() -> None:
    subnets = [each for each in network().of_type(SUBNET) if "control-plane" in each.name]
    assert sorted(each.inputs["availabilityZone"] for each in subnets) == [
        "us-east-1b",
        "us-east-1c",
    ]


def test_an_internal_load_balancer_has_subnets_with_the_routes_of_the_private_subnets() -> None:
    net = deploy(lambda: Network("net", args_of(internal=True), with_aws()))
    tables = {
        association.name.removeprefix("net-"): association.inputs["routeTableId"]
        for association in net.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
    }
    for zone in ZONES:
        assert tables[f"internal-{zone}"] == tables[f"private-{zone}"]
    assert [each.name for each in network().of_type(SUBNET) if "internal" in each.name] == []


@pytest.mark.parametrize(
    ("dualstack", "kept"), [(["public"], False), (["internal"], False), ([], True)]
)
def test_the_subnets_of_load_balancers_have_ipv6_networks_if_one_is_or_was_dual_stack(
    dualstack: list[Kind], kept: bool
) -> None:
    args = replace(args_of(internal=True, dualstack=dualstack), keeps_ipv6=kept)
    net = deploy(lambda: Network("net", args, with_aws()))
    assert net.one("aws:ec2/vpc:Vpc").inputs["assignGeneratedIpv6CidrBlock"] is True
    blocks = {
        each.name: each.inputs["ipv6CidrBlock"]
        for each in net.of_type(SUBNET)
        if "ipv6CidrBlock" in each.inputs
    }
    assert blocks == {
        f"net-{role}-{zone}": f"2001:db8:1234:{first + number:x}::/64"
        for role, first in (("public", 0x1A00), ("internal", 0x1A08))
        for number, zone in enumerate(("us-east-1a", "us-east-1b", "us-east-1c"))
    }
    routes = [each.inputs.get("destinationIpv6CidrBlock") for each in net.of_type(ROUTE)]
    assert "::/0" in routes, "the public load balancer would receive no IPv6 requests"


def test_without_dual_stack_the_vpc_has_no_ipv6_block() -> None:
    assert "assignGeneratedIpv6CidrBlock" not in network().one("aws:ec2/vpc:Vpc").inputs


def test_an_existing_subnet_without_an_ipv6_network_is_refused() -> None:
    subnets = subnets_in_aws()
    for zone in ZONES[1:]:
        id_ = subnet_id("public", zone)
        subnets[id_] = subnets[id_]._replace(ipv6="2001:db8::/64")
    with pytest.raises(pulumi.RunError) as caught:
        existing_vpc(subnets, dualstack=["public"])
    id_ = subnet_id("public", ZONES[0])
    assert str(caught.value) == (
        f"Pulumi.test.yaml: ha-eks:network.existing.publicSubnets.{ZONES[0]}: {id_} has no IPv6 "
        "network, which loadBalancing.ipAddressType: dualstack needs; add one with aws ec2 "
        "associate-subnet-cidr-block, and a route for ::/0, or remove ipAddressType"
    )


def test_control_plane_subnets_have_no_egress() -> None:
    net = network()
    tables_with_routes = {each.inputs["routeTableId"] for each in net.of_type(ROUTE)}
    for zone in ZONES[1:]:
        assert table_of(net, f"net-control-plane-{zone}") not in tables_with_routes


def test_every_private_subnet_routes_to_the_gateway_endpoint_of_s3() -> None:
    net = network()
    endpoint = net.one(ENDPOINT).inputs
    assert endpoint["vpcEndpointType"] == "Gateway"
    assert endpoint["serviceName"] == "com.amazonaws.us-east-1.s3"
    private = [table_of(net, f"net-private-{zone}") for zone in ZONES]
    assert sorted(endpoint["routeTableIds"]) == sorted(private)


def test_nat_regional_routes_every_private_subnet_to_one_gateway_of_the_vpc() -> None:
    net = network("regional")
    nat = net.one(NAT)
    assert net.of_type(EIP) == [], "AWS allocates the addresses of a regional gateway"
    assert nat.inputs["availabilityMode"] == "regional"
    assert nat.inputs["vpcId"] == net.id_of(net.one("aws:ec2/vpc:Vpc"))
    assert not {"subnetId", "allocationId"} & set(nat.inputs), (
        "AWS refuses both for a regional gateway"
    )
    for zone in ZONES:
        assert only_route(net, f"net-private-{zone}")["natGatewayId"] == net.id_of(nat)


def test_nat_none_has_no_gateway_and_no_egress_of_private_subnets() -> None:
    net = network("none")
    assert net.of_type(NAT) == net.of_type(EIP) == []
    tables_with_routes = {each.inputs["routeTableId"] for each in net.of_type(ROUTE)}
    for zone in ZONES:
        assert table_of(net, f"net-private-{zone}") not in tables_with_routes


def test_each_service_has_an_endpoint_in_every_zone_with_private_dns() -> None:
    net = network(endpoints=("ecr.api", "sts"))
    [gateway, *endpoints] = sorted(net.of_type(ENDPOINT), key=lambda each: each.name, reverse=True)
    assert gateway.inputs["vpcEndpointType"] == "Gateway"
    names = {each.inputs["serviceName"] for each in endpoints}
    assert names == {"com.amazonaws.us-east-1.ecr.api", "com.amazonaws.us-east-1.sts"}
    for each in endpoints:
        assert each.inputs["vpcEndpointType"] == "Interface"
        assert each.inputs["privateDnsEnabled"] is True, "SDKs would not use the endpoint"
        assert each.inputs["subnetIds"] == ids_of(net, "private")
        assert each.inputs["securityGroupIds"] == [net.id_of(net.one(GROUP))]


@pytest.mark.parametrize(
    ("pods", "cidrs"),
    [({}, {"10.0.0.0/16"}), ({"cidr": "100.64.0.0/16"}, {"10.0.0.0/16", "100.64.0.0/16"})],
)
def test_endpoints_accept_https_from_the_vpc_only(pods: dict[str, str], cidrs: set[str]) -> None:
    net = network(endpoints=("sts",), pods=pods)
    rules = [each.inputs for each in net.of_type(RULE)]
    assert {rule["cidrIpv4"] for rule in rules} == cidrs
    group = net.id_of(net.one(GROUP))
    for rule in rules:
        ports = (rule["ipProtocol"], rule["fromPort"], rule["toPort"])
        assert (rule["securityGroupId"], *ports) == (group, "tcp", 443, 443)


def test_without_endpoints_there_is_no_security_group() -> None:
    assert network().of_type(GROUP) == network().of_type(RULE) == []


def test_pod_subnets_have_the_routes_of_the_private_subnet_of_their_zone() -> None:
    net = network(pods={"cidr": "100.64.0.0/16"})
    association = net.one("aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation")
    assert association.inputs["cidrBlock"] == "100.64.0.0/16"
    for zone in ZONES:
        subnet = net.one(SUBNET, f"net-pods-{zone}").inputs
        assert subnet["availabilityZone"] == zone
        assert subnet["cidrBlock"] == pod_subnet("100.64.0.0/16", zone)
        assert table_of(net, f"net-pods-{zone}") == table_of(net, f"net-private-{zone}")


def test_without_a_pod_cidr_there_are_no_pod_subnets() -> None:
    assert [each for each in network().of_type(SUBNET) if "pods" in each.name] == []


@pytest.mark.parametrize(
    ("cidr", "role", "reserved"),
    [
        (None, "private", ("10.0.8.0/21", "10.0.40.0/21", "10.0.72.0/21")),
        ("100.64.0.0/16", "pods", ("100.64.16.0/20", "100.64.48.0/20", "100.64.80.0/20")),
    ],
)
def test_half_of_each_subnet_for_pods_is_reserved_for_prefixes_before_nodes_start(
    cidr: str | None, role: str, reserved: tuple[str, ...]
) -> None:
    net = network(pods={"cidr": cidr, "prefixDelegation": True})
    reservations = net.of_type(RESERVATION)
    assert [each.name for each in reservations] == [f"net-{role}-{zone}" for zone in ZONES]
    for each, zone, block in zip(reservations, ZONES, reserved, strict=True):
        assert each.inputs == {
            "subnetId": net.id_of(net.one(SUBNET, f"net-{role}-{zone}")),
            "cidrBlock": block,
            "reservationType": "prefix",
        }


def test_without_prefixes_nothing_is_reserved() -> None:
    assert network(pods={"cidr": "100.64.0.0/16"}).of_type(RESERVATION) == []


def test_the_default_security_group_has_no_rules() -> None:
    net = network()
    group = net.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").inputs
    assert group["vpcId"] == net.id_of(net.one("aws:ec2/vpc:Vpc"))
    assert not {"ingress", "egress"} & set(group)


def test_flow_logs_record_rejected_traffic_for_30_days_by_default() -> None:
    net = network()
    log = net.one(FLOW_LOG).inputs
    group = net.one(LOG_GROUP).inputs
    assert (group["name"], group["retentionInDays"]) == ("/aws/vpc/prod/flow-logs", 30)
    assert group["kmsKeyId"] == "arn:key"
    assert (log["trafficType"], log["maxAggregationInterval"]) == ("REJECT", 600)
    assert log["vpcId"] == net.id_of(net.one("aws:ec2/vpc:Vpc"))
    assert log["logDestination"].endswith(":log-group:/aws/vpc/prod/flow-logs")
    assert log["iamRoleArn"].endswith(f":role/{net.id_of(net.one(ROLE))}")


def test_flow_logs_follow_the_stack_file() -> None:
    net = network(flowLogs={"traffic": "ALL", "retentionDays": 7, "aggregationSeconds": 60})
    log = net.one(FLOW_LOG).inputs
    assert (log["trafficType"], log["maxAggregationInterval"]) == ("ALL", 60)
    assert net.one(LOG_GROUP).inputs["retentionInDays"] == 7


def test_without_flow_logs_there_is_no_log_group_and_no_role() -> None:
    net = network(flowLogs={"traffic": "none"})
    assert net.of_type(FLOW_LOG) == net.of_type(LOG_GROUP) == net.of_type(ROLE) == []


def test_flow_logs_can_write_to_their_log_group_only() -> None:
    net = network()
    role = net.one(ROLE)
    [trust] = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    role_policy = net.one("aws:iam/rolePolicy:RolePolicy").inputs
    assert role_policy["role"] == net.id_of(role)
    [statement] = json.loads(role_policy["policy"])["Statement"]
    arn = net.one(FLOW_LOG).inputs["logDestination"]
    assert statement["Resource"] == [arn, f"{arn}:*"]
    assert "logs:PutLogEvents" in statement["Action"]
    assert all(action.startswith("logs:") and "*" not in action for action in statement["Action"])


def existing() -> dict[str, object]:
    """Returns settings of an existing VPC, with the zones in reverse order."""
    return {
        "vpcId": VPC_ID,
        "privateSubnets": {zone: subnet_id("private", zone) for zone in reversed(ZONES)},
        "publicSubnets": {zone: subnet_id("public", zone) for zone in reversed(ZONES)},
        "controlPlaneSubnets": {zone: subnet_id("control", zone) for zone in reversed(ZONES[1:])},
    }


VPC_ID = "vpc-0123456789abcdef0"


def subnet_id(role: str, zone: str) -> str:
    return f"subnet-{digest(role + zone)}"


def cidr_of(role: str, zone: str) -> str:
    """Returns the CIDR of a subnet."""
    return f"192.168.{100 + len(role)}.{16 * ZONES.index(zone)}/28"


def subnets_in_aws(**exceptions: Subnet | None) -> dict[str, Subnet]:
    """Returns the subnets that exist, with exceptions for the first zone of some roles."""
    places = {
        subnet_id(role, zone): Subnet(zone, VPC_ID, cidr_of(role, zone))
        for role in ("private", "public", "control")
        for zone in ZONES
    }
    for role, place in exceptions.items():
        zone = ZONES[1] if role == "control" else ZONES[0]
        places.pop(subnet_id(role, zone))
        if place:
            places[subnet_id(role, zone)] = place
    return places


def existing_vpc(subnets: dict[str, Subnet], *, dualstack: Collection[Kind] = ()) -> Deployed:
    args = args_of(dualstack=dualstack, existing=existing())

    def build() -> None:
        net = Network("net", args, with_aws())
        assert net.egress == {zone: [] for zone in ZONES}
        assert [*net.private_subnet_ids] == [*net.public_subnet_ids] == [*ZONES]
        assert [*net.control_plane_subnet_ids] == [*ZONES[1:]], (
            "nodes would be updated in another order"
        )
        assert net.balancer_subnets["public"].cidrs == [cidr_of("public", zone) for zone in ZONES]
        assert net.control_plane_cidrs == [cidr_of("control", zone) for zone in ZONES[1:]]
        show(
            vpc=net.vpc_id,
            private=net.private_subnet_ids,
            public=net.public_subnet_ids,
            control=net.control_plane_subnet_ids,
            pods=net.pod_subnet_ids,
        )

    return deploy(build, subnets)


def test_an_existing_vpc_is_used_without_creating_resources() -> None:
    net = existing_vpc(subnets_in_aws())
    assert {each.typ for each in net.all if each.typ.startswith("aws:")} == set()
    outputs = net.shown()
    assert outputs["vpc"] == VPC_ID
    for role, zones in {"private": ZONES, "public": ZONES, "control": ZONES[1:]}.items():
        assert outputs[role] == {zone: subnet_id(role, zone) for zone in zones}
    assert outputs["pods"] == {}


def test_every_subnet_in_another_zone_or_vpc_is_reported_at_once() -> None:
    elsewhere = subnets_in_aws(
        private=Subnet("us-east-1f", VPC_ID, ""),
        public=Subnet(ZONES[0], "vpc-other", ""),
        control=None,
    )
    with pytest.raises(pulumi.RunError) as caught:
        existing_vpc(elsewhere)
    key = "Pulumi.test.yaml: ha-eks:network.existing"
    a, b, _ = ZONES
    assert str(caught.value).splitlines() == [
        f"{key}.privateSubnets.{a}: {subnet_id('private', a)} is in us-east-1f of {VPC_ID}; "
        f"write a subnet in {a} of {VPC_ID}",
        f"{key}.publicSubnets.{a}: {subnet_id('public', a)} is in {a} of vpc-other; write a "
        f"subnet in {a} of {VPC_ID}",
        f"{key}.controlPlaneSubnets.{b}: AWS returns no subnet {subnet_id('control', b)}: invoke "
        "of aws:ec2/getSubnet:getSubnet failed: no matching EC2 Subnet found (); write a subnet in "
        f"{b} of {VPC_ID}",
    ]
