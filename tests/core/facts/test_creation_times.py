from core.facts.creation_times import DEFAULT, TYPICAL, Duration, typical

ADD_ON = "aws:eks/addon:Addon"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"


def test_every_figure_has_its_source() -> None:
    for name, duration in {**TYPICAL, "": DEFAULT}.items():
        assert duration.seconds > 0, name
        assert duration.documented != duration.source.startswith("estimate: "), name


def test_what_is_documented_is_documented_by_aws() -> None:
    documented = [each.source for each in TYPICAL.values() if each.documented]
    assert len(documented) == 3
    for source in documented:
        assert source.startswith(("https://docs.aws.amazon.com/", "https://aws.amazon.com/"))


def test_an_add_on_that_needs_no_node_is_told_from_the_others() -> None:
    assert typical(ADD_ON, {"addonName": "vpc-cni"}) == TYPICAL[f"{ADD_ON} vpc-cni"]
    for inputs in ({"addonName": "coredns"}, {}):
        assert typical(ADD_ON, inputs) == TYPICAL[ADD_ON]


def test_endpoints_are_told_apart_and_a_gateway_s_is_the_quicker_one() -> None:
    gateway, interface = (
        typical(ENDPOINT, {"vpcEndpointType": kind}) for kind in ("Gateway", "Interface")
    )
    assert gateway.seconds < interface.seconds


def test_an_input_counts_for_the_types_only_that_it_tells_apart() -> None:
    assert typical("aws:ec2/subnet:Subnet", {"addonName": "vpc-cni"}) == DEFAULT
    assert typical("aws:iam/role:Role", {"name": "vpc-cni"}) == TYPICAL["aws:iam/role:Role"]


def test_a_type_without_a_row_takes_the_default() -> None:
    assert typical("test:index:Thing", {}) == DEFAULT
    assert isinstance(DEFAULT, Duration)
