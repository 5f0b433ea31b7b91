"""Checks that the alarms exist, that their metrics have data, and that none is in alarm.

CloudWatch accepts an alarm on a metric that does not exist, and the alarm never goes off.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from core.facts import metrics
from core.failover_latch import LatchNames
from tools.deploy.alarm_times import evaluation_minutes
from tools.deploy.aws_cli import Ask
from tools.deploy.check.result import (
    Object,
    Readings,
    Result,
    count,
    not_ok,
    ok,
)
from tools.recording import Recording

_METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
_COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
_QUERIES = 100
"""Metrics in a request: AWS allows 500, and a command-line argument has at most 128 KiB."""


class Series(NamedTuple):
    """A metric as an alarm reads it."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    """Names and values, sorted."""
    period: int
    """Seconds."""
    statistic: str


def alarms(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for all alarms, and one for each alarm and metric that is not well."""
    minutes = evaluation_minutes(recording.of_type(_METRIC_ALARM))
    for region, expected in _names_by_region(recording).items():
        live = {
            each["AlarmName"]: each
            for kind in described(readings.aws, recording.stack, region)
            for each in kind
        }
        missing = sorted(expected - live.keys())
        for name in missing:
            remedy = f"run make up STACK={recording.stack}"
            yield not_ok(name, f"this alarm does not exist in {region}", remedy)
        in_alarm = [live[name] for name in sorted(expected & live.keys()) if _in_alarm(live[name])]
        for alarm in in_alarm:
            yield not_ok(alarm["AlarmName"], f"in alarm: {alarm['StateReason']}", _runbook(alarm))
        if not missing and not in_alarm:
            yield ok(
                f"{count(len(expected), 'alarm')} in {region}", "none is missing, none is in alarm"
            )
        used: dict[Series, list[str]] = defaultdict(list)
        for name in sorted(expected & live.keys()):
            for series in _series(live[name]):
                used[series].append(name)
        yield from _data(recording, readings.aws, region, used, minutes)


def _names_by_region(recording: Recording) -> Mapping[str, set[str]]:
    """Returns the names of all alarms by region."""
    names: dict[str, set[str]] = defaultdict(set)
    for each in recording.of_type(_METRIC_ALARM, _COMPOSITE_ALARM):
        names[str(each.inputs["region"])].add(
            str(each.inputs.get("name") or each.inputs["alarmName"])
        )
    return names


def described(ask: Ask, cell: str, region: str) -> Sequence[Sequence[Object]]:
    """Returns the metric alarms and the composite alarms of a cell in a region."""
    answer = ask(
        *("cloudwatch", "describe-alarms", "--alarm-name-prefix", f"{cell}/"),
        *("--alarm-types", "MetricAlarm", "CompositeAlarm", "--region", region),
    )
    return [answer["MetricAlarms"], answer["CompositeAlarms"]]


def _in_alarm(alarm: Object) -> bool:
    return alarm["StateValue"] == "ALARM"


def _runbook(alarm: Object) -> str:
    """Returns the first check and the runbook in the description of an alarm."""
    lines = alarm.get("AlarmDescription", "").splitlines()
    wanted = [each for each in lines if each.startswith(("First check: ", "Runbook: "))]
    return "; ".join(wanted) or "docs/runbooks/README.md"


def _series(alarm: Object) -> Iterator[Series]:
    """Yields the metrics that an alarm reads."""
    stats: list[Object] = [
        each["MetricStat"] for each in alarm.get("Metrics") or () if "MetricStat" in each
    ]
    if "MetricName" in alarm:
        statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        stats = [{"Metric": alarm, "Period": alarm["Period"], "Stat": statistic}]
    for stat in stats:
        metric = stat["Metric"]
        pairs = [(each["Name"], each["Value"]) for each in metric.get("Dimensions", ())]
        yield Series(
            namespace=metric["Namespace"],
            name=metric["MetricName"],
            dimensions=tuple(sorted(pairs)),
            period=int(stat["Period"]),
            statistic=str(stat["Stat"]),
        )


