"""Rules and cautions of singletons: one pod, ports, and volumes."""

from pathlib import Path

import pytest

from core.availability.termination import termination
from settings.workload.probes import Liveness, Readiness
from tests.settings.stack_files import (
    SINGLETONS,
    accepted,
    app,
    assert_problem,
    cautions_of,
    changed,
    exposed,
    refused,
    singletons,
)  # fmt: skip

VOLUME = {"path": "/data", "size": "1Gi"}


def test_a_singleton_has_one_pod_which_can_be_evicted(tmp_path: Path) -> None:
    one = accepted(tmp_path, "prod", singletons(index={"volume": VOLUME})).singletons["index"]

    assert (one.minimum_replicas(3), one.maximum_replicas, one.disruption_budget(3)) == (1, 1, 1)


@pytest.mark.parametrize("key", ["replicas", "scaling", "spread"])
def test_a_singleton_has_no_replicas_scaling_and_spread(tmp_path: Path, key: str) -> None:
    values: dict[str, object] = {"replicas": app()["replicas"]}
    value = values.get(key, {"zones": "strict"})

    problems = refused(tmp_path, "dev", changed("dev", singletons(index={key: value})))

    message = (
        "unknown key; a singleton has one pod; write the workload in ha-eks:apps or "
        "ha-eks:workers. All keys: "
        "docs/settings.md#ha-eks-singletons"
    )
    assert_problem(problems, f"{SINGLETONS}.index.{key}", value, message)


def test_a_volume_needs_a_size(tmp_path: Path) -> None:
    text = changed("dev", singletons(index={"volume": {"path": "/data"}}))

    assert_problem(
        refused(tmp_path, "dev", text), f"{SINGLETONS}.index.volume.size", None, "required"
    )


def test_a_volume_has_at_most_the_size_of_a_gp3_volume(tmp_path: Path) -> None:
    largest = {**VOLUME, "size": "65536Gi"}
    accepted(tmp_path, "dev", singletons(index={"volume": largest}))

    too_large = singletons(index={"volume": {**VOLUME, "size": "65537Gi"}})

    assert_problem(
        refused(tmp_path, "dev", changed("dev", too_large)),
        f"{SINGLETONS}.index.volume.size",
        "65537Gi",
        "must be at most 65536Gi, the largest size of a gp3 volume",
    )


def test_an_exposed_singleton_has_a_port(tmp_path: Path) -> None:
    expose = {"expose": {"path": "/index"}, "probes": {"readiness": {"path": "/index/ready"}}}
    accepted(tmp_path, "dev", singletons(index={**expose, "port": 8080}))

    problems = refused(tmp_path, "dev", changed("dev", singletons(index=expose)))

    assert [(each.key, each.message) for each in problems if each.key.endswith("index.port")] == [
        (
            f"{SINGLETONS}.index.port",
            "required with expose: the load balancer sends requests to this port",
        )
    ]


def test_the_health_of_the_cell_does_not_depend_on_a_singleton(tmp_path: Path) -> None:
    index = {key: value for key, value in exposed("/index").items() if key != "replicas"}
    index |= {"critical": True, "probes": {"readiness": {"path": "/index/ready"}}}

    problems = refused(tmp_path, "dev", changed("dev", singletons(index=index)))

    assert_problem(
        problems,
        f"{SINGLETONS}.index.critical",
        True,
        "must be false with expose: a singleton fails with its node or zone, and the health of the "
        "cell must not depend on one zone",
    )
    accepted(tmp_path, "dev", singletons(index={"critical": True}))


def test_a_singleton_without_a_port_has_no_probes_and_receives_term_at_once(tmp_path: Path) -> None:
    settings = accepted(tmp_path, "dev", singletons(clock={}, index={"port": 6379}))
    clock, index = settings.singletons["clock"], settings.singletons["index"]

    assert (clock.liveness, clock.readiness, clock.ports) == (None, None, {})
    assert (index.liveness, index.readiness) == (Liveness(), Readiness())
    assert clock.termination == termination(
        longest_request=30, shutdown=30, load_balancer_deregistration=None, receives_requests=False
    )
    assert (clock.termination.grace, index.termination.grace) == (35, 40)
    assert settings.prefers_same_zone("index") is False


def test_further_ports_alone_receive_no_requests(tmp_path: Path) -> None:
    """Without `port`, the pods have no Service; `otherPorts` serve probes and metrics."""
    clock = {"otherPorts": {"metrics": 9090}, "metrics": {"port": "metrics"}}

    settings = accepted(tmp_path, "dev", singletons(clock=clock))

    assert "clock" not in settings.served
    assert settings.singletons["clock"].termination.pre_stop == 0, "TERM comes at once"


def test_the_one_pod_of_a_singleton_is_a_caution() -> None:
    serving = {"port": 8080, "expose": {"path": "/index"}, "volume": None,
               "probes": {"readiness": {"path": "/index/ready"}}}  # fmt: skip
    stored = cautions_of(singletons(index={"volume": VOLUME}))
    assert stored[f"{SINGLETONS}.index.volume"] == (
        "the pod runs in one zone, and is unavailable while its node is drained, during a rollout, "
        "and while its zone has failed (docs/stateful.md)"
    )
    assert cautions_of(singletons(index=serving))[f"{SINGLETONS}.index.expose"] == (
        "the one pod is unavailable while its node is drained, during a rollout, and while it is "
        "replaced after its node or zone has failed; write an app to serve without gaps"
    )
    assert cautions_of(singletons(index={})) == {}
