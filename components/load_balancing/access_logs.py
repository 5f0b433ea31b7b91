"""Access logs: who asked the load balancer for what, in a bucket of the cell's own."""

import pulumi
from pulumi_aws import lb

from components.log_bucket import log_bucket
from core.iam import access_log_policy


def access_logs(
    name: str, account: str, days: int, *, protected: bool, parent: pulumi.Resource
) -> lb.LoadBalancerAccessLogsArgs:
    """Where the load balancer writes them, once it may; kept for `days`, 0: nowhere.

    The logs in a `protected` bucket keep it from being deleted.
    """
    if not days:  # and said so: without a word the provider leaves them on
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
