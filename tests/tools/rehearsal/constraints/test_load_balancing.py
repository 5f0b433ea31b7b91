"""Constraints on certificates, DNS records, access logs and web ACLs."""

import json
from copy import deepcopy

import pytest

from tests.tools.rehearsal.clouds import REGION, delete, empty_cloud, make, refused, update
from tools.recording.made_up_outputs import ACCOUNT, digest
from tools.rehearsal.constraints import CONSTRAINTS as ALL_CONSTRAINTS
from tools.rehearsal.constraints.load_balancing import CONSTRAINTS
from tools.rehearsal.fake_cloud.cloud import Constraint, FakeCloud
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource

CERTIFICATE = "aws:acm/certificate:Certificate"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
RECORD = "aws:route53/record:Record"
LISTENER = "aws:lb/listener:Listener"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
WEB_ACL = "aws:wafv2/webAcl:WebAcl"
ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
EXTERNAL_WEB_ACL = f"arn:aws:wafv2:{REGION}:210987654321:regional/webacl/external/0"


@pytest.fixture
def cloud() -> FakeCloud:
    return empty_cloud(constraints=CONSTRAINTS)


# Certificates.


def certificate(
    cloud: FakeCloud, name: str = "lb", domain: str = "app.example.com"
) -> CloudResource:
    return make(cloud, CERTIFICATE, name, domainName=domain, validationMethod="DNS")


def validation_record(
    cloud: FakeCloud, certificate: CloudResource, name: str = "validation"
) -> CloudResource:
    [option] = certificate.outputs["domainValidationOptions"]
    return make(
        cloud, RECORD, name, zoneId="Z", name=option["resourceRecordName"], type="CNAME",
        allowOverwrite=True,
    )  # fmt: skip


def test_a_certificate_is_issued_only_after_its_validation_record_exists(cloud: FakeCloud) -> None:
    message = "the validation record of app.example.com does not exist"
    own = certificate(cloud)
    with refused("PENDING_VALIDATION", message):
        make(cloud, VALIDATION, "lb", certificateArn=own.id)
    validation_record(cloud, certificate(cloud, "other", "other.example.com"))
    with refused("PENDING_VALIDATION", message):
        make(cloud, VALIDATION, "lb", certificateArn=own.id)
    validation_record(cloud, own, "own")
    make(cloud, VALIDATION, "lb", certificateArn=own.id)


@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_listener_accepts_only_an_issued_certificate(cloud: FakeCloud, verb: str) -> None:
    own = certificate(cloud)
    listener = make(cloud, LISTENER, "http", port=80) if verb == "update" else None
    with refused("UnsupportedCertificate", "Certificate lb is not issued"):
        if listener:
            update(cloud, listener, port=443, certificateArn=own.id)
        else:
            make(cloud, LISTENER, "https", certificateArn=own.id)
    validation_record(cloud, own)
    make(cloud, VALIDATION, "lb", certificateArn=own.id)
    make(cloud, LISTENER, "https", certificateArn=own.id)


def test_a_load_balancer_has_one_listener_for_each_port(cloud: FakeCloud) -> None:
    arns = [make(cloud, LOAD_BALANCER, name).outputs["arn"] for name in ("one", "other")]
    make(cloud, LISTENER, "http", loadBalancerArn=arns[0], port=80)
    with refused("DuplicateListener", "Listener http has port 80"):
        make(cloud, LISTENER, "redirect", loadBalancerArn=arns[0], port=80)
    make(cloud, LISTENER, "https", loadBalancerArn=arns[0], port=443)
    make(cloud, LISTENER, "redirect", loadBalancerArn=arns[1], port=80)


def test_a_listener_accepts_a_certificate_of_the_stack_file(cloud: FakeCloud) -> None:
    external = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/external"
    cloud.external |= {external}
    make(cloud, LISTENER, "https", certificateArn=external)


def test_a_certificate_is_deleted_after_its_listener_uses_another_one(cloud: FakeCloud) -> None:
    old, new = certificate(cloud), certificate(cloud)
    assert old.id != new.id, "both certificates exist during a replacement"
    validation_record(cloud, old)
    validations = [make(cloud, VALIDATION, "lb", certificateArn=each.id) for each in (old, new)]
    listener = make(cloud, LISTENER, "https", certificateArn=old.id)
    delete(cloud, validations[0])
    with refused("DependencyViolation", f"{old.id} is in use by {listener.label}"):
        delete(cloud, old)
    update(cloud, listener, certificateArn=new.id)
    delete(cloud, old)


# Records.


