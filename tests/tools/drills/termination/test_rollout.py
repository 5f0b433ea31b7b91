"""The steps of terminations, without processes."""

import sched
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from core.availability.dropped_requests import DEFAULTS, Timing
from core.availability.termination import termination
from tools.control_plane.processes import start
from tools.drills.termination.plan import BY_DEFAULT, DERIVED, EARLY_CLOSE, EARLY_KILL, Plan, plan
from tools.drills.termination.rollout import Pods, schedule, timeline

APP = termination(longest_request=15, shutdown=20, load_balancer_deregistration=20)
DEPLOYED = Timing(pre_stop=20, grace=45, deregistration_delay=20)


def planned(deployed: Timing = DEPLOYED, pods: int = 6) -> Plan:
    return plan(APP, deployed, pods=pods, keep_alive=60, idle_timeout=50)


def test_the_steps_follow_the_timeline_of_the_preview() -> None:
    assert timeline(APP, DEPLOYED) == [
        (20, "deregister"),
        (20, "TERM"),
        (40, "close connections"),
        (45, "KILL"),
    ]


def test_with_the_defaults_term_comes_at_once_and_the_pod_ends_before_its_connections() -> None:
    assert timeline(APP, DEFAULTS) == [(0, "TERM"), (20, "deregister"), (30, "KILL")]


def test_each_wrong_timing_differs_from_the_deployed_one_in_one_step() -> None:
    rollouts = planned().rollouts
    assert rollouts[DERIVED].timing == DEPLOYED
    assert rollouts[BY_DEFAULT].timing == DEFAULTS
    assert timeline(APP, rollouts[EARLY_KILL].timing)[-1] == (27, "KILL")
    assert timeline(APP, rollouts[EARLY_CLOSE].timing)[2] == (27, "close connections")


def test_only_the_deployed_timing_may_drop_no_request() -> None:
    assert {name: planned().least_dropped(name) for name in planned().rollouts} == {
        DERIVED: 0,
        BY_DEFAULT: 850,
        EARLY_KILL: 18,
        EARLY_CLOSE: 18,
    }


def test_a_deployed_timing_that_drops_requests_is_computed_too() -> None:
    short = Timing(pre_stop=5, grace=30, deregistration_delay=20)
    assert planned(short).least_dropped(DERIVED) > 0


def test_a_long_timeline_is_compressed() -> None:
    assert planned().factor == 1
    long = Timing(pre_stop=20, grace=100, deregistration_delay=75)
    assert planned(long).factor == 0.5
    assert planned(long).seconds == 17 + 50


class FakeProcess:
    def __init__(self, name: str, log: list[str]) -> None:
        self.name, self.log = name, log

    def terminate(self) -> None:
        self.log.append(f"TERM {self.name}")

    def kill(self) -> None:
        self.log.append(f"KILL {self.name}")

    def wait(self) -> None:
        assert self.log[-1] == f"KILL {self.name}"


class FakeBalancer:
    def __init__(self, log: list[str]) -> None:
        self.log = log

    def register(self, group: str, targets: list[Path]) -> None:
        self.log += [f"register {path.stem}" for path in targets]

    def deregister(self, group: str, targets: list[Path]) -> None:
        self.log += [f"deregister {path.stem}" for path in targets]

    def close_connections(self, group: str, targets: list[Path]) -> None:
        self.log += [f"close {path.stem}" for path in targets]


@pytest.fixture(params=[DERIVED])
def log(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> list[str]:
    """Runs the rolling updates of one pod on a clock without waits; returns the actions."""
    group = str(request.param)
    actions: list[str] = []
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr("time.monotonic", lambda: now)
    monkeypatch.setattr("time.sleep", sleep)
    fake: Any = FakeBalancer(actions)
    the_plan = planned(pods=1)
    paths = [Path(f"pod-{number}.sock") for number in range(the_plan.rollouts[group].servers)]
    processes: Any = {path: FakeProcess(path.stem, actions) for path in paths}
    scheduler = sched.scheduler(lambda: now, sleep)
    schedule(scheduler, the_plan, group, paths, Pods(group, fake, processes))
    scheduler.run()
    return actions


@pytest.mark.parametrize("log", [BY_DEFAULT], indirect=True)
def test_a_new_pod_is_registered_before_the_old_one_is_deleted(log: list[str]) -> None:
    assert log[:4] == ["register pod-1", "TERM pod-0", "register pod-2", "TERM pod-1"]


def test_one_new_pod_is_registered_for_each_old_one(log: list[str]) -> None:
    assert log[:4] == [f"register pod-{number}" for number in range(1, 5)]
    assert "register pod-5" not in log


def test_each_old_pod_ends_step_by_step_and_the_new_pod_remains(log: list[str]) -> None:
    for number in range(4):
        name = f"pod-{number}"
        steps = [each.removesuffix(f" {name}") for each in log if each.endswith(name)]
        assert [step for step in steps if step != "register"] == [
            "deregister",
            "TERM",
            "close",
            "KILL",
        ]
    assert [each for each in log if each.endswith("pod-4")] == ["register pod-4"]


def test_a_killed_pod_is_not_a_process_that_ended_early(tmp_path: Path) -> None:
    unused: Any = None
    with ExitStack() as processes:
        pod = start(processes, tmp_path / "pod.log", "sleep", 60)
        Pods("web", unused, {tmp_path: pod}).take("KILL", [tmp_path])
        assert pod.returncode is not None, "the end of the pod would be reported as an error"
