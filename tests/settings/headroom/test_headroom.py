"""Tests of ha-eks:headroom: problems, cautions, and the headroom that is calculated from it."""

from pathlib import Path

import pytest

from settings.availability import headroom_of, zone_model_of
from tests.settings.stack_files import (
    APPS,
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
    assert_problem,
    cautions_of,
    changed,
    config_of,
    every_stack,
    pool,
    put,
    put_in,
    refused,
    unknown_key,
)

OUT = (NETWORK, "zonesOut")
REQUESTS = (*WEB, "requests")

ONE_CHANGE: dict[str, Case] = {
    "a misspelled key": put_in((HEADROOM,), "sze", 1, unknown_key(HEADROOM, "size")),
    "an unknown size": put_in(
        (HEADROOM,), "size", "big", 'must be one of auto, proportional, none; found "big"'
    ),
    "an unknown mode": put_in(
        (HEADROOM,), "mode", "pods", 'must be one of pausePods, capacityBuffer; found "pods"'
    ),
    "headroom for an unknown app": (
        (HEADROOM,), {"pods": {"api": 1}}, f"{HEADROOM}.pods.api", 1,
        "there is no app or worker api; write one of cache, web",
    ),
    "a negative number of pods": (
        (HEADROOM,), {"pods": {"web": -1}}, f"{HEADROOM}.pods.web", -1,
        "must be between 0 and 1000, not -1",
    ),
    "0 nodes per pod": put_in(
        (HEADROOM,), "nodesPerPod", 0, "must be between 1 and 1000, not 0"
    ),
    "capacity buffers with proportional headroom": (
        (HEADROOM,), {"mode": "capacityBuffer", "size": "proportional"},
        f"{HEADROOM}.size", "proportional",
        "proportional requires pause pods; write auto or none, or mode: pausePods",
    ),
    "a pod with more CPU than a node has left": put(
        REQUESTS, {"cpu": "1500m", "memory": "64Mi"},
        "web requests 1500m CPU and 64Mi memory, but m7i.large nodes in pool general have 1440m "
        "CPU left after system pods; write smaller requests, or larger instance types",
    ),
    "a pod with more memory than a node has left": put(
        REQUESTS, {"cpu": "1", "memory": "7Gi"},
        "web requests 1 CPU and 7Gi memory, but m7i.large nodes in pool general have 6216Mi "
        "memory left after system pods; write smaller requests, or larger instance types",
    ),
    "a pod with more CPU and memory than a node has left": put(
        REQUESTS, {"cpu": "2", "memory": "7Gi"},
        "web requests 2 CPU and 7Gi memory, but m7i.large nodes in pool general have 1440m CPU and "
        "6216Mi memory left after system pods; write smaller requests, or larger instance types",
    ),
    "a storage request that is larger than the disk": (
        REQUESTS, {"cpu": "250m", "memory": "64Mi", "ephemeralStorage": "50Gi"},
        f"{APPS}.web.requests.ephemeralStorage", "50Gi",
        "web requests 250m CPU, 64Mi memory and 51200Mi ephemeral storage, but m7i.large nodes in "
        "pool general have 44134Mi ephemeral storage left after system pods; write smaller "
        "requests or scratch sizes, or a larger diskGib",
    ),
    "a pod with more memory and storage than a node has left": put(
        REQUESTS, {"cpu": "250m", "memory": "7Gi", "ephemeralStorage": "50Gi"},
        "web requests 250m CPU, 7Gi memory and 51200Mi ephemeral storage, but m7i.large nodes in "
        "pool general have 6216Mi memory and 44134Mi ephemeral storage left after system pods; "
        "write smaller requests or scratch sizes, or larger instance types and a larger diskGib",
    ),
}  # fmt: skip


@every_stack
@pytest.mark.parametrize("case", ONE_CHANGE)
def test_a_wrong_value_is_one_problem_with_key_value_and_message(
    tmp_path: Path, stack: str, case: str
) -> None:
    path, new, key, value, message = ONE_CHANGE[case]
    assert_problem(refused(tmp_path, stack, changed(stack, (path, new))), key, value, message)


def test_a_pod_that_fits_on_no_pool_is_compared_with_every_pool(tmp_path: Path) -> None:
    small: Change = ((POOLS, "small"), pool(4, instanceTypes=["c7i.large"]))
    requests = {"cpu": "1500m", "memory": "4Gi"}
    problems = refused(tmp_path, "dev", changed("dev", small, (REQUESTS, requests)))
    assert_problem(
        problems,
        f"{APPS}.web.requests",
        requests,
        "web requests 1500m CPU and 4Gi memory, but m7i.large nodes in pool general have 1440m CPU "
        "and c7i.large nodes in pool small have 1440m CPU and 2427Mi memory left after system "
        "pods; write smaller requests, or larger instance types",
    )


