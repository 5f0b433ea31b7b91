"""Rollouts of exposed apps with the readiness gates of the real AWS Load Balancer Controller."""

import math
import signal
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from core.facts.versions.charts import AWS_LOAD_BALANCER_CONTROLLER
from tools.control_plane.manifest import Manifest
from tools.drills.drill import DETECTION, Drill
from tools.drills.load_balancer_controller import (
    RunningController,
    load_balancer_controller,
    readiness_gates_added,
)
from tools.drills.objects import is_serving
from tools.drills.repeat import repeated
from tools.drills.result import Result
from tools.drills.scenarios.common import POD_START, roll_out, surge

_INTERVAL = 0.2
"""Seconds between two samples of the targets."""

_REQUEUE = 15.0
"""Seconds after which the controller reads the health of new targets again.
https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/pkg/targetgroupbinding/resource_manager.go
"""

_OUTAGE = 20
"""Seconds for which health checks fail, or the controller does not respond."""


@dataclass(frozen=True)
class _ExposedApp:
    """An app and its targets."""

    name: str
    drill: Drill
    controller: RunningController

    @property
    def initial_seconds(self) -> float:
        """Seconds from the registration of a target until it is healthy."""
        return self.controller.groups.checks.initial_seconds[self._arn]

    @property
    def _arn(self) -> str:
        return self.controller.targets[self.name]

    def healthy(self) -> int:
        """Returns the number of healthy targets."""
        return self.controller.groups.healthy(self._arn)

    def pods(self) -> Sequence[Manifest]:
        """Returns the pods."""
        pods = self.drill.server.list("v1", "Pod")
        return [each for each in pods if each["metadata"]["namespace"] == self.name]

    def wait_for_targets(self, count: int) -> None:
        """Waits until a number of targets is healthy."""
        self.drill.wait(
            f"all pods of {self.name} are healthy targets",
            lambda: self.healthy() >= count,
            self.initial_seconds + 60,
        )

    def wait_for_rollout(self) -> float:
        """Waits until all pods are ready and of the new version; returns the seconds."""
        limit = self.drill.deployment(self.name)["spec"]["progressDeadlineSeconds"]
        return self.drill.wait(
            f"rollout of {self.name}", lambda: not [*self.drill.incomplete([self.name])], limit
        )


def readiness_gates(drill: Drill) -> Iterator[Result]:
    """Rolls out exposed apps: undisturbed, with failing health checks, and without the controller.

    An old pod may leave the load balancer only after the health checks of a new one succeed.
    """
    drill.controllers.start(DETECTION)
    drill.wait_until_whole("all pods ready")
    program = drill.programs[AWS_LOAD_BALANCER_CONTROLLER.name]
    with load_balancer_controller(drill, program) as controller:
        for name in controller.targets:
            app = _ExposedApp(name, drill, controller)
            app.wait_for_targets(drill.replicas(name))
            with _counted(app) as without_gates:
                roll_out(drill, name)
                app.wait_for_rollout()
            app.wait_for_targets(drill.replicas(name))
            with readiness_gates_added(drill, controller.webhook):
                yield from _undisturbed(app, min(without_gates))
                yield from _health_checks_fail(app)
                yield from _controller_stopped(app)


def _undisturbed(app: _ExposedApp, baseline: float) -> Iterator[Result]:
    """Rolls out a new version. `baseline`: the fewest healthy targets without readiness gates."""
    scenario, replicas = "new version with readiness gates", app.drill.replicas(app.name)
    with _counted(app) as counts:
        roll_out(app.drill, app.name)
        seconds = app.wait_for_rollout()
    yield _lowest(app, scenario, counts, baseline)
    yield Result(
        scenario=scenario,
        subject=app.name,
        bound="at most",
        computed=math.ceil(replicas / surge(app.drill, app.name))
        * (POD_START + app.initial_seconds + _REQUEUE),
        unit="s until the rollout is complete",
        seen=seconds,
        detail=f"a target is healthy after {app.initial_seconds:.0f}s",
    )


def _health_checks_fail(app: _ExposedApp) -> Iterator[Result]:
    scenario, checks = "health checks of new pods fail", app.controller.groups.checks
    former = _names(app.pods())
    with _counted(app) as counts:
        checks.failing_since = time.monotonic()
        roll_out(app.drill, app.name)
        time.sleep(_OUTAGE)
        new = [each for each in app.pods() if each["metadata"]["name"] not in former]
        checks.failing_since = None
        app.wait_for_rollout()
    yield _lowest(app, scenario, counts)
    detail = f"of {len(new)}"
    yield _none(app, scenario, "new pods are ready", sum(map(is_serving, new)), detail)


def _controller_stopped(app: _ExposedApp) -> Iterator[Result]:
    """Stops the program, whose webhook no longer responds, while a new version is rolled out."""
    scenario, former = "the controller does not respond", _names(app.pods())
    process = app.controller.process
    with _counted(app) as counts:
        process.send_signal(signal.SIGSTOP)
        try:
            roll_out(app.drill, app.name)
            time.sleep(_OUTAGE)
            started = _names(app.pods()) - former
        finally:
            process.send_signal(signal.SIGCONT)
        seconds = app.wait_for_rollout()
    yield _lowest(app, scenario, counts)
    detail = f"the rollout is complete {seconds:.0f}s after the controller responds"
    yield _none(app, scenario, "pods start without a readiness gate", len(started), detail)


def _none(app: _ExposedApp, scenario: str, unit: str, seen: int, detail: str) -> Result:
    """Returns the promise that something does not happen, with the number of times it did."""
    return Result(
        scenario=scenario,
        subject=app.name,
        bound="at most",
        computed=0,
        unit=unit,
        seen=seen,
        detail=detail,
    )


def _names(pods: Sequence[Manifest]) -> set[str]:
    return {each["metadata"]["name"] for each in pods}


@contextmanager
def _counted(app: _ExposedApp) -> Generator[list[int]]:
    """Counts the healthy targets while the block runs, and at its end."""
    counts = [app.healthy()]
    with repeated(lambda: counts.append(app.healthy()), _INTERVAL):
        yield counts
    counts.append(app.healthy())


def _lowest(
    app: _ExposedApp, scenario: str, counts: Sequence[int], baseline: float | None = None
) -> Result:
    """Returns the lowest number of healthy targets."""
    return Result(
        scenario=scenario,
        subject=app.name,
        bound="at least",
        computed=app.drill.replicas(app.name),
        unit="targets are healthy",
        seen=min(counts),
        baseline=baseline,
    )
