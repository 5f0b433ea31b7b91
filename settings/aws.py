"""`aws:*`: region and credentials of the deployment.

These are keys of Pulumi's aws provider. The program creates the provider with the keys below only,
so it refuses every other key, which would have no effect.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from core.facts.regions import is_region, nearest_region, other_partition
from core.tags import MAX_TAG_VALUE
from settings.cluster.cluster import Principal
from settings.reading.section import Section, refuse

_TAG_SYMBOLS = "_.:/=+-@"
_TAG = re.compile(r"[\w .:/=+@-]*")
"""Characters that all services of a cell allow in keys and values of tags.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules_creating"""
_MAX_TAG_KEY = 128
_MAX_TAGS = 40
"""AWS allows 50 tags on a resource. EKS and this program add up to 8 of them to an instance: name,
cell and pool, and the tags of EKS for cluster, node group and Cluster Autoscaler.
https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""


def _region(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-[0-9]", value):
        raise refuse("must be an AWS region such as us-east-1")
    partition = other_partition(value)
    if partition:
        raise refuse(
            f"{value} is in the partition {partition}, but this program supports the partition aws "
            "only; write a region such as us-east-1"
        )
    if not is_region(value):
        nearest = nearest_region(value)
        meant = f"; did you mean {nearest}?" if nearest else ";"
        raise refuse(
            f"unknown region{meant} If AWS opened it after the data of this program, add it to "
            "core/facts/regions.py"
        )
    return value


Region = Annotated[str, AfterValidator(_region)]
"""Region in the partition `aws`."""


def _account_id(value: str) -> str:
    if not re.fullmatch(r"[0-9]{12}", value, re.ASCII):
        raise refuse("must be the 12 digits of an AWS account ID, in quotes")
    return value


def _tag_text(value: str) -> str:
    if not _TAG.fullmatch(value):
        raise refuse(f"must consist of letters, digits, spaces and {_TAG_SYMBOLS}")
    if value.lower().startswith("aws:"):
        raise refuse("must not begin with aws:, which AWS reserves")
    return value


def _tag_key(value: str) -> str:
    if not 1 <= len(value) <= _MAX_TAG_KEY:
        raise refuse(f"the key of a tag must have 1 to {_MAX_TAG_KEY} characters, not {len(value)}")
    return _tag_text(value)


def _tag_value(value: str) -> str:
    if len(value) > MAX_TAG_VALUE:
        raise refuse(f"must have at most {MAX_TAG_VALUE} characters, not {len(value)}")
    return _tag_text(value)


def _tags(tags: dict[str, str]) -> dict[str, str]:
    by_lowercase: dict[str, str] = {}
    for key in tags:
        other = by_lowercase.setdefault(key.lower(), key)
        if other != key:
            raise refuse(f"IAM treats {other} and {key} as the same key; remove one of them")
    return tags


TagKey = Annotated[str, AfterValidator(_tag_key)]
"""Key of a tag."""

TagValue = Annotated[str, AfterValidator(_tag_value)]
"""Value of a tag."""

AccountId = Annotated[str, AfterValidator(_account_id)]
"""ID of an AWS account."""


class AssumeRole(Section):
    """An IAM role that the aws provider assumes."""

    role_arn: Principal
    """ARN of the role."""

    session_name: str | None = None
    """Name of the role session."""

    external_id: str | None = None
    """External ID that the trust policy of the role requires."""


class DefaultTags(Section):
    """Tags of every AWS resource that supports tags."""

    tags: Annotated[dict[TagKey, TagValue], Field(max_length=_MAX_TAGS), AfterValidator(_tags)] = (
        Field(default_factory=dict[str, str])
    )
    """Values of the tags, by key: at most 40 tags, keys of 1 to 128 and values of at most 256
    letters, digits, spaces and `_.:/=+-@`. Neither can begin with `aws:`. Default: none."""


class Aws(Section):
    """The aws provider of the cell."""

    region: Region
    """Region of the cell, in the partition `aws`: not GovCloud, China or the European Sovereign
    Cloud."""
    profile: str | None = None
    """Profile of the AWS configuration with the credentials. Default: the default chain."""
    assume_roles: Annotated[tuple[AssumeRole, ...], Field(max_length=1)] = ()
    """IAM role to assume, at most one. The kubeconfig assumes the same role. Default: none."""
    allowed_account_ids: tuple[AccountId, ...] = ()
    """Accounts in which the stack may be deployed. Default: any account."""
    default_tags: DefaultTags = DefaultTags()
    """Tags of every AWS resource."""
