"""Tests of ha-eks:pools: problems of sizes, labels and taints."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    NETWORK,
    PER_ZONE,
    POOLS,
    Case,
    Change,
    Path_,
    accepted,
    assert_problem,
    changed,
    every_stack,
    pool,
    problems_of,
    put,
    put_in,
    refused,
    unknown,
)

GENERAL = (POOLS, "general")
TYPES = (*GENERAL, "instanceTypes")
UPDATE, REPAIR = (*GENERAL, "update"), (*GENERAL, "repair")
WARM, KUBELET = (*GENERAL, "warmPool"), (*GENERAL, "kubelet")
LABELS, TAINTS = (*GENERAL, "labels"), (*GENERAL, "taints")
NAME = (
    "must be a name of lowercase letters, digits and -, beginning with a letter and ending with a "
    "letter or digit, at most 20 characters"
)


def key_of(*path: str | int) -> str:
    return ".".join(map(str, path))


def between(path: Path_, key: str, value: int, low: int, high: int) -> Case:
    """Returns the case of a number outside its range."""
    return put_in(path, key, value, f"must be between {low} and {high}, not {value}")


def below_one(path: Path_, key: str) -> Case:
    return put_in(path, key, 0, "must be at least 1, not 0")


MALFORMED_KEY = (
    "must be a key such as team or example.com/team: letters, digits, -, _ and ., beginning and "
    "ending with a letter or digit, at most 63 characters"
)
MALFORMED_VALUE = (
    "must be letters, digits, -, _ and ., beginning and ending with a letter or digit, 1 to 63 "
    "characters"
)


def label_key(key: str) -> Case:
    return put_in(LABELS, key, "a", MALFORMED_KEY)


def label_value(value: str) -> Case:
    return put_in(LABELS, "team", value, MALFORMED_VALUE)


def reserved_label(key: str, prefix: str) -> Case:
    return put_in(LABELS, key, "a", reserved(prefix))


def reserved(prefix: str) -> str:
    return f"the prefix {prefix}/ is reserved; write a key with another prefix"


def taint(field: str, value: str, message: str) -> Case:
    return TAINTS, [{"key": "for", field: value}], f"{key_of(*TAINTS)}[0].{field}", value, message


def kubelet_reserve(section: str, resource: str, value: str, message: str) -> Case:
    key = key_of(*KUBELET, section, resource)
    return KUBELET, {section: {resource: value}}, key, value, message


def instance_type(name: str, message: str) -> Case:
    return TYPES, [name], f"{key_of(*TYPES)}[0]", name, message


ONE_CHANGE: dict[str, Case] = {
    "an unknown layout": put(
        (*GENERAL, "layout"), "perRegion", 'must be one of perZone, spanning; found "perRegion"'
    ),
    "an update setting outside update": put(
        (*GENERAL, "maxUnavailablePercentage"), 33,
        "unknown key; write update.maxUnavailablePercentage instead. All keys: "
        "docs/settings.md#ha-eks-pools",
    ),
    "update strategy MINIMAL": put_in(
        UPDATE, "strategy", "MINIMAL",
        "MINIMAL terminates nodes before their replacements are launched, which reduces capacity; "
        "write DEFAULT",
    ),
    "an unknown update strategy": put_in(
        UPDATE, "strategy", "ROLLING", "must be DEFAULT"
    ),
    "0 nodes per update": between(UPDATE, "maxUnavailable", 0, 1, 100),
    "101 nodes per update": between(UPDATE, "maxUnavailable", 101, 1, 100),
    "0% per update": between(UPDATE, "maxUnavailablePercentage", 0, 1, 100),
    "101% per update": between(UPDATE, "maxUnavailablePercentage", 101, 1, 100),
    "0 parallel repairs": below_one(REPAIR, "maxParallelCount"),
    "0% parallel repairs": between(REPAIR, "maxParallelPercentage", 0, 1, 100),
    "0 unhealthy nodes": below_one(REPAIR, "maxUnhealthyCount"),
    "101% unhealthy nodes": between(REPAIR, "maxUnhealthyPercentage", 101, 1, 100),
    "a negative warm pool": between(WARM, "min", -1, 0, 450),
    "0 prepared instances": between(WARM, "maxPrepared", 0, 1, 450),
    "a hibernated warm pool": put_in(
        WARM, "state", "HIBERNATED",
        "HIBERNATED requires a launch template with hibernation, which managed node groups do not "
        "support; write STOPPED or RUNNING",
    ),
    "an unknown warm pool state": put_in(
        WARM, "state", "WARM", "must be STOPPED or RUNNING"
    ),
    "more prepared instances than perZone.max": put_in(
        WARM, "maxPrepared", 13,
        "13 is outside the range from perZone.min to perZone.max (maxPrepared includes the nodes); "
        "write 2 to 12",
    ),
    "fewer prepared instances than perZone.min": put_in(
        WARM, "maxPrepared", 1,
        "1 is outside the range from perZone.min to perZone.max (maxPrepared includes the nodes); "
        "write 2 to 12",
    ),
    "more warm instances than perZone.max": put_in(
        WARM, "min", 13,
        "must be at most 12: perZone.max limits nodes and warm instances together",
    ),
    "more warm instances than maxPrepared": (
        WARM, {"min": 5, "maxPrepared": 4}, key_of(*WARM, "min"), 5,
        "must be at most 4: maxPrepared limits nodes and warm instances together",
    ),
    "1s of shutdown grace": between(KUBELET, "shutdownGraceSeconds", 1, 2, 150),
    "151s of shutdown grace": between(KUBELET, "shutdownGraceSeconds", 151, 2, 150),
    "no shutdown grace for critical pods": between(
        KUBELET, "shutdownGraceCriticalSeconds", 0, 1, 149
    ),
    "reserved CPU without a quantity": kubelet_reserve(
        "kubeReserved", "cpu", "much",
        'must be a CPU quantity such as 250m, "1" or "0.5" (numbers in quotes)',
    ),
    "reserved memory without a unit": kubelet_reserve(
        "systemReserved", "memory", "1", "must be a size such as 128Mi or 2Gi"
    ),
    "reserved disk": kubelet_reserve(
        "systemReserved", "disk", "1Gi", "unknown key. All keys: docs/settings.md#ha-eks-pools"
    ),
    "all CPU reserved": kubelet_reserve(
        "kubeReserved", "cpu", "2",
        "kubeReserved 2 reserves all CPU of m7i.large, which has 2000m; write less, or a larger "
        "instance type",
    ),
    "all memory reserved in two sections": (
        KUBELET, {"systemReserved": {"memory": "4Gi"}, "kubeReserved": {"memory": "4096Mi"}},
        key_of(*KUBELET, "systemReserved", "memory"), "4Gi",
        "systemReserved 4Gi + kubeReserved 4096Mi = 8192Mi reserves all memory of m7i.large, which "
        "has 8192Mi; write less, or a larger instance type",
    ),
    "a negative reservation": (
        (*PER_ZONE, "reserved"), -1, key_of(*PER_ZONE, "reserved"), -1,
        "must be between 0 and 450, not -1",
    ),
    "a reservation above perZone.max": put(
        (*PER_ZONE, "reserved"), 13, "13 is more than max, 12; write 12 or less, or a larger max"
    ),
    "a label without a name": label_key("example.com/"),
    "a label with a space": label_key("a team"),
    "a label that ends with -": label_key("team-"),
    "a label with an uppercase prefix": label_key("Example.com/team"),
    "a label with two slashes": label_key("a/b/c"),
    "a label of 64 characters": label_key("a" * 64),
    "a label of ha-eks": reserved_label("ha-eks/pool", "ha-eks"),
    "a label of EKS": reserved_label("eks.amazonaws.com/nodegroup", "eks.amazonaws.com"),
    "a label of Kubernetes": reserved_label("kubernetes.io/os", "kubernetes.io"),
    "a label of a subdomain of Kubernetes": reserved_label("node.kubernetes.io/a", "kubernetes.io"),
    "a label of k8s": reserved_label("topology.k8s.io/a", "k8s.io"),
    "an empty label value": label_value(""),
    "a label value with a space": label_value("a b"),
    "a label value of 64 characters": label_value("a" * 64),
    "a taint of Kubernetes": taint(
        "key", "node.kubernetes.io/not-ready", reserved("kubernetes.io")
    ),
    "a taint without a key": taint("key", "", MALFORMED_KEY),
    "a taint value with a slash": taint("value", "a/b", MALFORMED_VALUE),
    "a taint value of 64 characters": taint("value", "a" * 64, MALFORMED_VALUE),
    "a taint effect in the spelling of Kubernetes": taint(
        "effect", "NoSchedule",
        'must be one of NO_SCHEDULE, NO_EXECUTE, PREFER_NO_SCHEDULE; found "NoSchedule"',
    ),
    "an instance type that does not exist": instance_type(
        "m7i.lrge",
        "unknown instance type m7i.lrge; did you mean m7i.large? If the "
        "type is newer than the data of this program, update the data: python -m "
        "core.facts.instance_types.extract",
    ),
    "an instance type with no similar name": instance_type(
        "zz.q",
        "unknown instance type zz.q; if the type is newer than the data of this program, update "
        "the data: python -m core.facts.instance_types.extract",
    ),
    "a malformed instance type": instance_type(
        "large", "must be an instance type, such as m7i.large"
    ),
    "an AMI type with Windows": put(
        (*GENERAL, "amiType"), "WINDOWS_CORE_2022_x86_64",
        "Windows nodes are not supported, because the pods of a cell run on Linux only; remove "
        "amiType, or write an AL2023 or Bottlerocket amiType",
    ),
    "min above max": put(
        (*PER_ZONE, "min"), 13, "13 is more than max, 12; write 12 or less, or a larger max"
    ),
    "initial below min": put(
        (*PER_ZONE, "initial"), 1, "1 is outside the range from min to max; write 2 to 12"
    ),
    "initial above max": put(
        (*PER_ZONE, "initial"), 13, "13 is outside the range from min to max; write 2 to 12"
    ),
    "a pool name with an underscore": (
        (POOLS, "Gen_eral"), {"instanceTypes": ["m7i.large"], "perZone": {"min": 1, "max": 1}},
        key_of(POOLS, "Gen_eral"),
        {"instanceTypes": ["m7i.large"], "perZone": {"min": 1, "max": 1}}, NAME,
    ),
    "a misspelled key of perZone": unknown((*PER_ZONE, "mx"), "max"),
    "a spot pool with one type": (
        (POOLS, "cheap"), pool(1, capacityType="SPOT", instanceTypes=["m7i.large"]),
        f"{POOLS}.cheap.instanceTypes", ["m7i.large"],
        "a SPOT pool needs two or more instance types, because a zone can run out of spot capacity "
        "of one type; write another type of the same size too",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ONE_CHANGE)
def test_a_wrong_value_is_one_problem_with_key_value_and_message(tmp_path: Path, case: str) -> None:
    path, new, key, value, message = ONE_CHANGE[case]
    assert_problem(refused(tmp_path, "prod", changed("prod", (path, new))), key, value, message)


@pytest.mark.parametrize(
    "taints",
    [
        [{"key": "for"}],
        [{"key": "for", "effect": "NO_EXECUTE"}],
        [{"key": "for", "effect": "PREFER_NO_SCHEDULE"}, {"key": "for"}],
    ],
)
def test_a_pool_without_hard_taints_is_required(tmp_path: Path, taints: object) -> None:
    problems = refused(tmp_path, "prod", changed("prod", (TAINTS, taints)))
    assert [(each.key, each.message) for each in problems] == [(POOLS, NO_UNTAINTED_POOL)]


def test_tainted_pools_are_one_problem(tmp_path: Path) -> None:
    text = changed(
        "prod", (GENERAL, pool(4, "NO_SCHEDULE")), ((POOLS, "batch"), pool(1, "NO_EXECUTE"))
    )
    problems = refused(tmp_path, "prod", text)
    assert [(each.key, each.message) for each in problems] == [(POOLS, NO_UNTAINTED_POOL)]


NO_UNTAINTED_POOL = (
    "every pool has a NO_SCHEDULE or NO_EXECUTE taint, but DNS, the autoscaler and the controllers "
    "need a pool without one; remove these taints from a pool, or write another pool"
)


@every_stack
@pytest.mark.parametrize(
    "changes",
    [
        [(TAINTS, [{"key": "for", "effect": "PREFER_NO_SCHEDULE"}])],
        [((POOLS, "batch"), pool(1, "NO_SCHEDULE")), ((POOLS, "gpu"), pool(1, "NO_EXECUTE"))],
    ],
    ids=["soft taints", "hard taints on other pools"],
)
def test_taints_that_leave_a_pool_for_the_system_are_accepted(
    tmp_path: Path, stack: str, changes: list[Change]
) -> None:
    accepted(tmp_path, stack, *changes)


@every_stack
@pytest.mark.parametrize(
    "changes",
    [[((POOLS, "cheap"), pool(1, capacityType="SPOT"))], [((*PER_ZONE, "initial"), 3)]],
    ids=["a spot pool with two types", "initial from min to max"],
)
def test_allowed_settings_are_accepted(tmp_path: Path, stack: str, changes: list[Change]) -> None:
    accepted(tmp_path, stack, *changes)


@pytest.mark.parametrize("effects", [("NO_EXECUTE",) * 2, ("NO_SCHEDULE",) * 3])
def test_a_key_is_listed_once_per_effect(effects: tuple[str, ...]) -> None:
    taints = [{"key": "for", "value": str(n), "effect": e} for n, e in enumerate(effects)]
    assert_problem(
        problems_of((TAINTS, taints)),
        key_of(*TAINTS),
        taints,
        f"for {effects[0]} is listed more than once; write each key once per effect",
    )


def test_a_pool_has_at_most_50_taints() -> None:
    def taints(count: int) -> list[dict[str, str]]:
        return [{"key": f"for-{n}", "effect": "PREFER_NO_SCHEDULE"} for n in range(count)]

    assert problems_of((TAINTS, taints(50))) == []
    problems = problems_of((TAINTS, taints(51)))
    assert_problem(problems, key_of(*TAINTS), taints(51), "must have at most 50 items, but has 51")


@pytest.mark.parametrize(
    "key",
    ["team", "a", "A.b_c-9", "example.com/team", "a" * 63, "my-kubernetes.io/a", "ha-eks.io/a"],
)
def test_other_labels_and_taints_are_accepted(tmp_path: Path, key: str) -> None:
    accepted(tmp_path, "prod", (LABELS, {key: "A.b_c-9"}))
    accepted(tmp_path, "prod", (TAINTS, [{"key": key, "effect": "PREFER_NO_SCHEDULE"}]))


def test_a_spanning_pool_has_at_most_the_450_nodes_of_a_node_group() -> None:
    spanning: Change = ((*GENERAL, "layout"), "spanning")
    pods: Change = ((NETWORK, "pods"), {"cidr": "100.64.0.0/16"})
    maximum = (*PER_ZONE, "max")
    assert problems_of(pods, spanning, (maximum, 150)) == []
    assert problems_of(pods, (maximum, 151)) == []
    assert_problem(
        problems_of(pods, spanning, (maximum, 151)),
        key_of(*maximum),
        151,
        "151 × 3 zones = 453 nodes, but a spanning pool is one node group, and EKS allows 450 "
        "nodes in a node group; write 150 or less, or layout: perZone",
    )
