"""Access logs of the load balancer and their bucket."""

import json
from typing import Any

import pytest

from core.iam import access_log_policy
from tests.components.load_balancing.deployed_load_balancing import BALANCER, balancing

BUCKET = "aws:s3/bucket:Bucket"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"


@pytest.mark.parametrize(("changes", "days"), [({}, 30), ({"accessLogDays": 7}, 7)])
def test_access_logs_have_the_retention_of_the_stack_file(
    changes: dict[str, Any], days: int
) -> None:
    lb = balancing(**changes)
    bucket = lb.id_of(lb.one(BUCKET))
    assert lb.one(BALANCER).inputs["accessLogs"] == {"bucket": bucket, "enabled": True}
    (rule,) = lb.one(LIFECYCLE).inputs["rules"]
    assert rule["status"] == "Enabled"
    assert rule["filter"] == {"prefix": ""}, "some logs would never expire"
    assert rule["expiration"] == {"days": days}
    for type_ in (LIFECYCLE, POLICY, BLOCK, OWNERSHIP, ENCRYPTION):
        assert lb.one(type_).inputs["bucket"] == bucket


def test_without_access_logs_the_load_balancer_disables_them() -> None:
    lb = balancing(accessLogDays=0)
    assert [each.typ for each in lb.all if each.typ.startswith("aws:s3")] == []
    logs = lb.one(BALANCER).inputs["accessLogs"]
    assert logs == {"bucket": "", "enabled": False}, (
        "an absent setting would leave earlier access logs enabled"
    )


@pytest.mark.parametrize("enabled", [True, False])
def test_health_check_logs_are_in_the_bucket_of_the_access_logs(enabled: bool) -> None:
    lb = balancing(healthCheckLogs=enabled)
    bucket = lb.id_of(lb.one(BUCKET)) if enabled else ""
    assert lb.one(BALANCER).inputs["healthCheckLogs"] == {"bucket": bucket, "enabled": enabled}


def test_the_bucket_is_private_and_encrypted_without_a_kms_key() -> None:
    lb = balancing()
    block = lb.one(BLOCK).inputs
    assert {key: value for key, value in block.items() if key != "bucket"} == {
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    assert lb.one(OWNERSHIP).inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    (rule,) = lb.one(ENCRYPTION).inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


def test_only_load_balancers_of_the_account_can_write_and_only_over_tls() -> None:
    lb = balancing()
    bucket = f"arn:aws:s3:::{lb.id_of(lb.one(BUCKET))}"
    policy = json.loads(lb.one(POLICY).inputs["policy"])
    everything, logs = f"{bucket}/*", f"{bucket}/AWSLogs/123456789012/*"
    assert policy == access_log_policy(bucket, everything, logs)
    deny, write = policy["Statement"]
    assert (deny["Effect"], deny["Principal"], deny["Action"]) == ("Deny", "*", "s3:*")
    assert deny["Resource"] == [bucket, everything]
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert write == {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": logs,
    }


@pytest.mark.parametrize("protected", [True, False])
def test_logs_are_deleted_with_an_unprotected_cell(protected: bool) -> None:
    lb = balancing(protected=protected)
    assert lb.one(BUCKET).inputs["forceDestroy"] is not protected
