"""Scenario `release`: an editor of an app releases images by digest."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pulumi.automation.errors import CommandError

from tools.deploy.preview_steps import Step
from tools.deploy.release.alarm import AlarmWatch
from tools.deploy.release.interfaces import ReleaseError
from tools.deploy.release.order import ImpactWatch, Releasing
from tools.deploy.release.plan import plan
from tools.deploy.release.stack_file import YamlStackFile
from tools.recording.made_up_outputs import SECOND_OPERATOR
from tools.rehearsal.edits.apps import main_app, main_app_section
from tools.rehearsal.edits.edit import Config
from tools.rehearsal.fake_cloud.references import Values
from tools.rehearsal.run import Run, ScenarioError

_SCENARIO = "release"
_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_UPDATE = "update Deployment"
_ALARM = "the error rate is above its threshold"
_WATCH_MINUTES, _POLL = 0.05, 0.1


@dataclass
class _Cell:
    """The engine of a run, in the interface of a release, with a made-up alarm and no pods."""

    run: Run
    in_alarm: Callable[[], bool] = lambda: False
    lines: list[str] = field(default_factory=list[str])

    def preview(self, urns: Sequence[str]) -> Sequence[Step]:
        """Returns the steps of a preview of some resources."""
        return self.run.engine.preview_steps(urns)

    def up(self, urns: Sequence[str], stop: threading.Event) -> int:
        """Updates some resources, and returns the exit status."""
        try:
            self.run.engine.up(urns)
        except CommandError:
            return 1
        return 0

    def refresh(self, urns: Sequence[str]) -> bool:
        """Reads some resources into the state."""
        self.run.engine.refresh(urns)
        return True

    def look(self, now: datetime) -> None:
        """Reads no pods."""

    def alarm(self) -> str | None:
        """Returns the reason of the alarm on impact; None: OK."""
        return _ALARM if self.in_alarm() else None


def release(run: Run) -> None:
    """Releases images of the main app: a good one, one whose pods do not become ready, and one
    that makes the alarm on impact go off."""
    app = main_app(run.engine.config)

    def add_editor(config: Config) -> None:
        editors = config["ha-eks:cluster"].setdefault("editors", {})
        editors[app] = [*editors.get(app, []), SECOND_OPERATOR]

    def add_variable(config: Config) -> None:
        main_app_section(config).setdefault("env", {})["EDITED"] = "1"

    run.engine.edit(add_editor)
    run.step(_SCENARIO, "up", lambda: f"{run.engine.up()['create']} resources created")
    run.cloud.made_up_outputs.caller = SECOND_OPERATOR
    good, slow, bad = (_digest(run, each) for each in "123")
    run.step(_SCENARIO, "an image by its digest", lambda: _released(run, app, good))
    run.step(_SCENARIO, "the same image again", lambda: _released(run, app, good, updates=0))
    run.cloud.pods_ready = lambda deployment: slow.partition("@")[2] not in _image_of(deployment)
    run.step(
        _SCENARIO,
        "an image whose pods do not become ready",
        lambda: _rolled_back(run, app, slow, good, "the rollout failed"),
    )
    run.step(
        _SCENARIO,
        "an image with which the alarm on impact goes off",
        lambda: _rolled_back(run, app, bad, good, f"impact went off: {_ALARM}"),
    )
    run.engine.edit(add_variable)
    run.step(_SCENARIO, "an app with another edit", lambda: _refused(run, app, bad))


def _digest(run: Run, digit: str) -> str:
    """Returns another image of the main app, by digest."""
    name = main_app_section(run.engine.config)["image"].partition("@")[0]
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}@sha256:{64 * digit}"


def _release(run: Run, cell: _Cell, app: str, image: str) -> None:
    run.new_operations()
    file = YamlStackFile(run.engine.file)
    what, _ = plan(run.engine.stack, app, image, file)
    watch = AlarmWatch(cell.alarm, cell.lines.append)
    impact = ImpactWatch(name=f"{run.engine.stack}/impact", watch=watch, minutes=_WATCH_MINUTES)
    parts = Releasing(
        engine=cell, file=file, pods=cell, impact=impact, report=cell.lines.append, poll=_POLL
    )
    parts.run(what)


def _released(run: Run, app: str, image: str, *, updates: int = 1) -> str:
    _release(run, _Cell(run), app, image)
    return _check(run, app, image, updates)


def _rolled_back(run: Run, app: str, image: str, former: str, reason: str) -> str:
    """Releases an image that must be rolled back to the former one for a reason."""
    deployed = image.partition("@")[2]
    cell = _Cell(run)
    if "impact" in reason:
        cell.in_alarm = lambda: any(
            deployed in _image_of(each.inputs) for each in run.cloud.of_type(_DEPLOYMENT)
        )
    try:
        _release(run, cell, app, image)
    except ReleaseError as error:
        if reason not in str(error) or not str(error).endswith(f"rolled back to {former}"):
            raise ScenarioError(str(error)) from error
        return f"rolled back: {reason}; {_check(run, app, former, 2)}"
    raise ScenarioError("the release was not rolled back")


def _refused(run: Run, app: str, image: str) -> str:
    try:
        _release(run, _Cell(run), app, image)
    except ReleaseError as error:
        if "edits that are not deployed" not in str(error) or run.new_operations():
            raise ScenarioError(str(error)) from error
        return f"refused without any change: {error}"
    raise ScenarioError("the release deployed another edit")


def _check(run: Run, app: str, image: str, updates: int) -> str:
    """Checks that only the Deployment was updated, and that file and cluster have the image."""
    operations = [str(each) for each in run.new_operations()]
    if operations != updates * [f"{_UPDATE} {app}"]:
        raise ScenarioError(f"operations: {', '.join(operations) or 'none'}")
    written = main_app_section(run.engine.config)["image"]
    [running] = [
        _image_of(each.inputs) for each in run.cloud.of_type(_DEPLOYMENT) if each.name == app
    ]
    if written != image or not running.endswith(image.partition("@")[2]):
        raise ScenarioError(f"the stack file has {written}, the Deployment has {running}")
    return f"{', '.join(operations) or 'nothing to update'}; nothing else changed"


def _image_of(deployment: Values) -> str:
    """Returns the image of the first container of a Deployment."""
    return deployment["spec"]["template"]["spec"]["containers"][0]["image"]
