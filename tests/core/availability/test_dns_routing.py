from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.availability.dns_routing import (
    CalculatedCheck,
    DnsRecord,
    EndpointCheck,
    HealthCheck,
    MetricCheck,
    MissingData,
    shares,
    statuses,
)

ENDPOINT = EndpointCheck(request_interval=10, failure_threshold=3)


def record(cell: str, check: str | None = None, **fields: object) -> DnsRecord:
    values = {"policy": "failover", "cell": cell, "check": check, **fields}
    return DnsRecord(**values)  # pyright: ignore[reportArgumentType]  # fields of each policy


FAILOVER = [record("a", "a", primary=True), record("b", "b")]


def test_the_status_of_an_endpoint_changes_after_the_failures_of_its_threshold() -> None:
    assert ENDPOINT.detection == 30


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
    assert shares(FAILOVER, {"a": a, "b": b}) == {expected: 1.0}


def test_an_unhealthy_target_makes_a_record_unhealthy() -> None:
    records = [record("a", "a", primary=True, targets_healthy=False), record("b", "b")]
    assert shares(records, {"a": True, "b": True}) == {"b": 1.0}


def test_a_record_without_a_check_is_healthy() -> None:
    assert shares([record("a", "a", primary=True), record("b")], {"a": False}) == {"b": 1.0}


def test_latency_selects_the_nearest_healthy_cell() -> None:
    records = [
        record("far", "far", policy="latency", latency=90),
        record("near", "near", policy="latency", latency=10),
    ]
    assert shares(records, {"far": True, "near": True}) == {"near": 1.0}
    assert shares(records, {"far": True, "near": False}) == {"far": 1.0}
    assert shares(records, {"far": False, "near": False}) == {"near": 1.0}


def weighted(weights: Mapping[str, int]) -> list[DnsRecord]:
    return [record(cell, cell, policy="weighted", weight=w) for cell, w in weights.items()]


def test_a_cell_of_weight_0_serves_only_if_no_other_healthy_cell_has_a_weight() -> None:
    records = weighted({"a": 3, "b": 1, "c": 0})
    assert shares(records, {"a": True, "b": True, "c": True}) == {"a": 0.75, "b": 0.25}
    assert shares(records, {"a": False, "b": False, "c": True}) == {"c": 1.0}
    assert shares(records, {"a": False, "b": True, "c": True}) == {"b": 1.0}


@given(
    st.dictionaries(st.sampled_from("abcde"), st.integers(0, 255), min_size=1),
    st.sets(st.sampled_from("abcde")),
)
def test_some_cell_always_serves_and_unhealthy_cells_only_if_all_are(
    weights: Mapping[str, int], healthy: set[str]
) -> None:
    found = shares(weighted(weights), {cell: cell in healthy for cell in weights})
    assert sum(found.values()) == pytest.approx(1)
    if healthy & {*weights}:
        assert {*found} <= healthy
    for cell, share in found.items():
        assert share > 0
        others = {each for each in weights if (each in healthy) is (cell in healthy)}
        assert weights[cell] or not any(weights[each] for each in others)
