"""The failover latches of a cell: one for the records of each of its load balancers."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from core.facts.metrics import ROUTE53_REGION
from core.failover_latch import FAILED_MINUTES, MINUTES, LatchNames
from settings import Settings
from tools.deploy.aws_cli import Ask, AwsError
from tools.fleet.interfaces import FleetError

_INTERVAL = 10
"""Seconds between two reads of the state of a latch."""

_TIMEOUT = 900
"""Seconds after which a failback no longer waits: a metric needs some minutes."""


def latches_of(cell: str, settings: Settings) -> Sequence[LatchNames]:
    """Returns the latches of a cell; none if the cell fails back automatically."""
    if settings.traffic is None or not settings.traffic.fails_back_manually:
        return []
    balancers = settings.load_balancers.values()
    return [LatchNames(cell=cell, internal=each.internal) for each in balancers if each.names]


def set_latches(ask: Ask, latches: Sequence[LatchNames]) -> Sequence[LatchNames]:
    """Returns the latches that are set; raises AwsError."""
    states = _states(ask, [each.alarm for each in latches])
    return [each for each in latches if states.get(each.alarm) == "ALARM"]


def recent_failures(ask: Ask, cell: str, settings: Settings) -> Iterator[str]:
    """Yields a line for each alarm that would not set the latch again, because it is not OK yet.

    An alarm sets the latch when it changes from OK to ALARM.
    """
    names = [
        latch.setting_alarm(app)
        for latch in latches_of(cell, settings)
        for app in settings.load_balancer(
            "internal" if latch.internal else "public"
        ).health_check_apps
    ]
    for name, state in _states(ask, names).items():
        if state != "OK":
            yield (
                f"latch: the alarm {name} is {state}: its health check has failed in "
                f"{FAILED_MINUTES} of the last {MINUTES} minutes; wait until the alarm is OK"
            )


def reset_latches(
    ask: Ask,
    latches: Sequence[LatchNames],
    say: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Writes 0 to the metric of each latch, and waits until none is set.

    Raises FleetError if one is still set after 15 minutes, and AwsError.
    """
    for latch in latches:
        ask(
            "cloudwatch", "put-metric-data", "--namespace", latch.metric.namespace,
            "--metric-data", f"MetricName={latch.metric.name},Value=0", "--region", ROUTE53_REGION,
        )  # fmt: skip
    say("wrote 0 to the metric of the latch; Route 53 reads it within some minutes")
    still_set = latches
    for _ in range(_TIMEOUT // _INTERVAL):
        sleep(_INTERVAL)
        still_set = set_latches(ask, latches)
        if not still_set:
            return
    names = ", ".join(each.alarm for each in still_set)
    raise FleetError(
        f"{names}: still in alarm after {_TIMEOUT // 60} minutes; run the same command again"
    )


def _states(ask: Ask, names: Sequence[str]) -> Mapping[str, str]:
    """Returns the states of metric alarms in the region of Route 53; raises AwsError."""
    if not names:
        return {}
    found = ask(
        "cloudwatch", "describe-alarms", "--alarm-names", *names, "--region", ROUTE53_REGION
    )
    try:
        return {each["AlarmName"]: each["StateValue"] for each in found["MetricAlarms"]}
    except (LookupError, TypeError) as error:
        raise AwsError(f"the alarms {', '.join(names)} cannot be read: {error}") from error
