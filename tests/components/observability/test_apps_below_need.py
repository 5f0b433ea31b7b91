"""Alarms on apps below their need, in a cell with more apps than one alarm can read."""

from collections.abc import Mapping
from typing import Any

from components.observability.alarms.alarm import Alarm, Math
from components.observability.alarms.apps_below_need import apps_below_need_alarms
from settings.app.apps import App
from tests.components.deploy import deploy
from tests.components.observability.test_dashboard import exposed, metric_sources


def alarms_of(apps: Mapping[str, App], **changes: Any) -> list[Alarm]:
    """Returns the alarms; outputs need the event loop of a program."""
    found: list[Alarm] = []
    deploy(lambda: found.extend(apps_below_need_alarms(metric_sources(apps, **changes))))
    return found


def test_an_alarm_reads_ten_apps_and_critical_apps_are_in_the_first() -> None:
    apps = {f"app{number}": exposed(f"/{number}") for number in range(23)}
    apps["last"] = exposed("/", critical=True)
    found = alarms_of(apps)
    assert [each.key for each in found] == [
        "apps-below-need", "apps-below-need/2", "apps-below-need/3",
    ]  # fmt: skip
    values = [each.value for each in found]
    series = [len(each.series) if isinstance(each, Math) else 1 for each in values]
    assert series == [10, 10, 4], "CloudWatch refuses an alarm with more metrics"
    assert isinstance(values[0], Math)
    assert values[0].series["m1"].dimensions["TargetGroup"] == "targetgroup/last/1"
    assert all(len(each.value.expression) <= 1024 for each in found if isinstance(each.value, Math))


def test_missing_data_of_pods_behind_a_load_balancer_sets_off_the_alarm() -> None:
    [alarm] = alarms_of({"web": exposed("/")})
    assert alarm.missing_data == "breaching", "no load balancer has a healthy pod"
    assert alarm.periods > 2, "the newest two minutes can lack data"


def test_a_cell_without_exposed_apps_and_workers_has_no_such_alarm() -> None:
    assert alarms_of({}, load_balancers={}) == []
