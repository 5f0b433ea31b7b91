"""The Application Load Balancer: subnets, timeouts, access logs and protection."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import lb

from core.availability.client_connections import CLIENT_KEEP_ALIVE
from settings.load_balancing.load_balancer import LoadBalancer


def application_load_balancer(
    name: str,
    balancer: LoadBalancer,
    subnet_ids: Mapping[str, pulumi.Input[str]],
    security_group_ids: Sequence[pulumi.Input[str]],
    access_logs: lb.LoadBalancerAccessLogsArgs,
    opts: pulumi.ResourceOptions,
    *,
    protected: bool,
) -> lb.LoadBalancer:
    """Creates a load balancer with a subnet in each zone."""
    settings = balancer.settings
    logs_checks = settings.health_check_logs
    units = settings.minimum_capacity_units
    return lb.LoadBalancer(
        name,
        lb.LoadBalancerArgs(
            load_balancer_type="application",
            internal=balancer.internal,
            # Without a value, the provider keeps the current one.
            ip_address_type=settings.ip_address_type,
            subnets=list(subnet_ids.values()),
            security_groups=security_group_ids,
            idle_timeout=balancer.idle_timeout_seconds,
            client_keep_alive=CLIENT_KEEP_ALIVE,
            drop_invalid_header_fields=True,
            enable_zonal_shift=True,
            enable_deletion_protection=protected,
            enable_waf_fail_open=settings.waf is not None,
            access_logs=access_logs,
            health_check_logs=lb.LoadBalancerHealthCheckLogsArgs(
                bucket=access_logs.bucket if logs_checks else "", enabled=logs_checks
            ),
            minimum_load_balancer_capacity=(
                lb.LoadBalancerMinimumLoadBalancerCapacityArgs(capacity_units=units)
                if units
                else None
            ),
        ),
        opts=opts,
    )
