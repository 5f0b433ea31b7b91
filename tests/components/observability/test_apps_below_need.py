"""Alarms on apps below their need, in a cell with more apps than one alarm can read."""

from components.observability.alarms.alarm import Math
from components.observability.alarms.apps_below_need import apps_below_need_alarms
from tests.components.observability.test_dashboard import exposed, metric_sources


def test_an_alarm_reads_ten_apps_and_critical_apps_are_in_the_first() -> None:
    apps = {f"app{number}": exposed(f"/{number}") for number in range(23)}
    apps["last"] = exposed("/", critical=True)
    found = [*apps_below_need_alarms(metric_sources(apps))]
    assert [each.key for each in found] == [
        "apps-below-need", "apps-below-need/2", "apps-below-need/3",
    ]  # fmt: skip
    values = [each.value for each in found]
    series = [len(each.series) if isinstance(each, Math) else 1 for each in values]
    assert series == [10, 10, 4], "CloudWatch refuses an alarm with more metrics"
    assert isinstance(values[0], Math)
    assert values[0].series["m1"].dimensions["TargetGroup"] == "targetgroup/last/1"
    assert all(len(each.value.expression) <= 1024 for each in found if isinstance(each.value, Math))


def test_a_cell_without_exposed_apps_and_workers_has_no_such_alarm() -> None:
    assert [*apps_below_need_alarms(metric_sources({}, load_balancers={}))] == []
