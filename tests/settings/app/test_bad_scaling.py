"""What people are told of scaling, headroom and zones that are out, and what is taken."""

from pathlib import Path

import pytest

from settings.availability import headroom_of, zone_model_of
from tests.settings.stack_files import (
    APPS,
    AUTOSCALING,
    CACHE,
    CLUSTER,
    HEADROOM,
    NETWORK,
    PER_ZONE,
    POOLS,
    WEB,
    Case,
    Change,
    accepted,
    app,
    assert_one,
    changed,
    config_of,
    every_stack,
    fragment,
    pool,
    put_in,
    refused,
)

REPLICAS, SCALING = (*WEB, "replicas"), (*WEB, "scaling")
OUT = (NETWORK, "zonesOut")

ONE_CHANGE: dict[str, Case] = {
    "an unknown key in headroom": put_in(
        (HEADROOM,), "sze", 1,
        'unknown key; did you mean "size"? All keys: docs/settings.md#ha-eks-headroom',
    ),
    "headroom in its former place": put_in(
        (AUTOSCALING,), "headroom", True,
        "unknown key. All keys: docs/settings.md#ha-eks-autoscaling",
    ),
    "an unknown size of headroom": put_in(
        (HEADROOM,), "size", "big", 'must be one of auto, proportional, none, not "big"',
    ),
    "an unknown mode of headroom": put_in(
        (HEADROOM,), "mode", "pods", 'must be one of pausePods, capacityBuffer, not "pods"',
    ),
    "headroom for nobody": (
        (HEADROOM,), {"pods": {"nobody": 1}}, f"{HEADROOM}.pods.nobody", 1, "an app: cache, web",
    ),
    "headroom of less than none": (
        (HEADROOM,), {"pods": {"web": -1}}, f"{HEADROOM}.pods.web", -1,
        "must be between 0 and 1000, not -1",
    ),
    "buffers that grow with the nodes": (
        (HEADROOM,), {"mode": "capacityBuffer", "size": "proportional"},
        f"{HEADROOM}.size", "proportional", fragment("auto or none with mode capacityBuffer"),
    ),
    "a zone out that is none": (
        OUT, ["eu-north-1a"], f"{NETWORK}.zonesOut[0]", "eu-north-1a",
        fragment("one of zones: us-"),
    ),
    "a pod that fits no node": (
        (*WEB, "requests"), {"cpu": "1500m", "memory": "64Mi"},
        f"{APPS}.web.requests", {"cpu": "1500m", "memory": "64Mi"},
        fragment("beside what runs on every node: m7i.large of general 1440m CPU and 6216Mi"),
    ),
}  # fmt: skip


@every_stack
@pytest.mark.parametrize("case", ONE_CHANGE)
def test_one_bad_value_is_one_problem_with_key_value_and_what_is_allowed(
    tmp_path: Path, stack: str, case: str
):
    path, new, key, value, word = ONE_CHANGE[case]
    assert_one(refused(tmp_path, stack, changed(stack, (path, new))), key, value, word)


def test_headroom_that_no_pool_has_room_for_is_refused_with_the_sum(tmp_path: Path) -> None:
    few: Change = ((*CACHE, "replicas", "max"), 6)
    text = changed("prod", few, ((*PER_ZONE, "max"), 2))
    assert_one(
        refused(tmp_path, "prod", text),
        f"{POOLS}.general.perZone.max",
        2,
        fragment(
            "3 or more, larger types or less headroom",
            "a zone holds 2 web of 750m CPU and 256Mi, 1 cache of 100m CPU and 160Mi",
            "and room for 1 web, 1 cache, the system, at 1440m CPU and 6216Mi a node",
        ),
    )
    accepted(tmp_path, "prod", few, ((*PER_ZONE, "max"), 3))
    accepted(tmp_path, "prod", few, ((*PER_ZONE, "max"), 2), ((HEADROOM,), {"size": "none"}))


def test_headroom_by_hand_counts_as_well(tmp_path: Path) -> None:
    by_hand: Change = ((HEADROOM,), {"pods": {"web": 12}})
    (one,) = refused(tmp_path, "prod", changed("prod", by_hand))
    assert one.key == f"{POOLS}.general.perZone.max"
    assert "room for 12 web" in one.message


def test_buffers_are_of_the_minors_that_have_them(tmp_path: Path) -> None:
    buffers: Change = ((HEADROOM,), {"mode": "capacityBuffer"})
    text = changed("dev", buffers, ((CLUSTER, "version"), "1.34"))
    assert_one(
        refused(tmp_path, "dev", text),
        f"{HEADROOM}.mode",
        "capacityBuffer",
        fragment("came with 1.35"),
    )
    accepted(tmp_path, "dev", buffers, ((CLUSTER, "version"), "1.35"))


def test_the_priority_expander_is_for_spot_pools(tmp_path: Path) -> None:
    cheap: Change = ((POOLS, "cheap"), pool(4, capacityType="SPOT"))
    accepted(tmp_path, "dev", cheap, ((AUTOSCALING,), {"expander": "priority"}))


