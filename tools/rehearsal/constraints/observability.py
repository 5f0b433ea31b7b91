"""What AWS refuses of logs and traces.

Names: https://docs.aws.amazon.com/xray/latest/api/API_CreateGroup.html and
https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html
"""

import fnmatch
import json
import re
from collections.abc import Iterator
from typing import cast

from tools.rehearsal.fake_cloud.cloud import Cloud, Constraint, RefusedError, Values

_ADD_ON = "aws:eks/addon:Addon"
_ROLE = "aws:iam/role:Role"
_RIGHTS = "aws:iam/rolePolicy:RolePolicy"
_BUCKET = "aws:s3/bucket:Bucket"
_NAMED = {"aws:xray/group:Group": "groupName", "aws:xray/samplingRule:SamplingRule": "ruleName"}
_LONGEST = 32


def _named(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """A group or rule of traces has a name that is short, free and not X-Ray's own."""
    if verb != "create" or type_ not in _NAMED:
        return
    name = str(inputs[_NAMED[type_]])
    taken = {"Default", *(each.inputs[_NAMED[type_]] for each in cloud.of_type(type_))}
    if len(name) > _LONGEST or name in taken:
        raise RefusedError("InvalidRequestException", f"{name} is too long, or taken")


def _archived(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """Whoever is told to write to a bucket finds it, and may."""
    if verb == "delete" or type_ != _ADD_ON:
        return
    for bucket in _buckets(inputs):
        if bucket not in {each.outputs["bucket"] for each in cloud.of_type(_BUCKET)}:
            raise RefusedError("NoSuchBucket", f"{bucket} does not exist")
        if not any(_lets_put(each, bucket) for each in _rights(cloud, inputs)):
            raise RefusedError("AccessDenied", f"{inputs['addonName']} may not put into {bucket}")


def _buckets(inputs: Values) -> Iterator[str]:
    """The buckets that Fluent Bit's outputs name."""
    given = json.loads(inputs.get("configurationValues") or "{}")
    config = given.get("containerLogs", {}).get("fluentBit", {}).get("config", {})
    for text in config.get("extraFiles", {}).values():
        yield from re.findall(r"^ *bucket +(\S+)$", text, re.MULTILINE)


def _rights(cloud: Cloud, inputs: Values) -> Iterator[Values]:
    """The statements of the own policies of an add-on's roles."""
    identities = cast("list[Values]", inputs.get("podIdentityAssociations") or [])
    arns = {each["roleArn"] for each in identities}
    roles = {e.outputs["name"] for e in cloud.of_type(_ROLE) if e.outputs["arn"] in arns}
    for each in cloud.of_type(_RIGHTS):
        if each.inputs["role"] in roles:
            yield from json.loads(each.inputs["policy"])["Statement"]


def _lets_put(statement: Values, bucket: str) -> bool:
    resource = statement["Resource"]
    resources = cast("list[str]", resource if isinstance(resource, list) else [resource])
    return "s3:PutObject" in statement["Action"] and any(
        fnmatch.fnmatchcase(f"arn:aws:s3:::{bucket}/a", pattern) for pattern in resources
    )


CONSTRAINTS: tuple[Constraint, ...] = (_named, _archived)
"""Every law of observability."""
