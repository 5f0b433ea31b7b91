"""What the stand-in cloud refuses of certificates, access logs, firewalls and records."""

import json
from copy import deepcopy

import pytest

from tests.tools.rehearsal.clouds import REGION, delete, empty_cloud, make, refused, update
from tests.tools.rehearsal.constraints.test_cell import there
from tools.recording.made_up_outputs import ACCOUNT
from tools.rehearsal.constraints import CONSTRAINTS as ALL
from tools.rehearsal.constraints.load_balancing import CONSTRAINTS
from tools.rehearsal.fake_cloud.cloud import Cloud, CloudResource

CERTIFICATE = "aws:acm/certificate:Certificate"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
RECORD = "aws:route53/record:Record"
LISTENER = "aws:lb/listener:Listener"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
BUCKET = "aws:s3/bucket:Bucket"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
WEB_ACL = "aws:wafv2/webAcl:WebAcl"
ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
THEIRS = f"arn:aws:wafv2:{REGION}:210987654321:regional/webacl/theirs/0"


@pytest.fixture
def cloud() -> Cloud:
    return empty_cloud(constraints=CONSTRAINTS)


def certificate(cloud: Cloud, name: str = "lb", domain: str = "app.example.com") -> CloudResource:
    return make(cloud, CERTIFICATE, name, domainName=domain, validationMethod="DNS")


def proof(cloud: Cloud, of: CloudResource, name: str = "proof") -> CloudResource:
    [wanted] = of.outputs["domainValidationOptions"]
    return make(
        cloud, RECORD, name, zoneId="Z", name=wanted["resourceRecordName"], type="CNAME",
        allowOverwrite=True,
    )  # fmt: skip


def bucket(cloud: Cloud, **given: bool) -> CloudResource:
    return make(cloud, BUCKET, "logs", **given)


def policy(cloud: Cloud, of: CloudResource, **changed: object) -> CloudResource:
    resource = f"arn:aws:s3:::{of.id}/AWSLogs/{ACCOUNT}/*"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": resource,
        **changed,
    }
    return make(cloud, POLICY, "logs", bucket=of.id, policy=json.dumps({"Statement": [statement]}))


def logging(of: CloudResource, *, enabled: bool = True) -> dict[str, object]:
    return {"accessLogs": {"bucket": of.id, "enabled": enabled}}


# Certificates.


def test_a_certificate_is_not_issued_before_its_own_record_is_there(cloud: Cloud) -> None:
    own = certificate(cloud)
    with refused("PENDING_VALIDATION", "app.example.com"):
        make(cloud, VALIDATION, "lb", certificateArn=own.id)
    other = certificate(cloud, "other", "other.example.com")
    proof(cloud, other)
    with refused("PENDING_VALIDATION", "app.example.com"):
        make(cloud, VALIDATION, "lb", certificateArn=own.id)
    proof(cloud, own, "own")
    make(cloud, VALIDATION, "lb", certificateArn=own.id)


@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_listener_takes_no_certificate_that_is_not_issued(cloud: Cloud, verb: str) -> None:
    own = certificate(cloud)
    plain = make(cloud, LISTENER, "http", port=80) if verb == "update" else None
    with refused("UnsupportedCertificate", own.urn):
        if plain:
            update(cloud, plain, port=443, certificateArn=own.id)
        else:
            make(cloud, LISTENER, "https", certificateArn=own.id)
    proof(cloud, own)
    make(cloud, VALIDATION, "lb", certificateArn=own.id)
    make(cloud, LISTENER, "https", certificateArn=own.id)


def test_a_certificate_that_somebody_else_has_made_is_their_concern(cloud: Cloud) -> None:
    theirs = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/theirs"
    cloud.outside |= {theirs}
    make(cloud, LISTENER, "https", certificateArn=theirs)


def test_a_certificate_goes_once_no_listener_has_it(cloud: Cloud) -> None:
    old, new = certificate(cloud), certificate(cloud, "lb")
    assert old.id != new.id, "both are there while one follows the other"
    proof(cloud, old)
    for each in (old, new):
        make(cloud, VALIDATION, each.id, certificateArn=each.id)
    listener = make(cloud, LISTENER, "https", certificateArn=old.id)
    del cloud.resources[VALIDATION, there(cloud, (VALIDATION, old.id)).id]
    with refused("DependencyViolation", listener.urn):
        delete(cloud, old)
    update(cloud, listener, certificateArn=new.id)
    delete(cloud, old)


# Records.


@pytest.mark.parametrize("constraints", [CONSTRAINTS, ALL], ids=["these", "all"])
def test_a_record_that_is_there_is_taken_over_only_if_that_is_asked_for(
    constraints: object,
) -> None:
    cloud = empty_cloud(constraints=CONSTRAINTS if constraints is CONSTRAINTS else ALL)
    inputs = {"zoneId": "Z", "name": "_a.example.com.", "type": "CNAME"}
    first = make(cloud, RECORD, "first", **inputs, allowOverwrite=True)
    with refused("InvalidChangeBatch", "already exists", "_a.example.com."):
        make(cloud, RECORD, "second", **inputs)
    second = make(cloud, RECORD, "second", **inputs, allowOverwrite=True)
    assert second.id == first.id
    assert cloud.of_type(RECORD) == [second], "two records of one name"
    make(cloud, RECORD, "third", **{**inputs, "type": "A"})
    make(cloud, RECORD, "fourth", **inputs, setIdentifier="cell")


