"""Tests of `python -m tools.deploy.policy`."""

import json
import re
from pathlib import Path

import pytest

from settings.aws import Aws
from tests.command_machine import Machine
from tests.shared_recordings import recorded
from tools.deploy.policy.__main__ import account_of, lines
from tools.deploy.policy.documents import MAX_CHARACTERS, documents, size
from tools.deploy.policy.role import Role
from tools.deploy.policy.statements import release_statements, statements

COMMAND = "tools.deploy.policy"
ACCOUNT = "210987654321"
GITHUB = "token.actions.githubusercontent.com"
INSTALL = "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"


def role(**values: str) -> Role:
    return Role(
        cell="own",
        account=ACCOUNT,
        principal=values.get("principal"),
        repository=values.get("repository"),
    )


def test_the_command_writes_the_policies_of_the_stack(machine: Machine) -> None:
    old = machine.project / "build" / "own.policy" / "old.json"
    old.parent.mkdir(parents=True)
    old.write_text("{}")
    done = machine.runs(COMMAND, "own", "--account", ACCOUNT, "--repository", "octo/shop")
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.calls() == []
    folder = machine.project / "build" / "own.policy"
    written = {file.stem: json.loads(file.read_text()) for file in folder.iterdir()}
    assert written.pop("trust") == role(repository="octo/shop").trust()
    expected = documents(statements(recorded("own", machine.project), ACCOUNT))
    assert written == json.loads(json.dumps(expected))
    assert done.stdout.splitlines()[1 : 1 + len(expected)] == [
        f"  build/own.policy/{name}.json  {size(document):,} of 6,144 characters"
        for name, document in expected.items()
    ]


def test_the_command_prints_how_to_create_and_update_the_role() -> None:
    found = documents(statements(recorded("dev"), ACCOUNT))
    names = " ".join(found)
    printed = [*lines(role(repository="octo/shop"), Path("build/own.policy"), found)]
    arn = f"arn:aws:iam::{ACCOUNT}:policy/ha-eks-own-$name"
    file = "file://build/own.policy/$name.json"
    assert printed[0] == f"Deployer of own in account {ACCOUNT}: {len(found)} policies"
    assert printed[1 + len(found) :] == [
        "\nCreate the role and its policies, as an administrator of the account:\n",
        f"  aws iam create-open-id-connect-provider --url https://{GITHUB} --client-id-list "
        "sts.amazonaws.com  # once per account",
        "  aws iam create-role --role-name ha-eks-own-deployer --max-session-duration 14400 "
        "--assume-role-policy-document file://build/own.policy/trust.json",
        f"  for name in {names}; do",
        f"    aws iam create-policy --policy-name ha-eks-own-$name --policy-document {file}",
        f"    aws iam attach-role-policy --role-name ha-eks-own-deployer --policy-arn {arn}",
        "  done",
        "\nOr update the policies, as an administrator of the account:\n",
        f"  for name in {names}; do",
        f"    aws iam create-policy-version --set-as-default --policy-arn {arn} "
        f"--policy-document {file}",
        "  done",
        "\nThe access entry of the role gives access to Kubernetes. Pulumi.own.yaml needs:\n",
        "  ha-eks:cluster:",
        f"    deployer: arn:aws:iam::{ACCOUNT}:role/ha-eks-own-deployer",
        "\ndocs/permissions.md describes the limits of the policies.",
    ]


def test_the_command_writes_the_policies_of_the_releases_of_an_app(machine: Machine) -> None:
    done = machine.runs(COMMAND, "own", "--account", ACCOUNT, "--app", "web")
    assert (done.returncode, done.stderr) == (0, "")
    folder = machine.project / "build" / "own.web.policy"
    written = {file.stem: json.loads(file.read_text()) for file in folder.iterdir()}
    assert written.pop("trust") == role().trust()
    expected = documents(release_statements(recorded("own", machine.project), ACCOUNT, "web"))
    assert written == json.loads(json.dumps(expected))
    printed = done.stdout.splitlines()
    arn = f"arn:aws:iam::{ACCOUNT}:role/ha-eks-own-web-release"
    assert printed[0] == f"Releases of web of own in account {ACCOUNT}: 2 policies"
    assert printed[-5:] == [
        "  ha-eks:cluster:",
        "    editors:",
        f"      web: [{arn}]",
        "",
        "docs/release.md describes the limits of the policies.",
    ]


