"""Failover of the clients to another cell, for stacks with a domain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from core.availability.dns_failover import METRIC_DELAY, DnsFailover
from core.load_balancers import suffix_of
from settings.traffic.traffic import Traffic
from tools.preview.report.termination import Span
from tools.recording import Recording

Inputs = dict[str, Any]  # Any: inputs are JSON of any shape

_HEALTH_CHECK = "aws:route53/healthCheck:HealthCheck"
_LATCH = "ha-eks:index:FailoverLatch$"
"""Part of the URN of the health check that keeps the cell out of service after a failover."""
_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


@dataclass(frozen=True, kw_only=True)
class FailoverView:
    """A failover by DNS."""

    domain: str
    policy: str
    checks: Sequence[str]
    """Health checks that determine the health of the cell."""
    drained: bool
    manual_failback: bool
    """True if the failback waits for a person."""
    spans: Sequence[Span]
    seconds: DnsFailover
    detection: str
    """Calculation of the time until the cell is unhealthy."""


def failover_of(recording: Recording) -> FailoverView | None:
    """Returns the failover of the domain of a cell; None without a domain or a health check."""
    traffic = recording.settings.traffic
    inputs = [
        cast("Inputs", each.inputs)
        for each in recording.of_type(_HEALTH_CHECK)
        if _LATCH not in each.urn
    ]
    checks = [each for each in inputs if each["type"] != "CALCULATED"]
    if traffic is None or not checks:
        return None
    timeline = max((_timeline(recording, each) for each in checks), key=lambda each: each.detected)
    what = "periods of" if timeline.delay else "failed checks, every"
    delay = f" + {timeline.delay}s delay of the metric" if timeline.delay else ""
    return FailoverView(
        domain=traffic.domains,
        policy=_policy(traffic),
        checks=[*_checked(recording)],
        drained=traffic.drained,
        manual_failback=traffic.fails_back_manually,
        spans=[*_spans(timeline)],
        seconds=timeline,
        detection=f"{timeline.threshold} {what} {timeline.interval}s{delay} = {timeline.detected}s",
    )


def failover_sentence(view: FailoverView) -> str:
    """Returns the calculation of a failover as a sentence without its full stop."""
    seconds = view.seconds
    back = "; the failback waits for make failback" if view.manual_failback else ""
    return (
        f"failover of {view.domain}: clients reach another cell within {seconds.complete}s: "
        f"detection {view.detection}, propagation {seconds.propagation}s (assumed), TTL "
        f"{seconds.ttl}s{back}"
    )


def _policy(traffic: Traffic) -> str:
    role = f", {traffic.role}" if traffic.role else ""
    return f"{traffic.policy}{role}"


def _timeline(recording: Recording, check: Inputs) -> DnsFailover:
    """Returns the timeline of a health check, which requests a path or reads an alarm's metric."""
    if check["type"] != "CLOUDWATCH_METRIC":
        return DnsFailover(interval=check["requestInterval"], threshold=check["failureThreshold"])
    alarms = [cast("Inputs", each.inputs) for each in recording.of_type(_ALARM)]
    [alarm] = [each for each in alarms if each["name"] == check["cloudwatchAlarmName"]]
    return DnsFailover(
        interval=_period(alarm), threshold=alarm["evaluationPeriods"], delay=METRIC_DELAY
    )


def _period(alarm: Inputs) -> int:
    queries: list[Inputs] = alarm.get("metricQueries") or [{"metric": alarm}]
    return max(each["metric"].get("period") or 60 for each in queries if "metric" in each)


def _checked(recording: Recording) -> Iterator[str]:
    settings = recording.settings
    for balancer in settings.load_balancers.values():
        for name in balancer.health_check_apps if balancer.names else ():
            path = balancer.health_paths.get(name)
            alarm = f"metric of the alarm app/{name}/hosts{suffix_of(balancer.kind)}"
            yield f"{name}: {f'HTTPS {path}' if path else alarm}"


def _spans(times: DnsFailover) -> Iterator[Span]:
    total, start = times.complete, 0
    for text, kind, seconds in (
        ("detect", "stops", times.detected),
        ("propagate", "in-flight", times.propagation),
        ("TTL", "sidecars", times.ttl),
    ):
        yield Span(
            text=text,
            kind=kind,
            start=100 * start / total,
            width=100 * seconds / total,
            seconds=seconds,
        )
        start += seconds
