"""Tests of ha-eks:pools: problems and cautions of sizes, taints, maintenance and types."""

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
    assert_problem,
    cautions_of,
    changed,
    config_of,
    every_stack,
    pool,
    put,
    put_at,
    put_in,
    refused,
    unknown,
)

GENERAL = (POOLS, "general")
TYPES, AMI = (*GENERAL, "instanceTypes"), (*GENERAL, "amiType")
UPDATE, REPAIR = (*GENERAL, "update"), (*GENERAL, "repair")
WARM, KUBELET = (*GENERAL, "warmPool"), (*GENERAL, "kubelet")
LABELS, TAINTS = (*GENERAL, "labels"), (*GENERAL, "taints")

SPOT: Change = ((*GENERAL, "capacityType"), "SPOT")
TWO_TYPES: Change = (TYPES, ["m7i.large", "m6i.large"])
BOTTLEROCKET: Change = (AMI, "BOTTLEROCKET_x86_64")

NAME = (
    "must be a name of lowercase letters, digits and -, beginning with a letter and ending with a "
    "letter or digit, at most 20 characters"
)


def key_of(*path: str | int) -> str:
    return ".".join(map(str, path))


def problems_of(*changes: Change, stack: str = "prod") -> list[Problem]:
    """Returns the problems of a shipped file with changes."""
    config = config_of(stack)
    for path, value in changes:
        put_at(config, path, value)
    return check(config)[1]


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
    "a type of another architecture": instance_type(
        "m7g.large",
        "m7g.large is an arm64 type, but the default amiType AL2023_x86_64_STANDARD is for x86_64; "
        "write an x86_64 type or another amiType",
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


@pytest.mark.parametrize(
    ("section", "count", "percentage"),
    [
        (UPDATE, "maxUnavailable", "maxUnavailablePercentage"),
        (REPAIR, "maxParallelCount", "maxParallelPercentage"),
        (REPAIR, "maxUnhealthyCount", "maxUnhealthyPercentage"),
    ],
)
def test_a_count_and_a_percentage_exclude_each_other(
    section: Path_, count: str, percentage: str
) -> None:
    problems = problems_of((section, {count: 2, percentage: 20}))
    message = f"EKS does not allow {count} together with {percentage}; remove one of them"
    assert_problem(problems, key_of(*section, count), 2, message)
    assert problems_of((section, {count: 2})) == problems_of((section, {percentage: 20})) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("maxParallelCount", 1),
        ("maxParallelPercentage", 1),
        ("maxUnhealthyCount", 1),
        ("maxUnhealthyPercentage", 1),
    ],
)
def test_limits_of_a_disabled_repair_are_refused(key: str, value: int) -> None:
    problems = problems_of((REPAIR, {"enabled": False, key: value}))
    message = f"has no effect with enabled: false; remove {key}, or write enabled: true"
    assert_problem(problems, key_of(*REPAIR, key), value, message)
    assert problems_of((REPAIR, {"enabled": False})) == []


def test_spot_pools_have_no_warm_pool_and_no_reservation() -> None:
    on_demand: Change = ((POOLS, "steady"), pool(4))
    warm, reserved = problems_of(
        SPOT, on_demand, TWO_TYPES, (WARM, {}), ((*PER_ZONE, "reserved"), 1)
    )
    assert_problem(
        [warm],
        key_of(*WARM),
        {},
        "Auto Scaling does not support warm pools of spot instances; remove warmPool, or write "
        "capacityType: ON_DEMAND",
    )
    message = "spot instances do not use capacity reservations; write 0 or remove reserved"
    assert_problem([reserved], key_of(*PER_ZONE, "reserved"), 1, message)
    assert problems_of(TWO_TYPES, (WARM, {})) == []


def test_a_reservation_has_one_instance_type() -> None:
    problems = problems_of(TWO_TYPES, ((*PER_ZONE, "reserved"), 1))
    assert_problem(
        problems,
        key_of(*PER_ZONE, "reserved"),
        1,
        "a capacity reservation has one instance type, but the pool has several; write 0 or a "
        "single type",
    )
    assert problems_of(((*PER_ZONE, "reserved"), 12)) == [], "perZone.max can be reserved"


def test_bottlerocket_supports_neither_kubelet_settings_nor_reuse_on_scale_in() -> None:
    kubelet = {"shutdownGraceSeconds": 60, "kubeReserved": {"cpu": "100m"}}
    assert_problem(
        problems_of(BOTTLEROCKET, (KUBELET, kubelet)),
        key_of(*KUBELET),
        kubelet,
        "Bottlerocket does not support these settings, because its user data is not that of "
        "AL2023; remove kubelet, or write an AL2023 amiType",
    )
    assert_problem(
        problems_of(BOTTLEROCKET, (WARM, {"reuseOnScaleIn": True})),
        key_of(*WARM, "reuseOnScaleIn"),
        True,
        "EKS does not support reuseOnScaleIn with Bottlerocket; write false",
    )
    assert problems_of(BOTTLEROCKET, (KUBELET, {}), (WARM, {"min": 1})) == []


