"""Alarms of what the cell stands on: the ways out, the Kubernetes API, and the metrics."""

from collections.abc import Iterator

from components.observability.alarms.alarm import Alarm, Math
from components.observability.metric_sources import MetricSources, Series
from core.facts import metrics

_API_ERRORS = 3
"""Percent of the API's answers. It fails some while EKS replaces a part of it, and some by a
webhook or a metrics API that is away; more than that for 5 minutes is neither."""

_API_THROTTLED = 5
"""Percent of the API's answers. Clients try again by themselves; one that makes so many of them
fail keeps controllers from their work."""


def services(metric_sources: MetricSources) -> Iterator[Alarm]:
    """Of each NAT gateway, of the API and of Container Insights."""
    for zone in metric_sources.nat_gateways:
        yield _no_port(metric_sources, zone)
    yield _of_api(metric_sources, "errors", metrics.API_ERRORS, _API_ERRORS,
                  "fails: nothing is scheduled, scaled or replaced by it. Look at its log, and at "
                  "AWS Health.")  # fmt: skip
    yield _of_api(metric_sources, "throttled", metrics.API_THROTTLED, _API_THROTTLED,
                  "turns away: somebody asks too much. Find out who in its audit log.")  # fmt: skip
    yield Alarm(
        key="metrics/silent",
        kind="redundancy",
        says="Container Insights has said nothing for 10 minutes, and alarms on pods and nodes "
        "that are not ready are blind. Look at the pods in namespace amazon-cloudwatch.",
        section="container-insights-is-silent",
        watches=metric_sources.of_cluster(metrics.NODES, "Minimum"),
        comparison="<",
        threshold=1,
        periods=10,
        missing="breaching",
    )


def _no_port(metric_sources: MetricSources, zone: str) -> Alarm:
    return Alarm(
        key=f"nat/{zone}",
        kind="redundancy",
        says=f"The NAT gateway of {zone} has no port left for connections to a destination, and "
        "some fail. Find out who opens so many to one address.",
        section="a-nat-gateway-has-no-ports",
        watches=Series(
            metric=metrics.NAT_NO_PORT,
            of={"NatGatewayId": metric_sources.nat_gateways[zone]},
            statistic="Sum",
        ),
        comparison=">",
        threshold=0,
        periods=5,
        datapoints=3,
        missing="notBreaching",
    )


def _of_api(
    metric_sources: MetricSources, what: str, metric: metrics.Metric, percent: float, says: str
) -> Alarm:
    return Alarm(
        key=f"api/{what}",
        kind="redundancy",
        says=f"More than {percent:g} % of the requests to the Kubernetes API are what it {says}",
        section=f"the-kubernetes-api-{'fails' if what == 'errors' else 'turns-away'}",
        watches=Math(
            expression="100 * FILL(some, 0) / every",
            series={
                "some": metric_sources.of_cluster(metric, "Sum"),
                "every": metric_sources.of_cluster(metrics.API_REQUESTS, "Sum"),
            },
        ),
        comparison=">",
        threshold=percent,
        periods=5,
        missing="notBreaching",
    )