@pytest.mark.parametrize(
    "constraints", [CONSTRAINTS, ALL_CONSTRAINTS], ids=["these constraints", "all constraints"]
)
def test_an_existing_record_is_taken_over_only_with_allow_overwrite(
    constraints: tuple[Constraint, ...],
) -> None:
    cloud = empty_cloud(constraints=constraints)
    inputs = {"zoneId": "Z", "name": "_a.example.com.", "type": "CNAME"}
    first = make(cloud, RECORD, "first", **inputs, allowOverwrite=True)
    message = "Tried to create resource record set _a.example.com., but it already exists"
    with refused("InvalidChangeBatch", message):
        make(cloud, RECORD, "second", **inputs)
    second = make(cloud, RECORD, "second", **inputs, allowOverwrite=True)
    assert second.id == first.id
    assert cloud.of_type(RECORD) == [second], "two records have one name"
    make(cloud, RECORD, "third", **{**inputs, "type": "A"})
    make(cloud, RECORD, "fourth", **inputs, setIdentifier="cell")


def test_only_a_record_with_allow_overwrite_is_shared_with_other_cells(cloud: FakeCloud) -> None:
    shared = make(cloud, RECORD, "a", zoneId="Z", name="a", type="CNAME", allowOverwrite=True)
    own = make(cloud, RECORD, "b", zoneId="Z", name="b", type="A")
    assert (shared.shared, own.shared) == (True, False)


# Access logs.


def log_bucket(cloud: FakeCloud, **inputs: bool) -> CloudResource:
    return make(cloud, BUCKET, "logs", **inputs)


