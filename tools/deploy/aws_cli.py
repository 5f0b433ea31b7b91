"""Finds and runs the `aws` CLI, with the credentials of a profile or of a role."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from settings.aws import AssumeRole
from tools.deploy.captured import captured

Ask = Callable[..., Any]
"""Runs the CLI with some arguments and returns its JSON output; raises AwsError."""

_ROLE_SESSION = 3600
"""Duration of a role session in seconds, by default.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

_INSTALL = "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"


class AwsError(Exception):
    """The CLI failed; the message is one line."""


@dataclass(frozen=True, kw_only=True)
class AwsCli:
    """The CLI in a region, with credentials."""

    path: str
    """Path of the program."""
    region: str
    """Region of requests."""
    profile: str | None = None
    """Profile of the AWS configuration; None uses the environment."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Additional environment variables: the credentials of an assumed role."""

    def ask(self, *arguments: str) -> Any:  # Any: JSON of any shape
        """Returns the JSON output of a command; None if it has no output.

        Raises AwsError with the last line of the error output. A command may name another region.
        """
        profile = ["--profile", self.profile] if self.profile else []
        region = [] if "--region" in arguments else ["--region", self.region]
        command = [self.path, *arguments, "--output", "json", *region, *profile]
        try:
            done = captured(command, environment={**os.environ, **self.environment})
            done.check_returncode()
            return json.loads(done.stdout) if done.stdout.strip() else None
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            raise AwsError(why(error)) from error

    def account(self, other_profile: str) -> str:
        """Returns the account ID of the credentials.

        Raises AwsError without valid credentials; `other_profile` names the setting of the profile.
        """
        try:
            return self.ask("sts", "get-caller-identity")["Account"]
        except (AwsError, LookupError, TypeError) as error:
            raise AwsError(
                f"aws: no valid credentials: {why(error).rstrip('.')}; "
                f"sign in (aws sso login), or set another profile in {other_profile}"
            ) from error

    def as_role(self, role: AssumeRole) -> "AwsCli":
        """Returns the CLI with the credentials of a role, which the aws provider assumes too."""
        session = ["--role-session-name", role.session_name or "ha-eks"]
        external = ["--external-id", role.external_id] if role.external_id else []
        try:
            credentials = self.ask(
                "sts", "assume-role", "--role-arn", role.role_arn, *session, *external
            )["Credentials"]
            environment = {
                "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
                "AWS_SESSION_TOKEN": credentials["SessionToken"],
            }
        except (AwsError, LookupError, TypeError) as error:
            raise AwsError(
                f"aws: cannot assume the role {role.role_arn}: {why(error)}; allow "
                "sts:AssumeRole in the trust policy of the role, or change aws:assumeRoles"
            ) from error
        return replace(self, profile=None, environment=environment)

    def as_cell(self, roles: Sequence[AssumeRole]) -> Ask:
        """Returns a function that runs commands with the credentials of the cell's aws provider.

        The function assumes the first role again before the role session ends.
        """
        if not roles:
            return self.ask
        as_role, start = self.as_role(roles[0]), time.monotonic()

        def ask(*arguments: str) -> Any:  # Any: JSON of any shape
            nonlocal as_role, start
            if time.monotonic() - start > _ROLE_SESSION / 2:
                as_role, start = self.as_role(roles[0]), time.monotonic()
            return as_role.ask(*arguments)

        return ask


def find(reason: str) -> str:
    """Returns the path of the CLI; raises AwsError, with the reason, if it is not on PATH."""
    path = shutil.which("aws")
    if path is None:
        raise AwsError(f"aws: not on PATH, and {reason}; install the AWS CLI: {_INSTALL}")
    return path


def why(error: Exception) -> str:
    """Returns the last line of a command's output, or the error that prevented its start."""
    text = str(error)
    if isinstance(error, subprocess.CalledProcessError):
        text = (error.stderr or error.output).decode(errors="replace")
    return (text.strip().splitlines() or ["no output"])[-1]


def time_of(value: str | float) -> datetime:
    """Returns a time that the CLI printed: text, or seconds since 1970 by version 1 of the CLI.

    https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html (cli_timestamp_format)
    """
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return datetime.fromtimestamp(value, UTC)
