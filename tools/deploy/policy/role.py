"""The IAM role of a deployer, or of releases: trust policy, and commands that create the role."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.iam import Document, policy

_GITHUB = "token.actions.githubusercontent.com"
_SESSION_SECONDS = 4 * 60 * 60
"""Maximum session: a first deployment and a replacement of nodes can take hours."""

_MAX_ROLE_NAME = 64
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

REPOSITORY = re.compile(r"[A-Za-z0-9-]+/[\w.-]+", re.ASCII)
"""A repository of GitHub."""


@dataclass(frozen=True, kw_only=True)
class Role:
    """The role of the deployer of a cell, or of the releases of an app."""

    cell: str
    """Name of the cell."""
    account: str
    """Account ID."""
    principal: str | None
    """ARN of the principal that may assume the role; None leaves the decision to IAM policies of
    the account."""
    repository: str | None
    """Repository of GitHub whose workflows may assume the role, as OWNER/NAME."""
    app: str | None = None
    """App whose images the role releases; None: the role deploys the whole cell."""

    @property
    def name(self) -> str:
        """Name of the role."""
        suffix = f"-{self.app}-release" if self.app else "-deployer"
        return f"ha-eks-{self.cell}"[: _MAX_ROLE_NAME - len(suffix)] + suffix

    @property
    def arn(self) -> str:
        """ARN of the role."""
        return f"arn:aws:iam::{self.account}:role/{self.name}"

    def trust(self) -> Document:
        """Returns the trust policy: people, and workflows of the repository in the environment of
        the cell's name.

        https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
        """
        principal = self.principal or f"arn:aws:iam::{self.account}:root"
        people = {
            "Sid": "People",
            "Effect": "Allow",
            "Principal": {"AWS": principal},
            "Action": "sts:AssumeRole",
        }
        if self.repository is None:
            return policy(people)
        workflows = {
            "Sid": "GitHubActions",
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{self.account}:oidc-provider/{_GITHUB}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    f"{_GITHUB}:aud": "sts.amazonaws.com",
                    f"{_GITHUB}:sub": f"repo:{self.repository}:environment:{self.cell}",
                }
            },
        }
        return policy(people, workflows)

    def commands(self, folder: Path, documents: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Returns shell commands by their purpose; `documents` are JSON files in `folder`."""
        each = f"for name in {' '.join(documents)}; do"
        document = f"--policy-document file://{folder}/$name.json"
        arn = f"--policy-arn arn:aws:iam::{self.account}:policy/ha-eks-{self.cell}-$name"
        create = (
            f"aws iam create-role --role-name {self.name} --max-session-duration "
            f"{_SESSION_SECONDS} --assume-role-policy-document file://{folder}/trust.json"
        )
        return {
            "Create the role and its policies": [
                *self._provider(),
                create,
                each,
                f"  aws iam create-policy --policy-name ha-eks-{self.cell}-$name {document}",
                f"  aws iam attach-role-policy --role-name {self.name} {arn}",
                "done",
            ],
            "Or update the policies": [
                each,
                f"  aws iam create-policy-version --set-as-default {arn} {document}",
                "done",
            ],
        }

    def _provider(self) -> Iterator[str]:
        """Yields the command that adds GitHub to the identity providers of the account."""
        if self.repository:
            yield (
                f"aws iam create-open-id-connect-provider --url https://{_GITHUB} "
                "--client-id-list sts.amazonaws.com  # once per account"
            )
