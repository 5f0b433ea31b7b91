"""Reads the tables of permissions: scopes/*.toml, types/*.toml and calls.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

Condition = Mapping[str, Mapping[str, str | list[str]]]
"""Values by condition key by operator, with placeholders."""

Row = Mapping[str, list[str]]
"""IAM actions by scope.

A row contains the actions that the AWS provider calls to create, read, update and delete a
resource, and the actions for which AWS then checks the caller. Sources of types/*.toml:

- https://github.com/hashicorp/terraform-provider-aws (internal/service), used by pulumi-aws
- https://github.com/pulumi/pulumi-aws-native (aws-cloudformation-schema, handlers.permissions)
- https://github.com/JamesWoolfenden/pike (src/mapping/aws/resource)

Tests compare the rows with the Service Authorization Reference.
"""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """A statement of the policy, without its actions.

    Placeholders of resources and conditions. An ARN without a value for its placeholder is left
    out, and so is a statement without ARNs or without a value in its condition:

    - {cell}, {account}: of the stack
    - {cell_in_ecr}, {cell_in_traces}, {rule_prefix}: name of the cell, shortened for ECR, X-Ray and
      EventBridge
    - {region}: regions of the resources that use the scope
    - {name}: name patterns in AWS of the recorded resources of the type `names`
    - {role}, {policy}, {service}: name patterns of the recorded roles, managed policies that are
      attached to them, and services that they trust
    - {backup_role}: name patterns of the recorded roles that trust AWS Backup
    - {zone}, {domain}, {secret}, {vpc}, {file_system}, {web_acl}: of the stack file

    Conditions on the tag of the cell:

    - aws:RequestTag with StringEquals: a new resource must get the tag.
    - aws:ResourceTag with StringEquals: only resources with the tag.
    - aws:ResourceTag with StringEqualsIfExists: no resources of another cell. AWS may not see the
      tag of a resource that was just created.
    """

    group: str
    """Name of the policy document."""
    resources: list[str]
    """ARNs with placeholders."""
    condition: Condition = field(default_factory=dict[str, dict[str, str | list[str]]])
    """Condition of the statement."""
    names: str | None = None
    """Resource type whose names replace {name}."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """Permissions of an invoke, of a command of the AWS CLI, or of Pulumi's state."""

    row: Row
    """Actions by scope."""
    needs: str | None
    """Resource type without which a stack does not make the call."""
    release: bool
    """True if a release of an app makes the call."""


def _table(file: Path) -> dict[str, Any]:  # Any: TOML of any shape
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def scopes() -> Mapping[str, Scope]:
    """Returns the scopes by name, which is the Sid of the statement. Each file is a group."""
    return {
        name: Scope(group=file.stem, **values)
        for file in sorted((FOLDER / "scopes").glob("*.toml"))
        for name, values in _table(file).items()
    }


@cache
def types() -> Mapping[str, Row]:
    """Returns the actions that each resource type needs."""
    files = sorted((FOLDER / "types").glob("*.toml"))
    return {type_: row for file in files for type_, row in _table(file).items()}


@cache
def calls() -> Mapping[str, Call]:
    """Returns the permissions of each call, by token or command."""
    return {
        name: Call(
            needs=values.pop("needs", None),
            release=values.pop("release", name.startswith("aws:")),
            row=values,
        )
        for name, values in _table(FOLDER / "calls.toml").items()
    }
