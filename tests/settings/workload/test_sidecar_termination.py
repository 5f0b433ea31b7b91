"""Sidecars exit after the program, within the grace period that a node allows."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    APPS,
    POOLS,
    WEB,
    WORKERS,
    Change,
    accepted,
    assert_problem,
    changed,
    cron_jobs,
    further,
    pool,
    refused,
    workers,
)

SPOT: list[Change] = [
    ((POOLS, "general", "capacityType"), "SPOT"),
    ((POOLS, "general", "instanceTypes"), ["m7i.large", "m6i.large"]),
    ((POOLS, "steady"), pool(8)),
]
"""Changes after which every app can run on spot nodes and on other nodes."""
NOTICE = (
    "from deletion to KILL, but at most 100s are possible because spot instances of pool general "
    "terminate 2 minutes after their notice"
)


def sidecars(*seconds: int) -> list[dict[str, object]]:
    return [further(f"s{index}", shutdownSeconds=each) for index, each in enumerate(seconds)]


@pytest.mark.parametrize(
    ("seconds", "index", "remedy", "total"),
    [
        ([5, 60], 1, "must be at most 50", 65),
        ([40, 40], 0, "must be at most 15", 80),
        ([30, 30, 30], 0, "must be at most 55 together with the other sidecars", 90),
    ],
)
def test_a_sidecar_that_outlives_the_grace_period_is_refused(
    tmp_path: Path, seconds: list[int], index: int, remedy: str, total: int
) -> None:
    change: Change = ((*WEB, "sidecars"), sidecars(*seconds))

    problems = refused(tmp_path, "dev", changed("dev", *SPOT, change))

    assert_problem(
        problems,
        f"{APPS}.web.sidecars[{index}].shutdownSeconds",
        seconds[index],
        f"{remedy}: preStop 20s + shutdown 20s + sidecars {total}s + 5s = {45 + total}s {NOTICE}",
    )
    settings = accepted(tmp_path, "dev", *SPOT, ((*WEB, "sidecars"), sidecars(5, 50)))
    assert settings.apps["web"].termination.grace == 100
    accepted(tmp_path, "dev", change)  # on demand


def test_a_program_too_slow_for_spot_nodes_leaves_the_time_for_its_sidecars(tmp_path: Path) -> None:
    slow: Change = ((*WEB, "shutdownSeconds"), 90)
    beside: Change = ((*WEB, "sidecars"), sidecars(5))

    problems = refused(tmp_path, "dev", changed("dev", *SPOT, slow, beside))

    total = f"preStop 20s + shutdown 90s + sidecars 5s + 5s = 120s {NOTICE}"
    key = f"{APPS}.web.shutdownSeconds"
    assert_problem(problems, key, 90, f"must be at most 70: {total}")
    accepted(tmp_path, "dev", *SPOT, ((*WEB, "shutdownSeconds"), 70), beside)

    wait: Change = ((*WEB, "expose"), {"deregistrationSeconds": 95})
    problems = refused(tmp_path, "dev", changed("dev", *SPOT, wait, beside))

    total = f"preStop 95s + shutdown 20s + sidecars 5s + 5s = 125s {NOTICE}"
    message = f"must be at most 90 together with shutdownSeconds: {total}"
    assert_problem(problems, f"{APPS}.web.expose.deregistrationSeconds", 95, message)


def test_sidecars_of_a_worker_exit_while_eks_drains_its_node_for_an_update(tmp_path: Path) -> None:
    def mailer(seconds: int) -> Change:
        return workers(mailer={"longestJobSeconds": 800, "sidecars": sidecars(seconds)})

    problems = refused(tmp_path, "dev", changed("dev", mailer(36)))

    assert_problem(
        problems,
        f"{WORKERS}.mailer.sidecars[0].shutdownSeconds",
        36,
        "must be at most 35: preStop 0s + shutdown 800s + sidecars 36s + 5s = 841s from deletion "
        "to KILL, but at most 840s are possible because EKS drains a node within 15 minutes during "
        "an update",
    )
    accepted(tmp_path, "dev", mailer(35))


JOB_NOTICE = (
    "from TERM to KILL, but at most 100s are possible because spot instances of pool general "
    "terminate 2 minutes after their notice"
)


@pytest.mark.parametrize(
    ("shutdown", "beside", "field", "message"),
    [
        (96, [], "shutdownSeconds", "must be at most 95: shutdown 96s + 5s = 101s"),
        (
            *(25, sidecars(30, 41), "sidecars"),
            "must exit within 70s in all: shutdown 25s + sidecars 71s + 5s = 101s",
        ),
        (
            *(95, sidecars(1), "shutdownSeconds"),
            "must be at most 95 together with the sidecars: shutdown 95s + sidecars 1s + 5s = 101s",
        ),
    ],
)
def test_containers_of_a_cron_job_exit_within_the_time_that_its_nodes_allow(
    tmp_path: Path, shutdown: int, beside: list[dict[str, object]], field: str, message: str
) -> None:
    nightly = {"shutdownSeconds": shutdown, "sidecars": beside}
    problems = refused(tmp_path, "dev", changed("dev", *SPOT, cron_jobs(nightly=nightly)))
    lower = "; lower shutdownSeconds" if field == "sidecars" else ""
    key = f"ha-eks:cronJobs.nightly.{field}"
    assert_problem(problems, key, nightly[field], f"{message} {JOB_NOTICE}{lower}")
    accepted(tmp_path, "dev", cron_jobs(nightly=nightly))  # on demand


def test_a_cron_job_on_demand_ends_before_eks_ends_the_drain_of_its_node(tmp_path: Path) -> None:
    nightly = cron_jobs(nightly={"shutdownSeconds": 836})
    problems = refused(tmp_path, "dev", changed("dev", nightly))
    message = (
        "must be at most 835: shutdown 836s + 5s = 841s from TERM to KILL, but at most 840s are "
        "possible because EKS drains a node within 15 minutes during an update"
    )
    assert_problem(problems, "ha-eks:cronJobs.nightly.shutdownSeconds", 836, message)


def test_sidecars_of_a_migration_exit_within_the_time_that_its_nodes_allow(tmp_path: Path) -> None:
    def mailer(seconds: int) -> Change:
        beside = {"longestJobSeconds": 1, "sidecars": sidecars(seconds)}
        return workers(mailer={**beside, "migration": {"command": ["migrate"]}})

    problems = refused(tmp_path, "dev", changed("dev", *SPOT, mailer(71)))
    message = f"must exit within 70s in all: migration 30s + sidecars 71s = 101s {JOB_NOTICE}"
    key = f"{WORKERS}.mailer.sidecars"
    assert_problem(problems, key, sidecars(71), f"{message}; lower shutdownSeconds")
    [problem] = refused(tmp_path, "dev", changed("dev", *SPOT, mailer(300)))
    assert problem.key == f"{key}[0].shutdownSeconds", "one cause is reported twice"
    settings = accepted(tmp_path, "dev", mailer(800))  # on demand
    assert settings.longest_grace == 830, "the Cluster Autoscaler would kill the migration"