def bucket_policy(cloud: FakeCloud, bucket: CloudResource, **changes: object) -> CloudResource:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket.id}/AWSLogs/{ACCOUNT}/*",
        **changes,
    }
    document = json.dumps({"Statement": [statement]})
    return make(cloud, BUCKET_POLICY, "logs", bucket=bucket.id, policy=document)


def access_logs(bucket: CloudResource, *, enabled: bool = True) -> dict[str, object]:
    return {"accessLogs": {"bucket": bucket.id, "enabled": enabled}}


def access_denied(bucket: CloudResource) -> tuple[str, str]:
    text = f"Access Denied for bucket: {bucket.id}. Please check S3bucket permission"
    return "InvalidConfigurationRequest", text


def test_access_logs_need_a_bucket_policy_for_log_delivery(cloud: FakeCloud) -> None:
    bucket = log_bucket(cloud)
    with refused(*access_denied(bucket)):
        make(cloud, LOAD_BALANCER, "lb", **access_logs(bucket))
    without_logs = make(cloud, LOAD_BALANCER, "lb", **access_logs(bucket, enabled=False))
    with refused(*access_denied(bucket)):
        update(cloud, without_logs, **access_logs(bucket))
    bucket_policy(cloud, bucket)
    update(cloud, without_logs, **access_logs(bucket))


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Deny"},
        {"Principal": {"Service": "delivery.logs.amazonaws.com"}},
        {"Action": "s3:GetObject"},
        {"Resource": "arn:aws:s3:::another/AWSLogs/123456789012/*"},
        {"Resource": ["arn:aws:s3:::another/*"]},
    ],
    ids=str,
)
def test_a_bucket_policy_that_does_not_allow_log_delivery_is_not_enough(
    cloud: FakeCloud, changes: dict[str, object]
) -> None:
    bucket = log_bucket(cloud)
    bucket_policy(cloud, bucket, **changes)
    with refused(*access_denied(bucket)):
        make(cloud, LOAD_BALANCER, "lb", **access_logs(bucket))


def test_access_logs_do_not_support_a_bucket_with_kms_encryption(cloud: FakeCloud) -> None:
    bucket = log_bucket(cloud)
    bucket_policy(cloud, bucket)

    def rules(algorithm: str) -> list[dict[str, object]]:
        return [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": algorithm}}]

    encryption = make(cloud, ENCRYPTION, "logs", bucket=bucket.id, rules=rules("aws:kms"))
    message = f"bucket {bucket.id} is encrypted with KMS, which access logs do not support"
    with refused("InvalidConfigurationRequest", message):
        make(cloud, LOAD_BALANCER, "lb", **access_logs(bucket))
    update(cloud, encryption, bucket=bucket.id, rules=rules("AES256"))
    make(cloud, LOAD_BALANCER, "lb", **access_logs(bucket))


def test_a_bucket_with_logs_is_deleted_only_with_force_destroy(cloud: FakeCloud) -> None:
    bucket = log_bucket(cloud, forceDestroy=False)
    with refused("BucketNotEmpty", "The bucket you tried to delete is not empty"):
        delete(cloud, bucket)
    update(cloud, bucket, forceDestroy=True)
    delete(cloud, bucket)


def test_settings_of_a_bucket_are_created_after_it_and_deleted_before_it(
    cloud: FakeCloud,
) -> None:
    with refused("NotFound", "nowhere does not exist"):
        make(cloud, LIFECYCLE, "logs", bucket="nowhere")
    bucket = log_bucket(cloud, forceDestroy=True)
    for settings in (
        make(cloud, LIFECYCLE, "logs", bucket=bucket.id),
        bucket_policy(cloud, bucket),
    ):
        with refused("DependencyViolation", f"{bucket.id} is in use by {settings.label}"):
            delete(cloud, bucket)
        delete(cloud, settings)
    delete(cloud, bucket)


# Web ACLs.


def test_a_web_acl_is_deleted_after_its_associations(cloud: FakeCloud) -> None:
    acl = make(cloud, WEB_ACL, "lb", scope="REGIONAL")
    other = make(cloud, WEB_ACL, "other", scope="REGIONAL")
    arn = acl.outputs["arn"]
    association = make(cloud, ASSOCIATION, "lb", resourceArn="lb", webAclArn=arn)
    message = "WebAcl lb is in use by WebAclAssociation lb"
    with refused("WAFAssociatedItemException", message):
        delete(cloud, acl)
    delete(cloud, other)
    delete(cloud, association)
    delete(cloud, acl)


def test_a_load_balancer_has_only_one_web_acl() -> None:
    cloud = empty_cloud(constraints=ALL_CONSTRAINTS)
    first = make(cloud, ASSOCIATION, "lb", resourceArn="lb", webAclArn=EXTERNAL_WEB_ACL)
    with refused("AlreadyExists", "WebAclAssociation lb has the same resourceArn"):
        make(cloud, ASSOCIATION, "lb", resourceArn="lb", webAclArn=f"{EXTERNAL_WEB_ACL}1")
    make(cloud, ASSOCIATION, "other", resourceArn="other", webAclArn=EXTERNAL_WEB_ACL)
    delete(cloud, first)
    make(cloud, ASSOCIATION, "lb", resourceArn="lb", webAclArn=f"{EXTERNAL_WEB_ACL}1")


def test_these_constraints_accept_resources_of_other_types(cloud: FakeCloud) -> None:
    bucket = log_bucket(cloud)
    before = deepcopy(cloud.resources)
    for verb in ("create", "update", "delete"):
        for constraint in CONSTRAINTS:
            inputs = {"certificateArn": "x", **access_logs(bucket)}
            constraint(cloud, verb, "aws:ec2/vpc:Vpc", inputs)
    assert cloud.resources.keys() == before.keys()


# Quotas of a new account.

CLUSTER = "aws:eks/cluster:Cluster"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
FULL_GROUP = (
    "RulesPerSecurityGroupLimitExceeded",
    "The maximum number of rules per security group has been reached.",
)


@pytest.mark.parametrize("type_", [INGRESS, EGRESS])
def test_a_security_group_has_at_most_60_rules_of_a_direction(cloud: FakeCloud, type_: str) -> None:
    for number in range(60):
        make(cloud, type_, f"rule-{number}", securityGroupId="sg-1")
    make(cloud, type_, "of-another-group", securityGroupId="sg-2")
    with refused(*FULL_GROUP):
        make(cloud, type_, "one-more", securityGroupId="sg-1")


def test_one_rule_of_the_group_of_a_cluster_is_of_eks(cloud: FakeCloud) -> None:
    cluster = make(cloud, CLUSTER, "cluster", name="cell", vpcConfig={}, version="1.36")
    group = cluster.outputs["vpcConfig"]["clusterSecurityGroupId"]
    for number in range(59):
        make(cloud, INGRESS, f"rule-{number}", securityGroupId=group)
    with refused(*FULL_GROUP):
        make(cloud, INGRESS, "one-more", securityGroupId=group)


def test_all_networks_of_a_prefix_list_count_as_rules(cloud: FakeCloud) -> None:
    lists = [
        f"pl-{digest(f'com.amazonaws.{name}')}"
        for name in ("global.cloudfront.origin-facing", f"{REGION}.route53-healthchecks")
    ]
    make(cloud, INGRESS, "cloudfront", securityGroupId="sg-1", prefixListId=lists[0])
    make(cloud, INGRESS, "route53", securityGroupId="sg-2", prefixListId=lists[1])
    with refused(*FULL_GROUP):
        make(cloud, INGRESS, "both", securityGroupId="sg-1", prefixListId=lists[1])
