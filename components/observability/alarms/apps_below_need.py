"""Alarms that stop practice runs and experiments: an app has fewer pods than it needs.

A lost zone does not set them off, because the other zones run the needed pods. They are plain
alarms, because AWS does not document that ARC and FIS accept composite alarms.
"""

from collections.abc import Iterator
from typing import NamedTuple

from components.observability.alarms.alarm import Alarm, Math
from components.observability.metric_sources import MetricSources, Series
from core.facts import metrics
from settings.worker.workers import Worker
from settings.workload.replicated import Replicated

APPS_BELOW_NEED = "apps-below-need"
"""Key of the alarm; further alarms of a cell with many apps have a number, such as
apps-below-need/2."""

_MAX_METRICS = 10
"""Metrics of an alarm on metric math.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html"""

_MINUTES = 5
"""Minutes below the need. The newest two can lack data, for which FILL yields a value:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html"""


class _Need(NamedTuple):
    """The healthy pods of an app, and the number that it needs."""

    series: Series
    needed: int
    without_data: int
    """Number of pods that missing data stands for."""


def apps_below_need_alarms(sources: MetricSources) -> Iterator[Alarm]:
    """Yields one alarm for each ten target groups and workers, those of critical apps first."""
    needs = [need for _, need in sorted(_needs(sources), key=lambda each: not each[0])]
    for number, first in enumerate(range(0, len(needs), _MAX_METRICS), 1):
        part = needs[first : first + _MAX_METRICS]
        # Without data of any target group, no load balancer has a healthy pod.
        exposed = not all(need.without_data for need in part)
        by_name = {f"m{index}": need for index, need in enumerate(part, 1)}
        yield Alarm(
            key=APPS_BELOW_NEED if number == 1 else f"{APPS_BELOW_NEED}/{number}",
            kind="stop",
            description=f"For {_MINUTES} minutes, at least one app has had fewer healthy pods than "
            "needed. ARC ends a practice run, AWS FIS ends an experiment, and neither starts "
            "another. The alarm of the app notifies the subscribers; this alarm does not.",
            first_check="kubectl get deployments -A",
            section="apps-below-their-need",
            value=Math(
                expression=" + ".join(
                    f"IF(FILL({name}, {need.without_data}) < {need.needed}, 1, 0)"
                    for name, need in by_name.items()
                ),
                series={name: need.series for name, need in by_name.items()},
            ),
            comparison=">",
            threshold=0,
            periods=_MINUTES,
            missing_data="breaching" if exposed else "notBreaching",
        )


def _needs(sources: MetricSources) -> Iterator[tuple[bool, _Need]]:
    """Yields each need, with true for a critical app."""
    for group in sources.target_groups:
        app = sources.apps[group.app]
        if isinstance(app, Replicated):
            # A target group without targets publishes no data.
            yield app.critical, _Need(sources.healthy_hosts(group), app.needed, 0)
    for name, app in sources.apps.items():
        if isinstance(app, Worker):
            ready = sources.workload_series(metrics.READY_PODS, name, name, "Minimum")
            # Data is missing if the agents of Container Insights fail.
            yield app.critical, _Need(ready, app.needed, app.needed)
