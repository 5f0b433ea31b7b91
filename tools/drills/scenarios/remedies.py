"""Remedies of an operator while a zone is lost, as docs/recovery.md names them."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Any

from pulumi.automation.errors import CommandError

from tools.deploy.drained import health_checks, never_healthy
from tools.deploy.remedies.drain import set_drained
from tools.deploy.remedies.targets import REMEDY_SECONDS, zone_targets
from tools.deploy.up import DEPLOYMENTS
from tools.drills.deployed_cell import DeployedCell
from tools.drills.drill import DETECTION, NO_EVICTION, DrillError
from tools.drills.objects import is_ready
from tools.drills.result import Result
from tools.drills.scenarios.common import NEVER_READY, evictable_pods, lowest
from tools.drills.scenarios.provider import first_up, run
from tools.recording import Recording, record
from tools.rehearsal.edits.apps import main_app, main_app_section
from tools.rehearsal.edits.edit import Config, stays_valid
from tools.rehearsal.edits.network import has_zone_out, return_zone, take_zone_out
from tools.rehearsal.edits.traffic import can_be_drained, drain_cell, undrain_cell
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP
from tools.rehearsal.fake_cloud.route53_commands import route53_commands
from tools.rehearsal.run import errors_in

_SCENARIO = "remedies in an outage"
_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
_DETECTED = 60.0
"""Seconds within which the nodes of a lost zone are not ready."""
_WAIT = 5.0
"""Seconds for which the operator watches an `up` that waits for pods."""

Targets = Callable[[DeployedCell, Recording], Sequence[str]]
Applied = Callable[[DeployedCell, Recording], bool]


@dataclass(frozen=True, kw_only=True)
class _Remedy:
    """An edit of the stack file, and the command that applies the edit."""

    name: str
    change: Callable[[Config], None]
    applies: Callable[[Config], bool]
    targets: Targets | None
    """Targets of the command; None: `make up`, which may wait for pods."""
    applied: Applied
    """True if the cell has what the edited stack file says."""
    command: Callable[[DeployedCell, Recording], None] | None = None
    """Applies the edit without Pulumi, by the recording of the edited stack file."""


def _need_more(config: Config) -> None:
    """Raises the needed replicas of the main app by one."""
    main_app_section(config)["replicas"]["needed"] += 1


def _return_sizes(config: Config) -> None:
    """Returns the zone to service, and the replicas to their former number."""
    return_zone(config)
    main_app_section(config)["replicas"]["needed"] -= 1


_REMEDIES = (
    _Remedy(
        name="make drain",
        change=drain_cell,
        applies=can_be_drained,
        targets=None,
        applied=lambda cell, recording: _traffic_applied(cell, recording),
        command=lambda cell, recording: _drain(cell, recording),
    ),
    _Remedy(
        name="make zone-out",
        change=take_zone_out,
        applies=stays_valid(take_zone_out),
        targets=lambda cell, recording: [*zone_targets(recording, cell.engine.resources())],
        applied=lambda cell, recording: _sizes_applied(cell, recording),
    ),
    _Remedy(
        name="more replicas by make up",
        change=_need_more,
        applies=stays_valid(_need_more),
        targets=None,
        applied=lambda cell, recording: _replicas_applied(cell, recording),
    ),
)
_DRAIN, _ZONE_OUT, _ = _REMEDIES
_RETURN = (
    replace(_DRAIN, name="make undrain", change=undrain_cell),
    replace(_ZONE_OUT, name="make zone-in", change=_return_sizes, applies=has_zone_out),
)
"""Remedies that return the cell to the state before the others."""


def remedies(cell: DeployedCell) -> Iterator[Result]:
    """Drain, zone-out, more replicas and a rollback while a zone is lost, timed."""
    first_up(cell)
    drill = cell.drill
    zone = drill.settings.network.zones[-1]  # the zone that `take_zone_out` takes
    with drill.watch(f"{_SCENARIO}: {zone}") as watch:
        drill.controllers.start({**DETECTION, **NO_EVICTION})
        drill.zones.lose(zone)
        drill.wait(
            f"nodes of {zone} not ready", lambda: not any(map(is_ready, drill.nodes_in(zone))),
            _DETECTED,
        )  # fmt: skip
        yield from _apply_all(cell, "nothing evicted", _REMEDIES)
        nodes = {node["metadata"]["name"] for node in drill.nodes_in(zone)}
        for pod in evictable_pods(drill, nodes):
            drill.server.delete(pod)
        yield from _apply_all(cell, "pods evicted", (*_RETURN, *_REMEDIES))
    drill.zones.restore(zone)
    yield from lowest(drill, watch, _SCENARIO, zone)


def _apply_all(cell: DeployedCell, when: str, remedies: Sequence[_Remedy]) -> Iterator[Result]:
    for each in remedies:
        if each.applies(cell.engine.config):
            cell.engine.edit(each.change)
            yield _result(f"{each.name}, {when}", *_apply(cell, each))
    yield _roll_back(cell, when)


def _apply(cell: DeployedCell, remedy: _Remedy) -> tuple[float | None, str]:
    """Applies an edit; returns the seconds until the edit is applied, and details."""
    if remedy.command is None:
        return _deploy(cell, remedy.targets, remedy.applied)
    recording, began = record(cell.engine.stack, root=cell.engine.folder), time.monotonic()
    remedy.command(cell, recording)
    seconds = time.monotonic() - began
    return seconds if remedy.applied(cell, recording) else None, "the command ends"


def _drain(cell: DeployedCell, recording: Recording) -> None:
    """Drains the cell, or ends the drain, as the recorded stack file says."""
    if traffic := recording.settings.traffic:
        ask = route53_commands(cell.cloud)
        set_drained(ask, recording.stack, traffic, drained=traffic.drained)


def _roll_back(cell: DeployedCell, when: str) -> Result:
    """Deploys an image whose pods do not become ready, and returns to the former image."""
    former = main_app_section(cell.engine.config)["image"]
    cell.engine.edit(lambda config: main_app_section(config).update(image=NEVER_READY))
    if _deploy(cell, None, _images_deployed)[0] is None:
        raise DrillError(f"the bad release is not deployed within {REMEDY_SECONDS}s")
    cell.engine.edit(lambda config: main_app_section(config).update(image=former))
    return _result(f"roll back, {when}", *_deploy(cell, None, _images_deployed))


def _result(subject: str, seconds: float | None, detail: str) -> Result:
    return Result(
        scenario=_SCENARIO,
        subject=subject,
        bound="at most",
        computed=REMEDY_SECONDS,
        unit="s until applied",
        seen=seconds,
        detail=detail,
        tolerance=1.0,
    )


def _deploy(
    cell: DeployedCell, targets: Targets | None, applied: Applied
) -> tuple[float | None, str]:
    """Deploys the stack file; returns the seconds until the edit is applied, and details.

    An `up` that still waits for pods then is interrupted, as an operator does. Like `make up`,
    reads the Deployments afterwards.
    """
    recording = record(cell.engine.stack, root=cell.engine.folder)
    urns = targets(cell, recording) if targets else None
    began, seconds = time.monotonic(), None
    with ThreadPoolExecutor(1) as executor:
        up = executor.submit(cell.engine.up, urns)
        try:
            while not up.done() and time.monotonic() - began < REMEDY_SECONDS:
                if not urns and applied(cell, recording):
                    seconds = time.monotonic() - began
                    break
                time.sleep(0.1)
            waits = bool(wait([up], _WAIT).not_done)
        finally:
            if not up.done():
                cell.engine.interrupt()
    error = up.exception()
    if isinstance(error, CommandError) and not waits:
        raise DrillError(f"up: {errors_in(error)}") from error
    if error and not isinstance(error, CommandError):
        raise error
    if waits:
        run("refresh of the Deployments", lambda: cell.engine.refresh([DEPLOYMENTS]))
    if cell.engine.pending():
        raise DrillError("an operation is pending after an interrupted up")
    if seconds is None and applied(cell, recording):
        seconds = time.monotonic() - began
    return seconds, "the command then waits for pods, until Ctrl-C" if waits else "the command ends"


def _replicas_applied(cell: DeployedCell, recording: Recording) -> bool:
    """True if all pod autoscalers have the minimum of a recording."""
    live = cell.drill.server.list("autoscaling/v2", "HorizontalPodAutoscaler")
    return _minima(_inputs(recording, _AUTOSCALER)) == _minima(live)


def _minima(autoscalers: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    return {each["metadata"]["namespace"]: each["spec"]["minReplicas"] for each in autoscalers}


def _inputs(recording: Recording, type_: str) -> Iterator[Mapping[str, Any]]:
    """Yields the inputs of the recorded resources of a type."""
    return (each.inputs for each in recording.of_type(type_))


def _sizes_applied(cell: DeployedCell, recording: Recording) -> bool:
    """True if node groups and pod autoscalers have the minimum of a recording."""
    wanted, live = (
        sorted(str(each["tags"]) + str(each["scalingConfig"]["minSize"]) for each in inputs)
        for inputs in (
            _inputs(recording, NODE_GROUP),
            (group.inputs for group in cell.cloud.of_type(NODE_GROUP)),
        )
    )
    return wanted == live and _replicas_applied(cell, recording)


def _traffic_applied(cell: DeployedCell, recording: Recording) -> bool:
    """True if Route 53 sends clients to the cell, or none if the recorded cell is drained."""
    traffic = recording.settings.traffic
    assert traffic
    checks = health_checks(route53_commands(cell.cloud), recording.stack, traffic.main)
    return {never_healthy(each) for each in checks} == {traffic.drained}


def _images_deployed(cell: DeployedCell, recording: Recording) -> bool:
    """True if the main app has the image of a recording."""
    app = main_app(cell.engine.config)
    [wanted] = [
        each["spec"]["template"]["spec"]["containers"][0]["image"]
        for each in _inputs(recording, _DEPLOYMENT)
        if each["metadata"]["name"] == app
    ]
    [container, *_] = cell.drill.deployment(app)["spec"]["template"]["spec"]["containers"]
    return container["image"] == wanted
