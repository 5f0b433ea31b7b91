"""A bucket for logs: nobody else's, encrypted, and whose objects end."""

from collections.abc import Callable, Sequence

import pulumi
from pulumi_aws import s3

from core.iam import Document


def closed_bucket(
    name: str,
    days: int,
    policy: Callable[[pulumi.Output[str], pulumi.Output[str]], Document],
    *,
    protected: bool,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """Name of a bucket, once it may be written to; what is in it is kept for `days`.

    `policy` says who may what, of the bucket and of its objects by ARN. What is in a `protected`
    bucket keeps it from being deleted.
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
            parent=parent, depends_on=_closed(name, bucket.bucket, days, child)
        ),
    ).bucket


def _closed(
    name: str, bucket: pulumi.Input[str], days: int, opts: pulumi.ResourceOptions
) -> Sequence[pulumi.Resource]:
    """Closes it to everybody, encrypts it, and ends what is in it."""
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
