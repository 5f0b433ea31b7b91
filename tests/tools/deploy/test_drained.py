"""An `up` does not return a drained cell to service, also if another operator drained the cell."""

from typing import Any

import pytest

from settings import Problem
from tests.live.cells import settings_of
from tools.deploy.aws_cli import AwsError
from tools.deploy.drained import drained_problems

PROBLEM = Problem(
    key="ha-eks:traffic.drained",
    message="AWS has this cell drained, and this up would send clients to it again; pull the "
    "commit that drained it, or write true; when the cell may serve again, run make undrain "
    "STACK=prod",
)


def record(check: str, cell: str = "prod", name: str = "app.example.com.") -> dict[str, Any]:
    return {"Name": name, "Type": "A", "SetIdentifier": cell, "HealthCheckId": check}


CHECKS: dict[str, dict[str, Any]] = {
    "drained": {"Type": "CALCULATED", "ChildHealthChecks": ["a"], "HealthThreshold": 2},
    "all": {"Type": "CALCULATED", "ChildHealthChecks": ["a", "b"], "HealthThreshold": 2},
    "one": {"Type": "HTTPS"},
}


def problems(*records: dict[str, Any], drained: bool = False) -> list[Problem]:
    def ask(*arguments: str) -> Any:
        if arguments[1] == "list-resource-record-sets":
            return {"ResourceRecordSets": records}
        return {"HealthCheck": {"HealthCheckConfig": CHECKS[arguments[-1]]}}

    def warn(text: str) -> None:
        raise AssertionError(text)

    settings = settings_of((("ha-eks:traffic", "drained"), drained))
    return [*drained_problems(ask, "prod", settings, warn)]


def test_a_drained_cell_is_not_returned_by_an_up_whose_file_does_not_drain_it() -> None:
    assert problems(record("all", "prod-standby"), record("drained")) == [PROBLEM]


@pytest.mark.parametrize("check", ["all", "one"])
def test_a_cell_that_serves_is_deployed(check: str) -> None:
    assert problems(record(check)) == []


def test_other_cells_and_other_domains_do_not_matter() -> None:
    assert problems(record("drained", "other"), record("drained", name="z.example.com.")) == []


def test_a_drained_cell_with_a_drained_file_is_deployed() -> None:
    assert problems(record("drained"), drained=True) == []


def test_no_record_is_read_in_a_hosted_zone_that_the_cell_creates() -> None:
    def ask(*arguments: str) -> Any:
        raise AssertionError("the hosted zone has no ID yet, and no record of another cell")

    traffic = {"policy": "latency", "internal": {"domain": "app.example.com"}}
    internal = (("ha-eks:apps", "web", "expose", "internal"), True)
    settings = settings_of((("ha-eks:traffic",), traffic), internal)
    assert [*drained_problems(ask, "prod", settings, pytest.fail)] == []


def test_a_record_that_cannot_be_read_is_a_warning() -> None:
    def ask(*arguments: str) -> Any:
        raise AwsError("AccessDenied")

    warnings: list[str] = []
    assert [*drained_problems(ask, "prod", settings_of(), warnings.append)] == []
    assert warnings == [
        "prod: the record of app.example.com cannot be read, so that a drained cell is not "
        "recognized: AccessDenied"
    ]
