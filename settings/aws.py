"""`aws:*`: where and as whom the cell is deployed.

Pulumi's own keys of the aws provider. The provider is made explicitly, with these and no others,
so a key that is not modelled here is refused: it would do nothing.
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
    """A role that the aws provider takes on."""

    role_arn: Principal
    session_name: str | None = None
    external_id: str | None = None


class DefaultTags(Section):
    """Tags of everything that can carry tags."""

    tags: dict[str, str] = Field(default_factory=dict[str, str])


class Aws(Section):
    """The aws provider of the cell."""

    region: Annotated[str, AfterValidator(_region)]
    """Region of the cell."""
    profile: str | None = None
    """Profile of the AWS configuration to take credentials from."""
    assume_roles: Annotated[tuple[AssumeRole, ...], Field(max_length=1)] = ()
    """A role to take on, at most one: the kubeconfig takes on the same."""
    allowed_account_ids: tuple[AccountId, ...] = ()
    """Accounts that this stack may be deployed to; none: any."""
    default_tags: DefaultTags = DefaultTags()
    """Tags of every resource."""
