"""What people are told of pools: how nodes are kept, labelled and reserved, and of what type."""

from pathlib import Path

import pytest

from core.facts.instance_types import table
from settings import Problem, check
from tests.settings.stack_files import (
    NETWORK,
    PER_ZONE,
    POOLS,
    Case,
    Change,
    Path_,
    accepted,
    assert_one,
    changed,
    config_of,
    every_stack,
    fragment,
    pool,
    put,
    put_at,
    put_in,
    refused,
)

GENERAL = (POOLS, "general")
TYPES, AMI = (*GENERAL, "instanceTypes"), (*GENERAL, "amiType")
UPDATE, REPAIR = (*GENERAL, "update"), (*GENERAL, "repair")
WARM, KUBELET = (*GENERAL, "warmPool"), (*GENERAL, "kubelet")
LABELS, TAINTS = (*GENERAL, "labels"), (*GENERAL, "taints")

SPOT: Change = ((*GENERAL, "capacityType"), "SPOT")
TWO_TYPES: Change = (TYPES, ["m7i.large", "m6i.large"])
BOTTLEROCKET: Change = (AMI, "BOTTLEROCKET_x86_64")


def key_of(*path: str | int) -> str:
    return ".".join(map(str, path))


def problems_of(*changes: Change, stack: str = "prod") -> list[Problem]:
    """What is wrong with a shipped file's config after changes."""
    config = config_of(stack)
    for path, value in changes:
        put_at(config, path, value)
    return check(config)[1]


def inside(path: Path_, key: str, value: object, word: str) -> Case:
    """The case of a value that is refused as the only one of a section that is not there yet."""
    return path, {key: value}, key_of(*path, key), value, word


def label(key: str, word: str) -> Case:
    return put_in(LABELS, key, "a", word)


def taint(word: str, **given: str) -> Case:
    what, value = next(iter(given.items()))
    return TAINTS, [{"key": "for", **given}], f"{key_of(*TAINTS)}[0].{what}", value, word


