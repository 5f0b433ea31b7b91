from components.network import Network, NetworkArgs
from settings.network import Network as NetworkSettings
from tests.components.deploy import REGION, Deployed, deploy, with_aws

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")

EIP = "aws:ec2/eip:Eip"
NAT = "aws:ec2/natGateway:NatGateway"
ROUTE = "aws:ec2/route:Route"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
SUBNET = "aws:ec2/subnet:Subnet"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"


def network(nat: str = "perZone") -> Deployed:
    settings = NetworkSettings.model_validate(
        {"zones": ZONES, "controlPlaneZones": ZONES[1:], "nat": nat}
    )
    return deploy(lambda: Network("net", NetworkArgs(network=settings, region=REGION), with_aws()))


def table_of(net: Deployed, subnet: str) -> str:
    """The id of the route table that a subnet uses."""
    subnet_id = net.id_of(net.one(SUBNET, subnet))
    tables = [
        each.inputs["routeTableId"]
        for each in net.of_type(ASSOCIATION)
        if each.inputs["subnetId"] == subnet_id
    ]
    assert len(tables) == 1
    return tables[0]


def way_out(net: Deployed, subnet: str) -> dict[str, str]:
    """The inputs of the only route of a subnet's route table."""
    table = table_of(net, subnet)
    routes = [each.inputs for each in net.of_type(ROUTE) if each.inputs["routeTableId"] == table]
    assert len(routes) == 1
    return routes[0]


def test_per_zone_every_zone_has_a_nat_gateway_with_an_address_in_its_own_public_subnet() -> None:
    net = network("perZone")
    assert len(net.of_type(NAT)) == len(net.of_type(EIP)) == len(ZONES)
    for zone in ZONES:
        nat = net.one(NAT, f"net-nat-{zone}").inputs
        assert nat["subnetId"] == net.id_of(net.one(SUBNET, f"net-public-{zone}"))
        assert nat["allocationId"] == net.id_of(net.one(EIP, f"net-nat-{zone}"))


def test_per_zone_every_private_subnet_goes_out_by_the_nat_gateway_of_its_zone() -> None:
    net = network("perZone")
    for zone in ZONES:
        route = way_out(net, f"net-private-{zone}")
        assert route["destinationCidrBlock"] == "0.0.0.0/0"
        assert route["natGatewayId"] == net.id_of(net.one(NAT, f"net-nat-{zone}"))


def test_single_there_is_one_nat_gateway_and_every_private_subnet_goes_out_by_it() -> None:
    net = network("single")
    assert len(net.of_type(EIP)) == 1
    nat = net.id_of(net.one(NAT))
    assert [way_out(net, f"net-private-{zone}")["natGatewayId"] for zone in ZONES] == [nat] * 3


def test_every_subnet_is_in_the_zone_it_is_named_for() -> None:
    net = network()
    for role, zones in {"public": ZONES, "private": ZONES, "control-plane": ZONES[1:]}.items():
        for zone in zones:
            subnet = net.one(SUBNET, f"net-{role}-{zone}")
            assert subnet.inputs["availabilityZone"] == zone


def test_subnets_say_by_tag_which_load_balancers_they_take() -> None:
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


def test_public_subnets_go_to_the_internet_but_give_no_public_addresses() -> None:
    net = network()
    gateway = net.id_of(net.one("aws:ec2/internetGateway:InternetGateway"))
    for zone in ZONES:
        assert way_out(net, f"net-public-{zone}")["gatewayId"] == gateway
        public = net.one(SUBNET, f"net-public-{zone}")
        assert public.inputs["mapPublicIpOnLaunch"] is False


def test_control_plane_subnets_are_in_the_control_plane_zones_only() -> None:
    subnets = [each for each in network().of_type(SUBNET) if "control-plane" in each.name]
    assert sorted(each.inputs["availabilityZone"] for each in subnets) == [
        "us-east-1b",
        "us-east-1c",
    ]


def test_control_plane_subnets_have_no_way_out() -> None:
    net = network()
    with_a_route = {each.inputs["routeTableId"] for each in net.of_type(ROUTE)}
    for zone in ZONES[1:]:
        assert table_of(net, f"net-control-plane-{zone}") not in with_a_route


def test_every_private_subnet_reaches_s3_by_the_gateway_endpoint() -> None:
    net = network()
    endpoint = net.one(ENDPOINT).inputs
    assert endpoint["vpcEndpointType"] == "Gateway"
    assert endpoint["serviceName"] == "com.amazonaws.us-east-1.s3"
    private = [table_of(net, f"net-private-{zone}") for zone in ZONES]
    assert sorted(endpoint["routeTableIds"]) == sorted(private)
