"""`python -m tools.deploy.state_bucket REGION`: creates an S3 bucket and a KMS key for state."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.iam import deny_without_tls, policy
from settings import SettingsError, read_config
from tools.deploy.aws_cli import AwsCli, AwsError, find
from tools.entry_point import status_of
from tools.recording.record import ROOT

ALIAS = "alias/ha-eks-state"
"""Alias of the key that encrypts the bucket and the secrets of all stacks."""

OLD_VERSION_DAYS = 90
"""Days for which S3 keeps a version of the state after it was replaced."""


def main() -> int:
    """Creates missing resources, prints the next commands, and returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.deploy.state_bucket",
        description="Creates an S3 bucket and a KMS key for the state of Pulumi.",
    )
    parser.add_argument(
        "region", metavar="REGION", help="region of the bucket, in which no cell runs"
    )
    parser.add_argument("--profile", help="profile of the AWS configuration; default: AWS_PROFILE")
    arguments = parser.parse_args()
    region = str(arguments.region)
    try:
        cells = [stack for stack, used in regions_of_cells(ROOT).items() if used == region]
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    if cells:
        print(
            f"{region}: is the region of {', '.join(cells)}, whose failure would also make the "
            "state unavailable; write another region",
            file=sys.stderr,
        )
        return 1
    try:
        cli = AwsCli(path=find("it creates the bucket"), region=region, profile=arguments.profile)
        account = cli.account("--profile or AWS_PROFILE")
        bucket = f"ha-eks-state-{account}-{region}"
        for line in create(cli, account, bucket):
            print(line)
    except AwsError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"export PULUMI_BACKEND_URL='s3://{bucket}?region={region}'")
    print(f"pulumi stack init prod --secrets-provider 'awskms://{ALIAS}?region={region}'")
    return 0


def regions_of_cells(root: Path) -> Mapping[str, str]:
    """Returns the AWS region of each stack file in a folder, by stack; raises SettingsError."""
    return {
        file.name.removeprefix("Pulumi.").removesuffix(".yaml"): str(region)
        for file in sorted(root.glob("Pulumi.*.yaml"))
        if (region := read_config(file).get("aws:region"))
    }


def create(cli: AwsCli, account: str, bucket: str) -> Iterator[str]:
    """Creates key and bucket, or configures existing ones; yields a line for each.

    The bucket has versions, no public access, and requires TLS. Raises AwsError.
    https://www.pulumi.com/docs/iac/concepts/state-and-backends/
    """
    key, text = _key(cli)
    yield text
    owner = ("--bucket", bucket, "--expected-bucket-owner", account)
    if _bucket_exists(cli, bucket, owner):
        yield f"bucket {bucket}: exists"
    else:
        place = f"LocationConstraint={cli.region}"
        where = () if cli.region == "us-east-1" else ("--create-bucket-configuration", place)
        _do(cli, "create-bucket", "--bucket", bucket, *where)
        yield f"bucket {bucket}: created"
    for command, option, value in configuration(bucket, key):
        _do(cli, command, *owner, option, json.dumps(value))


def configuration(bucket: str, key: str) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """Yields command, option and value of each property of the bucket."""
    blocked = (
        "BlockPublicAcls",
        "IgnorePublicAcls",
        "BlockPublicPolicy",
        "RestrictPublicBuckets",
    )
    yield (
        "put-public-access-block",
        "--public-access-block-configuration",
        dict.fromkeys(blocked, True),
    )
    yield "put-bucket-versioning", "--versioning-configuration", {"Status": "Enabled"}
    encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule = {"ApplyServerSideEncryptionByDefault": encryption, "BucketKeyEnabled": True}
    yield "put-bucket-encryption", "--server-side-encryption-configuration", {"Rules": [rule]}
    arn = f"arn:aws:s3:::{bucket}"
    yield "put-bucket-policy", "--policy", policy(deny_without_tls(arn, f"{arn}/*"))
    expire = {
        "ID": "old-versions",
        "Status": "Enabled",
        "Filter": {},
        "NoncurrentVersionExpiration": {"NoncurrentDays": OLD_VERSION_DAYS},
    }
    yield "put-bucket-lifecycle-configuration", "--lifecycle-configuration", {"Rules": [expire]}


def _key(cli: AwsCli) -> tuple[str, str]:
    """Returns the ARN of the key and a line about it; creates the key if it does not exist."""
    try:
        arn = str(cli.ask("kms", "describe-key", "--key-id", ALIAS)["KeyMetadata"]["Arn"])
    except AwsError as error:
        if "NotFoundException" not in str(error):
            raise AwsError(f"aws: cannot read the key {ALIAS}: {error}") from error
    else:
        return arn, f"key {ALIAS}: exists"
    try:
        description = "State and secrets of ha-eks"
        created = cli.ask("kms", "create-key", "--description", description)["KeyMetadata"]
        cli.ask("kms", "create-alias", "--alias-name", ALIAS, "--target-key-id", created["KeyId"])
        cli.ask("kms", "enable-key-rotation", "--key-id", created["KeyId"])
    except AwsError as error:
        raise AwsError(f"aws: cannot create the key {ALIAS}: {error}") from error
    return str(created["Arn"]), f"key {ALIAS}: created"


def _bucket_exists(cli: AwsCli, bucket: str, owner: tuple[str, ...]) -> bool:
    try:
        cli.ask("s3api", "head-bucket", *owner)
    except AwsError as error:
        if "(404)" in str(error):
            return False
        raise AwsError(f"aws: cannot read the bucket {bucket}: {error}") from error
    return True


def _do(cli: AwsCli, command: str, *arguments: str) -> None:
    try:
        cli.ask("s3api", command, *arguments)
    except AwsError as error:
        raise AwsError(f"aws: s3api {command} failed: {error}; run the command again") from error


if __name__ == "__main__":
    sys.exit(status_of(main))
