"""The `aws` CLI: whether it is there, as whom it speaks, and what it answers."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from settings.aws import AssumeRole

Ask = Callable[..., Any]
"""What the CLI answers to some arguments; raises AwsError."""

_ROLE_LASTS = 3600
"""Seconds that the credentials of a role are good for, unless more are asked for."""

_INSTALL = "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"


class AwsError(Exception):
    """Why there is no answer; one line."""


@dataclass(frozen=True, kw_only=True)
class AwsCli:
    """The CLI, in a region and with somebody's credentials."""

    path: str
    """The program."""
    region: str
    """Region that is asked about."""
    profile: str | None = None
    """Profile of the AWS configuration; None: what the environment says."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Beside that of this process: the credentials of a role that was taken on."""

    def ask(self, *arguments: str) -> Any:  # Any: JSON of any shape
        """What a command answers; raises AwsError with the last line that it says instead."""
        profile = ["--profile", self.profile] if self.profile else []
        command = [self.path, *arguments, "--output", "json", "--region", self.region, *profile]
        try:
            answer = subprocess.check_output(
                command, stderr=subprocess.PIPE, env={**os.environ, **self.environment}
            )
            return json.loads(answer)
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            raise AwsError(why(error)) from error

    def account(self, other_profile: str) -> str:
        """The account that the credentials are of; `other_profile` is where another is named."""
        try:
            return self.ask("sts", "get-caller-identity")["Account"]
        except (AwsError, LookupError, TypeError) as error:
            raise AwsError(
                f"aws: no credentials that work: {why(error)}; "
                f"sign in (aws sso login), or name another profile by {other_profile}"
            ) from error

    def as_role(self, role: AssumeRole) -> "AwsCli":
        """The CLI with the credentials of a role, as the aws provider takes it on."""
        session = ["--role-session-name", role.session_name or "ha-eks"]
        external = ["--external-id", role.external_id] if role.external_id else []
        try:
            given = self.ask(
                "sts", "assume-role", "--role-arn", role.role_arn, *session, *external
            )["Credentials"]
            environment = {
                "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
                "AWS_SESSION_TOKEN": given["SessionToken"],
            }
        except (AwsError, LookupError, TypeError) as error:
            raise AwsError(f"{role.role_arn} cannot be taken on: {why(error)}") from error
        return replace(self, profile=None, environment=environment)

    def as_cell(self, roles: Sequence[AssumeRole]) -> Ask:
        """Asks as the cell's aws provider does: as its role, if any, taken on before it ends."""
        if not roles:
            return self.ask
        taken_on, since = self.as_role(roles[0]), time.monotonic()

        def ask(*arguments: str) -> Any:  # Any: JSON of any shape
            nonlocal taken_on, since
            if time.monotonic() - since > _ROLE_LASTS / 2:
                taken_on, since = self.as_role(roles[0]), time.monotonic()
            return taken_on.ask(*arguments)

        return ask


def find(needed: str) -> str:
    """The program on PATH; raises AwsError, with what it is needed for, if it is not there."""
    path = shutil.which("aws")
    if path is None:
        raise AwsError(f"aws: not on PATH, and {needed}; install it from {_INSTALL}")
    return path


def why(error: Exception) -> str:
    """The last line that a command said, or what kept it from being run."""
    said = str(error)
    if isinstance(error, subprocess.CalledProcessError):
        said = (error.stderr or error.output).decode(errors="replace")
    return (said.strip().splitlines() or ["it says nothing"])[-1]