ONE_CHANGE: dict[str, Case] = {
    "layout": put(
        (*GENERAL, "layout"), "perRegion", 'must be one of perZone, spanning, not "perRegion"',
    ),
    "a share of an update outside of it": put(
        (*GENERAL, "maxUnavailablePercentage"), 33,
        "unknown key. All keys: docs/settings.md#ha-eks-pools",
    ),
    "a MINIMAL update": inside(
        UPDATE, "strategy", "MINIMAL", fragment("terminates nodes before it"),
    ),
    "another strategy": inside(UPDATE, "strategy", "ROLLING", "DEFAULT"),
    "an update of nothing": inside(UPDATE, "maxUnavailable", 0, "must be between 1 and 100, not 0"),
    "an update of 101": inside(UPDATE, "maxUnavailable", 101, "must be between 1 and 100, not 101"),
    "an update of 0 %": inside(
        UPDATE, "maxUnavailablePercentage", 0, "must be between 1 and 100, not 0",
    ),
    "an update of 101 %": inside(
        UPDATE, "maxUnavailablePercentage", 101, "must be between 1 and 100, not 101",
    ),
    "a repair of none": inside(REPAIR, "maxParallelCount", 0, "must be at least 1, not 0"),
    "a repair of 0 %": inside(
        REPAIR, "maxParallelPercentage", 0, "must be between 1 and 100, not 0",
    ),
    "no unhealthy node": inside(REPAIR, "maxUnhealthyCount", 0, "must be at least 1, not 0"),
    "101 % unhealthy": inside(
        REPAIR, "maxUnhealthyPercentage", 101, "must be between 1 and 100, not 101",
    ),
    "a warm pool below nothing": inside(WARM, "min", -1, "must be between 0 and 450, not -1"),
    "a warm pool of nothing": inside(WARM, "maxPrepared", 0, "must be between 1 and 450, not 0"),
    "a hibernated warm pool": inside(
        WARM, "state", "HIBERNATED", fragment("managed node groups do not"),
    ),
    "another state": inside(WARM, "state", "WARM", "STOPPED or RUNNING"),
    "more prepared than nodes": inside(WARM, "maxPrepared", 13, fragment("2 to")),
    "fewer prepared than nodes": inside(WARM, "maxPrepared", 1, fragment("2 to")),
    "more warm than nodes": inside(WARM, "min", 13, fragment("at most")),
    "no time to shut down": inside(
        KUBELET, "shutdownGraceSeconds", 1, "must be between 2 and 150, not 1",
    ),
    "more time than EC2 gives": inside(
        KUBELET, "shutdownGraceSeconds", 151, "must be between 2 and 150, not 151",
    ),
    "no time for critical pods": inside(
        KUBELET, "shutdownGraceCriticalSeconds", 0, "must be between 1 and 149, not 0"
    ),
    "a CPU that is no quantity": (
        KUBELET, {"kubeReserved": {"cpu": "much"}},
        key_of(*KUBELET, "kubeReserved", "cpu"), "much", fragment("a CPU quantity"),
    ),
    "memory that is no size": (
        KUBELET, {"systemReserved": {"memory": "1"}},
        key_of(*KUBELET, "systemReserved", "memory"), "1", fragment("a size"),
    ),
    "reserved disk": (
        KUBELET, {"systemReserved": {"disk": "1Gi"}}, key_of(*KUBELET, "systemReserved", "disk"),
        "1Gi", "unknown key. All keys: docs/settings.md#ha-eks-pools",
    ),
    "all CPU reserved": (
        KUBELET, {"kubeReserved": {"cpu": "2"}},
        key_of(*KUBELET, "kubeReserved", "cpu"), "2", fragment("less than the 2000m of m7i.large"),
    ),
    "all memory reserved, in two parts": (
        KUBELET, {"systemReserved": {"memory": "4Gi"}, "kubeReserved": {"memory": "4096Mi"}},
        key_of(*KUBELET, "systemReserved", "memory"), "4Gi",
        fragment("less than the 8192Mi of m7i.large"),
    ),
    "reserved below nothing": put((*PER_ZONE, "reserved"), -1, "must be between 0 and 450, not -1"),
    "more reserved than nodes": put((*PER_ZONE, "reserved"), 13, fragment("at most max")),
    "label without a name": label("example.com/", fragment("a key such as")),
    "label with a space": label("a team", fragment("a key such as")),
    "label that ends with a dash": label("team-", fragment("a key such as")),
    "label with a prefix in capitals": label("Example.com/team", fragment("a key such as")),
    "label with two slashes": label("a/b/c", fragment("a key such as")),
    "label of 64 characters": label("a" * 64, fragment("at most 63")),
    "label of ours": label("ha-eks/pool", fragment("ha-eks/, which is reserved")),
    "label of EKS": label(
        "eks.amazonaws.com/nodegroup", fragment("eks.amazonaws.com/, which is reserved"),
    ),
    "label of Kubernetes": label("kubernetes.io/os", fragment("kubernetes.io/, which is reserved")),
    "label below Kubernetes": label(
        "node.kubernetes.io/a", fragment("kubernetes.io/, which is reserved"),
    ),
    "label of k8s": label("topology.k8s.io/a", fragment("k8s.io/, which is reserved")),
    "label value of nothing": (
        LABELS, {"team": ""}, key_of(*LABELS, "team"), "", fragment("1 to 63"),
    ),
    "label value with a space": (
        LABELS, {"team": "a b"}, key_of(*LABELS, "team"), "a b",
        fragment("between letters or digits"),
    ),
    "label value of 64 characters": (
        LABELS, {"team": "a" * 64}, key_of(*LABELS, "team"), "a" * 64, fragment("1 to 63"),
    ),
    "taint of Kubernetes": taint(
        fragment("kubernetes.io/, which"), key="node.kubernetes.io/not-ready",
    ),
    "taint of nothing": taint(fragment("a key such as"), key=""),
    "taint value with a slash": taint(fragment("between letters or digits"), value="a/b"),
    "taint value of 64 characters": taint(fragment("1 to 63"), value="a" * 64),
    "taint effect": taint(
        'must be one of NO_SCHEDULE, NO_EXECUTE, PREFER_NO_SCHEDULE, not "NoSchedule"',
        effect="NoSchedule",
    ),
    "a type that does not exist": (
        TYPES, ["m7i.lrge"], f"{key_of(*TYPES)}[0]", "m7i.lrge", fragment("such as m7i.large"),
    ),
    "a type like no other": (
        TYPES, ["zz.q"], f"{key_of(*TYPES)}[0]", "zz.q",
        fragment("an instance type that there is;"),
    ),
    "a type of another architecture": (
        TYPES, ["m7g.large"], f"{key_of(*TYPES)}[0]", "m7g.large",
        fragment("of x86_64, the architecture"),
    ),
}  # fmt: skip


