"""Redundancy alarm on Container Insights: no metrics of pods and nodes."""

from components.observability.alarms.alarm import Alarm
from components.observability.metric_sources import MetricSources
from core.facts import metrics


def container_insights_alarm(sources: MetricSources) -> Alarm:
    """Returns the alarm on missing metrics of Container Insights."""
    return Alarm(
        key="metrics/silent",
        kind="redundancy",
        description="Container Insights has published no metrics for 10 minutes. Until metrics "
        "arrive again, the alarms on pending pods, on headroom, on replicas.max and on nodes that "
        "are not ready cannot go off. Users are not affected.",
        first_check="kubectl -n amazon-cloudwatch get pods -o wide",
        section="container-insights-publishes-no-metrics",
        value=sources.cluster_series(metrics.NODES, "Minimum"),
        comparison="<",
        threshold=1,
        periods=10,
        missing_data="breaching",
    )
