"""Access logs of the load balancer, in an S3 bucket of the cell."""

import pulumi
from pulumi_aws import lb

from components.log_bucket import log_bucket
from core.iam import access_log_policy


def access_logs(
    name: str, account: str, days: int, *, protected: bool, parent: pulumi.Resource
) -> lb.LoadBalancerAccessLogsArgs:
    """Creates the bucket with a retention of `days`; returns the settings of the load balancer.

    0 days: no access logs. A `protected` bucket is not deleted while it has logs.
    docs/decisions/0037-access-logs-are-protected-like-the-load-balancer.md
    """
    if not days:  # explicit, because the provider does not disable logs if the setting is absent
        return lb.LoadBalancerAccessLogsArgs(bucket="", enabled=False)
    bucket = log_bucket(
        name,
        days,
        lambda bucket, objects: access_log_policy(
            bucket, objects, pulumi.Output.format("{0}/AWSLogs/{1}/*", bucket, account)
        ),
        protected=protected,
        parent=parent,
    )
    return lb.LoadBalancerAccessLogsArgs(bucket=bucket, enabled=True)
