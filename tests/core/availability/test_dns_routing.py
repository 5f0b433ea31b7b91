from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.availability.dns_routing import (
    CalculatedCheck,
    EndpointCheck,
    FailoverRecord,
    HealthCheck,
    MetricCheck,
    MissingData,
    answering_cell,
    statuses,
)

ENDPOINT = EndpointCheck(request_interval=10, failure_threshold=3)


RECORDS = [
    FailoverRecord(cell="b", check="b", primary=False),
    FailoverRecord(cell="a", check="a", primary=True),
]


@pytest.mark.parametrize(
    ("missing", "last", "expected"),
    [
        ("Healthy", False, True),
        ("Unhealthy", True, False),
        ("LastKnownStatus", False, False),
        ("LastKnownStatus", True, True),
    ],
)
def test_a_metric_check_without_data_has_the_status_of_its_setting(
    missing: MissingData, last: bool, expected: bool
) -> None:
    checks = {"m": MetricCheck(missing_data=missing)}
    assert statuses(checks, {"m": None}, {"m": last}) == {"m": expected}


def test_a_new_check_without_data_is_healthy() -> None:
    checks = {"m": MetricCheck(missing_data="LastKnownStatus"), "e": ENDPOINT}
    assert statuses(checks, {"m": None, "e": None}, {}) == {"m": True, "e": True}


@given(st.lists(st.booleans(), max_size=5), st.integers(0, 6))
def test_a_calculated_check_counts_its_healthy_children(
    children: Sequence[bool], threshold: int
) -> None:
    names = [str(each) for each in range(len(children))]
    checks: dict[str, HealthCheck] = dict.fromkeys(names, ENDPOINT)
    checks["all"] = CalculatedCheck(children=names, threshold=threshold)
    found = statuses(checks, dict(zip(names, children, strict=True)), {})
    assert found["all"] is (sum(children) >= threshold)
    if threshold > len(children):
        assert not found["all"], "a drained cell would receive requests"
    if threshold == 0:
        assert found["all"]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [(True, True, "a"), (False, True, "b"), (True, False, "a"), (False, False, "a")],
)
def test_failover_selects_the_primary_unless_only_the_secondary_is_healthy(
    a: bool, b: bool, expected: str
) -> None:
    assert answering_cell(RECORDS, {"a": a, "b": b}) == expected
