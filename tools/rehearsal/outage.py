"""Scenario `outage`: remedies that the runbooks name, while pods are not ready.

The pods of all apps are not ready, a rollout has failed, and the stack file has another edit that
is not applied: a new app. An `up` then waits for pods until its timeout, and each remedy must have
changed everything that it changes before.
"""

import fnmatch
import time
from collections.abc import Sequence

from pulumi.automation.errors import CommandError

from tools.deploy.drained import health_checks, never_healthy
from tools.deploy.remedies.drain import set_drained
from tools.deploy.remedies.targets import REMEDY_SECONDS, zone_targets
from tools.recording import Recording
from tools.rehearsal.checks import counts_by_verb
from tools.rehearsal.edits.apps import add_app, change_image, main_app, main_app_section
from tools.rehearsal.edits.edit import stays_valid
from tools.rehearsal.edits.network import take_zone_out
from tools.rehearsal.edits.scaling import raise_replicas
from tools.rehearsal.edits.traffic import can_be_drained, drain_cell
from tools.rehearsal.fake_cloud.references import Values
from tools.rehearsal.fake_cloud.route53_commands import route53_commands
from tools.rehearsal.run import Run, ScenarioError, errors_in

_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_NOT_READY = "Timeout: the pods of"


def outage(run: Run, recording: Recording) -> None:
    """Applies each remedy, and rolls back the failed rollout."""
    run.step("outage", "up", lambda: f"{run.engine.up()['create']} resources created")
    run.step("outage", "an up with targets", lambda: _change_nothing(run, recording))
    app, image = main_app(run.engine.config), main_app_section(run.engine.config)["image"]
    [good] = [_image_of(each.inputs) for each in run.cloud.of_type(_DEPLOYMENT) if each.name == app]
    run.cloud.pods_ready = lambda deployment: False
    run.step("outage", "a rollout whose pods do not become ready", lambda: _fail_rollout(run))
    run.engine.edit(add_app)
    for name, change, applies, action in (
        ("make zone-out", take_zone_out, stays_valid(take_zone_out),
         lambda: _apply_targets(run, _zone_targets(run, recording), "update NodeGroup nodes-*")),
        ("make drain", drain_cell, can_be_drained, lambda: _drain(run, recording)),
        ("raise the replicas with up", raise_replicas, stays_valid(raise_replicas),
         lambda: _apply_in_outage(run, f"update HorizontalPodAutoscaler {app}")),
    ):  # fmt: skip
        if applies(run.engine.config):
            run.engine.edit(change)
            run.step("outage", name, action)
        else:
            run.skip("outage", name, "does not apply to this stack file")
    run.cloud.pods_ready = lambda deployment: (
        deployment["metadata"]["name"] != app or _image_of(deployment) == good
    )
    run.step("outage", "return to the former image", lambda: _roll_back(run, image))


def _change_nothing(run: Run, recording: Recording) -> str:
    """Runs `up` with the targets of all remedies and an unchanged stack file."""
    counts = run.engine.up(_zone_targets(run, recording))
    if set(counts) != {"same"}:
        raise ScenarioError(f"changes without an edit: {dict(counts)}")
    return f"{counts['same']} resources unchanged"


def _fail_rollout(run: Run) -> str:
    run.new_operations()
    run.engine.edit(change_image)
    _up_that_waits(run)
    return f"up failed at its timeout; {counts_by_verb(run.new_operations())}"


def _zone_targets(run: Run, recording: Recording) -> Sequence[str]:
    return [*zone_targets(recording, run.engine.resources())]


def _drain(run: Run, recording: Recording) -> str:
    """Drains the cell while its region answers no request. Pulumi learns of it in the next `up`."""
    traffic = recording.settings.traffic
    assert traffic
    ask = route53_commands(run.cloud)
    set_drained(ask, recording.stack, traffic, drained=True)
    if not all(map(never_healthy, health_checks(ask, recording.stack, traffic.main))):
        raise ScenarioError("Route 53 sends clients to the cell")
    return "drained by Route 53 alone; the region answered no request"


def _apply_targets(run: Run, targets: Sequence[str], expected: str) -> str:
    """Applies the stack file to some resources, without a wait for pods."""
    run.new_operations()
    started = time.monotonic()
    run.engine.up(targets)
    seconds = time.monotonic() - started
    if seconds > REMEDY_SECONDS:
        raise ScenarioError(f"took {seconds:.0f}s, at most {REMEDY_SECONDS:.0f}s is allowed")
    return f"applied without a wait; {_done(run, expected)}"


def _apply_in_outage(run: Run, expected: str) -> str:
    """Applies the stack file with `up`, which must make a change before it fails."""
    run.new_operations()
    _up_that_waits(run)
    return f"applied before the timeout of the pods; {_done(run, expected)}"


def _done(run: Run, expected: str) -> str:
    """Returns the number of operations, of which one must match the pattern `expected`."""
    operations = run.new_operations()
    if not fnmatch.filter([str(each) for each in operations if each.error is None], expected):
        raise ScenarioError(f"not applied while pods are not ready: {expected}")
    return counts_by_verb(operations)


def _up_that_waits(run: Run) -> None:
    """Runs `up`, which must fail because pods are not ready."""
    try:
        run.engine.up()
    except CommandError as error:
        if _NOT_READY not in errors_in(error):
            raise ScenarioError(f"up failed for another reason: {errors_in(error)}") from error
        return
    raise ScenarioError("up did not wait for pods that are not ready")


def _roll_back(run: Run, image: str) -> str:
    """Returns to an image whose pods become ready; `up` must then apply everything else too."""
    run.engine.edit(lambda config: main_app_section(config).update(image=image))
    run.new_operations()
    run.engine.up()
    return f"up succeeds; {counts_by_verb(run.new_operations())}"


def _image_of(deployment: Values) -> str:
    """Returns the image of the first container of a Deployment."""
    return deployment["spec"]["template"]["spec"]["containers"][0]["image"]
