"""A failback depends on health, version and capacity of the drained cell."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.live.cells import settings_of
from tools.deploy.aws_cli import AwsError
from tools.deploy.check.__main__ import CHECKS as EVERY_CHECK
from tools.deploy.check.result import not_ok, ok, skipped
from tools.deploy.pod_watch import Read
from tools.fleet.failback import (
    CHECKS,
    failed_checks,
    missing_capacity,
    no_failback,
    other_versions,
    siblings,
)
from tools.fleet.interfaces import Health


def health(**values: Any) -> Health:
    defaults: dict[str, Any] = {
        "serving": True, "drained": True, "impact": None, "redundancy": "ALARM: why",
    }  # fmt: skip
    return Health(**{**defaults, **values})


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (health(), None),
        (health(drained=False, failed_over=True), None),
        (health(drained=False), "one is neither drained nor failed over: nothing to fail back"),
        (health(serving=False), "one is not healthy: Route 53 finds the cell unhealthy"),
        (health(impact="ALARM: errors"),
         "one is not healthy: the alarm impact is ALARM: errors"),
    ],
)  # fmt: skip
def test_only_a_healthy_cell_that_is_out_of_service_fails_back(
    found: Health, problem: str | None
) -> None:
    assert no_failback("one", found) == problem


def test_a_check_that_is_not_ok_prevents_the_failback() -> None:
    assert {*CHECKS} < {*EVERY_CHECK}
    results = {
        "pods": [ok("app web", "6 ready"), not_ok("web-1", "not ready", "kubectl describe")],
        "requests": [skipped("app web", "internal")],
    }
    assert [*failed_checks(results)] == ["pods: web-1: not ready; kubectl describe"]


def test_another_version_in_a_sibling_prevents_the_failback() -> None:
    counts = {"two": {"same": 9, "read": 1}, "three": {"same": 8, "update": 1}}
    assert [*other_versions(["two", "three"], lambda cell: counts[cell])] == [
        "version: three serves another version than the work tree (1 update); run make "
        "fleet-preview and make fleet-up first"
    ]


def reads(**pods: int | AwsError) -> Callable[[str], Read]:
    def reader(cell: str) -> Read:
        def read(namespace: str) -> tuple[list[Any], list[Any]]:
            assert namespace == "web", "only exposed apps receive the users"
            found = pods[cell]
            if isinstance(found, AwsError):
                raise found
            return [{"status": {"readyReplicas": found}}, {}], []

        return read

    return reader


def test_fewer_pods_than_in_the_serving_cell_prevent_the_failback() -> None:
    found = missing_capacity(settings_of(), ["two"], reads(one=6, two=10), "one")
    assert [*found] == [
        "capacity: web has 6 ready pods, but 10 in two, which serves now; raise replicas.needed of "
        "web, or wait until two has fewer"
    ]
    assert [*missing_capacity(settings_of(), ["two"], reads(one=10, two=10), "one")] == []


def test_pods_that_cannot_be_read_prevent_the_failback() -> None:
    found = missing_capacity(settings_of(), ["two"], reads(one=6, two=AwsError("denied")), "one")
    assert [*found] == ["capacity: the pods of web cannot be read: denied"]


def test_siblings_are_the_other_cells_of_the_domain() -> None:
    other = settings_of((("ha-eks:traffic", "domain"), "other.example.com"))
    cells = {"one": settings_of(), "two": settings_of(), "three": other}
    assert siblings(cells, "one") == ["two"]
    assert siblings(cells, "three") == []
