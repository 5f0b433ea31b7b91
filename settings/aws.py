"""`aws:*`: region and credentials of the deployment.

These are keys of Pulumi's aws provider. The program creates the provider with the keys below only,
so it refuses every other key, which would have no effect.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from settings.cluster.cluster import Principal
from settings.reading.section import Section, refuse


def _region(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]", value):
        raise refuse("must be an AWS region such as us-east-1")
    return value


def _account_id(value: str) -> str:
    if not re.fullmatch(r"[0-9]{12}", value, re.ASCII):
        raise refuse("must be the 12 digits of an AWS account ID, in quotes")
    return value


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

    tags: dict[str, str] = Field(default_factory=dict[str, str])
    """Values of the tags, by key. Default: none."""


class Aws(Section):
    """The aws provider of the cell."""

    region: Annotated[str, AfterValidator(_region)]
    """Region of the cell."""
    profile: str | None = None
    """Profile of the AWS configuration with the credentials. Default: the default chain."""
    assume_roles: Annotated[tuple[AssumeRole, ...], Field(max_length=1)] = ()
    """IAM role to assume, at most one. The kubeconfig assumes the same role. Default: none."""
    allowed_account_ids: tuple[AccountId, ...] = ()
    """Accounts in which the stack may be deployed. Default: any account."""
    default_tags: DefaultTags = DefaultTags()
    """Tags of every AWS resource."""
