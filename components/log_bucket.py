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

    The name is an output of the rule for the expiry, so that writers come after the rule, and the
    rule comes after the policy. A load balancer refuses a bucket whose policy is new, and the AWS
    provider does not try again, but takes about a minute to create the rule.
    docs/decisions/0051-writers-wait-for-the-policy-of-a-bucket.md

    `policy` returns the bucket's policy for two ARNs: that of the bucket and that of its objects. A
    `protected` bucket is not deleted while it has objects.
    """
    child = pulumi.ResourceOptions(parent=parent)
    bucket = s3.Bucket(name, s3.BucketArgs(force_destroy=not protected), opts=child)
    objects = pulumi.Output.format("{0}/*", bucket.arn)
    bucket_policy = s3.BucketPolicy(
        name,
        s3.BucketPolicyArgs(
            bucket=bucket.bucket, policy=pulumi.Output.json_dumps(policy(bucket.arn, objects))
        ),
        opts=pulumi.ResourceOptions(
            parent=parent, depends_on=_bucket_settings(name, bucket.bucket, child)
        ),
    )
    return s3.BucketLifecycleConfiguration(
        name,
        s3.BucketLifecycleConfigurationArgs(
            bucket=bucket_policy.bucket,
            rules=[
                s3.BucketLifecycleConfigurationRuleArgs(
                    id="end",
                    status="Enabled",
                    filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
                )
            ],
        ),
        opts=child,
    ).bucket


def _bucket_settings(
    name: str, bucket: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> Sequence[pulumi.Resource]:
    """Blocks public access and encrypts the bucket."""
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
    ]
