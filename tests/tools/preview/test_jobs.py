"""Lines about migrations and cron jobs in the summary of a preview."""

from datetime import date
from pathlib import Path

from tests.conftest import recording_of
from tests.settings.stack_files import (
    CLUSTER,
    WEB,
    Change,
    accepted,
    cron_jobs,
    singletons,
    workers,
)
from tools.preview.jobs import job_lines
from tools.preview.termination import termination_lines
from tools.preview.tree import headlines

MIGRATION: Change = ((*WEB, "migration"), {"command": ["migrate"]})


def test_a_migration_names_the_workloads_that_wait_for_it(tmp_path: Path) -> None:
    settings = accepted(tmp_path, "dev", MIGRATION, workers(mailer={"migratedBy": "web"}))
    assert [*job_lines(settings)] == [
        "migration of web: once per image, command and arguments, before the new pods of web and "
        "mailer; fails 600s after its creation or after 3 failed pods; a failed migration stops "
        "the rollout"
    ]


def test_a_cron_job_has_its_times_and_alarms(tmp_path: Path) -> None:
    jobs = cron_jobs(
        nightly={"timeZone": "Europe/Berlin", "retries": 0},
        weekly={"schedule": "@weekly", "concurrencyPolicy": "replace"},
    )
    assert [*job_lines(accepted(tmp_path, "dev", jobs))] == [
        "cron job nightly: 30 4 * * * (Europe/Berlin), skipped while the job before runs; a job "
        "fails 3600s after its creation or after 1 failed pod; an alarm goes off if a job fails, "
        "or if none succeeds for 94500s",
        "cron job weekly: @weekly (Etc/UTC), ends a job that still runs; a job fails 3600s after "
        "its creation or after 3 failed pods; an alarm goes off if a job fails",
    ]
    without_audit = ((CLUSTER, "logTypes"), ["api"])
    lines = [*job_lines(accepted(tmp_path, "dev", jobs, without_audit))]
    assert [line.rpartition("; ")[2] for line in lines] == ["no alarm", "no alarm"]


def test_the_summary_has_the_lines_of_jobs() -> None:
    recording = recording_of("wide")
    lines = headlines(recording, date(2026, 11, 1))
    expected = [*job_lines(recording.settings)]
    assert expected, "the stack has no jobs"
    assert [line for line in lines if line in expected] == expected


def test_a_singleton_without_a_port_has_no_requests_to_end(tmp_path: Path) -> None:
    settings = accepted(tmp_path, "dev", singletons(clock={}, search={"port": 9200}))
    lines = [*termination_lines(settings)]
    assert "clock pod termination: 0s deleted and TERM, 30s exit, 35s KILL" in lines
    assert (
        "search pod termination: 0s deleted, 5s deregistered and TERM, 35s last in-flight "
        "response and exit, 40s KILL"
    ) in lines
