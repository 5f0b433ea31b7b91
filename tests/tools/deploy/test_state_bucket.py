"""Tests of `python -m tools.deploy.state_bucket`."""

import json
from pathlib import Path

import pytest

from settings import SettingsError
from tests.aws_api import problems
from tests.aws_requests import Request
from tests.command_machine import Machine
from tools.deploy.state_bucket import configuration, regions_of_cells

COMMAND = "tools.deploy.state_bucket"
ACCOUNT = "210987654321"
BUCKET = f"ha-eks-state-{ACCOUNT}-us-east-2"
KEY = f"arn:aws:kms:us-east-2:{ACCOUNT}:key/1234"
METADATA = json.dumps({"KeyMetadata": {"KeyId": "1234", "Arn": KEY}})
NO_KEY = "echo 'An error occurred (NotFoundException) when calling DescribeKey' >&2; exit 254"
NO_BUCKET = "echo 'An error occurred (404) when calling HeadBucket: Not Found' >&2; exit 254"
NEXT = [
    f"export PULUMI_BACKEND_URL='s3://{BUCKET}?region=us-east-2'",
    "pulumi stack init prod --secrets-provider 'awskms://alias/ha-eks-state?region=us-east-2'",
]
CONFIGURED = [
    "put-public-access-block",
    "put-bucket-versioning",
    "put-bucket-encryption",
    "put-bucket-policy",
    "put-bucket-lifecycle-configuration",
]


def has(machine: Machine, **scripts: str) -> None:
    """Gives the machine an `aws` where key and bucket exist, except for some scripts."""
    commands = {
        "describe_key": f"printf '%s' '{METADATA}'",
        "create_key": f"printf '%s' '{METADATA}'",
        "create_alias": "true",
        "enable_key_rotation": "true",
        "head_bucket": "true",
        "create_bucket": "echo '{}'",
        **{command.replace("-", "_"): "true" for command in CONFIGURED},
        **scripts,
    }
    machine.aws(**commands)


def commands_of(machine: Machine) -> list[str]:
    return [call.split("][")[1] for call in machine.calls()]


def test_the_first_run_creates_key_and_bucket(machine: Machine) -> None:
    has(machine, describe_key=NO_KEY, head_bucket=NO_BUCKET)
    done = machine.runs(COMMAND, "us-east-2")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "key alias/ha-eks-state: created",
        f"bucket {BUCKET}: created",
        *NEXT,
    ]
    assert commands_of(machine) == [
        "get-caller-identity",
        *("describe-key", "create-key", "create-alias", "enable-key-rotation"),
        *("head-bucket", "create-bucket"),
        *CONFIGURED,
    ]
    [created] = [call for call in machine.calls() if "create-bucket]" in call]
    assert "[--create-bucket-configuration][LocationConstraint=us-east-2]" in created


def test_a_further_run_creates_nothing_and_configures_the_bucket(machine: Machine) -> None:
    has(machine)
    done = machine.runs(COMMAND, "us-east-2")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "key alias/ha-eks-state: exists",
        f"bucket {BUCKET}: exists",
        *NEXT,
    ]
    assert commands_of(machine) == [
        *("get-caller-identity", "describe-key", "head-bucket"),
        *CONFIGURED,
    ]


def test_the_region_of_a_cell_is_refused(machine: Machine) -> None:
    done = machine.runs(COMMAND, "us-east-1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "us-east-1: is the region of dev, own, prod, whose failure would also make the state "
        "unavailable; write another region\n"
    )
    assert machine.calls() == []


@pytest.mark.parametrize(
    ("scripts", "message"),
    [
        (
            {"head_bucket": "echo 'An error occurred (403): Forbidden' >&2; exit 254"},
            f"aws: cannot read the bucket {BUCKET}: An error occurred (403): Forbidden\n",
        ),
        (
            {"describe_key": "echo 'AccessDenied' >&2; exit 254"},
            "aws: cannot read the key alias/ha-eks-state: AccessDenied\n",
        ),
        (
            {"describe_key": NO_KEY, "create_key": "echo 'AccessDenied' >&2; exit 254"},
            "aws: cannot create the key alias/ha-eks-state: AccessDenied\n",
        ),
        (
            {"put_bucket_policy": "echo 'AccessDenied' >&2; exit 254"},
            "aws: s3api put-bucket-policy failed: AccessDenied; run the command again\n",
        ),
    ],
)
def test_an_error_of_aws_is_one_line_and_ends_the_command(
    machine: Machine, scripts: dict[str, str], message: str
) -> None:
    has(machine, **scripts)
    done = machine.runs(COMMAND, "us-east-2")
    assert done.returncode == 1
    assert done.stderr == message
    assert "export" not in done.stdout, "the user would go on without a protected bucket"


@pytest.mark.parametrize(
    ("command", "operation", "within"),
    [
        ("put-public-access-block", "PutPublicAccessBlock", "PublicAccessBlockConfiguration"),
        ("put-bucket-versioning", "PutBucketVersioning", "VersioningConfiguration"),
        ("put-bucket-encryption", "PutBucketEncryption", "ServerSideEncryptionConfiguration"),
        (
            "put-bucket-lifecycle-configuration",
            "PutBucketLifecycleConfiguration",
            "LifecycleConfiguration",
        ),
    ],
)
def test_s3_accepts_the_configuration(command: str, operation: str, within: str) -> None:
    [value] = [value for name, _, value in configuration(BUCKET, KEY) if name == command]
    request = Request(service="s3", operation=operation, within=within)
    assert [*problems(request, value)] == []


def test_the_bucket_policy_denies_requests_without_tls() -> None:
    [policy] = [value for name, _, value in configuration(BUCKET, KEY) if name.endswith("policy")]
    arn = f"arn:aws:s3:::{BUCKET}"
    assert policy["Statement"] == [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]


def test_a_stack_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.one.yaml").write_text("config: {aws:region: us-east-1}\n")
    (tmp_path / "Pulumi.two.yaml").write_text("config: {ha-eks:pools: {}}\n")
    assert regions_of_cells(tmp_path) == {"one": "us-east-1"}
    (tmp_path / "Pulumi.two.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"^Pulumi.two.yaml:1: file: must be UTF-8 text$"):
        regions_of_cells(tmp_path)