def test_a_scratch_directory_that_is_larger_than_the_disk_is_refused(tmp_path: Path) -> None:
    scratch = {"/tmp": "50Gi"}
    requests: Change = (REQUESTS, {"cpu": "250m", "memory": "64Mi"})
    assert_problem(
        refused(tmp_path, "dev", changed("dev", requests, ((*WEB, "scratch"), scratch))),
        f"{APPS}.web.scratch",
        scratch,
        "web requests 250m CPU, 64Mi memory and 51264Mi ephemeral storage, but m7i.large nodes in "
        "pool general have 44134Mi ephemeral storage left after system pods; write smaller "
        "requests or scratch sizes, or a larger diskGib",
    )


FEW: Change = ((*CACHE, "replicas", "max"), 5)


def test_headroom_that_does_not_fit_on_the_pools_is_refused_with_the_sum(tmp_path: Path) -> None:
    text = changed("prod", FEW, ((*PER_ZONE, "max"), 2))
    assert_problem(
        refused(tmp_path, "prod", text),
        f"{POOLS}.general.perZone.max",
        2,
        "a zone runs 2 web pods (750m CPU and 256Mi), 1 cache pod (100m CPU and 160Mi) and system "
        "pods, with headroom for 1 web pod, 1 cache pod and system pods, and needs 3 nodes with "
        "1440m CPU and 6216Mi each, but max is 2; write 3 or more, larger instance types or less "
        "headroom",
    )
    accepted(tmp_path, "prod", FEW, ((*PER_ZONE, "max"), 3))
    small: Change = (REQUESTS, {"cpu": "400m", "memory": "256Mi"})
    none: Change = ((HEADROOM,), {"size": "none"})
    accepted(tmp_path, "prod", FEW, small, ((*PER_ZONE, "max"), 2), none)


def test_nodes_for_ephemeral_storage_are_counted(tmp_path: Path) -> None:
    changes: list[Change] = [
        FEW,
        (REQUESTS, {"cpu": "250m", "memory": "256Mi"}),
        ((*WEB, "scratch"), {"/tmp": "30Gi"}),
        ((*PER_ZONE, "max"), 2),
    ]
    assert_problem(
        refused(tmp_path, "prod", changed("prod", *changes)),
        f"{POOLS}.general.perZone.max",
        2,
        "a zone runs 2 web pods (250m CPU, 256Mi and 30784Mi ephemeral storage), 1 cache pod (100m "
        "CPU, 160Mi and 64Mi ephemeral storage) and system pods, with headroom for 1 web pod, 1 "
        "cache pod and system pods, and needs 3 nodes with 1440m CPU, 6216Mi and 44134Mi ephemeral "
        "storage each, but max is 2; write 3 or more, a larger diskGib or less headroom",
    )
    accepted(tmp_path, "prod", *changes, ((POOLS, "general", "diskGib"), 100))


def test_pods_that_do_not_fit_without_headroom_are_refused_with_the_sum(tmp_path: Path) -> None:
    text = changed(
        "prod",
        ((*CACHE, "spread"), {}),
        ((HEADROOM,), {"size": "none"}),
        (PER_ZONE, {"min": 1, "max": 1}),
    )
    assert_problem(
        refused(tmp_path, "prod", text),
        f"{POOLS}.general.perZone.max",
        1,
        "a zone runs 2 web pods (750m CPU and 256Mi), 1 cache pod (100m CPU and 160Mi) and system "
        "pods and needs 2 nodes with 1440m CPU and 6216Mi each, but max is 1; write 2 or more, "
        "or larger instance types",
    )


def test_a_rollout_without_capacity_for_one_more_pod_is_refused(tmp_path: Path) -> None:
    changes: list[Change] = [
        ((HEADROOM,), {"size": "none"}),
        (REQUESTS, {"cpu": "1300m", "memory": "64Mi"}),
        ((*PER_ZONE, "min"), 1),
    ]
    assert_problem(
        refused(tmp_path, "dev", changed("dev", *changes, ((*PER_ZONE, "max"), 2))),
        ".".join((*WEB, "replicas")),
        config_of("dev")[APPS]["web"]["replicas"],
        "a rollout starts a new pod before an old pod terminates, but with the minimum of 2 pods, "
        "no node of pool general has capacity for another; raise perZone.max, or write larger "
        "instance types",
    )
    accepted(tmp_path, "dev", *changes, ((*PER_ZONE, "max"), 3))