@every_stack
@pytest.mark.parametrize("case", ONE_CHANGE)
def test_one_bad_value_is_one_problem_with_key_value_and_what_is_allowed(
    tmp_path: Path, stack: str, case: str
) -> None:
    path, new, key, value, word = ONE_CHANGE[case]
    assert_one(refused(tmp_path, stack, changed(stack, (path, new))), key, value, word)


@pytest.mark.parametrize("effects", [("NO_EXECUTE",) * 2, ("NO_SCHEDULE",) * 3])
def test_a_taint_is_there_once(effects: tuple[str, ...]) -> None:
    taints = [{"key": "for", "value": str(n), "effect": e} for n, e in enumerate(effects)]
    (problem,) = problems_of((TAINTS, taints))
    assert problem.key == key_of(*TAINTS)
    assert f"for {effects[0]} is there more than once" in problem.message


def test_eks_takes_50_taints() -> None:
    def taints(count: int) -> list[dict[str, str]]:
        return [{"key": f"for-{n}", "effect": "PREFER_NO_SCHEDULE"} for n in range(count)]

    assert problems_of((TAINTS, taints(50))) == []
    (problem,) = problems_of((TAINTS, taints(51)))
    assert (problem.key, problem.message) == (
        key_of(*TAINTS),
        "must have at most 50 items, but has 51",
    )


@pytest.mark.parametrize(
    "key",
    ["team", "a", "A.b_c-9", "example.com/team", "a" * 63, "my-kubernetes.io/a", "ha-eks.io/a"],
)
def test_a_label_or_taint_of_ones_own_is_taken(tmp_path: Path, key: str) -> None:
    accepted(tmp_path, "prod", (LABELS, {key: "A.b_c-9"}))
    accepted(tmp_path, "prod", (TAINTS, [{"key": key, "effect": "PREFER_NO_SCHEDULE"}]))


@pytest.mark.parametrize(
    ("section", "number", "share"),
    [
        (UPDATE, "maxUnavailable", "maxUnavailablePercentage"),
        (REPAIR, "maxParallelCount", "maxParallelPercentage"),
        (REPAIR, "maxUnhealthyCount", "maxUnhealthyPercentage"),
    ],
)
def test_a_number_and_a_share_exclude_one_another(section: Path_, number: str, share: str) -> None:
    problems = problems_of((section, {number: 2, share: 20}))
    assert_one(problems, key_of(*section, number), 2, fragment(f"nothing beside {share}"))
    assert problems_of((section, {number: 2})) == problems_of((section, {share: 20})) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("maxParallelCount", 1),
        ("maxParallelPercentage", 1),
        ("maxUnhealthyCount", 1),
        ("maxUnhealthyPercentage", 1),
    ],
)
def test_thresholds_of_a_repair_that_is_off_are_refused(key: str, value: int) -> None:
    problems = problems_of((REPAIR, {"enabled": False, key: value}))
    assert_one(problems, key_of(*REPAIR, key), value, fragment("while enabled is false"))
    assert problems_of((REPAIR, {"enabled": False})) == []


def test_spot_has_neither_warm_instances_nor_reservations() -> None:
    beside: Change = ((POOLS, "steady"), pool(4))
    warm, reserved = problems_of(SPOT, beside, TWO_TYPES, (WARM, {}), ((*PER_ZONE, "reserved"), 1))
    assert (warm.key, warm.message.partition(":")[0]) == (
        key_of(*WARM), "nothing on a SPOT pool",
    )  # fmt: skip
    assert_one([reserved], key_of(*PER_ZONE, "reserved"), 1, fragment("0 on a SPOT pool"))
    assert problems_of(TWO_TYPES, (WARM, {})) == []


