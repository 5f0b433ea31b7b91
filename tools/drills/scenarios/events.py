"""Loss of a zone after events that can leave the pods spread unevenly."""

from collections.abc import Callable, Iterator, Mapping

from tools.drills.drill import DETECTION, NO_EVICTION, Drill
from tools.drills.result import Result
from tools.drills.scenarios.common import even_again, roll_out, scale, wait_for_apps
from tools.drills.scenarios.zone_loss import each_zone


def after_events(drill: Drill) -> Iterator[Result]:
    """Loses each zone after bursts and rollouts, when the descheduler has moved pods."""
    drill.controllers.start({**DETECTION, **NO_EVICTION})
    for name, event in _EVENTS.items():
        event(drill)
        wait_for_apps(drill, f"all pods ready after {name}")
        yield from even_again(drill, "uneven zones", f"after {name}")
        drill.wait_until_whole(f"all pods and headroom ready after {name}")
        yield from each_zone(drill, f"after {name}")


def _burst(drill: Drill) -> None:
    """Doubles the replicas of each app, up to the maximum, and returns to the minimum at once.

    The pod autoscaler removes one pod a minute. To remove them at once is the worse case.
    """
    before = {app: drill.replicas(app) for app in drill.settings.replicated}
    for app, count in before.items():
        most = drill.settings.replicated[app].replicas.max
        scale(drill, app, min(2 * count, most))
    wait_for_apps(drill, "all pods of a burst ready")
    for app, count in before.items():
        scale(drill, app, count)


def _roll_out_all(drill: Drill) -> None:
    for app in drill.settings.replicated:
        roll_out(drill, app)
    wait_for_apps(drill, "all apps rolled out")


_EVENTS: Mapping[str, Callable[[Drill], None]] = {
    "a burst": _burst,
    "a rollout": _roll_out_all,
    "a second burst": _burst,
}
"""Events before the loss of a zone, in order."""
