"""Lines of preview on shared volumes and AWS secrets."""

from pathlib import Path

from tests.settings.stack_files import Change, accepted, app, workers
from tools.preview.storage import storage_lines

SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"
PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter/flag"


def lines(folder: Path, *changes: Change) -> list[str]:
    return [*storage_lines(accepted(folder, "dev", *changes))]


def put(**values: object) -> Change:
    return (("ha-eks:apps", "files"), app(**values))


def test_a_stack_without_shared_volumes_and_secrets_has_no_line(tmp_path: Path) -> None:
    assert lines(tmp_path) == []


def test_shared_files_have_a_mount_target_in_each_zone(tmp_path: Path) -> None:
    guests = workers(jobs={"sharedVolume": {"path": "/mnt", "of": "files"}})
    assert lines(tmp_path, put(sharedVolume={"path": "/srv"}), guests) == [
        "shared files of files and jobs: an EFS file system over all zones, elastic throughput, "
        "daily backups; a mount target in each of 2 zones, so that pods in the other zones still "
        "reach the files if a zone fails"
    ]
    [line] = lines(tmp_path, put(sharedVolume={"path": "/srv", "backups": False}))
    assert "elastic throughput, no backups;" in line


def test_an_existing_file_system_is_named(tmp_path: Path) -> None:
    volume = {"path": "/srv", "fileSystem": "fs-01234567"}
    assert lines(tmp_path, put(sharedVolume=volume)) == [
        "shared files of files: directory /files of the existing file system fs-01234567"
    ]


def test_secrets_are_read_when_a_pod_starts(tmp_path: Path) -> None:
    secrets = {"/mnt/s/db": SECRET, "/mnt/s/flag": PARAMETER}
    assert lines(tmp_path, put(awsSecrets=secrets)) == [
        "AWS secrets of files: 2 files in /mnt/s; a new pod reads them from Parameter Store and "
        "Secrets Manager, and does not start while AWS does not answer; running pods are not "
        "affected"
    ]