# Zones that are out.


def test_not_all_zones_are_out(tmp_path: Path) -> None:
    zones = config_of("dev")[NETWORK]["zones"]
    text = changed("dev", (OUT, zones))
    assert_one(
        refused(tmp_path, "dev", text), f"{NETWORK}.zonesOut", zones, fragment("all but one")
    )


def test_a_zone_that_is_out_leaves_the_claim_to_the_others(tmp_path: Path) -> None:
    out: Change = (OUT, ["us-east-1c"])
    settings = accepted(tmp_path, "prod", out)
    web, network = settings.apps["web"], settings.network
    assert (network.zones_in, network.effective_zones) == (("us-east-1a", "us-east-1b"), 2)
    assert web.replicas.minimum(network.effective_zones) == 8
    assert web.scaling.cpu_target(network.effective_zones) == 45
    assert headroom_of(settings).pods["web"] == 4
    assert zone_model_of(settings).pools["general"].min == 3, "three zones' two nodes in two"


def test_with_one_zone_left_what_was_held_in_all_is_held_there(tmp_path: Path) -> None:
    settings = accepted(tmp_path, "dev", (OUT, ["us-east-1b"]))
    assert settings.network.effective_zones == 2
    assert headroom_of(settings).pods["web"] == 2
    assert zone_model_of(settings).pools["general"].min == 4


def test_headroom_by_hand_moves_with_the_zones(tmp_path: Path) -> None:
    settings = accepted(
        tmp_path, "prod", (OUT, ["us-east-1a"]), ((HEADROOM,), {"pods": {"web": 1}})
    )
    assert headroom_of(settings).pods["web"] == 2


def test_minimums_that_do_not_fit_into_the_zones_that_are_left_are_refused(tmp_path: Path) -> None:
    text = changed("dev", (OUT, ["us-east-1a"]), ((*PER_ZONE, "min"), 3))
    problems = refused(tmp_path, "dev", text)
    told = "6 or more: 3 × 2 zones are held in 1 while zonesOut has the others"
    assert_one(problems, f"{POOLS}.general.perZone.max", 4, fragment(told))


# Room.


def test_room_is_a_share_of_what_another_zone_runs(tmp_path: Path) -> None:
    assert headroom_of(accepted(tmp_path, "prod")).pods == {"web": 1, "cache": 1, "system": 1}
    more = accepted(tmp_path, "prod", ((*REPLICAS, "min"), 15))
    assert headroom_of(more).pods["web"] == 3


@pytest.mark.parametrize(
    ("headroom", "room"),
    [
        ({"size": "none"}, {}),
        ({"size": "none", "pods": {"web": 2}}, {"web": 2}),
        ({"pods": {"web": 0}}, {"web": 0, "cache": 1, "system": 1}),
        ({"size": "proportional"}, {"web": 1, "cache": 1, "system": 1}),
        ({"mode": "capacityBuffer"}, {"web": 1, "cache": 1, "system": 1}),
    ],
)
def test_room_is_what_size_and_hand_say(
    tmp_path: Path, headroom: object, room: dict[str, int]
) -> None:
    assert headroom_of(accepted(tmp_path, "prod", ((HEADROOM,), headroom))).pods == room


def test_the_nodes_of_a_pool_have_what_the_least_of_its_types_has(tmp_path: Path) -> None:
    types: Change = ((POOLS, "general", "instanceTypes"), ["m7i.xlarge", "c7i.large", "r7i.large"])
    kind = zone_model_of(accepted(tmp_path, "dev", types)).pools["general"]
    assert (kind.free.cpu, kind.free.pods) == (1440, 22)
    assert kind.free.memory == 3114 - 687
    assert kind.name == "m7i.xlarge or c7i.large or r7i.large"


def test_prefixes_let_more_pods_onto_a_node_and_a_pod_network_fewer(tmp_path: Path) -> None:
    def places(**pods: object) -> int:
        settings = accepted(tmp_path, "dev", ((NETWORK, "pods"), pods))
        return zone_model_of(settings).pools["general"].free.pods

    daemons = 7
    assert places(prefixDelegation=True) == 110 - daemons
    assert places(cidr="100.64.0.0/16") == 20 - daemons
    assert places() == 29 - daemons


def test_what_kubelets_keep_is_not_the_pods(tmp_path: Path) -> None:
    kubelet: Change = ((POOLS, "general", "kubelet"), {"systemReserved": {"cpu": "200m"}})
    assert zone_model_of(accepted(tmp_path, "dev", kubelet)).pools["general"].free.cpu == 1240


def test_pods_of_the_system_keep_off_pools_with_taints(tmp_path: Path) -> None:
    batch: Change = ((POOLS, "batch"), pool(2, "NO_SCHEDULE"))
    own: Change = ((APPS, "job"), app(pool="batch"))
    cell = zone_model_of(accepted(tmp_path, "dev", batch, own))
    assert {each.pod.pools for each in cell.system} == {frozenset(["general"])}
    assert {each.pod.name: set(each.pod.pools) for each in cell.apps}["job"] == {"batch"}