def _data(
    recording: Recording, ask: Ask, region: str, used: Mapping[Series, list[str]], minutes: int
) -> Iterator[Result]:
    """Yields a result for the metrics with data, and one for each metric without data."""
    series = sorted(used)
    with_data = _with_data(ask, region, series, minutes)
    silent: dict[tuple[str, str], list[Series]] = defaultdict(list)
    idle: set[str] = set()
    for each in series:
        if each in with_data:
            continue
        only_with = _only_with(recording.stack, each)
        if only_with:
            idle.add(f"{each.name} (only with {only_with})")
        else:
            silent[each.namespace, each.name].append(each)
    for (namespace, name), found in silent.items():
        names = sorted({alarm for each in found for alarm in used[each]})
        others = f" and {count(len(names) - 1, 'other')}" if len(names) > 1 else ""
        dimensions = ", ".join("=".join(pair) for pair in found[0].dimensions)
        yield not_ok(
            f"{namespace} {name}",
            f"no data in {minutes} minutes for {dimensions}; read by {names[0]}{others}",
            _no_data_remedy(namespace, name, region),
        )
    if series and not silent:
        number = f"{len(with_data)} of {count(len(series), 'metric')}"
        yield ok(f"data in {region}", f"{number} in the last {minutes} minutes")
    if idle:
        yield ok("no data, as expected", ", ".join(sorted(idle)))


def _with_data(ask: Ask, region: str, series: Sequence[Series], minutes: int) -> set[Series]:
    """Returns the metrics that have data in the last minutes."""
    end = datetime.now(UTC)
    times = [
        (end - timedelta(minutes=minutes)).isoformat("T", "seconds"),
        end.isoformat("T", "seconds"),
    ]
    found: set[Series] = set()
    for start in range(0, len(series), _QUERIES):
        part = series[start : start + _QUERIES]
        answer = ask(
            *("cloudwatch", "get-metric-data", "--start-time", times[0], "--end-time", times[1]),
            *("--metric-data-queries", json.dumps([*_queries(part)]), "--region", region),
        )
        found |= {
            part[int(each["Id"][1:])] for each in answer["MetricDataResults"] if each["Values"]
        }
    return found


def _queries(part: Sequence[Series]) -> Iterator[dict[str, Any]]:  # Any: JSON of any shape
    for number, each in enumerate(part):
        metric = {
            "Namespace": each.namespace,
            "MetricName": each.name,
            "Dimensions": [{"Name": key, "Value": value} for key, value in each.dimensions],
        }
        stat = {"Metric": metric, "Period": each.period, "Stat": each.statistic}
        yield {"Id": f"m{number}", "MetricStat": stat}


def _only_with(cell: str, series: Series) -> str | None:
    """Returns the events without which a metric has no data; None if it always has data.

    The treatment of missing data does not show this: alarms on metrics of Container Insights do not
    breach without data either, although these metrics always have data.
    """
    logs = [metrics.AUTOSCALER_UNSCHEDULABLE, metrics.AUTOSCALER_ERRORS]
    latches = [LatchNames(cell=cell, internal=each) for each in (False, True)]
    every = [
        *metrics.METRICS,
        *(metrics.log_metric(cell, name) for name in logs),
        *(each.metric for each in latches),
    ]
    for each in every:
        if (each.namespace, each.name) == (series.namespace, series.name):
            return each.only_with
    return None


def _no_data_remedy(namespace: str, name: str, region: str) -> str:
    first = "in the first half hour of a cell, wait and run this command again; then "
    if namespace == metrics.NODES.namespace:
        return (
            f"{first}kubectl -n amazon-cloudwatch get pods -o wide "
            "(docs/alarms.md#container-insights-publishes-no-metrics)"
        )
    return (
        f"{first}compare the dimensions with: aws cloudwatch list-metrics --namespace {namespace} "
        f"--metric-name {name} --region {region}"
    )
