"""`python -m tools.deploy.policy STACK`: writes the IAM policies of the deployer of a stack."""

import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.iam import Document
from settings import SettingsError
from settings.aws import Aws
from settings.reading.wording import listed
from tools.command_line import command_parser
from tools.deploy.aws_cli import AwsCli, AwsError, find
from tools.deploy.policy.documents import MAX_CHARACTERS, MAX_POLICIES, documents, size
from tools.deploy.policy.role import REPOSITORY, Role
from tools.deploy.policy.statements import (
    PolicyError,
    release_statements,
    statements,
    without_permissions,
)
from tools.entry_point import status_of
from tools.recording import RecordingError, record
from tools.recording.record import ROOT


def main() -> int:
    """Writes the policies, prints the commands that apply them, and returns the exit status."""
    parser = command_parser(
        "tools.deploy.policy",
        "Writes the IAM policies of a deployer to build/STACK.policy, and prints the "
        "commands that create its role.",
    )
    parser.add_argument(
        "--account",
        help="ID of the account of the cell; default: from the stack file or the credentials",
    )
    parser.add_argument(
        "--principal",
        help="ARN of the role or user that may assume the role; default: all principals that "
        "IAM policies of the account allow",
    )
    parser.add_argument(
        "--repository",
        metavar="OWNER/NAME",
        help="GitHub repository whose workflows may assume the role; default: none",
    )
    parser.add_argument(
        "--app",
        help="app of the stack file, for a role that only releases images of the app; default: "
        "none, the role deploys the whole cell",
    )
    arguments = parser.parse_args()
    stack = str(arguments.stack)
    if arguments.account and not re.fullmatch("[0-9]{12}", arguments.account):
        parser.error(f"--account: must be 12 digits, not {arguments.account}")
    if arguments.repository and not REPOSITORY.fullmatch(arguments.repository):
        parser.error(f"--repository: must be OWNER/NAME, not {arguments.repository}")
    try:
        recording = record(stack)
        app = arguments.app
        if app is not None and app not in recording.settings.workloads:
            names = listed([*recording.settings.workloads], "or")
            parser.error(f"APP={app}: must be {names}")
        account = arguments.account or account_of(recording.settings.aws, stack)
        found = documents(
            release_statements(recording, account, app) if app else statements(recording, account)
        )
    except (SettingsError, RecordingError, AwsError, PolicyError) as error:
        print(error, file=sys.stderr)
        return 1
    role = Role(
        cell=stack,
        account=account,
        principal=arguments.principal,
        repository=arguments.repository,
        app=app,
    )
    folder = Path("build") / (f"{stack}.{app}.policy" if app else f"{stack}.policy")
    write(ROOT / folder, {**found, "trust": role.trust()})
    print("\n".join(lines(role, folder, found)))
    for type_ in () if app else without_permissions(recording):
        print(
            f"caution: the permissions for {type_} of the extension are unknown; add a policy with "
            f"them to {role.arn}",
            file=sys.stderr,
        )
    return 0


def account_of(aws: Aws, stack: str) -> str:
    """Returns the account of a stack: from its stack file, or from the credentials.

    Raises AwsError if neither names one account.
    """
    if aws.assume_roles:
        return aws.assume_roles[0].role_arn.split(":")[4]
    if len(aws.allowed_account_ids) == 1:
        return aws.allowed_account_ids[0]
    try:
        cli = AwsCli(path=find("it knows the account"), region=aws.region, profile=aws.profile)
        return str(cli.account(f"aws:profile of Pulumi.{stack}.yaml or AWS_PROFILE"))
    except AwsError as error:
        raise AwsError(
            f"{stack}: unknown account; write make policy STACK={stack} ACCOUNT=123456789012, or "
            f"the account into aws:allowedAccountIds\n{error}"
        ) from error


def write(folder: Path, files: Mapping[str, Document]) -> None:
    """Writes the documents as JSON files, and removes old content of `folder`."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name, document in files.items():
        text = json.dumps(document, indent=2) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


def lines(role: Role, folder: Path, found: Mapping[str, Document]) -> Iterator[str]:
    """Yields the lines about the documents in `folder`, and the commands that apply them."""
    subject = f"Releases of {role.app}" if role.app else "Deployer"
    yield f"{subject} of {role.cell} in account {role.account}: {len(found)} policies"
    for name, document in found.items():
        yield f"  {folder}/{name}.json  {size(document):,} of {MAX_CHARACTERS:,} characters"
    if len(found) > MAX_POLICIES:
        yield (
            f"caution: a role has at most {MAX_POLICIES} policies by default; request a higher "
            "quota: aws service-quotas request-service-quota-increase --service-code iam "
            f"--quota-code L-0DA4ABF3 --desired-value {len(found)} --region us-east-1"
        )
    for purpose, commands in role.commands(folder, [*found]).items():
        yield f"\n{purpose}, as an administrator of the account:\n"
        yield from (f"  {command}" for command in commands)
    yield (
        "\nThe access entry of the role gives access to Kubernetes. "
        f"Pulumi.{role.cell}.yaml needs:\n"
    )
    yield "  ha-eks:cluster:"
    yield from (
        ["    editors:", f"      {role.app}: [{role.arn}]"]
        if role.app
        else [f"    deployer: {role.arn}"]
    )
    page = "docs/release.md" if role.app else "docs/permissions.md"
    yield f"\n{page} describes the limits of the policies."


if __name__ == "__main__":
    sys.exit(status_of(main))