@pytest.mark.parametrize(
    ("instance", "headroom", "message"),
    [
        (
            "t3.nano",
            "auto",
            "t3.nano nodes have -734Mi memory and -3 pods left after the system pods of every "
            "node; write larger instance types",
        ),
        (
            "t3.small",
            "auto",
            "the headroom for system pods requests 660m CPU and 1558Mi, but t3.small nodes in pool "
            "general have 1440m CPU and 731Mi left; write larger instance types, or headroom.size: "
            "none",
        ),
        (
            "t3.small",
            "none",
            "a pod of cluster-autoscaler requests 100m CPU and 600Mi, but t3.small nodes in pool "
            "general have 1440m CPU and 431Mi left; write larger instance types",
        ),
    ],
    ids=["the system pods of every node", "headroom", "a system pod"],
)
def test_nodes_that_are_too_small_for_system_pods_are_refused(
    tmp_path: Path, instance: str, headroom: str, message: str
) -> None:
    pool = (POOLS, "general")
    changes: list[Change] = [
        ((HEADROOM,), {"size": headroom}),
        (REQUESTS, {"cpu": "10m", "memory": "16Mi"}),
        ((*CACHE, "requests"), {"cpu": "10m", "memory": "16Mi"}),
        ((*pool, "instanceTypes"), [instance]),
    ]
    if headroom == "none":
        changes.append(((*pool, "kubelet"), {"systemReserved": {"memory": "300Mi"}}))
    assert_problem(
        refused(tmp_path, "dev", changed("dev", *changes)),
        ".".join((*pool, "instanceTypes")),
        [instance],
        message,
    )


def test_headroom_of_named_apps_must_fit_on_the_pools(tmp_path: Path) -> None:
    text = changed("prod", ((HEADROOM,), {"pods": {"web": 12}}))
    assert_problem(
        refused(tmp_path, "prod", text),
        f"{POOLS}.general.perZone.max",
        12,
        "a zone runs 2 web pods (750m CPU and 256Mi), 1 cache pod (100m CPU and 160Mi) and system "
        "pods, with headroom for 12 web pods, 1 cache pod and system pods, and needs 14 nodes with "
        "1440m CPU and 6216Mi each, but max is 12; write 14 or more, larger instance types or less "
        "headroom",
    )


def test_capacity_buffers_require_kubernetes_1_35(tmp_path: Path) -> None:
    buffers: Change = ((HEADROOM,), {"mode": "capacityBuffer"})
    text = changed("dev", buffers, ((CLUSTER, "version"), "1.34"))
    assert_problem(
        refused(tmp_path, "dev", text),
        f"{HEADROOM}.mode",
        "capacityBuffer",
        "capacityBuffer requires Kubernetes 1.35 or later, but cluster.version is 1.34; write "
        "pausePods",
    )
    accepted(tmp_path, "dev", buffers, ((CLUSTER, "version"), "1.35"))


def test_less_headroom_than_a_failed_zone_needs_is_a_caution() -> None:
    assert cautions_of(((HEADROOM,), {"pods": {"web": 0}})) == {
        f"{HEADROOM}.pods.web": "if a zone fails, each other zone needs capacity for 1 web pod, "
        "but has headroom for 0, so that pods stay pending until new nodes are ready; write 1 or "
        "more"
    }
    assert cautions_of(((HEADROOM,), {"pods": {"web": 1}})) == {}


def test_no_headroom_is_a_caution() -> None:
    assert cautions_of(((HEADROOM,), {"size": "none"})) == {
        f"{HEADROOM}.size": "if a zone fails, the pods that already run in the other zones carry "
        "the load, but the pods of the failed zone stay pending until new nodes are ready, and no "
        "node may be available while all customers of the zone replace theirs; write auto to "
        "reserve capacity"
    }


def test_headroom_is_a_share_of_the_pods_of_another_zone(tmp_path: Path) -> None:
    assert headroom_of(accepted(tmp_path, "prod")).pods == {"web": 1, "cache": 1, "system": 1}
    more = accepted(tmp_path, "prod", ((*WEB, "replicas", "min"), 15))
    assert headroom_of(more).pods["web"] == 3


@pytest.mark.parametrize(
    ("headroom", "pods"),
    [
        ({"size": "none"}, {}),
        ({"size": "none", "pods": {"web": 2}}, {"web": 2}),
        ({"pods": {"web": 0}}, {"web": 0, "cache": 1, "system": 1}),
        ({"size": "proportional"}, {"web": 1, "cache": 1, "system": 1}),
        ({"mode": "capacityBuffer"}, {"web": 1, "cache": 1, "system": 1}),
    ],
)
def test_headroom_follows_size_and_named_apps(
    tmp_path: Path, headroom: object, pods: dict[str, int]
) -> None:
    assert headroom_of(accepted(tmp_path, "prod", ((HEADROOM,), headroom))).pods == pods


def test_headroom_of_zones_that_are_out_moves_to_the_other_zones(tmp_path: Path) -> None:
    settings = accepted(
        tmp_path, "prod", (OUT, ["us-east-1a"]), ((HEADROOM,), {"pods": {"web": 1}})
    )
    assert headroom_of(settings).pods["web"] == 2


def test_a_single_remaining_zone_has_the_capacity_and_headroom_of_all(tmp_path: Path) -> None:
    settings = accepted(tmp_path, "dev", (OUT, ["us-east-1b"]))
    assert settings.network.effective_zones == 2
    assert headroom_of(settings).pods["web"] == 2
    assert zone_model_of(settings).pools["general"].min == 4
