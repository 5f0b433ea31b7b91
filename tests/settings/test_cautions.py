from datetime import timedelta

import pytest

from core.facts.versions import KUBERNETES
from settings import check
from settings.cautions import cautions
from tests.settings.stack_files import NETWORK, POOLS, Change, cautions_of, config_of

GENERAL = (POOLS, "general")


@pytest.mark.parametrize(("days", "told"), [(61, 0), (60, 1), (-1, 1)])
def test_the_end_of_a_versions_support_is_told_two_months_before(days: int, told: int) -> None:
    settings, _ = check(config_of("prod"))
    assert settings
    end = KUBERNETES[settings.cluster.version]
    found = cautions(settings, end - timedelta(days=days))
    about = [str(each) for each in found if each.key == "ha-eks:cluster.version"]
    assert len(about) == told
    assert all(str(end) in each for each in about)


def test_the_shipped_stacks_need_no_caution_but_of_what_aws_has_not_everywhere() -> None:
    types = "ha-eks:pools.general.instanceTypes[0]"
    for stack in ("dev", "prod"):
        found = cautions_of(stack=stack)
        assert set(found) == {types}
        assert found[types].startswith("m7i.large is offered in 5 of 6 zones of us-east-1")
    assert cautions_of() == {}


def test_a_region_that_the_data_does_not_know_is_told() -> None:
    zones = ["mx-central-1a", "mx-central-1b"]
    found = cautions_of(
        (("aws:region",), "mx-central-1"),
        ((NETWORK, "zones"), zones),
        ((NETWORK, "controlPlaneZones"), zones),
        stack="dev",
    )
    assert list(found) == ["aws:region"]
    assert "which instance types mx-central-1 offers is not known" in found["aws:region"]


def test_what_a_spanning_pool_cannot_do_is_told() -> None:
    found = cautions_of(((*GENERAL, "layout"), "spanning"))
    assert "an update goes through all zones at once" in found["ha-eks:pools.general.layout"]


def test_a_warm_pool_that_is_as_large_as_the_pool_is_told() -> None:
    found = cautions_of(((*GENERAL, "warmPool"), {}))
    assert "holds 12 nodes" in found["ha-eks:pools.general.warmPool.maxPrepared"]
    assert cautions_of(((*GENERAL, "warmPool"), {"maxPrepared": 3})) == {}


PODS: Change = ((NETWORK, "pods"), {"cidr": "100.64.0.0/16"})
TYPES = (*GENERAL, "instanceTypes")


def of_types(*types: str) -> str | None:
    """What is told of a pool whose pods have a network of their own."""
    few: Change = ((*GENERAL, "perZone", "max"), 8)
    return cautions_of(PODS, few, (TYPES, [*types])).get("ha-eks:pools.general.instanceTypes")


def test_pods_that_get_no_address_of_their_own_network_are_told() -> None:
    text = of_types("m6i.large")
    assert text
    assert "EKS may let 29 pods onto a node, of which all but 2 need an address" in text
    assert "m6i.large has 18, and pods beyond that wait for one" in text
    assert "network.pods.prefixDelegation: true gives 16 times as many" in text


def test_a_pool_of_several_types_has_the_pods_of_the_least() -> None:
    text = of_types("m6i.2xlarge", "m6i.xlarge", "m6i.large")
    assert text
    assert "may let 29 pods" in text
    assert "network.pods.cidr: m6i.large has 18, and" in text, "the others have 42"
    assert "m6i.xlarge has 42, m6i.2xlarge has 42" in (of_types("m6i.xlarge", "m6i.2xlarge") or "")


def test_large_types_have_addresses_for_all_pods_that_eks_lets_on() -> None:
    assert of_types("m6i.4xlarge") is None, "110 at most, and 203 addresses"
    assert of_types("m6i.24xlarge") is None


@pytest.mark.parametrize("pods", [{"cidr": "100.64.0.0/16", "prefixDelegation": True}, {}])
def test_prefixes_and_the_nodes_subnet_have_addresses_for_all_pods(pods: dict[str, object]) -> None:
    change: Change = ((NETWORK, "pods"), pods)
    assert cautions_of(change, (TYPES, ["m6i.large"])) == {}


HEADROOM = "ha-eks:headroom"
OUT = "ha-eks:network.zonesOut"


def test_less_room_by_hand_than_a_share_is_told() -> None:
    found = cautions_of(((HEADROOM,), {"pods": {"web": 0}}))
    assert "pods of web are 1 for each of the others" in found[f"{HEADROOM}.pods.web"]
    assert cautions_of(((HEADROOM,), {"pods": {"web": 1}})) == {}


def test_one_zone_that_is_left_is_told() -> None:
    found = cautions_of(((NETWORK, "zonesOut"), ["us-east-1a", "us-east-1c"]), stack="prod")
    assert "nothing would be left" in found[OUT]
    assert OUT not in cautions_of(((NETWORK, "zonesOut"), ["us-east-1a"]), stack="prod")


def test_a_cell_that_could_not_take_a_zone_out_is_told_before() -> None:
    found = cautions_of(((*GENERAL, "perZone", "max"), 6), stack="prod")
    assert f"could not take a zone as this file is: {'.'.join(GENERAL)}.perZone.max" in found[OUT]
    assert "a zone holds 4 web" in found[OUT]
