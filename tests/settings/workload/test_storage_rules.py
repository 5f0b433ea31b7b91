"""Shared volumes and AWS secrets: valid ones, and problems with whole messages."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    Change,
    accepted,
    app,
    assert_problem,
    cautions_of,
    changed,
    cron_jobs,
    refused,
    singletons,
    workers,
)

APPS = "ha-eks:apps"
OWN: dict[str, object] = {"sharedVolume": {"path": "/srv"}}
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"
PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter/flag"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd"
NO_SECRET = (
    "must be the ARN of a secret, with its six random characters, such as "
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf, or of a parameter, such as "
    "arn:aws:ssm:us-east-1:123456789012:parameter/db"
)


def put(**values: object) -> Change:
    """Returns the change that adds the app `files` with some values."""
    return ((APPS, "files"), app(**values))


def test_workloads_of_all_kinds_can_share_files(tmp_path: Path) -> None:
    of = {"sharedVolume": {"path": "/mnt", "of": "files"}}
    settings = accepted(
        tmp_path, "dev", put(**OWN), workers(jobs=of), singletons(once=of), cron_jobs(nightly=of)
    )
    assert [*settings.sharing] == ["files", "jobs", "once", "nightly"]
    assert settings.optional_add_ons == ("aws-efs-csi-driver",)


@pytest.mark.parametrize(
    ("volume", "field", "value", "message"),
    [
        (
            {"path": "/srv", "fileSystem": "fs-1"}, "fileSystem", "fs-1",
            "must be the ID of an EFS file system such as fs-0123456789abcdef0",
        ),
        (
            {"path": "/srv", "of": "web"}, "of", "web",
            "no other workload has its own sharedVolume; remove of",
        ),
        (
            {"path": "/srv", "of": "files"}, "of", "files",
            "no other workload has its own sharedVolume; remove of",
        ),
        (
            {"path": "/srv", "fileSystem": "fs-01234567", "backups": False}, "backups", False,
            "the program neither backs up nor deletes an existing file system; remove it",
        ),
        (
            {"path": "/srv", "fileSystem": "fs-01234567", "deletionProtection": True},
            "deletionProtection", True,
            "the program neither backs up nor deletes an existing file system; remove it",
        ),
    ],
)  # fmt: skip
def test_a_wrong_shared_volume_is_refused(
    tmp_path: Path, volume: dict[str, object], field: str, value: object, message: str
) -> None:
    problems = refused(tmp_path, "dev", changed("dev", put(sharedVolume=volume)))
    assert_problem(problems, f"{APPS}.files.sharedVolume.{field}", value, message)


@pytest.mark.parametrize(
    ("field", "value"),
    [("backups", True), ("deletionProtection", False), ("fileSystem", "fs-01234567")],
)
def test_the_owner_decides_on_the_file_system(tmp_path: Path, field: str, value: object) -> None:
    volume = {"path": "/mnt", "of": "files", field: value}
    text = changed("dev", put(**OWN), workers(jobs={"sharedVolume": volume}))
    message = "the files belong to files; write it there, or remove it"
    problems = refused(tmp_path, "dev", text)
    assert_problem(problems, f"ha-eks:workers.jobs.sharedVolume.{field}", value, message)


def test_the_owner_has_files_of_its_own(tmp_path: Path) -> None:
    of_jobs = {"sharedVolume": {"path": "/mnt", "of": "jobs"}}
    of_files = {"sharedVolume": {"path": "/mnt", "of": "files"}}
    text = changed("dev", put(**OWN), workers(jobs=of_files), singletons(once=of_jobs))
    message = "must be the name of another workload with its own sharedVolume: files"
    problems = refused(tmp_path, "dev", text)
    assert_problem(problems, "ha-eks:singletons.once.sharedVolume.of", "jobs", message)


@pytest.mark.parametrize(
    ("mounts", "field", "value", "message"),
    [
        (
            {"scratch": {"/srv": "1Mi"}, **OWN}, "sharedVolume.path", "/srv",
            "scratch./srv has the same path; write another path",
        ),
        (
            {"awsSecrets": {"/srv/db": SECRET}, **OWN}, "awsSecrets", {"/srv/db": SECRET},
            "sharedVolume.path has the same path; write another path",
        ),
        (
            {"awsSecrets": {"/srv/db": SECRET}, "files": {"/srv/a": "x"}}, "files./srv/a", "x",
            "the path is below /srv of awsSecrets, which is read-only; write another path",
        ),
    ],
)  # fmt: skip
def test_mounts_are_at_distinct_paths(
    tmp_path: Path, mounts: dict[str, object], field: str, value: object, message: str
) -> None:
    problems = refused(tmp_path, "dev", changed("dev", put(**mounts)))
    assert_problem(problems, f"{APPS}.files.{field}", value, message)


def test_secrets_and_parameters_can_be_files_of_one_directory(tmp_path: Path) -> None:
    secrets = {"/mnt/s/db": SECRET, "/mnt/s/flag": PARAMETER}
    settings = accepted(tmp_path, "dev", put(awsSecrets=secrets, awsSecretKeys=[KEY]))
    assert settings.optional_add_ons == ("aws-secrets-store-csi-driver-provider",)


@pytest.mark.parametrize(
    "arn",
    [
        "db", "arn:aws:secretsmanager:us-east-1:123456789012:secret:db",
        "arn:aws:ssm:us-east-1:123456789012:parameter", "arn:aws:s3:::bucket/key",
    ],
)  # fmt: skip
def test_what_is_no_secret_is_refused(tmp_path: Path, arn: str) -> None:
    problems = refused(tmp_path, "dev", changed("dev", put(awsSecrets={"/mnt/s/db": arn})))
    assert_problem(problems, f"{APPS}.files.awsSecrets./mnt/s/db", arn, NO_SECRET)


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    text = changed("dev", put(awsSecrets={"/mnt/s/db": SECRET}, awsSecretKeys=["alias/a"]))
    message = "must be the ARN of a KMS key such as arn:aws:kms:us-east-1:123456789012:key/1234abcd"
    problems = refused(tmp_path, "dev", text)
    assert_problem(problems, f"{APPS}.files.awsSecretKeys[0]", "alias/a", message)


@pytest.mark.parametrize(
    ("secrets", "path", "message"),
    [
        ({"/db": SECRET}, "/db", "must be in a directory, such as /mnt/secrets/db"),
        (
            {"/a/db": SECRET, "/b/flag": PARAMETER}, "/b/flag",
            "must be in the directory of the first file, /a: the pod mounts all files at once",
        ),
        (
            {"/a/db": SECRET, "/a/x": SECRET}, "/a/x",
            "/a/db has the same secret; write each secret once",
        ),
        (
            {"/a/db": SECRET.replace("us-east-1", "eu-west-1")}, "/a/db",
            "is in eu-west-1, but the cell is in us-east-1: during an outage of eu-west-1, no pod "
            "could start; replicate the secret to us-east-1, and write the ARN of the replica",
        ),
        (
            {"/a/x": PARAMETER.replace("us-east-1", "eu-west-1")}, "/a/x",
            "is in eu-west-1, but the cell is in us-east-1: during an outage of eu-west-1, no pod "
            "could start; create the parameter in us-east-1 too, and write its ARN",
        ),
    ],
)  # fmt: skip
def test_wrong_secrets_are_refused(
    tmp_path: Path, secrets: dict[str, str], path: str, message: str
) -> None:
    problems = refused(tmp_path, "dev", changed("dev", put(awsSecrets=secrets)))
    assert_problem(problems, f"{APPS}.files.awsSecrets.{path}", secrets[path], message)


def test_keys_are_those_of_secrets_in_the_region(tmp_path: Path) -> None:
    other = KEY.replace("us-east-1", "eu-west-1")
    text = changed("dev", put(awsSecrets={"/a/db": SECRET}, awsSecretKeys=[KEY, other]))
    message = (
        "is in eu-west-1, but the cell is in us-east-1; write the ARN of the key that encrypts the "
        "secret in us-east-1"
    )
    problems = refused(tmp_path, "dev", text)
    assert_problem(problems, f"{APPS}.files.awsSecretKeys[1]", other, message)

    problems = refused(tmp_path, "dev", changed("dev", put(awsSecretKeys=[KEY])))
    message = "the pods mount no secret; write awsSecrets, or remove awsSecretKeys"
    assert_problem(problems, f"{APPS}.files.awsSecretKeys", [KEY], message)


@pytest.mark.parametrize(
    ("add_on", "setting"),
    [
        ("aws-efs-csi-driver", "sharedVolume"),
        ("aws-secrets-store-csi-driver-provider", "awsSecrets"),
    ],
)
def test_the_configuration_of_an_absent_add_on_is_a_caution(add_on: str, setting: str) -> None:
    configured: Change = (("ha-eks:cluster", "addOns"), {add_on: {"configuration": {"a": 1}}})
    key = f"ha-eks:cluster.addOns.{add_on}"
    text = f"no workload has {setting}, so that the cell does not have the add-on"
    assert cautions_of(configured)[key] == text
    needed = put(**OWN, awsSecrets={"/a/db": SECRET.replace("us-east-1", "us-west-2")})
    assert key not in cautions_of(configured, needed)


def test_other_cells_do_not_see_the_files(tmp_path: Path) -> None:
    text = (
        "other cells of app.example.com do not see these files, also after a failover; store files "
        "that all cells need in S3, or replicate the file system"
    )
    guest: Change = ((APPS, "guest"), app(sharedVolume={"path": "/mnt", "of": "files"}))
    found = cautions_of(put(**OWN), guest, stack="prod")
    shared = {key: each for key, each in found.items() if "sharedVolume" in key}
    assert shared == {f"{APPS}.files.sharedVolume": text}
    assert f"{APPS}.files.sharedVolume" not in cautions_of(put(**OWN), stack="dev")


def test_the_zones_of_an_existing_file_system_are_unknown() -> None:
    volume = {"path": "/srv", "fileSystem": "fs-01234567"}
    text = (
        "pods start only in zones with a mount target; check that each of us-east-1a and "
        "us-east-1b has one, and that the file system is not of the type One Zone, whose files are "
        "lost with their zone"
    )
    found = cautions_of(put(sharedVolume=volume), stack="dev")
    assert found[f"{APPS}.files.sharedVolume.fileSystem"] == text
    assert f"{APPS}.files.sharedVolume.fileSystem" not in cautions_of(put(**OWN), stack="dev")
