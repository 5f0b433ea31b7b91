"""Tests of the typical creation times and their sources."""

from core.facts.creation_times import DEFAULT, TYPICAL, Duration, typical

ADD_ON = "aws:eks/addon:Addon"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"


def test_every_creation_time_has_a_documented_source_or_is_an_estimate() -> None:
    for name, duration in {**TYPICAL, "": DEFAULT}.items():
        assert duration.seconds > 0, name
        assert duration.documented != duration.source.startswith("estimate: "), name


def test_documented_creation_times_are_from_aws() -> None:
    documented = [each.source for each in TYPICAL.values() if each.documented]
    assert len(documented) == 3
    for source in documented:
        assert source.startswith(("https://docs.aws.amazon.com/", "https://aws.amazon.com/"))


def test_add_ons_that_need_no_node_have_their_own_creation_time() -> None:
    assert typical(ADD_ON, {"addonName": "vpc-cni"}) == TYPICAL[f"{ADD_ON} vpc-cni"]
    for inputs in ({"addonName": "coredns"}, {}):
        assert typical(ADD_ON, inputs) == TYPICAL[ADD_ON]


def test_a_gateway_endpoint_is_created_faster_than_an_interface_endpoint() -> None:
    gateway, interface = (
        typical(ENDPOINT, {"vpcEndpointType": kind}) for kind in ("Gateway", "Interface")
    )
    assert gateway.seconds < interface.seconds


def test_other_types_ignore_the_inputs_that_distinguish_add_ons() -> None:
    assert typical("aws:ec2/subnet:Subnet", {"addonName": "vpc-cni"}) == DEFAULT
    assert typical("aws:iam/role:Role", {"name": "vpc-cni"}) == TYPICAL["aws:iam/role:Role"]


def test_an_unknown_type_has_the_default_creation_time() -> None:
    assert typical("test:index:Thing", {}) == DEFAULT
    assert isinstance(DEFAULT, Duration)
