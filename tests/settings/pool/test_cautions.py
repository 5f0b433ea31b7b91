"""Cautions about pools."""

import pytest

from tests.settings.stack_files import (
    NETWORK,
    PER_ZONE,
    POOLS,
    Change,
    cautions_of,
)

GENERAL = (POOLS, "general")
TYPES = (*GENERAL, "instanceTypes")
WARM = (*GENERAL, "warmPool")


def key_of(*path: str | int) -> str:
    return ".".join(map(str, path))


def test_a_shipped_stack_file_has_no_other_caution() -> None:
    assert cautions_of(stack="prod-standby") == {}


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_type_that_some_zones_do_not_offer_is_a_caution(stack: str) -> None:
    assert cautions_of(stack=stack) == {
        "ha-eks:network.controlPlaneZones": "EKS refuses the zone with the ID use1-az3; "
        "its name differs between accounts, so find the name in your account: aws ec2 "
        "describe-availability-zones --region us-east-1 --zone-ids use1-az3",
        f"{key_of(*TYPES)}[0]": "EC2 offers m7i.large in 5 of 6 zones of us-east-1; check that "
        "these include the zones of the cell: aws ec2 describe-instance-type-offerings "
        "--location-type availability-zone --region us-east-1 --filters "
        "Name=instance-type,Values=m7i.large",
    }


def test_a_spanning_pool_is_a_caution() -> None:
    assert cautions_of(((*GENERAL, "layout"), "spanning")) == {
        key_of(*GENERAL, "layout"): "EKS updates a spanning pool in all zones at once; the "
        "autoscaler cannot add a node in a certain zone, so that headroom and pods with a volume "
        "can stay pending; and when the zones are uneven, as after a zone failure, Auto Scaling "
        "terminates nodes to balance them (AZRebalance), at the latest 15 minutes after their "
        "drain began, also against disruption budgets; write layout: perZone to avoid all three"
    }


def test_a_warm_pool_without_max_prepared_is_a_caution() -> None:
    assert cautions_of((WARM, {})) == {
        key_of(*WARM, "maxPrepared"): "without maxPrepared, each zone always has 12 nodes and warm "
        "instances together, which is perZone.max; write a maxPrepared to have fewer"
    }
    assert cautions_of((WARM, {"maxPrepared": 3})) == {}


PODS: Change = ((NETWORK, "pods"), {"cidr": "100.64.0.0/16"})


@pytest.mark.parametrize(
    ("types", "max_pods", "too_few"),
    [
        (["m6i.large"], 29, "m6i.large has 18"),
        (["m6i.2xlarge", "m6i.xlarge", "m6i.large"], 29, "m6i.large has 18"),
        (["m6i.xlarge", "m6i.2xlarge"], 58, "m6i.xlarge has 42, m6i.2xlarge has 42"),
    ],
)
def test_too_few_pod_addresses_per_node_are_a_caution(
    types: list[str], max_pods: int, too_few: str
) -> None:
    found = cautions_of(PODS, ((*PER_ZONE, "max"), 8), (TYPES, types))
    assert found[key_of(*TYPES)] == (
        f"EKS may allow {max_pods} pods on a node, of which {max_pods - 2} need an address of "
        f"network.pods.cidr, but {too_few}; pods without an address do not start; write "
        "network.pods.prefixDelegation: true for 16 times as many addresses"
    )


@pytest.mark.parametrize("name", ["m6i.4xlarge", "m6i.24xlarge"])
def test_large_types_have_addresses_for_the_maximum_number_of_pods(name: str) -> None:
    assert key_of(*TYPES) not in cautions_of(PODS, ((*PER_ZONE, "max"), 8), (TYPES, [name]))


@pytest.mark.parametrize("pods", [{"cidr": "100.64.0.0/16", "prefixDelegation": True}, {}])
def test_prefixes_and_node_subnets_have_addresses_for_the_maximum_number_of_pods(
    pods: dict[str, object],
) -> None:
    assert cautions_of(((NETWORK, "pods"), pods), (TYPES, ["m6i.large"])) == {}
