"""Constraints of AWS on certificates, access logs, web ACLs and DNS records.

Error codes: botocore's service models. Messages:
https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service
"""

import json
from collections.abc import Iterator

from tools.recording.made_up_outputs import ACCOUNT, digest
from tools.rehearsal.constraints.policy_documents import covers, statements_of
from tools.rehearsal.fake_cloud.cloud import Constraint, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource
from tools.rehearsal.fake_cloud.references import Values

_LISTENERS = ("aws:lb/listener:Listener", "aws:lb/listenerCertificate:ListenerCertificate")
_CERTIFICATE = "aws:acm/certificate:Certificate"
_VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
_RECORD = "aws:route53/record:Record"
_BUCKET = "aws:s3/bucket:Bucket"
_BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
_ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
_WEB_ACL = "aws:wafv2/webAcl:WebAcl"
_INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_SECURITY_GROUP_RULES = (_INGRESS, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
_RULES_OF_A_GROUP = 60
_LOG_DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"


def _validation(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """A certificate is issued only after its validation records exist."""
    if verb != "create" or type_ != _VALIDATION:
        return
    records = {each.inputs["name"] for each in cloud.of_type(_RECORD)}
    for certificate in _with_arn(cloud, _CERTIFICATE, inputs["certificateArn"]):
        for option in certificate.outputs["domainValidationOptions"]:
            if option["resourceRecordName"] not in records:
                raise RefusedError(
                    "PENDING_VALIDATION",
                    f"the validation record of {option['domainName']} does not exist",
                )


def _listener_certificate(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """A listener accepts only issued certificates."""
    arn = inputs.get("certificateArn")
    if verb == "delete" or type_ not in _LISTENERS or not arn:
        return
    issued = {each.inputs["certificateArn"] for each in cloud.of_type(_VALIDATION)}
    for certificate in _with_arn(cloud, _CERTIFICATE, arn):
        if arn not in issued:
            raise RefusedError("UnsupportedCertificate", f"{certificate.label} is not issued")


def _one_listener_for_a_port(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """A load balancer has one listener for each port."""
    balancer = inputs.get("loadBalancerArn")
    if verb != "create" or type_ != _LISTENERS[0] or not balancer:
        return
    for each in cloud.of_type(type_):
        if (each.inputs.get("loadBalancerArn"), each.inputs["port"]) == (balancer, inputs["port"]):
            raise RefusedError("DuplicateListener", f"{each.label} has port {inputs['port']}")


def _with_arn(cloud: FakeCloud, type_: str, arn: str) -> Iterator[CloudResource]:
    return (each for each in cloud.of_type(type_) if each.outputs["arn"] == arn)


def _access_logs(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """AWS writes a test file to the bucket when access logs are turned on."""
    logs: Values = inputs.get("accessLogs") or {}
    if verb == "delete" or type_ != "aws:lb/loadBalancer:LoadBalancer" or not logs.get("enabled"):
        return
    bucket = logs["bucket"]
    for each in cloud.of_type(_ENCRYPTION):
        if each.inputs["bucket"] == bucket and "aws:kms" in json.dumps(each.inputs["rules"]):
            raise RefusedError(
                "InvalidConfigurationRequest",
                f"bucket {bucket} is encrypted with KMS, which access logs do not support",
            )
    test_file = f"arn:aws:s3:::{bucket}/AWSLogs/{ACCOUNT}/ELBAccessLogTestFile"
    if not any(_allows_log_delivery(each, test_file) for each in cloud.of_type(_BUCKET_POLICY)):
        raise RefusedError(
            "InvalidConfigurationRequest",
            f"Access Denied for bucket: {bucket}. Please check S3bucket permission",
        )


def _allows_log_delivery(policy: CloudResource, arn: str) -> bool:
    return any(
        statement["Effect"] == "Allow"
        and statement["Principal"] == {"Service": _LOG_DELIVERY}
        and statement["Action"] == "s3:PutObject"
        and covers(statement, arn)
        for statement in statements_of(policy.inputs["policy"])
    )


def _bucket_not_empty(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Buckets contain logs when they are deleted."""
    if verb == "delete" and type_ == _BUCKET and not inputs.get("forceDestroy"):
        raise RefusedError("BucketNotEmpty", "The bucket you tried to delete is not empty")


def _web_acl_in_use(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    if verb != "delete" or type_ != _WEB_ACL:
        return
    associations = {
        each.inputs["webAclArn"]: each
        for each in cloud.of_type("aws:wafv2/webAclAssociation:WebAclAssociation")
    }
    for each in cloud.of_type(_WEB_ACL):
        if each.inputs is inputs and each.outputs["arn"] in associations:
            association = associations[each.outputs["arn"]].label
            raise RefusedError(
                "WAFAssociatedItemException", f"{each.label} is in use by {association}"
            )


def _unique_record(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    if verb != "create" or type_ != _RECORD or inputs.get("allowOverwrite"):
        return
    keys = ("zoneId", "name", "type", "setIdentifier")
    for other in cloud.of_type(_RECORD):
        if all(other.inputs.get(key) == inputs.get(key) for key in keys):
            raise RefusedError(
                "InvalidChangeBatch",
                f"Tried to create resource record set {inputs['name']}, but it already exists",
            )


def _quotas(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Quotas of a new account.

    https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups
    """
    if verb != "create":
        return
    if type_ in _SECURITY_GROUP_RULES:
        of_eks = type_ == _INGRESS and inputs["securityGroupId"] in _cluster_groups(cloud)
        group = inputs["securityGroupId"]
        rules = [each.inputs for each in cloud.of_type(type_)] + [inputs]
        weight = sum(_weight(cloud, rule) for rule in rules if rule["securityGroupId"] == group)
        if weight + of_eks > _RULES_OF_A_GROUP:
            raise RefusedError(
                "RulesPerSecurityGroupLimitExceeded",
                "The maximum number of rules per security group has been reached.",
            )


def _weight(cloud: FakeCloud, rule: Values) -> int:
    """Returns the number of rules that a rule counts as: for a prefix list, its weight.

    https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html#aws-managed-prefix-list-weights
    """
    region = cloud.made_up_outputs.region
    weights = {
        "com.amazonaws.global.cloudfront.origin-facing": 55,
        f"com.amazonaws.{region}.route53-healthchecks": 25,
    }
    of_lists = {f"pl-{digest(name)}": weight for name, weight in weights.items()}
    return of_lists.get(rule.get("prefixListId", ""), 1)


def _cluster_groups(cloud: FakeCloud) -> set[str]:
    """Returns the security groups of clusters, each with one inbound rule of EKS."""
    return {
        each.outputs["vpcConfig"]["clusterSecurityGroupId"]
        for each in cloud.of_type("aws:eks/cluster:Cluster")
    }


CONSTRAINTS: tuple[Constraint, ...] = (
    _validation, _listener_certificate, _one_listener_for_a_port, _access_logs, _bucket_not_empty,
    _web_acl_in_use, _unique_record, _quotas,
)  # fmt: skip
