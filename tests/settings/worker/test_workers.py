"""Workers: no port, jobs in place of requests; and names and kinds of workloads."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    ABSENT,
    APPS,
    SINGLETONS,
    TRAFFIC,
    WEB,
    WORKERS,
    accepted,
    assert_problem,
    changed,
    refused,
    singletons,
    workers,
)  # fmt: skip


@pytest.mark.parametrize("key", ["port", "expose", "longestRequestSeconds", "prefersSameZone"])
def test_a_worker_receives_no_requests(tmp_path: Path, key: str) -> None:
    values: dict[str, object] = {"expose": {}, "prefersSameZone": True}
    value = values.get(key, 80)

    problems = refused(tmp_path, "dev", changed("dev", workers(mailer={key: value})))

    hint = "write longestJobSeconds instead"
    if key != "longestRequestSeconds":
        hint = "a worker receives no requests; write the workload in ha-eks:apps"
    message = f"unknown key; {hint}. All keys: docs/settings.md#ha-eks-workers"
    assert_problem(problems, f"{WORKERS}.mailer.{key}", value, message)


def test_a_worker_receives_term_at_once_and_finishes_its_job(tmp_path: Path) -> None:
    mailer = accepted(tmp_path, "dev", workers(mailer={"longestJobSeconds": 300})).workers["mailer"]

    end = mailer.termination
    assert (end.deregistered, end.pre_stop, end.exit, end.grace) == (0, 0, 300, 305)
    assert (mailer.liveness, mailer.readiness, mailer.ports) == (None, None, {})


def test_a_worker_has_time_for_its_longest_job(tmp_path: Path) -> None:
    mailer = {"longestJobSeconds": 60, "shutdownSeconds": 50}

    problems = refused(tmp_path, "dev", changed("dev", workers(mailer=mailer)))

    assert_problem(
        problems,
        f"{WORKERS}.mailer.shutdownSeconds",
        50,
        "must be at least longestJobSeconds, 60: a job that starts right before TERM takes up to "
        "60s, but the program exits 50s after TERM",
    )


def test_a_job_ends_before_its_node(tmp_path: Path) -> None:
    problems = refused(tmp_path, "dev", changed("dev", workers(mailer={"longestJobSeconds": 900})))

    assert_problem(
        problems,
        f"{WORKERS}.mailer.longestJobSeconds",
        900,
        "must be at most 835: preStop 0s + shutdown 900s + 5s = 905s from deletion to KILL, but at "
        "most 840s are possible because EKS drains a node within 15 minutes during an update",
    )


def test_a_probe_of_a_worker_has_a_command_or_a_port(tmp_path: Path) -> None:
    probes = {"liveness": {"path": "/alive"}}
    accepted(tmp_path, "dev", workers(mailer={"probes": {"liveness": {"command": ["alive"]}}}))
    admin = {"liveness": {"path": "/alive", "port": "admin"}}
    accepted(tmp_path, "dev", workers(mailer={"probes": admin, "otherPorts": {"admin": 81}}))

    problems = refused(tmp_path, "dev", changed("dev", workers(mailer={"probes": probes})))

    assert_problem(
        problems,
        f"{WORKERS}.mailer.probes.liveness.port",
        None,
        "there is no port; write a command, or add the port that is checked to otherPorts",
    )


def test_metrics_of_a_worker_have_a_port(tmp_path: Path) -> None:
    metrics = {"port": "metrics"}
    accepted(tmp_path, "dev", workers(mailer={"metrics": metrics, "otherPorts": {"metrics": 81}}))

    problems = refused(tmp_path, "dev", changed("dev", workers(mailer={"metrics": metrics})))

    assert_problem(
        problems,
        f"{WORKERS}.mailer.metrics.port",
        "metrics",
        "there is no port; add the port of the metrics to otherPorts",
    )


def test_no_workload_sends_requests_to_a_worker(tmp_path: Path) -> None:
    talks: tuple[tuple[str | int, ...], object] = ((*WEB, "talksTo"), ["cache", "mailer"])

    problems = refused(tmp_path, "dev", changed("dev", talks, workers(mailer={})))

    assert_problem(
        problems,
        f"{APPS}.web.talksTo[1]",
        "mailer",
        "must be the name of another app or singleton with a port: cache",
    )


def test_a_worker_talks_to_apps_and_singletons(tmp_path: Path) -> None:
    settings = accepted(
        tmp_path,
        "dev",
        workers(mailer={"talksTo": ["cache", "index"], "near": "index"}),
        singletons(index={"port": 80}),
    )
    assert settings.callers("index") == ("mailer",)
    assert settings.callers("cache") == ("web", "mailer")


def test_two_kinds_do_not_share_a_name(tmp_path: Path) -> None:
    problems = refused(tmp_path, "dev", changed("dev", workers(web={}), singletons(web={})))

    message = (
        "ha-eks:apps.web has the same name, which is also the name of the namespace; write "
        "another name"
    )
    assert [(each.key, each.message) for each in problems] == [
        (f"{WORKERS}.web", message),
        (f"{SINGLETONS}.web", message),
    ]


def test_a_stack_can_have_only_workers(tmp_path: Path) -> None:
    no_apps: tuple[tuple[str | int, ...], object] = ((APPS,), ABSENT)
    no_domain: tuple[tuple[str | int, ...], object] = ((TRAFFIC,), ABSENT)

    settings = accepted(tmp_path, "prod", no_apps, no_domain, workers(mailer={}))

    assert [*settings.workloads] == ["mailer"]
    assert settings.exposed == settings.load_balancer("public").health_paths == {}


def test_a_domain_needs_an_exposed_workload(tmp_path: Path) -> None:
    not_exposed = ((*WEB, "expose"), ABSENT), (("ha-eks:resilience",), ABSENT)
    problems = refused(tmp_path, "prod", changed("prod", *not_exposed))

    [problem] = problems
    assert (problem.key, problem.message) == (
        TRAFFIC,
        "the cell has no load balancer, because no workload has expose; add expose to an app, or "
        "remove traffic",
    )


def test_a_worker_is_as_available_as_an_app(tmp_path: Path) -> None:
    mailer = {"replicas": {"needed": 4, "min": 5, "max": 9}}

    problems = refused(tmp_path, "prod", changed("prod", workers(mailer=mailer)))

    assert_problem(
        problems,
        f"{WORKERS}.mailer.replicas.min",
        5,
        "must be at least 6: 4 pods must remain if one of 3 zones fails; with 5 pods, 3 would "
        "remain",
    )