def test_what_other_cells_write_as_well_is_there_to_stay(cloud: Cloud) -> None:
    shared = make(cloud, RECORD, "a", zoneId="Z", name="a", type="CNAME", allowOverwrite=True)
    own = make(cloud, RECORD, "b", zoneId="Z", name="b", type="A")
    assert shared.kept
    assert not own.kept


# Access logs.


def test_a_load_balancer_that_may_not_write_its_logs_is_refused(cloud: Cloud) -> None:
    logs = bucket(cloud)
    with refused("InvalidConfigurationRequest", "Access Denied", logs.id):
        make(cloud, BALANCER, "lb", **logging(logs))
    quiet = make(cloud, BALANCER, "lb", **logging(logs, enabled=False))
    with refused("InvalidConfigurationRequest", "Access Denied"):
        update(cloud, quiet, **logging(logs))
    policy(cloud, logs)
    update(cloud, quiet, **logging(logs))


@pytest.mark.parametrize(
    "changed",
    [
        {"Effect": "Deny"},
        {"Principal": {"Service": "delivery.logs.amazonaws.com"}},
        {"Action": "s3:GetObject"},
        {"Resource": "arn:aws:s3:::another/AWSLogs/123456789012/*"},
        {"Resource": ["arn:aws:s3:::another/*"]},
    ],
    ids=str,
)
def test_a_policy_of_something_else_lets_no_load_balancer_write(
    cloud: Cloud, changed: dict[str, object]
) -> None:
    logs = bucket(cloud)
    policy(cloud, logs, **changed)
    with refused("InvalidConfigurationRequest"):
        make(cloud, BALANCER, "lb", **logging(logs))


def test_a_load_balancer_writes_to_no_bucket_with_a_key_of_kms(cloud: Cloud) -> None:
    logs = bucket(cloud)
    policy(cloud, logs)
    kms = [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}]
    encryption = make(cloud, ENCRYPTION, "logs", bucket=logs.id, rules=kms)
    with refused("InvalidConfigurationRequest", "KMS"):
        make(cloud, BALANCER, "lb", **logging(logs))
    own = [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]
    update(cloud, encryption, bucket=logs.id, rules=own)
    make(cloud, BALANCER, "lb", **logging(logs))


def test_a_bucket_with_logs_stays_unless_they_go_with_it(cloud: Cloud) -> None:
    logs = bucket(cloud, forceDestroy=False)
    with refused("BucketNotEmpty"):
        delete(cloud, logs)
    update(cloud, logs, forceDestroy=True)
    delete(cloud, logs)


def test_settings_of_a_bucket_come_after_it_and_go_one_by_one(cloud: Cloud) -> None:
    with refused("NotFound", "nowhere"):
        make(cloud, LIFECYCLE, "logs", bucket="nowhere")
    logs = bucket(cloud, forceDestroy=True)
    settings = [make(cloud, LIFECYCLE, "logs", bucket=logs.id), policy(cloud, logs)]
    with refused("DependencyViolation"):
        delete(cloud, logs)
    for each in settings:
        delete(cloud, each)
    delete(cloud, logs)


# Firewalls.


def test_a_web_acl_goes_once_it_is_before_nothing(cloud: Cloud) -> None:
    acl = make(cloud, WEB_ACL, "lb", scope="REGIONAL")
    other = make(cloud, WEB_ACL, "other", scope="REGIONAL")
    arn = acl.outputs["arn"]
    guarded = make(cloud, ASSOCIATION, "lb", resourceArn="lb", webAclArn=arn)
    with refused("WAFAssociatedItemException", acl.urn):
        delete(cloud, acl)
    delete(cloud, other)
    delete(cloud, guarded)
    delete(cloud, acl)


def test_a_second_firewall_before_a_load_balancer_waits_for_the_first_to_go() -> None:
    cloud = empty_cloud(constraints=ALL)
    first = make(cloud, ASSOCIATION, "lb", resourceArn="lb", webAclArn=THEIRS)
    with refused("AlreadyExists", first.urn):
        make(cloud, ASSOCIATION, "lb", resourceArn="lb", webAclArn=f"{THEIRS}1")
    make(cloud, ASSOCIATION, "other", resourceArn="other", webAclArn=THEIRS)
    delete(cloud, first)
    make(cloud, ASSOCIATION, "lb", resourceArn="lb", webAclArn=f"{THEIRS}1")


def test_each_law_is_about_something_of_its_own(cloud: Cloud) -> None:
    logs = bucket(cloud)
    before = deepcopy(cloud.resources)
    for verb in ("create", "update", "delete"):
        for law in CONSTRAINTS:
            law(cloud, verb, "aws:ec2/vpc:Vpc", {"certificateArn": "x", **logging(logs)})
    assert cloud.resources.keys() == before.keys()
