"""Rules for updates, repairs, warm pools, reservations and kubelet settings of a pool."""

import pytest

from tests.settings.stack_files import (
    PER_ZONE,
    POOLS,
    Change,
    Path_,
    assert_problem,
    pool,
    problems_of,
)

GENERAL = (POOLS, "general")
TYPES, AMI = (*GENERAL, "instanceTypes"), (*GENERAL, "amiType")
UPDATE, REPAIR = (*GENERAL, "update"), (*GENERAL, "repair")
WARM, KUBELET = (*GENERAL, "warmPool"), (*GENERAL, "kubelet")
SPOT: Change = ((*GENERAL, "capacityType"), "SPOT")
TWO_TYPES: Change = (TYPES, ["m7i.large", "m6i.large"])
BOTTLEROCKET: Change = (AMI, "BOTTLEROCKET_x86_64")


def key_of(*path: str | int) -> str:
    return ".".join(map(str, path))


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