@pytest.mark.parametrize(("total", "critical"), [(30, 30), (29, 30)])
def test_shutdown_grace_for_critical_pods_must_leave_time_for_apps(
    total: int, critical: int
) -> None:
    kubelet = {"shutdownGraceSeconds": total, "shutdownGraceCriticalSeconds": critical}
    assert_problem(
        problems_of((KUBELET, kubelet)),
        key_of(*KUBELET, "shutdownGraceCriticalSeconds"),
        critical,
        f"takes all of shutdownGraceSeconds ({total}s), so pods of apps have no time to terminate; "
        f"write less than {total}",
    )


def test_a_shutdown_grace_below_the_default_for_critical_pods_is_refused() -> None:
    assert_problem(
        problems_of((KUBELET, {"shutdownGraceSeconds": 20})),
        key_of(*KUBELET, "shutdownGraceSeconds"),
        20,
        "shutdownGraceCriticalSeconds (30s by default) takes all of it, so pods of apps have no "
        "time to terminate; write more than 30, or a smaller shutdownGraceCriticalSeconds",
    )


def test_one_second_of_shutdown_grace_for_apps_is_accepted() -> None:
    kubelet = {"shutdownGraceSeconds": 150, "shutdownGraceCriticalSeconds": 149}
    assert problems_of((KUBELET, kubelet)) == []


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


@pytest.mark.parametrize(
    ("ami", "architecture", "name", "other", "other_architecture"),
    [
        ("AL2023_ARM_64_STANDARD", "arm64", "m7g.large", "m7i.large", "x86_64"),
        ("BOTTLEROCKET_ARM_64", "arm64", "m7g.large", "m7i.large", "x86_64"),
        ("BOTTLEROCKET_x86_64", "x86_64", "m7i.large", "m7g.large", "arm64"),
    ],
)
def test_instance_types_must_have_the_architecture_of_the_ami(
    ami: str, architecture: str, name: str, other: str, other_architecture: str
) -> None:
    assert problems_of((AMI, ami), (TYPES, [name])) == []
    assert_problem(
        problems_of((AMI, ami), (TYPES, [other])),
        f"{key_of(*TYPES)}[0]",
        other,
        f"{other} is an {other_architecture} type, but amiType {ami} is for {architecture}; write "
        f"an {architecture} type or another amiType",
    )


@every_stack
def test_a_type_that_the_region_does_not_offer_is_refused(tmp_path: Path, stack: str) -> None:
    region = config_of(stack)["aws:region"]
    elsewhere = [
        each
        for each in table().types.values()
        if each.zones[region] == 0 and each.architecture == "x86_64" and not each.accelerator
    ]
    # a type that is large enough for the shipped apps
    name = max(elsewhere, key=lambda each: each.memory_mib).name
    assert_problem(
        refused(tmp_path, stack, changed(stack, (TYPES, [name]))),
        f"{key_of(*TYPES)}[0]",
        name,
        f"EC2 does not offer {name} in {region}; write another instance type",
    )


MEXICO: list[Change] = [
    (("aws:region",), "mx-central-1"),
    ((NETWORK, "zones"), ["mx-central-1a", "mx-central-1b"]),
    ((NETWORK, "controlPlaneZones"), ["mx-central-1a", "mx-central-1b"]),
]


def test_instance_types_of_a_region_without_data_are_accepted_with_a_caution() -> None:
    assert problems_of(*MEXICO, stack="dev") == []
    assert cautions_of(*MEXICO, stack="dev") == {
        "aws:region": "this program does not know the instance types that EC2 offers in "
        "mx-central-1, and did not check instanceTypes; check the types: aws ec2 "
        "describe-instance-type-offerings --location-type availability-zone --region mx-central-1"
    }


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


@pytest.mark.parametrize(
    ("name", "accelerator"), [("g5.xlarge", "GPU"), ("inf2.xlarge", "Neuron device")]
)
def test_a_type_with_an_accelerator_is_refused(name: str, accelerator: str) -> None:
    types = (*GENERAL, "instanceTypes")
    assert_problem(
        problems_of((types, [name])),
        f"{key_of(*types)}[0]",
        name,
        f"{name} has a {accelerator}, for which the AMI types of amiType have no driver, and which "
        "apps cannot request; write another instance type",
    )


def test_prefix_delegation_with_a_type_that_is_not_nitro_is_refused() -> None:
    types = (*GENERAL, "instanceTypes")
    prefixes: Change = ((NETWORK, "pods"), {"prefixDelegation": True})
    assert problems_of((types, ["t2.large"])) == []
    assert problems_of((types, ["m7i.large"]), prefixes) == []
    assert_problem(
        problems_of((types, ["t2.large"]), prefixes),
        f"{key_of(*types)}[0]",
        "t2.large",
        "t2.large is not a Nitro type, but network.pods.prefixDelegation is for Nitro types only; "
        "write another instance type, or prefixDelegation: false",
    )
