"""IAM documents as plain dictionaries."""

from collections.abc import Mapping, Sequence

Document = Mapping[str, object]


def allow(
    actions: Sequence[str],
    resources: object = "*",
    condition: Mapping[str, Mapping[str, object]] | None = None,
) -> Document:
    """Returns a statement that allows actions on an ARN or a list of ARNs; by default on all
    resources."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resources}
    return {**statement, "Condition": condition} if condition else statement


def policy(*statements: Document) -> Document:
    """Returns a policy document with the statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(service: str, *actions: str) -> Document:
    """Returns a trust policy for an AWS service; without `actions`, for sts:AssumeRole."""
    return policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": list(actions or ("sts:AssumeRole",)),
        }
    )


def _account_access(account: str) -> Document:
    """Returns the key policy statement that delegates access to IAM policies of the account."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }


def log_key_policy(account: str, region: str) -> Document:
    """Returns the policy of a key with which CloudWatch Logs encrypts log groups.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    groups = f"arn:aws:logs:{region}:{account}:log-group:*"
    return policy(
        _account_access(account),
        {
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{region}.amazonaws.com"},
            "Action": [
                "kms:Encrypt*",
                "kms:Decrypt*",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:Describe*",
            ],
            "Resource": "*",
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        },
    )


def deny_without_tls(bucket: object, objects: object) -> Document:
    """Returns the statement of a bucket policy that denies requests without TLS.

    `bucket` and `objects` are the ARNs of the bucket and of its objects.
    """
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket, objects],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def file_system_policy(file_system: object, access_points: Sequence[object]) -> Document:
    """Returns the policy of an EFS file system that clients can mount through access points only,
    over TLS and from its VPC. They cannot act as root.

    `file_system` and `access_points` are ARNs.

    https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
    """
    return policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
            "Resource": file_system,
            "Condition": {
                "Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"},
                "StringEquals": {"elasticfilesystem:AccessPointArn": list(access_points)},
            },
        },
        {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "*",
            "Resource": file_system,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )


_DATA_KEYS = ("kms:Decrypt", "kms:GenerateDataKey*")
"""Actions on a key that a publisher to an encrypted SNS topic needs."""


def _for_alarms(account: str, region: str, actions: Sequence[str], resource: object) -> Document:
    """Returns a statement that allows actions of CloudWatch for alarms of an account and region."""
    alarms = f"arn:aws:cloudwatch:{region}:{account}:alarm:*"
    return {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": list(actions),
        "Resource": resource,
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": alarms},
        },
    }


def _for_events(actions: Sequence[str], resource: object) -> Document:
    """Returns a statement that allows actions of EventBridge, whose rules publish to an SNS topic.

    The statement has no condition: EventBridge sends neither the account nor the rule.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
    """
    return {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": list(actions),
        "Resource": resource,
    }


def alarm_key_policy(account: str, region: str, *, events: bool = False) -> Document:
    """Returns the policy of a key that encrypts an SNS topic of alarms, and of rules of EventBridge
    if `events`.

    Without the permission of CloudWatch, alarms change state, but SNS delivers no notification.
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    """
    return policy(
        _account_access(account),
        _for_alarms(account, region, _DATA_KEYS, "*"),
        *([_for_events(_DATA_KEYS, "*")] if events else []),
    )


def alarm_topic_policy(
    account: str, region: str, topic: object, *, events: bool = False
) -> Document:
    """Returns the policy of an SNS topic to which the alarms of an account and region publish, and
    rules of EventBridge if `events`.

    The account manages the topic. Publishing requires TLS. `topic` is the ARN of the topic.

    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html
    """
    return policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
            "Action": [
                "sns:AddPermission",
                "sns:DeleteTopic",
                "sns:GetTopicAttributes",
                "sns:ListSubscriptionsByTopic",
                "sns:Publish",
                "sns:RemovePermission",
                "sns:SetTopicAttributes",
                "sns:Subscribe",
            ],
            "Resource": topic,
        },
        _for_alarms(account, region, ["sns:Publish"], topic),
        *([_for_events(["sns:Publish"], topic)] if events else []),
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )


def access_log_policy(bucket: object, objects: object, logs: object) -> Document:
    """Returns the policy of a bucket to which load balancers write access logs, and health check
    logs, over TLS.

    `bucket`, `objects` and `logs` are the ARNs of the bucket, of all its objects, and of the
    objects that load balancers may write.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-health-check-logging.html
    """
    return policy(
        deny_without_tls(bucket, objects),
        {
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": logs,
        },
    )


def event_log_policy(streams: object) -> Document:
    """Returns the policy of a log group to which EventBridge writes events.

    `streams` is the ARN of all log streams of the group.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    """
    return policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": ["delivery.logs.amazonaws.com", "events.amazonaws.com"]},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": streams,
        }
    )


def pod_identity_trust() -> Document:
    """Returns the trust policy of a role for EKS Pod Identity.

    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    """
    return trust("pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession")
