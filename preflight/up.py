"""`python -m preflight.up STACK`: deploys a stack to AWS, once nothing stands in its way."""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pulumi.automation import PulumiCommand

from plan import PlanError, record
from plan.record import ROOT
from preflight.documentation import documentation_values
from settings import SettingsError, read_stack_file
from settings.aws import Aws


class _MissingError(Exception):
    """What a deployment needs and does not have; one line each."""


def main() -> int:
    """Deploys the stack that the command line names; returns only if it does not come to that."""
    parser = argparse.ArgumentParser(prog="preflight.up", description=__doc__)
    parser.add_argument("stack", metavar="STACK", help="dev, for Pulumi.dev.yaml")
    stack = str(parser.parse_args().stack)
    try:
        return _deploy(_pulumi_of(stack), stack)
    except (SettingsError, PlanError, _MissingError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _pulumi_of(stack: str) -> str:
    """The Pulumi CLI for a stack; raises what stands in the way."""
    file = f"Pulumi.{stack}.yaml"
    aws = record(stack).settings.aws
    left = list(documentation_values(read_stack_file(ROOT / file)))
    if left:
        raise SettingsError(file, left)
    missing: list[str] = []
    pulumi = _pulumi(missing)
    missing += _account_problems(aws, file)
    if missing:
        raise _MissingError("\n".join(missing))
    return pulumi


def _pulumi(missing: list[str]) -> str:
    """The Pulumi CLI: on PATH, or kept in the user's cache, where the SDK installs it."""
    on_path = shutil.which("pulumi")
    if on_path:
        return on_path
    try:
        base = os.environ.get("XDG_CACHE_HOME")
        root = (Path(base) if base else Path.home() / ".cache") / "ha-eks" / "pulumi-cli"
        if not (root / "bin" / "pulumi").exists():
            print(f"pulumi: not on PATH; installing it into {root} (once) …", file=sys.stderr)
        return PulumiCommand.install(root=str(root)).command
    except Exception as error:  # whatever the download and the installer come to
        missing.append(
            f"pulumi: not on PATH, and cannot be installed: {_why(error)}; "
            "install it from https://www.pulumi.com/docs/install/"
        )
        return ""


def _account_problems(aws: Aws, file: str) -> Iterator[str]:
    """What keeps the AWS CLI from credentials of an account that the stack may be deployed to."""
    cli = shutil.which("aws")
    if not cli:
        yield (
            "aws: not on PATH, and the cluster's tokens come from it; install it from "
            "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
        )
        return
    profile = ["--profile", aws.profile] if aws.profile else []
    who = [cli, "sts", "get-caller-identity", "--output", "json", "--region", aws.region, *profile]
    try:
        account = json.loads(subprocess.check_output(who, stderr=subprocess.PIPE))["Account"]
    except (OSError, ValueError, LookupError, TypeError, subprocess.CalledProcessError) as error:
        by = f"aws:profile in {file} ({aws.profile} now)" if aws.profile else "AWS_PROFILE"
        yield (
            f"aws: no credentials that work: {_why(error)}; "
            f"sign in (aws sso login), or name another profile by {by}"
        )
        return
    if aws.assume_roles:  # the cell is then in the role's account
        account = aws.assume_roles[0].role_arn.split(":")[4]
    allowed = aws.allowed_account_ids
    if allowed and account not in allowed:
        yield (
            f"aws: account {account} is none of aws:allowedAccountIds in {file} "
            f"({', '.join(allowed)}); use credentials of one of them"
        )


def _deploy(pulumi: str, stack: str) -> int:
    """Selects the stack, newly made if need be, and becomes `pulumi up`."""
    os.chdir(ROOT)
    try:
        selected = subprocess.run([pulumi, "stack", "select", "--create", stack], check=False)
        if selected.returncode:
            return selected.returncode
        os.execv(pulumi, [pulumi, "up", "--stack", stack])
    except OSError as error:
        raise _MissingError(f"{pulumi}: cannot be run: {error.strerror}; install it anew") from None


def _why(error: Exception) -> str:
    """The last line that a command said, or what kept it from being run."""
    said = str(error)
    if isinstance(error, subprocess.CalledProcessError):
        said = (error.stderr or error.output).decode(errors="replace")
    return (said.strip().splitlines() or ["it says nothing"])[-1]


if __name__ == "__main__":
    sys.exit(main())
