"""Rollout of a new version, of a bad version, and while a zone is lost."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence

from core.availability.replicas import remaining_during_rollout
from tools.control_plane.manifest import Manifest
from tools.drills.baseline_objects import PREFIX
from tools.drills.drill import DETECTED, DETECTION, NO_EVICTION, Drill
from tools.drills.result import Result
from tools.drills.scenarios.common import NEVER_READY, POD_START, returned, roll_out, surge

_DEADLINE = 15
"""Seconds without progress after which a rollout has failed, to shorten the drill."""


def rolling_update(drill: Drill) -> Iterator[Result]:
    """Rolls out a new version of each app."""
    drill.controllers.start(DETECTION)
    drill.wait_until_whole("all pods ready")
    for app in drill.settings.replicated:
        replicas = drill.replicas(app)
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
            baseline=watch.baseline(app),
            detail=f"complete after {seconds:.0f}s",
        )
        yield Result(
            scenario="new version",
            subject=f"{app}, fullest zone not counted",
            bound="at least",
            computed=_remaining(drill, app),
            unit="pods serve",
            seen=watch.lowest_without_a_zone(app),
            baseline=watch.lowest_without_a_zone(PREFIX + app),
            detail=f"{drill.settings.replicated[app].replicas.needed} needed",
        )


def bad_release(drill: Drill) -> Iterator[Result]:
    """Rolls out a version of all apps that never becomes ready, and rolls back."""
    drill.controllers.start(DETECTION)
    drill.wait_until_whole("all pods ready")
    apps = drill.settings.replicated
    good = {app: drill.deployment(app)["spec"] for app in drill.with_baseline(*apps)}
    deadlines = {app: spec["progressDeadlineSeconds"] for app, spec in good.items()}
    containers = {app: spec["template"]["spec"]["containers"] for app, spec in good.items()}
    former = _pods(drill, apps)
    with drill.watch("bad release") as watch:
        for app, each in containers.items():
            bad_image = [{**container, "image": NEVER_READY} for container in each]
            _release(drill, app, bad_image, _DEADLINE)
        stopped = drill.wait("bad release stopped", lambda: _failed(drill, apps), 3 * _DEADLINE)
        bad = _pods(drill, apps).items() - former.items()
        for app, deadline in deadlines.items():
            _release(drill, app, containers[app], deadline)
        seconds = drill.wait("rollback", lambda: not [*drill.incomplete(apps)], 60)
        started = _pods(drill, apps).keys() - former.keys()
    for app in apps:
        yield Result(
            scenario="bad release",
            subject=app,
            bound="at least",
            computed=drill.replicas(app),
            unit="pods serve",
            seen=watch.lowest(app),
            baseline=watch.lowest(PREFIX + app),
        )
        yield Result(
            scenario="bad release",
            subject=app,
            bound="at most",
            computed=surge(drill, app),
            unit="pods of the bad version",
            seen=sum(each == app for _, each in bad),
            tolerance=1.0,
        )
    yield Result(
        scenario="bad release",
        subject="all apps",
        bound="at most",
        computed=_DEADLINE,
        unit="s until the rollout has failed",
        seen=stopped,
        detail=", ".join(f"{app}: {deadlines[app]}s without shortened times" for app in apps),
        tolerance=1.2,
    )
    yield Result(
        scenario="roll back",
        subject="all apps",
        bound="at most",
        computed=0,
        unit="pods start",
        seen=len(started),
        detail=f"complete after {seconds:.0f}s",
    )


def zone_lost(drill: Drill) -> Iterator[Result]:
    """Loses the fullest zone in the middle of the rollouts of all apps. No pod is evicted."""
    drill.controllers.start({**DETECTION, **NO_EVICTION})
    drill.wait_until_whole("all pods ready")
    apps = drill.settings.replicated
    replicas = {app: drill.replicas(app) for app in apps}
    largest = max(apps, key=lambda app: replicas[app])
    with drill.watch("zone lost during a rollout") as watch:
        for app in apps:
            roll_out(drill, app)
        drill.wait("half of a rollout", lambda: _is_half(drill, largest), 60)
        zones = watch.samples[-1].serving[largest]
        zone = max(drill.settings.network.zones_in, key=lambda zone: zones.get(zone, 0))
        by_zone = "/".join(str(zones[each]) for each in sorted(zones))
        drill.zones.lose(zone)
        time.sleep(DETECTED.latest + 2 * POD_START)
    drill.zones.restore(zone)
    for app in apps:
        yield Result(
            scenario="zone lost during a rollout",
            subject=f"{zone}: {app}",
            bound="at least",
            computed=_remaining(drill, app),
            unit="pods serve",
            seen=watch.lowest(app),
            baseline=watch.lowest(PREFIX + app),
            detail=f"{apps[app].replicas.needed} needed"
            + (f", {by_zone} by zone before" if app == largest else ""),
        )
    yield from returned(drill, "zone lost during a rollout", zone)


def _remaining(drill: Drill, app: str) -> int:
    """Returns the fewest pods that serve if a zone fails at any moment of a rollout."""
    replicas = drill.replicas(app)
    zones = len(drill.settings.network.zones_in)
    return remaining_during_rollout(replicas, zones, surge(drill, app))


def _release(drill: Drill, app: str, containers: Sequence[Manifest], deadline: int) -> None:
    """Changes the containers of an app, and the progress deadline of its rollout."""
    template = {"spec": {"containers": containers}}
    change = {"spec": {"template": template, "progressDeadlineSeconds": deadline}}
    drill.server.patch(drill.deployment(app), change)


def _failed(drill: Drill, apps: Collection[str]) -> bool:
    """True if the rollouts of all apps have exceeded their progress deadlines."""
    return all(
        any(
            each.get("reason") == "ProgressDeadlineExceeded"
            for each in drill.deployment(app)["status"].get("conditions", [])
        )
        for app in apps
    )


def _is_half(drill: Drill, app: str) -> bool:
    """True if half of the pods of an app, or more, are of the new version and ready."""
    deployment = drill.deployment(app)
    version = deployment["spec"]["template"]["metadata"]["annotations"]
    new = [
        pod
        for _, _, pod in drill.serving_pods([app])
        if pod["metadata"].get("annotations", {}).items() >= version.items()
    ]
    return 2 * len(new) >= deployment["spec"]["replicas"]


def _pods(drill: Drill, apps: Collection[str]) -> Mapping[str, str]:
    """Returns the app of each pod of the apps that is not being deleted, by name of the pod."""
    return {
        pod["metadata"]["name"]: pod["metadata"]["namespace"]
        for pod in drill.server.list("v1", "Pod")
        if pod["metadata"]["namespace"] in apps and "deletionTimestamp" not in pod["metadata"]
    }
