"""Access logs: who asked the load balancer for what, in a bucket of the cell's own."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
from pulumi_aws import lb, s3

from core.iam import access_log_policy


def access_logs(
    name: str, days: int, *, protected: bool, parent: pulumi.Resource
) -> lb.LoadBalancerAccessLogsArgs:
    """Where the load balancer writes them, once it may; kept for `days`, 0: nowhere.

    The logs in a `protected` bucket keep it from being deleted.
    """
    if not days:  # and said so: without a word the provider leaves them on
        return lb.LoadBalancerAccessLogsArgs(bucket="", enabled=False)
    child = pulumi.ResourceOptions(parent=parent)
    bucket = s3.Bucket(name, s3.BucketArgs(force_destroy=not protected), opts=child)
    account = aws.get_caller_identity(opts=pulumi.InvokeOptions(parent=parent)).account_id
    objects = pulumi.Output.format("{0}/*", bucket.arn)
    logs = pulumi.Output.format("{0}/AWSLogs/{1}/*", bucket.arn, account)
    policy = s3.BucketPolicy(
        name,
        s3.BucketPolicyArgs(
            bucket=bucket.bucket,
            policy=pulumi.Output.json_dumps(access_log_policy(bucket.arn, objects, logs)),
        ),
        opts=pulumi.ResourceOptions(
            parent=parent, depends_on=_closed(name, bucket.bucket, days, child)
        ),
    )
    return lb.LoadBalancerAccessLogsArgs(bucket=policy.bucket, enabled=True)


def _closed(
    name: str, bucket: pulumi.Input[str], days: int, opts: pulumi.ResourceOptions
) -> Sequence[pulumi.Resource]:
    """A bucket that is nobody else's, encrypted, and whose objects end."""
    by_default = (
        s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="AES256"  # load balancers write with no key of KMS
        )
    )
    return [
        s3.BucketPublicAccessBlock(
            name,
            s3.BucketPublicAccessBlockArgs(
                bucket=bucket,
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
            ),
            opts=opts,
        ),
        s3.BucketOwnershipControls(
            name,
            s3.BucketOwnershipControlsArgs(
                bucket=bucket,
                rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            ),
            opts=opts,
        ),
        s3.BucketServerSideEncryptionConfiguration(
            name,
            s3.BucketServerSideEncryptionConfigurationInitArgs(
                bucket=bucket,
                rules=[
                    s3.BucketServerSideEncryptionConfigurationRuleArgs(
                        apply_server_side_encryption_by_default=by_default
                    )
                ],
            ),
            opts=opts,
        ),
        s3.BucketLifecycleConfiguration(
            name,
            s3.BucketLifecycleConfigurationArgs(
                bucket=bucket,
                rules=[
                    s3.BucketLifecycleConfigurationRuleArgs(
                        id="end",
                        status="Enabled",
                        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                        expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
                    )
                ],
            ),
            opts=opts,
        ),
    ]
