"""`python -m tools.deploy.up STACK`: deploys a stack to AWS, once nothing stands in its way."""

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pulumi.automation import PulumiCommand

from settings import SettingsError, read_stack_file
from settings.aws import Aws
from settings.cautions import cautions
from tools.deploy.aws_cli import Ask, AwsCli, AwsError, find, why
from tools.deploy.documentation_values import documentation_values
from tools.deploy.upgrade_checks import support_problems, upgrade_problems
from tools.recording import Recording, RecordingError, record
from tools.recording.record import ROOT


class MissingError(Exception):
    """What a deployment needs and does not have; one line each."""


def main() -> int:
    """Deploys the stack that the command line names; returns only if it does not come to that."""
    parser = argparse.ArgumentParser(prog="python -m tools.deploy.up", description=__doc__)
    parser.add_argument("stack", metavar="STACK", help="dev, for Pulumi.dev.yaml")
    stack = str(parser.parse_args().stack)
    try:
        recording = record(stack)
        by = ready(recording)
        for caution in cautions(recording.settings, date.today()):
            _tell(str(caution))
        return _deploy(by.pulumi, stack)
    except (SettingsError, RecordingError, MissingError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


@dataclass(frozen=True, kw_only=True)
class Ready:
    """What a stack is deployed with."""

    pulumi: str
    """The Pulumi CLI."""
    ask: Ask
    """The AWS CLI, in the account of the cell."""


def ready(recording: Recording) -> Ready:
    """What the stack of a plan is deployed with, once nothing stands in its way.

    Raises SettingsError or MissingError with everything that does.
    """
    file, settings = ROOT / f"Pulumi.{recording.stack}.yaml", recording.settings
    problems = list(documentation_values(read_stack_file(file)))
    problems += support_problems(settings.cluster.version, date.today())
    if problems:
        raise SettingsError(file, problems)
    missing: list[str] = []
    pulumi = _pulumi(missing)
    try:
        ask = _cli_of(settings.aws, file.name)
    except AwsError as error:
        raise MissingError("\n".join([*missing, str(error)])) from error
    if missing:
        raise MissingError("\n".join(missing))
    problems = list(upgrade_problems(ask, recording.stack, settings.cluster.version, _tell))
    if problems:
        raise SettingsError(file, problems)
    return Ready(pulumi=pulumi, ask=ask)


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
            f"pulumi: not on PATH, and cannot be installed: {why(error)}; "
            "install it from https://www.pulumi.com/docs/install/"
        )
        return ""


def _cli_of(aws: Aws, file: str) -> Ask:
    """The AWS CLI, with credentials of an account that the stack may be deployed to."""
    cli = AwsCli(
        path=find("the cluster's tokens come from it"), region=aws.region, profile=aws.profile
    )
    by = f"aws:profile in {file} ({aws.profile} now)" if aws.profile else "AWS_PROFILE"
    account = cli.account(by)
    if aws.assume_roles:  # the cell is then in the role's account
        account = aws.assume_roles[0].role_arn.split(":")[4]
    allowed = aws.allowed_account_ids
    if allowed and account not in allowed:
        raise AwsError(
            f"aws: account {account} is none of aws:allowedAccountIds in {file} "
            f"({', '.join(allowed)}); use credentials of one of them"
        )
    return cli.as_cell(aws.assume_roles)


def _tell(text: str) -> None:
    print(f"caution: {text}", file=sys.stderr)


def _deploy(pulumi: str, stack: str) -> int:
    """Selects the stack, newly made if need be, and becomes `pulumi up`."""
    os.chdir(ROOT)
    try:
        selected = subprocess.run([pulumi, "stack", "select", "--create", stack], check=False)
        if selected.returncode:
            return selected.returncode
        os.execv(pulumi, [pulumi, "up", "--stack", stack])
    except OSError as error:
        raise MissingError(f"{pulumi}: cannot be run: {error.strerror}; install it anew") from None


if __name__ == "__main__":
    sys.exit(main())