def test_a_reservation_is_of_one_type() -> None:
    problems = problems_of(TWO_TYPES, ((*PER_ZONE, "reserved"), 1))
    assert_one(problems, key_of(*PER_ZONE, "reserved"), 1, fragment("0 with several instanceTypes"))
    assert problems_of(((*PER_ZONE, "reserved"), 12)) == [], "as many as perZone.max"


def test_bottlerocket_takes_neither_nodeadm_nor_nodes_back() -> None:
    given = {"shutdownGraceSeconds": 60, "kubeReserved": {"cpu": "100m"}}
    problems = problems_of(BOTTLEROCKET, (KUBELET, given))
    assert_one(problems, key_of(*KUBELET), given, fragment("nothing on Bottlerocket"))
    problems = problems_of(BOTTLEROCKET, (WARM, {"reuseOnScaleIn": True}))
    assert_one(problems, key_of(*WARM, "reuseOnScaleIn"), True, fragment("false"))
    assert problems_of(BOTTLEROCKET, (KUBELET, {}), (WARM, {"min": 1})) == []


@pytest.mark.parametrize(("whole", "critical"), [(30, 30), (29, 30), (150, 149)])
def test_critical_pods_get_the_last_part_of_a_shutdown(whole: int, critical: int) -> None:
    given = {"shutdownGraceSeconds": whole, "shutdownGraceCriticalSeconds": critical}
    problems = problems_of((KUBELET, given))
    if critical < whole:
        assert problems == []
    else:
        key = key_of(*KUBELET, "shutdownGraceCriticalSeconds")
        assert_one(problems, key, critical, fragment(f"less than shutdownGraceSeconds, {whole}"))


def test_a_spanning_pool_is_within_one_node_group() -> None:
    """EKS takes 450 nodes in one."""
    spanning: Change = ((*GENERAL, "layout"), "spanning")
    room: Change = ((NETWORK, "pods"), {"cidr": "100.64.0.0/16"})
    most = (*PER_ZONE, "max")
    assert problems_of(room, spanning, (most, 150)) == []
    assert problems_of(room, (most, 151)) == []
    assert_one(
        problems_of(room, spanning, (most, 151)), key_of(*most), 151, fragment("at most 150")
    )


def test_the_architecture_is_that_of_the_ami() -> None:
    for ami, name in (("AL2023_ARM_64_STANDARD", "m7g.large"), ("BOTTLEROCKET_ARM_64", "m7g.large"),
                      ("BOTTLEROCKET_x86_64", "m7i.large")):  # fmt: skip
        assert problems_of((AMI, ami), (TYPES, [name])) == []
        other = {"m7g.large": "m7i.large", "m7i.large": "m7g.large"}[name]
        (problem,) = problems_of((AMI, ami), (TYPES, [other]))
        assert f"the architecture of amiType {ami}" in problem.message


@every_stack
def test_a_type_that_the_region_does_not_offer_is_refused(tmp_path: Path, stack: str) -> None:
    region = config_of(stack)["aws:region"]
    elsewhere = [
        each
        for each in table().types.values()
        if each.zones[region] == 0 and each.architecture == "x86_64"
    ]
    name = min(elsewhere, key=lambda each: each.network_interfaces).name  # the subnet holds it
    problems = refused(tmp_path, stack, changed(stack, (TYPES, [name])))
    assert_one(
        problems, f"{key_of(*TYPES)}[0]", name, fragment(f"EC2 offers in aws:region {region}")
    )


def test_what_an_unknown_region_offers_is_not_checked() -> None:
    zones = ["mx-central-1a", "mx-central-1b", "mx-central-1c"]
    elsewhere: list[Change] = [
        (("aws:region",), "mx-central-1"),
        ((NETWORK, "zones"), zones),
        ((NETWORK, "controlPlaneZones"), zones),
    ]
    config = config_of("dev")
    for path, value in elsewhere:
        put_at(config, path, value)
    assert check(config)[1] == []
