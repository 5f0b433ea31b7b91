"""Rollout of a new version."""

from collections.abc import Iterator

from tools.drills.baseline import PREFIX
from tools.drills.drill import DETECTION, Drill
from tools.drills.result import Result
from tools.drills.scenarios.common import roll_out


def rolling_update(drill: Drill) -> Iterator[Result]:
    """Rolls out a new version of each app."""
    drill.controllers.start(DETECTION)
    drill.wait_until_whole("all pods ready")
    for app in drill.settings.apps:
        replicas = drill.deployment(app)["spec"]["replicas"]
        with drill.watch(f"new version: {app}") as watch:
            roll_out(drill, app)
            limit = drill.deployment(app)["spec"]["progressDeadlineSeconds"]
            seconds = drill.wait(f"rollout of {app}", lambda: not [*drill.incomplete()], limit)
        yield Result(
            scenario="new version",
            subject=app,
            bound="at least",
            computed=replicas,
            unit="pods serve",
            seen=watch.lowest(app),
            baseline=watch.lowest(PREFIX + app),
            detail=f"complete after {seconds:.0f}s",
        )
