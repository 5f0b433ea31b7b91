"""What AWS refuses of a load balancer: of its certificate, its logs, its firewall and its records.

Error codes: botocore's service models; messages as in
https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service
"""

import fnmatch
import json
from collections.abc import Iterator
from typing import cast

from tools.recording.made_up_outputs import ACCOUNT
from tools.rehearsal.fake_cloud.cloud import Cloud, CloudResource, Constraint, RefusedError, Values

_CERTIFICATE = "aws:acm/certificate:Certificate"
_VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
_RECORD = "aws:route53/record:Record"
_BUCKET = "aws:s3/bucket:Bucket"
_BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
_ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
_WEB_ACL = "aws:wafv2/webAcl:WebAcl"
_WRITER = "logdelivery.elasticloadbalancing.amazonaws.com"


def _proved(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """A certificate is issued once its record is there."""
    if verb != "create" or type_ != _VALIDATION:
        return
    records = {each.inputs["name"] for each in cloud.of_type(_RECORD)}
    for own in _with_arn(cloud, _CERTIFICATE, inputs["certificateArn"]):
        for proof in own.outputs["domainValidationOptions"]:
            if proof["resourceRecordName"] not in records:
                raise RefusedError("PENDING_VALIDATION", f"{proof['domainName']} is not proved")


def _issued(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """A listener takes a certificate that is issued."""
    arn = inputs.get("certificateArn")
    if verb == "delete" or type_ != "aws:lb/listener:Listener" or not arn:
        return
    issued = {each.inputs["certificateArn"] for each in cloud.of_type(_VALIDATION)}
    for own in _with_arn(cloud, _CERTIFICATE, arn):
        if arn not in issued:
            raise RefusedError("UnsupportedCertificate", f"{own.urn} is not issued")


def _with_arn(cloud: Cloud, type_: str, arn: str) -> Iterator[CloudResource]:
    return (each for each in cloud.of_type(type_) if each.outputs["arn"] == arn)


def _logs_are_taken(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """A load balancer writes a first log as soon as it is told where."""
    logs: Values = inputs.get("accessLogs") or {}
    if verb == "delete" or type_ != "aws:lb/loadBalancer:LoadBalancer" or not logs.get("enabled"):
        return
    bucket = logs["bucket"]
    for each in cloud.of_type(_ENCRYPTION):
        if each.inputs["bucket"] == bucket and "aws:kms" in json.dumps(each.inputs["rules"]):
            raise RefusedError("InvalidConfigurationRequest", f"{bucket} has a key of KMS")
    log = f"arn:aws:s3:::{bucket}/AWSLogs/{ACCOUNT}/ELBAccessLogTestFile"
    if not any(_lets_write(each, log) for each in cloud.of_type(_BUCKET_POLICY)):
        raise RefusedError(
            "InvalidConfigurationRequest",
            f"Access Denied for bucket: {bucket}. Please check S3bucket permission",
        )


def _lets_write(policy: CloudResource, log: str) -> bool:
    for statement in json.loads(policy.inputs["policy"])["Statement"]:
        resource = statement["Resource"]
        resources = cast("list[str]", resource if isinstance(resource, list) else [resource])
        if (
            statement["Effect"] == "Allow"
            and statement["Principal"] == {"Service": _WRITER}
            and statement["Action"] == "s3:PutObject"
            and any(fnmatch.fnmatchcase(log, pattern) for pattern in resources)
        ):
            return True
    return False


def _not_empty(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """A bucket has logs in it by the time that it goes, unless they go with it."""
    if verb == "delete" and type_ == _BUCKET and not inputs.get("forceDestroy"):
        raise RefusedError("BucketNotEmpty", "The bucket you tried to delete is not empty")


def _in_use(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """A web ACL goes once it is before nothing any more."""
    if verb != "delete" or type_ != _WEB_ACL:
        return
    used = {
        each.inputs["webAclArn"]
        for each in cloud.of_type("aws:wafv2/webAclAssociation:WebAclAssociation")
    }
    for each in cloud.of_type(_WEB_ACL):
        if each.inputs is inputs and each.outputs["arn"] in used:
            raise RefusedError("WAFAssociatedItemException", f"{each.urn} is before something")


def _record_once(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    if verb != "create" or type_ != _RECORD or inputs.get("allowOverwrite"):
        return
    keys = ("zoneId", "name", "type", "setIdentifier")
    for other in cloud.of_type(_RECORD):
        if all(other.inputs.get(key) == inputs.get(key) for key in keys):
            raise RefusedError(
                "InvalidChangeBatch",
                f"Tried to create resource record set {inputs['name']}, but it already exists",
            )


CONSTRAINTS: tuple[Constraint, ...] = (
    _proved,
    _issued,
    _logs_are_taken,
    _not_empty,
    _in_use,
    _record_once,
)
"""Every law of load balancing and traffic."""
