"""Constraints of AWS on the log archive and on X-Ray groups and sampling rules.

Names: https://docs.aws.amazon.com/xray/latest/api/API_CreateGroup.html and
https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html
"""

import json
import re
from collections.abc import Iterator
from typing import cast

from tools.rehearsal.constraints.policy_documents import covers, statements_of
from tools.rehearsal.fake_cloud.cloud import Constraint, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.references import Values

_ADD_ON = "aws:eks/addon:Addon"
_ROLE = "aws:iam/role:Role"
_ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
_BUCKET = "aws:s3/bucket:Bucket"
_NAME_INPUTS = {
    "aws:xray/group:Group": "groupName",
    "aws:xray/samplingRule:SamplingRule": "ruleName",
}
_MAXIMUM_NAME_LENGTH = 32


def _x_ray_name(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Names of groups and sampling rules are short and unique; "Default" is reserved."""
    if verb != "create" or type_ not in _NAME_INPUTS:
        return
    key = _NAME_INPUTS[type_]
    name = str(inputs[key])
    if len(name) > _MAXIMUM_NAME_LENGTH:
        raise RefusedError(
            "InvalidRequestException",
            f"{key} {name} is longer than {_MAXIMUM_NAME_LENGTH} characters",
        )
    if name in {"Default", *(each.inputs[key] for each in cloud.of_type(type_))}:
        raise RefusedError("InvalidRequestException", f"{key} {name} is already in use")


def _archive(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """The agents need the bucket of the archive and the permission to write to it."""
    if verb == "delete" or type_ != _ADD_ON:
        return
    for bucket in _archive_buckets(inputs):
        if bucket not in {each.outputs["bucket"] for each in cloud.of_type(_BUCKET)}:
            raise RefusedError("NoSuchBucket", f"bucket {bucket} does not exist")
        if not any(_allows_put(each, bucket) for each in _role_statements(cloud, inputs)):
            raise RefusedError(
                "AccessDenied",
                f"no IAM policy of {inputs['addonName']} allows s3:PutObject to {bucket}",
            )


def _archive_buckets(inputs: Values) -> Iterator[str]:
    """Yields the buckets in the configuration of Fluent Bit."""
    values = json.loads(inputs.get("configurationValues") or "{}")
    config = values.get("containerLogs", {}).get("fluentBit", {}).get("config", {})
    for text in config.get("extraFiles", {}).values():
        yield from re.findall(r"^ *bucket +(\S+)$", text, re.MULTILINE)


def _role_statements(cloud: FakeCloud, inputs: Values) -> Iterator[Values]:
    """Yields the statements of the inline policies of an add-on's roles."""
    associations = cast("list[Values]", inputs.get("podIdentityAssociations") or [])
    arns = {each["roleArn"] for each in associations}
    roles = {e.outputs["name"] for e in cloud.of_type(_ROLE) if e.outputs["arn"] in arns}
    for each in cloud.of_type(_ROLE_POLICY):
        if each.inputs["role"] in roles:
            yield from statements_of(each.inputs["policy"])


def _allows_put(statement: Values, bucket: str) -> bool:
    return "s3:PutObject" in statement["Action"] and covers(
        statement, f"arn:aws:s3:::{bucket}/object"
    )


CONSTRAINTS: tuple[Constraint, ...] = (_x_ray_name, _archive)
