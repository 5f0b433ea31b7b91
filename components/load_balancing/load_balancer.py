"""The Application Load Balancer: subnets, timeouts, access logs and protection."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import lb

from settings.load_balancing.load_balancing import LoadBalancing as LoadBalancingSettings

_CLIENT_KEEP_ALIVE_SECONDS = 300
"""Maximum lifetime of a client connection. A zonal shift does not close the connections of a zone,
so clients move to the other zones within this time.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/zonal-shift.html"""


def load_balancer(
    name: str,
    settings: LoadBalancingSettings,
    subnet_ids: Mapping[str, pulumi.Input[str]],
    security_group_ids: Sequence[pulumi.Input[str]],
    access_logs: lb.LoadBalancerAccessLogsArgs,
    opts: pulumi.ResourceOptions,
    *,
    protected: bool,
) -> lb.LoadBalancer:
    """Creates a load balancer with a subnet in each zone."""
    return lb.LoadBalancer(
        name,
        lb.LoadBalancerArgs(
            load_balancer_type="application",
            internal=settings.internal,
            subnets=list(subnet_ids.values()),
            security_groups=security_group_ids,
            idle_timeout=settings.idle_timeout_seconds,
            client_keep_alive=_CLIENT_KEEP_ALIVE_SECONDS,
            drop_invalid_header_fields=True,
            enable_zonal_shift=True,
            enable_deletion_protection=protected,
            enable_waf_fail_open=settings.waf is not None,
            access_logs=access_logs,
        ),
        opts=opts,
    )
