"""Cron jobs: schedules, time zones, capacity, names, and the alarms that they can have."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    APPS,
    CLUSTER,
    CRON_JOBS,
    accepted,
    assert_problem,
    cautions_of,
    changed,
    cron_jobs,
    refused,
)

SCHEDULE = f"{CRON_JOBS}.nightly.schedule"
FORM = (
    "must be minute, hour, day of the month, month and day of the week, such as 30 4 * * 1-5, but "
)


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ("every day", f"{FORM}has 2 fields"),
        ("0 25 * * *", f"{FORM}has the hour 25; allowed are 0 to 23"),
        ("0 0 30 2 *", f"{FORM}names a day that does not exist"),
        ("TZ=Europe/Berlin 0 4 * * *", "must not contain a time zone; write it in timeZone"),
        ("CRON_TZ=UTC 0 4 * * *", "must not contain a time zone; write it in timeZone"),
        (
            "@every 1h",
            "must be five fields such as 30 4 * * *, or one of @yearly, @annually, @monthly, "
            "@weekly, @daily, @midnight, @hourly",
        ),
    ],
)
def test_a_schedule_is_a_cron_expression(tmp_path: Path, schedule: str, message: str) -> None:
    problems = refused(tmp_path, "dev", changed("dev", cron_jobs(nightly={"schedule": schedule})))

    assert_problem(problems, SCHEDULE, schedule, message)


def test_a_time_zone_is_an_iana_name(tmp_path: Path) -> None:
    accepted(tmp_path, "dev", cron_jobs(nightly={"timeZone": "America/New_York"}))

    problems = refused(tmp_path, "dev", changed("dev", cron_jobs(nightly={"timeZone": "CEST"})))

    message = "must be a name of the IANA time zone database, such as Europe/Berlin"
    assert_problem(problems, f"{CRON_JOBS}.nightly.timeZone", "CEST", message)


def test_a_cron_job_with_only_the_required_keys_has_the_defaults(tmp_path: Path) -> None:
    nightly = accepted(tmp_path, "dev", cron_jobs(nightly={})).cron_jobs["nightly"]

    assert (nightly.time_zone, nightly.concurrency_policy) == ("Etc/UTC", "forbid")
    assert (nightly.deadline_seconds, nightly.retries, nightly.grace) == (3600, 2, 30)
    assert (nightly.history.successful, nightly.history.failed) == (3, 3)


def test_the_pod_of_a_cron_job_fits_on_a_node(tmp_path: Path) -> None:
    requests = {"cpu": "64", "memory": "64Mi"}

    problems = refused(tmp_path, "dev", changed("dev", cron_jobs(nightly={"requests": requests})))

    [problem] = problems
    assert problem.key == f"{CRON_JOBS}.nightly.requests"
    assert problem.message.startswith("nightly requests 64 CPU and 64Mi memory, but ")


def test_a_cron_job_has_its_own_name(tmp_path: Path) -> None:
    problems = refused(tmp_path, "dev", changed("dev", cron_jobs(web={})))

    [problem] = problems
    assert problem.key == f"{CRON_JOBS}.web"
    assert problem.message == (
        f"{APPS}.web has the same name, which is also the name of the namespace; write another name"
    )


def test_no_workload_calls_or_waits_for_a_cron_job(tmp_path: Path) -> None:
    change = ((APPS, "web", "talksTo"), ["nightly"])

    [problem] = refused(tmp_path, "dev", changed("dev", change, cron_jobs(nightly={})))

    assert problem.key == f"{APPS}.web.talksTo[0]"


def test_a_log_group_has_metric_filters_for_fifty_cron_jobs(tmp_path: Path) -> None:
    fifty_one: dict[str, dict[str, object]] = {f"job-{number}": {} for number in range(51)}
    many = cron_jobs(**fifty_one)
    without_audit = ((CLUSTER, "logTypes"), ["api"])
    accepted(tmp_path, "dev", many, without_audit)

    [problem] = refused(tmp_path, "dev", changed("dev", many))

    assert problem.key == CRON_JOBS
    assert problem.message == (
        "must have at most 50 cron jobs, but has 51: the log group of the control plane can have "
        "100 metric filters, and the alarms of a cron job need two; start several programs in one "
        "job"
    )


def test_alarms_need_the_audit_log() -> None:
    change = ((CLUSTER, "logTypes"), ["api"])
    key = f"{CLUSTER}.logTypes"

    assert cautions_of(change, cron_jobs(nightly={}))[key] == (
        "without audit, no alarm reports cron jobs that fail or do not run; add audit"
    )
    assert key not in cautions_of(cron_jobs(nightly={}))
    assert key not in cautions_of(change, ((CRON_JOBS,), {}))


@pytest.mark.parametrize(
    ("schedule", "reported"), [("@daily", True), ("0 4 */6 * *", True), ("@weekly", False)]
)
def test_no_alarm_waits_longer_than_a_week(schedule: str, reported: bool) -> None:
    text = cautions_of(cron_jobs(nightly={"schedule": schedule})).get(SCHEDULE)

    assert text == (
        None
        if reported
        else "an alarm goes off if a job fails, but none if no job runs: the time between two "
        "jobs, with their deadlines, exceeds the seven days that CloudWatch evaluates"
    )


def test_a_change_of_the_clock_adds_an_hour(tmp_path: Path) -> None:
    jobs = cron_jobs(
        fixed={"schedule": "@daily"},
        changing={"schedule": "@daily", "timeZone": "Europe/Berlin"},
        often={"schedule": "@hourly", "timeZone": "Europe/Berlin"},
    )
    pauses = {n: e.longest_pause for n, e in accepted(tmp_path, "dev", jobs).cron_jobs.items()}

    assert pauses == {"fixed": 86400, "changing": 90000, "often": 3600}
