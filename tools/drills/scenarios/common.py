"""Actions and results that several scenarios share."""

import time
from collections.abc import Iterator

from tools.drills.baseline import PREFIX
from tools.drills.drill import Drill, Watch
from tools.drills.result import Result

POD_START = 2.0
"""Seconds from the assignment of a pod to its readiness, as in stages.yaml."""

_SETTLED = 120.0
"""Seconds within which all pods of the apps must be ready again after an event."""


def lowest(drill: Drill, watch: Watch, scenario: str, subject: str) -> Iterator[Result]:
    """Yields for each app the lowest number of serving pods, and the number that it needs."""
    for app, needed in drill.needed():
        yield Result(
            scenario=scenario,
            subject=f"{subject}: {app}",
            bound="at least",
            computed=needed,
            unit="pods serve",
            seen=watch.lowest(app),
            baseline=watch.lowest(PREFIX + app),
            detail=f"of {watch.samples[0].total(app)}, {by_zone(watch, app)}",
        )


def by_zone(watch: Watch, app: str) -> str:
    """Returns the serving pods of an app by zone, when the watch began."""
    first = watch.samples[0].serving[app]
    return "/".join(str(first[zone]) for zone in sorted(first)) + " by zone"


def wait_for_apps(drill: Drill, what: str) -> None:
    """Waits until all pods of all apps are ready and of the current version.

    Waits for the baseline too.
    """
    apps = drill.with_baseline(*drill.settings.apps)
    drill.wait(what, lambda: not [*drill.incomplete(apps)], _SETTLED)


def scale(drill: Drill, app: str, replicas: int) -> None:
    """Sets the number of replicas of an app and of its baseline."""
    for name in drill.with_baseline(app):
        drill.server.patch(drill.deployment(name), {"spec": {"replicas": replicas}})


def roll_out(drill: Drill, app: str) -> None:
    """Changes the template of an app and of its baseline, as a new image does."""
    now = {"drill": str(time.monotonic_ns())}
    for name in drill.with_baseline(app):
        drill.server.patch(
            drill.deployment(name), {"spec": {"template": {"metadata": {"annotations": now}}}}
        )