def test_an_unknown_app_is_refused(machine: Machine) -> None:
    done = machine.runs(COMMAND, "own", "--account", ACCOUNT, "--app", "nope")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "python -m tools.deploy.policy: error: APP=nope: must be web or cache"
    )


def test_more_policies_than_the_quota_are_a_caution() -> None:
    found = {f"d{n}": {"Version": "2012-10-17", "Statement": []} for n in range(11)}
    printed = [*lines(role(), Path("build/own.policy"), found)]
    assert printed[12] == (
        "caution: a role has at most 10 policies by default; request a higher quota: aws "
        "service-quotas request-service-quota-increase --service-code iam --quota-code "
        "L-0DA4ABF3 --desired-value 11 --region us-east-1"
    )


def test_only_the_account_and_the_environment_of_the_repository_assume_the_role() -> None:
    people = {
        "Sid": "People",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    workflows = {
        "Sid": "GitHubActions",
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                f"{GITHUB}:aud": "sts.amazonaws.com",
                f"{GITHUB}:sub": "repo:octo/shop:environment:own",
            }
        },
    }
    assert role(repository="octo/shop").trust()["Statement"] == [people, workflows]
    assert role().trust()["Statement"] == [people]


def test_a_principal_replaces_the_account_in_the_trust_policy() -> None:
    principal = f"arn:aws:iam::{ACCOUNT}:role/operators"
    [people] = json.loads(json.dumps(role(principal=principal).trust()))["Statement"]
    assert people["Principal"] == {"AWS": principal}


def test_a_long_cell_name_gets_a_role_name_that_iam_accepts() -> None:
    long = Role(cell="x" * 100, account=ACCOUNT, principal=None, repository=None)
    assert long.name == f"ha-eks-{'x' * 48}-deployer"
    assert len(long.name) == 64


def test_the_account_comes_from_the_stack_file_or_the_credentials(machine: Machine) -> None:
    assumed = Aws.model_validate(
        {"region": "us-east-1", "assumeRoles": ({"roleArn": "arn:aws:iam::111111111111:role/a"},)}
    )
    assert account_of(assumed, "own") == "111111111111"
    allowed = {"region": "us-east-1", "allowedAccountIds": ("222222222222",)}
    assert account_of(Aws.model_validate(allowed), "own") == "222222222222"
    done = machine.runs(COMMAND, "own")
    assert done.stdout.startswith(f"Deployer of own in account {ACCOUNT}: 7 policies\n")


def test_an_unknown_account_is_an_error(machine: Machine) -> None:
    machine.has_no("aws")
    done = machine.runs(COMMAND, "own")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "own: unknown account; write make policy STACK=own ACCOUNT=123456789012, or the account "
        "into aws:allowedAccountIds\n"
        f"aws: not on PATH, and it knows the account; install the AWS CLI: {INSTALL}\n"
    )


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--account", "12345", "--account: must be 12 digits, not 12345"),
        ("--repository", "shop", "--repository: must be OWNER/NAME, not shop"),
    ],
)
def test_a_malformed_option_is_refused(
    machine: Machine, option: str, value: str, message: str
) -> None:
    done = machine.runs(COMMAND, "own", option, value)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == f"python -m tools.deploy.policy: error: {message}"


def test_a_group_that_is_too_large_gets_several_documents() -> None:
    """Statements stay whole if they fit into one document, and lose no resource otherwise."""
    small = [
        {"Sid": f"S{n}", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["x" * 2000]}
        for n in range(4)
    ]
    found = documents({"a": small})
    sids = {name: re.findall(r"S\d", json.dumps(each)) for name, each in found.items()}
    assert sids == {"a": ["S0", "S1"], "a-2": ["S2", "S3"]}
    resources = [f"{n:04}" + "x" * 96 for n in range(300)]
    large = {"Sid": "L", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": resources}
    split = [
        each
        for document in documents({"a": [large]}).values()
        for each in json.loads(json.dumps(document))["Statement"]
    ]
    assert [name for each in split for name in each["Resource"]] == resources
    assert all(size({"Statement": [each]}) <= MAX_CHARACTERS for each in split)
    assert len({each["Sid"] for each in split}) == len(split)
