"""IAM documents as plain dictionaries."""

from collections.abc import Mapping, Sequence

Document = Mapping[str, object]


def allow(
    actions: Sequence[str],
    resources: object = "*",
    condition: Mapping[str, Mapping[str, str]] | None = None,
) -> Document:
    """A statement that allows `actions` on `resources`: an ARN, or a list of ARNs."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resources}
    return {**statement, "Condition": condition} if condition else statement


def policy(*statements: Document) -> Document:
    """A policy of some statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(service: str, *actions: str) -> Document:
    """A role's trust in an AWS service, for `actions` (default: sts:AssumeRole)."""
    return policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": list(actions or ("sts:AssumeRole",)),
        }
    )


def _decides(account: str) -> Document:
    """Of a key's policy: the account decides on it."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }


def log_key_policy(account: str, region: str) -> Document:
    """A key's policy: the account decides on it, and CloudWatch Logs uses it for its log groups.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    groups = f"arn:aws:logs:{region}:{account}:log-group:*"
    return policy(
        _decides(account),
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


def only_over_tls(bucket: object, objects: object) -> Document:
    """A statement of a bucket's policy, by ARN: nobody reaches it, or its objects, without TLS."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket, objects],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _for_alarms(account: str, region: str, actions: Sequence[str], resource: object) -> Document:
    """A statement that lets CloudWatch do something for alarms of an account and region."""
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


def alarm_key_policy(account: str, region: str) -> Document:
    """A key's policy: the account decides on it, and CloudWatch uses it for what alarms say.

    Without that, alarms go off and nobody hears of it.
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    """
    return policy(
        _decides(account),
        _for_alarms(account, region, ["kms:Decrypt", "kms:GenerateDataKey*"], "*"),
    )


def alarm_topic_policy(account: str, region: str, topic: object) -> Document:
    """A topic's policy, by its ARN: the account uses it, alarms publish to it, all over TLS.

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
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )


def access_log_policy(bucket: object, objects: object, logs: object) -> Document:
    """The policy of a `bucket`: only over TLS, and load balancers write those of its `objects` that
    are `logs`, all by ARN.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """
    return policy(
        only_over_tls(bucket, objects),
        {
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": logs,
        },
    )


def pod_identity_trust() -> Document:
    """A role's trust in EKS Pod Identity.

    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    """
    return trust("pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession")
