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


def test_sidecars_of_a_cron_job_exit_within_the_notice_of_a_spot_instance(tmp_path: Path) -> None:
    late = sidecars(30, 41)

    problems = refused(tmp_path, "dev", changed("dev", cron_jobs(nightly={"sidecars": late})))

    assert_problem(
        problems,
        "ha-eks:cronJobs.nightly.sidecars",
        late,
        "need 71s to exit after the program: shutdown 25s + sidecars 71s + 5s = 101s from TERM to "
        "KILL, but spot instances allow at most 100s; lower shutdownSeconds of the sidecars or of "
        "the cron job",
    )
    settings = accepted(tmp_path, "dev", cron_jobs(nightly={"sidecars": sidecars(30, 40)}))
    assert settings.cron_jobs["nightly"].grace == 100
