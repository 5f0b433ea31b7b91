"""The scenario of readiness gates notices pods and targets that come or go too early."""

import dataclasses
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.facts.versions.charts import AWS_LOAD_BALANCER_CONTROLLER
from tests.tools.drills.fake_server import FakeServer, drill_on, pod
from tools.drills.aws.target_groups import HealthChecks
from tools.drills.drill import Drill
from tools.drills.load_balancer_controller import RunningController
from tools.drills.result import Result
from tools.drills.scenarios import readiness_gates as module

Rollout = Callable[["Controller"], None]


class Controller:
    """Plays the process of the program and the target groups."""

    def __init__(self, server: FakeServer, rollout: Rollout) -> None:
        self.server, self.rollout = server, rollout
        self.checks = HealthChecks({"arn": 10.0})
        self.targets = 2
        self.signals: list[int] = []

    def send_signal(self, number: int) -> None:
        self.signals.append(number)

    @property
    def gated(self) -> bool:
        return bool(self.server.objects.get("MutatingWebhookConfiguration"))

    @property
    def stopped(self) -> bool:
        return self.signals[-1:] == [signal.SIGSTOP]

    def healthy(self, arn: str) -> int:
        assert arn == "arn"
        return self.targets

    def add(self, name: str, *, ready: bool) -> None:
        self.server.objects["Pod"].append(
            pod("web", "node", ready=ready, metadata={"namespace": "web", "name": name})
        )


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> Callable[[Rollout], dict[str, Result]]:
    """Function that runs the scenario; returns the results by event and unit."""

    def run(rollout: Rollout) -> dict[str, Result]:
        server = FakeServer({"Pod": [], "Deployment": [deployment()], "Node": []})
        controller = Controller(server, rollout)
        managers: Any = SimpleNamespace(start=lambda options: None)  # pyright: ignore[reportUnknownLambdaType]
        programs = {AWS_LOAD_BALANCER_CONTROLLER.name: Path("program")}
        drill = dataclasses.replace(drill_on(server), controllers=managers, programs=programs)

        @contextmanager
        def running(drill: Drill, program: object) -> Generator[RunningController]:
            played: Any = controller
            webhook = {"kind": "MutatingWebhookConfiguration", "metadata": {"name": "gates"}}
            yield RunningController(played, played, {"web": "arn"}, webhook)

        monkeypatch.setattr(module, "load_balancer_controller", running)
        monkeypatch.setattr(module, "roll_out", lambda drill, app: controller.rollout(controller))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        monkeypatch.setattr(module, "_OUTAGE", 0.3)
        found = [*module.readiness_gates(drill)]
        assert controller.signals == [signal.SIGSTOP, signal.SIGCONT]
        return {f"{each.scenario}: {each.unit}": each for each in found}

    return run


def deployment() -> dict[str, Any]:
    counts = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas"), 2)
    return {
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "web", "generation": 1},
        "spec": {
            "replicas": 2,
            "progressDeadlineSeconds": 60,
            "strategy": {"rollingUpdate": {"maxSurge": 2}},
        },
        "status": {"observedGeneration": 1, **counts},
    }


def broken(results: dict[str, Result]) -> list[str]:
    return [name for name, each in results.items() if not each.kept]


def test_a_rollout_that_waits_for_its_targets_keeps_all_promises(
    results: Callable[[Rollout], dict[str, Result]],
) -> None:
    def waits(controller: Controller) -> None:
        if not controller.stopped:
            failing = controller.checks.failing_since is not None
            controller.add(f"new-{len(controller.server.objects['Pod'])}", ready=not failing)

    found = results(waits)
    assert broken(found) == []
    assert found["new version with readiness gates: s until the rollout is complete"].computed == 27
    assert len(found) == 6


def test_a_target_that_leaves_too_early_breaks_the_promise(
    results: Callable[[Rollout], dict[str, Result]],
) -> None:
    def leaves(controller: Controller) -> None:
        controller.targets = 1 if controller.gated else 2

    assert broken(results(leaves)) == [
        f"{scenario}: targets are healthy"
        for scenario in (
            "new version with readiness gates",
            "health checks of new pods fail",
            "the controller does not respond",
        )
    ]


def test_a_new_pod_that_is_ready_without_health_checks_breaks_the_promise(
    results: Callable[[Rollout], dict[str, Result]],
) -> None:
    def ready(controller: Controller) -> None:
        if controller.checks.failing_since is not None:
            controller.add("early", ready=True)

    assert broken(results(ready)) == ["health checks of new pods fail: new pods are ready"]


def test_a_pod_that_starts_without_the_webhook_breaks_the_promise(
    results: Callable[[Rollout], dict[str, Result]],
) -> None:
    def starts(controller: Controller) -> None:
        if controller.stopped:
            controller.add("without-gate", ready=False)

    assert broken(results(starts)) == [
        "the controller does not respond: pods start without a readiness gate"
    ]


def test_the_baseline_is_a_rollout_without_readiness_gates(
    results: Callable[[Rollout], dict[str, Result]],
) -> None:
    def dips(controller: Controller) -> None:
        if not controller.gated:
            counts = iter([0])
            controller.healthy = lambda arn: next(counts, 2)

    found = results(dips)
    assert found["new version with readiness gates: targets are healthy"].baseline == 0
    assert broken(found) == []
