"""IAM documents as plain dictionaries."""

from collections.abc import Mapping

Document = Mapping[str, object]


def trust(service: str, *actions: str) -> Document:
    """A role's trust in an AWS service, for `actions` (default: sts:AssumeRole)."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": list(actions or ("sts:AssumeRole",)),
            }
        ],
    }


def pod_identity_trust() -> Document:
    """A role's trust in EKS Pod Identity.

    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    """
    return trust("pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession")
