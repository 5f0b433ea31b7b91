"""The target group of an exposed app: which of its pods get requests, and how many."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import lb

from core.availability import health_checks as target_health
from settings.app.apps import App
from settings.app.connections import Expose

_ALGORITHMS = {
    "roundRobin": "round_robin",
    "leastOutstandingRequests": "least_outstanding_requests",
}

_LEAST = 1
"""Healthy pods, of all zones together, below which a group counts as lost: the loss of a zone
takes half of the pods of two zones, and the rest is what carries the load.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health.html"""


@dataclass(frozen=True, kw_only=True)
class ExposedApp:
    """An app behind the load balancer."""

    app: App
    """The stack file's settings of the app."""
    expose: Expose
    """The app's `expose`."""


def target_group(
    name: str,
    exposed: ExposedApp,
    vpc_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> lb.TargetGroup:
    """Pods by their own addresses, those of all zones as one."""
    app, expose = exposed.app, exposed.expose
    return lb.TargetGroup(
        name,
        lb.TargetGroupArgs(
            vpc_id=vpc_id,
            target_type="ip",
            protocol="HTTP",
            # Pods are registered with their own port; a changed one would replace the group.
            port=80,
            deregistration_delay=app.termination.deregistration_delay,
            load_balancing_algorithm_type=_ALGORITHMS[expose.algorithm],
            slow_start=expose.slow_start_seconds or 0,
            load_balancing_cross_zone_enabled="true",
            target_group_health=lb.TargetGroupTargetGroupHealthArgs(
                dns_failover=lb.TargetGroupTargetGroupHealthDnsFailoverArgs(
                    minimum_healthy_targets_count=str(_LEAST)
                ),
                unhealthy_state_routing=lb.TargetGroupTargetGroupHealthUnhealthyStateRoutingArgs(
                    minimum_healthy_targets_count=_LEAST
                ),
            ),
            health_check=lb.TargetGroupHealthCheckArgs(
                protocol="HTTP",
                port="traffic-port",
                path=app.probes.readiness.path,
                matcher="200",
                interval=target_health.INTERVAL,
                timeout=target_health.TIMEOUT,
                healthy_threshold=target_health.HEALTHY_THRESHOLD,
                unhealthy_threshold=target_health.UNHEALTHY_THRESHOLD,
            ),
        ),
        opts=opts,
    )
