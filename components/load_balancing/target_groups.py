"""The target group of an exposed app: its health check, draining and routing algorithm."""

import pulumi
from pulumi_aws import lb

from core.availability import health_checks as target_health
from settings.reading.names import MAIN_PORT
from settings.workload.served import Served

_ALGORITHMS = {
    "roundRobin": "round_robin",
    "leastOutstandingRequests": "least_outstanding_requests",
}

_PROTOCOL_VERSIONS = {"http1": None, "http2": "HTTP2", "grpc": "GRPC"}
"""Protocol versions; None: HTTP1, the default of AWS."""

_MIN_HEALTHY_TARGETS = 1
"""Number of healthy targets, over all zones, below which a target group is unhealthy and fails
open. If one of two zones fails, half of the targets are lost, and the other half carry the load.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health.html"""


def target_group(
    name: str,
    app: Served,
    vpc_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> lb.TargetGroup:
    """Creates a target group of pod addresses, with cross-zone load balancing.

    docs/decisions/0036-cross-zone-load-balancing-is-always-on.md
    """
    expose, check = app.expose, app.health_check
    if expose is None or check is None:
        raise ValueError(f"{name} has no path that the load balancer can check")
    return lb.TargetGroup(
        name,
        lb.TargetGroupArgs(
            vpc_id=vpc_id,
            target_type="ip",
            protocol="HTTP",
            protocol_version=_PROTOCOL_VERSIONS[expose.protocol],
            # Pods are registered with the port of their app. Another default port would replace
            # the target group.
            port=80,
            deregistration_delay=app.termination.deregistration_delay,
            load_balancing_algorithm_type=_ALGORITHMS[expose.algorithm],
            slow_start=expose.slow_start_seconds or 0,
            stickiness=_stickiness(expose.sticky_seconds),
            load_balancing_cross_zone_enabled="true",
            target_group_health=lb.TargetGroupTargetGroupHealthArgs(
                dns_failover=lb.TargetGroupTargetGroupHealthDnsFailoverArgs(
                    minimum_healthy_targets_count=str(_MIN_HEALTHY_TARGETS)
                ),
                unhealthy_state_routing=lb.TargetGroupTargetGroupHealthUnhealthyStateRoutingArgs(
                    minimum_healthy_targets_count=_MIN_HEALTHY_TARGETS
                ),
            ),
            health_check=lb.TargetGroupHealthCheckArgs(
                protocol="HTTP",
                port="traffic-port" if check.port == MAIN_PORT else str(app.ports[check.port]),
                path=check.path,
                matcher=check.codes,
                interval=target_health.INTERVAL,
                timeout=target_health.TIMEOUT,
                healthy_threshold=target_health.HEALTHY_THRESHOLD,
                unhealthy_threshold=target_health.UNHEALTHY_THRESHOLD,
            ),
        ),
        opts=opts,
    )


def _stickiness(seconds: int | None) -> lb.TargetGroupStickinessArgs | None:
    if seconds is None:
        return None
    return lb.TargetGroupStickinessArgs(type="lb_cookie", enabled=True, cookie_duration=seconds)
