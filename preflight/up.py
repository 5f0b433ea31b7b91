"""`python -m preflight.up STACK`: deploys a stack to AWS, once nothing stands in its way."""

import argparse
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

from pulumi.automation import PulumiCommand

from plan import PlanError, record
from plan.record import ROOT
from preflight.aws_cli import AwsCli, AwsError, find, why
from preflight.documentation import documentation_values
from preflight.upgrade import support_problems, upgrade_problems
from settings import Problem, Settings, SettingsError, read_stack_file
from settings.aws import Aws
from settings.cautions import cautions


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
    file, today = f"Pulumi.{stack}.yaml", date.today()
    settings = record(stack).settings
    problems = list(documentation_values(read_stack_file(ROOT / file)))
    problems += support_problems(settings.cluster.version, today)
    if problems:
        raise SettingsError(file, problems)
    missing: list[str] = []
    pulumi = _pulumi(missing)
    try:
        cli = _cli_of(settings.aws, file)
    except AwsError as error:
        raise _MissingError("\n".join([*missing, str(error)])) from error
    if missing:
        raise _MissingError("\n".join(missing))
    problems = _upgrade_problems(cli, stack, settings)
    if problems:
        raise SettingsError(file, problems)
    for caution in cautions(settings, today):
        _tell(str(caution))
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
            f"pulumi: not on PATH, and cannot be installed: {why(error)}; "
            "install it from https://www.pulumi.com/docs/install/"
        )
        return ""


def _cli_of(aws: Aws, file: str) -> AwsCli:
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
    return cli


def _upgrade_problems(cli: AwsCli, stack: str, settings: Settings) -> list[Problem]:
    """What keeps the cluster that is there from the version of the stack file."""
    aws = settings.aws
    try:
        cli = cli.as_role(aws.assume_roles[0]) if aws.assume_roles else cli
    except AwsError as error:
        _tell(f"{stack}: neither the cluster's version nor an upgrade's insights are read: {error}")
        return []
    return list(upgrade_problems(cli, stack, settings.cluster.version, _tell))


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
        raise _MissingError(f"{pulumi}: cannot be run: {error.strerror}; install it anew") from None


if __name__ == "__main__":
    sys.exit(main())
