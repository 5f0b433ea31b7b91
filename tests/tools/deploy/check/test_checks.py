"""Checks of a running cell that is well, or that has nothing to check."""

import pytest

from tests.conftest import recording_of
from tests.tools.deploy.check.cell import BALANCER, Cell
from tests.tools.deploy.check.test_failures import CASES
from tools.deploy.check.__main__ import CHECKS
from tools.deploy.check.alarms import alarms
from tools.deploy.check.result import ok, skipped
from tools.deploy.check.traffic import dns, requests
from tools.recording import Recording


@pytest.mark.parametrize("title", CHECKS)
def test_a_cell_as_recorded_is_well(recording: Recording, title: str) -> None:
    results = Cell(recording).check(CHECKS[title])
    assert results, "the check prints no line"
    assert [each for each in results if each.outcome == "NOT OK"] == []


def test_every_check_can_fail() -> None:
    assert {check for check, _, _ in CASES} == {*CHECKS.values()}


def test_metrics_that_exist_only_with_requests_or_errors_may_have_no_data() -> None:
    cell = Cell(recording_of("prod"))
    cell.silent = {"HTTPCode_Target_5XX_Count", "TargetResponseTime", "AutoscalerUnschedulable"}
    assert cell.check(alarms) == [
        ok("31 alarms in us-east-1", "none is missing, none is in alarm"),
        ok("data in us-east-1", "43 of 47 metrics in 25 minutes"),
        ok(
            "no data, as expected",
            "AutoscalerUnschedulable (only with errors), HTTPCode_Target_5XX_Count (only with "
            "errors), TargetResponseTime (only with requests)",
        ),
    ]


def test_a_cell_without_a_domain_says_so_and_is_requested_over_http() -> None:
    cell = Cell(recording_of("dev"))
    reason = "the stack file has no ha-eks:traffic, so no domain"
    assert cell.check(dns) == [skipped("record", reason)]
    assert cell.check(requests) == [ok("app web", f"http://{BALANCER}/readyz answers 200")]
    assert cell.requests == [(BALANCER, "/readyz", None)]


def test_requests_go_to_the_load_balancer_of_the_cell_for_its_domain() -> None:
    cell = Cell(recording_of("prod"))
    cell.check(requests)
    assert cell.requests == [(BALANCER, "/readyz", "app.example.com")]


def test_a_secondary_cell_does_not_answer_for_the_domain() -> None:
    cell = Cell(recording_of("prod-standby"))
    cell.hosts["app.example.com"] = frozenset({"198.51.100.1"})
    found = "resolves to another cell, as its policy allows: 198.51.100.1"
    assert ok("app.example.com", found) in cell.check(dns)
