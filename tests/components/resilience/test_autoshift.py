"""Zonal autoshift of a cell by its settings."""

import json
from typing import Any

from components.resilience import Resilience, ResilienceArgs
from settings.resilience.autoshift import Autoshift
from settings.resilience.resilience import Resilience as Settings
from tests.components.deploy import Deployed, context, deploy, with_aws

CONFIGURATION = "aws:arczonalshift/zonalAutoshiftConfiguration:ZonalAutoshiftConfiguration"
OBSERVER = (
    "aws:arczonalshift/autoshiftObserverNotificationStatus:AutoshiftObserverNotificationStatus"
)


def practiced(alarms: int = 1, **autoshift: object) -> Deployed:
    """Returns the resources of a cell with a cluster and both load balancers."""
    args = ResilienceArgs(
        context=context(),
        resilience=Settings(autoshift=Autoshift.model_validate_json(json.dumps(autoshift))),
        practiced=["cluster", "loadBalancer", "internalLoadBalancer"],
        load_balancers={"public": "arn:public", "internal": "arn:internal"},
        stop_alarm_arns=[f"arn:stop-{number}" for number in range(alarms)],
        harm_alarm_arns=[f"arn:harm-{number}" for number in range(alarms)],
        topic_arn="arn:topic",
    )
    return deploy(lambda: Resilience("resilience", args, with_aws()))


def configuration(deployed: Deployed, name: str) -> dict[str, Any]:
    return deployed.one(CONFIGURATION, f"resilience-autoshift-{name}").inputs


def test_each_resource_has_its_own_windows() -> None:
    cell = practiced(practiceWindows={"internalLoadBalancer": ["Fri:08:00-Fri:09:00"]})
    found = {
        each.inputs["resourceArn"]: each.inputs["allowedWindows"]
        for each in cell.of_type(CONFIGURATION)
    }
    assert found == {
        "arn:aws:eks:us-east-1:123456789012:cluster/prod": ["Tue:13:00-Tue:17:00"],
        "arn:public": ["Wed:13:00-Wed:17:00"],
        "arn:internal": ["Fri:08:00-Fri:09:00"],
    }


def test_aws_shifts_on_its_own_unless_it_only_practices() -> None:
    assert configuration(practiced(), "cluster")["zonalAutoshiftStatus"] == "ENABLED"
    only = practiced(practiceOnly=True)
    assert configuration(only, "cluster")["zonalAutoshiftStatus"] == "DISABLED"


def test_no_practice_run_starts_on_blocked_dates() -> None:
    cell = practiced(blockedDates=["2026-12-24"])
    assert configuration(cell, "lb")["blockedDates"] == ["2026-12-24"]
    assert "blockedDates" not in configuration(practiced(), "lb")


def test_the_first_ten_alarms_of_each_kind_are_used() -> None:
    inputs = configuration(practiced(alarms=11), "ilb")
    for kind, name in (("blockingAlarms", "stop"), ("outcomeAlarms", "harm")):
        arns = [each["alarmIdentifier"] for each in inputs[kind]]
        assert arns == [f"arn:{name}-{number}" for number in range(10)], "ARC refuses more"


def test_autoshifts_of_the_whole_region_are_reported_on_request() -> None:
    assert practiced().of_type(OBSERVER) == []
    assert practiced(observer=True).one(OBSERVER).inputs == {"status": "ENABLED"}
