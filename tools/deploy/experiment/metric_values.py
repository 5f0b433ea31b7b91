"""Values of metrics in CloudWatch, also of those that alarms compute.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from core.facts.metrics import READY_PODS
from tools.deploy.aws_cli import Ask, time_of
from tools.deploy.check.result import Object

Query = Mapping[str, Any]  # Any: JSON of any shape
"""A query of GetMetricData."""

_GROUPS = 30
"""Groups of queries in a request. The largest group, of an alarm on 10 metrics, has 11 queries of
about 330 bytes; AWS allows 500 queries, and a command-line argument has at most 128 KiB."""


class Value(NamedTuple):
    """A value of a metric."""

    time: datetime
    value: float


def values_of(
    ask: Ask, region: str, start: datetime, end: datetime, queried: Sequence[Sequence[Query]]
) -> Sequence[Sequence[Value]]:
    """Returns the values that each group of queries returns; raises AwsError."""
    start = start.replace(second=0, microsecond=0)
    end = end.replace(second=0, microsecond=0) + timedelta(minutes=1)
    found: list[list[Value]] = [[] for _ in queried]
    for first in range(0, len(queried), _GROUPS):
        part = queried[first : first + _GROUPS]
        queries = [each for n, group in enumerate(part) for each in _renamed(group, f"_{n}")]
        answer = ask(
            *("cloudwatch", "get-metric-data", "--metric-data-queries", json.dumps(queries)),
            *("--start-time", time_text(start), "--end-time", time_text(end)),
            *("--scan-by", "TimestampAscending", "--region", region),
        )
        for each in answer["MetricDataResults"]:
            number = first + int(each["Id"].rpartition("_")[2])
            pairs = zip(each["Timestamps"], each["Values"], strict=True)
            found[number] += [Value(time_of(time), float(value)) for time, value in pairs]
    return found


def time_text(time: datetime) -> str:
    """Returns a time for a request."""
    return time.isoformat("T", "seconds")


def ready_pods_query(cell: str, app: str) -> Query:
    """Returns the query for the ready pods of an app, whose namespace has its name."""
    values = {"PodName": app, "Namespace": app, "ClusterName": cell}
    metric = {
        "Namespace": READY_PODS.namespace,
        "MetricName": READY_PODS.name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in values.items()],
    }
    return {"Id": "value", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Minimum"}}


def queries_of(alarm: Object) -> Iterator[Query]:
    """Yields the queries for the value that an alarm compares."""
    yield from alarm.get("Metrics") or ()
    if not alarm.get("Metrics"):
        metric = {key: alarm[key] for key in ("Namespace", "MetricName")}
        metric["Dimensions"] = alarm.get("Dimensions", [])
        stat = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        stat_of = {"Metric": metric, "Period": alarm["Period"], "Stat": stat}
        yield {"Id": "value", "MetricStat": stat_of}


def _renamed(queries: Sequence[Query], suffix: str) -> Iterator[Query]:
    """Yields queries with a suffix of their IDs, which makes them unique in a request."""
    ids = re.compile(rf"\b({'|'.join(each['Id'] for each in queries)})\b")
    for each in queries:
        renamed = {**each, "Id": f"{each['Id']}{suffix}"}
        if "Expression" in each:
            renamed["Expression"] = ids.sub(rf"\1{suffix}", each["Expression"])
        yield renamed
