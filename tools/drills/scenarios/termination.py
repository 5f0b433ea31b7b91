"""Termination of pods under load: real HTTP servers behind haproxy, which stands for the ALB."""

from collections.abc import Iterator, Mapping

from core.availability.dropped_requests import DEFAULTS, Timing
from settings.app.apps import App
from settings.workload.connections import Expose
from tools.control_plane.manifest import Manifest
from tools.drills.drill import Drill
from tools.drills.result import Result
from tools.drills.termination.load import Summary
from tools.drills.termination.plan import (
    BY_DEFAULT,
    CLOSED_EARLY,
    DERIVED,
    EARLY_CLOSE,
    EARLY_KILL,
    KEPT_ALIVE,
    REQUESTS,
    Plan,
    plan,
)
from tools.drills.termination.run import run
from tools.recording import Recording
from tools.toolchain import HAPROXY, VEGETA

_SCENARIO = "pods terminated under load"


def pods_terminated(drill: Drill) -> Iterator[Result]:
    """Terminates pods of an exposed app under load, and counts the dropped requests."""
    name, app, expose = slowest_exposed_app(drill)
    deployed = deployed_timing(drill.deployment(name), drill.recording, name, app)
    balancers = drill.recording.of_type("aws:lb/loadBalancer:LoadBalancer")
    idle_timeout = min(int(str(each.inputs["idleTimeout"])) for each in balancers)
    planned = plan(
        app.termination,
        deployed,
        pods=drill.replicas(name),
        keep_alive=expose.keep_alive_seconds,
        idle_timeout=idle_timeout,
    )
    folder = drill.folder / "termination"
    folder.mkdir()
    seen = run(
        planned,
        haproxy=drill.programs[HAPROXY.name],
        vegeta=drill.programs[VEGETA.name],
        folder=folder,
    )
    yield from results(name, expose, planned, seen)


def slowest_exposed_app(drill: Drill) -> tuple[str, App, Expose]:
    """Returns the name and settings of the exposed app whose pods terminate the slowest."""
    exposed = [(name, app, app.expose) for name, app in drill.settings.apps.items() if app.expose]
    return max(exposed, key=lambda each: each[1].termination.grace)


def deployed_timing(deployment: Manifest, recording: Recording, name: str, app: App) -> Timing:
    """Returns the timing in the Deployment and the target group of an app."""
    pod = deployment["spec"]["template"]["spec"]
    [hook] = [each["lifecycle"]["preStop"] for each in pod["containers"] if each["name"] == name]
    group, *_ = [
        group
        for group in recording.of_type("aws:lb/targetGroup:TargetGroup")
        if group.name in (f"lb-{name}", f"ilb-{name}")
    ]
    return Timing(
        pre_stop=hook["sleep"]["seconds"] if "sleep" in hook else app.termination.pre_stop,
        grace=pod["terminationGracePeriodSeconds"],
        deregistration_delay=int(str(group.inputs["deregistrationDelay"])),
    )


def results(
    name: str, expose: Expose, planned: Plan, seen: Mapping[str, Summary]
) -> Iterator[Result]:
    """Yields the results: no dropped request with the derived timing, some with each other one."""
    derived, by_default = seen[DERIVED], seen[BY_DEFAULT]
    yield Result(
        scenario=_SCENARIO,
        subject=f"{name}, as deployed",
        bound="at least",
        computed=REQUESTS,
        unit="requests are sent",
        seen=derived.requests,
        detail=f"{planned.rollouts[DERIVED].terminated} pods terminated, requests of "
        f"{planned.app.longest_request}s in flight{_time(planned)}; haproxy is not an ALB",
    )
    yield Result(
        scenario=_SCENARIO,
        subject=f"{name}, as deployed ({_text(planned.rollouts[DERIVED].timing)})",
        bound="at most",
        computed=0,
        unit="of a million requests are dropped",
        seen=_per_million(derived),
        detail=_kinds(derived),
        baseline=_per_million(by_default),
    )
    for group, subject in (
        (BY_DEFAULT, f"defaults ({_text(DEFAULTS)})"),
        (EARLY_KILL, f"KILL after {planned.rollouts[EARLY_KILL].timing.grace}s"),
        (
            EARLY_CLOSE,
            f"deregistration delay {planned.rollouts[EARLY_CLOSE].timing.deregistration_delay}s",
        ),
    ):
        yield _sharp(f"{name}, {subject}", planned.least_dropped(group), seen[group])
    kept_alive = seen[KEPT_ALIVE]
    yield Result(
        scenario=_SCENARIO,
        subject=f"{name}, keep-alive {expose.keep_alive_seconds}s with an idle timeout of "
        f"{planned.idle_timeout:.0f}s",
        bound="at most",
        computed=0,
        unit="of a million requests are dropped",
        seen=_per_million(kept_alive),
        detail="; ".join(filter(None, (f"{kept_alive.requests} requests", _kinds(kept_alive)))),
        baseline=_per_million(seen[CLOSED_EARLY]),
    )
    short = planned.keep_alive[CLOSED_EARLY].seconds * planned.idle_timeout
    short /= planned.keep_alive_idle_timeout
    yield _sharp(f"{name}, keep-alive {short:.0f}s", 1, seen[CLOSED_EARLY])


def _sharp(subject: str, computed: int, seen: Summary) -> Result:
    """Returns the result of a wrong timing: without dropped requests, the drill shows nothing."""
    return Result(
        scenario=_SCENARIO,
        subject=subject,
        bound="at least",
        computed=max(1, computed),
        unit="requests are dropped",
        seen=seen.dropped,
        detail=f"of {seen.requests}: {_kinds(seen)}",
    )


def _per_million(summary: Summary) -> float:
    return 1e6 * summary.dropped / summary.requests if summary.requests else 1e6


def _kinds(summary: Summary) -> str:
    return ", ".join(sorted(summary.errors)[:3])


def _text(timing: Timing) -> str:
    return f"preStop {timing.pre_stop}s, grace {timing.grace}s"


def _time(planned: Plan) -> str:
    return "" if planned.factor == 1 else f", 1s of the timeline takes {planned.factor:.2f}s"
