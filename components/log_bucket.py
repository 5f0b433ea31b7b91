"""S3 buckets for logs: private, encrypted, and with an expiry of their objects."""

from collections.abc import Callable, Sequence

import pulumi
from pulumi_aws import s3

from core.iam import Document


def log_bucket(
    name: str,
    days: int,
    policy: Callable[[pulumi.Output[str], pulumi.Output[str]], Document],
    *,
    protected: bool,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """Creates a bucket whose objects expire after `days`; returns its name.

    The name is an output of the bucket's policy, so that writers come after the policy. `policy`
    returns the bucket's policy for two ARNs: that of the bucket and that of its objects. A
    `protected` bucket is not deleted while it has objects.
    """
    child = pulumi.ResourceOptions(parent=parent)
    bucket = s3.Bucket(name, s3.BucketArgs(force_destroy=not protected), opts=child)
    objects = pulumi.Output.format("{0}/*", bucket.arn)
    return s3.BucketPolicy(
        name,
        s3.BucketPolicyArgs(
            bucket=bucket.bucket, policy=pulumi.Output.json_dumps(policy(bucket.arn, objects))
        ),
        opts=pulumi.ResourceOptions(
            parent=parent, depends_on=_bucket_settings(name, bucket.bucket, days, child)
        ),
    ).bucket


def _bucket_settings(
    name: str, bucket: pulumi.Input[str], days: int, opts: pulumi.ResourceOptions
) -> Sequence[pulumi.Resource]:
    """Blocks public access, encrypts the bucket, and lets its objects expire."""
    by_default = (
        s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="AES256"  # the access logs of load balancers support no KMS key
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
