"""Rules and cautions of backups."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    APPS,
    RESILIENCE,
    Change,
    app,
    assert_problem,
    cautions_of,
    changed,
    refused,
    singletons,
)

BACKUP = f"{RESILIENCE}.backup"
VOLUME = {"path": "/data", "size": "1Gi"}
IN_FIELDS = "must be minute, hour, day of the month, month and day of the week in UTC, such as "


def backup(**settings: object) -> Change:
    return (RESILIENCE,), {"backup": settings}


@pytest.mark.parametrize(
    ("settings", "key", "message"),
    [
        (
            {"schedule": "0 3 1 * 1"},
            "schedule",
            f"{IN_FIELDS}0 3 * * *, but restricts both days of the month and days of the week; AWS "
            "allows one of the two",
        ),
        (
            {"schedule": "*/30 3 * * *"},
            "schedule",
            "must have start times that are at least 60 minutes apart, as AWS Backup requires; "
            "write @hourly for a backup every hour",
        ),
        ({"retentionDays": 0}, "retentionDays", "must be between 1 and 36500, not 0"),
        ({"copyRegion": "eu-west"}, "copyRegion", "must be an AWS region such as us-east-1"),
        (
            {"copyRegion": "us-east-1"},
            "copyRegion",
            "is the region of the cell, whose failure makes the copies unavailable too; write "
            "another region, or remove copyRegion",
        ),
    ],
)
def test_a_backup_that_cannot_work_is_refused(
    tmp_path: Path, settings: dict[str, object], key: str, message: str
) -> None:
    problems = refused(tmp_path, "prod", changed("prod", backup(**settings)))
    assert_problem(problems, f"{BACKUP}.{key}", settings[key], message)


def test_volumes_without_backups_are_a_caution() -> None:
    stateful = singletons(index={"volume": VOLUME}, search={"volume": VOLUME}, clock={})
    assert cautions_of(stateful)[BACKUP] == (
        "nothing backs up the volumes of index and search; write backup: {} unless their data can "
        "be made again (docs/backups.md)"
    )
    assert BACKUP not in cautions_of(stateful, backup())
    assert BACKUP not in cautions_of(singletons(clock={}))


def shared(**changes: object) -> Change:
    return (APPS, "files"), app(sharedVolume={"path": "/files", **changes})


def test_two_backups_of_a_shared_volume_are_a_caution() -> None:
    assert cautions_of(shared(), backup())[BACKUP] == (
        "the shared volumes of files have two backups a day: their own, and that of the cluster, "
        "which contains them; write sharedVolume.backups: false to pay for one"
    )
    reader: Change = (APPS, "reader"), app(sharedVolume={"path": "/files", "of": "files"})
    assert "volumes of files have" in cautions_of(shared(), reader, backup())[BACKUP]
    existing = {"fileSystem": "fs-0123456789abcdef0"}
    for each in ({"backups": False}, existing):
        assert BACKUP not in cautions_of(shared(**each), backup())
    assert BACKUP not in cautions_of(shared())


@pytest.mark.parametrize(("days", "short"), [(6, True), (7, False)])
def test_a_retention_below_a_week_is_a_caution(days: int, short: bool) -> None:
    found = cautions_of(backup(retentionDays=days))
    assert (f"{BACKUP}.retentionDays" in found) is short
