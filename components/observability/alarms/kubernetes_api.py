"""Redundancy alarms on the Kubernetes API: failed and throttled requests."""

from collections.abc import Iterator

from components.observability.alarms.alarm import Alarm, Math
from components.observability.metric_sources import MetricSources
from core.facts import metrics
from core.log_queries import FAILED_API_REQUESTS

_ERROR_PERCENT = 3
"""Percentage of failed requests. Some requests fail while EKS replaces a part of the control plane,
or while a webhook or a metrics API is unavailable; neither reaches 3% for 5 minutes."""

_THROTTLED_PERCENT = 5
"""Percentage of throttled requests. Clients retry; above 5%, one client delays the controllers."""


def kubernetes_api_alarms(sources: MetricSources) -> Iterator[Alarm]:
    """Yields the alarms on failed and throttled requests."""
    query = f"Logs Insights, saved query {sources.cell}/{FAILED_API_REQUESTS.name}"
    yield Alarm(
        key="api/errors",
        kind="redundancy",
        description=f"For 5 minutes, more than {_ERROR_PERCENT}% of the requests to the Kubernetes "
        "API have failed with status 500 or above. Running pods still serve users, but "
        "scheduling, scaling and rollouts stop.",
        first_check=query,
        section="the-kubernetes-api-returns-errors",
        value=_percentage(sources, metrics.API_ERRORS),
        comparison=">",
        threshold=_ERROR_PERCENT,
        periods=5,
        missing_data="notBreaching",
    )
    yield Alarm(
        key="api/throttled",
        kind="redundancy",
        description=f"For 5 minutes, the Kubernetes API has rejected more than "
        f"{_THROTTLED_PERCENT}% of the requests with status 429. A client sends too many "
        "requests and delays the controllers. Running pods still serve users.",
        first_check=query,
        section="the-kubernetes-api-throttles-requests",
        value=_percentage(sources, metrics.API_THROTTLED),
        comparison=">",
        threshold=_THROTTLED_PERCENT,
        periods=5,
        missing_data="notBreaching",
    )


def _percentage(sources: MetricSources, metric: metrics.Metric) -> Math:
    return Math(
        expression="100 * FILL(some, 0) / every",
        series={
            "some": sources.cluster_series(metric, "Sum"),
            "every": sources.cluster_series(metrics.API_REQUESTS, "Sum"),
        },
    )
