"""Applies a release, watches it, and rolls it back."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from tools.deploy.pod_watch import POLL, Watch, watching
from tools.deploy.release.alarm import AlarmWatch
from tools.deploy.release.dependents import changes
from tools.deploy.release.interfaces import Engine, Release, ReleaseError, StackFile

_SHOWN = 5
"""Changes that a message names."""


@dataclass(frozen=True, kw_only=True)
class ImpactWatch:
    """The alarm on impact during a release."""

    name: str
    """Name of the alarm."""
    watch: AlarmWatch
    minutes: float
    """Minutes to watch the alarm after the rollout: until it has evaluated the release.

    Amazon ECS derives the bake time of a deployment from its alarms in the same way:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
    """


@dataclass(frozen=True, kw_only=True)
class Releasing:
    """Releases an image of one app."""

    engine: Engine
    file: StackFile
    pods: Watch
    """Reports pods that do not become ready."""
    impact: ImpactWatch | None
    """None: the cell has no alarm on impact, or the app is a cron job."""
    report: Callable[[str], None]
    poll: float = POLL
    """Seconds between two looks at pods and alarm."""

    def run(self, release: Release) -> None:
        """Writes the image, applies it, and watches it.

        Raises ReleaseError if the release is refused, before any change, or rolled back.
        """
        self._refuse_other_changes(release)
        if release.scheduled:
            self.report(f"{release.app}: the next job runs the new image; nothing is watched")
        elif self.impact is None:
            self.report("caution: the cell has no alarm on impact; only the rollout is watched")
        elif self.impact.watch.before:
            self.report(
                f"caution: {self.impact.name} is in alarm already: {self.impact.watch.before}; "
                "the release is rolled back only if the alarm is OK and then goes off again"
            )
        self.file.write_image(release.app, release.image)
        failure = self._apply_and_watch(release)
        if failure:
            self._roll_back(release, failure)

    def _refuse_other_changes(self, release: Release) -> None:
        """Raises ReleaseError if the targets have edits that are not deployed.

        If the stack file has the image already, the image may differ from the running one.
        """
        steps = self.engine.preview(release.former_targets if release.former else release.targets)
        found = [*changes(steps, {} if release.former else release.paths)]
        if found:
            shown = ", ".join(found[:_SHOWN])
            more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            raise ReleaseError(
                f"{release.app}: the stack file has edits that are not deployed: {shown}{more}; "
                f"undo them, or run make up STACK={release.stack} first"
            )

    def _apply_and_watch(self, release: Release) -> str | None:
        """Returns the reason of a failed release; None if the release is good."""
        impact = self.impact
        gone_off = impact.watch.gone_off if impact else threading.Event()
        watches = (self.pods, impact.watch) if impact else (self.pods,)
        with watching(*watches, poll=self.poll):
            status = self._up(release, gone_off)
            if status and not gone_off.is_set():
                return "the rollout failed"
            if impact and not gone_off.is_set():
                self._wait(release, impact)
        if not (impact and gone_off.is_set()):
            return None
        if status and not self.engine.refresh(release.targets):
            raise ReleaseError(
                f"{release.app}: {impact.name} went off, and the running image cannot be read; run "
                f"pulumi refresh -s {release.stack}, then {_way_back(release)}"
            )
        return f"{impact.name} went off: {impact.watch.reason}"

    def _up(self, release: Release, gone_off: threading.Event) -> int:
        try:
            return self.engine.up(release.targets, gone_off)
        except KeyboardInterrupt:
            self._after_interruption(release)
            self.report(
                f"stopped: {release.app} may run the former and the new image; run the same "
                f"command again to continue, or {_way_back(release)}"
            )
            raise

    def _wait(self, release: Release, impact: ImpactWatch) -> None:
        """Waits until the alarm has evaluated the release, or goes off."""
        self.report(
            f"{release.app}: all pods run the new image; {impact.name} is watched for "
            f"{impact.minutes:g} minutes; Ctrl-C ends the watch and keeps the release"
        )
        try:
            impact.watch.gone_off.wait(impact.minutes * 60)
        except KeyboardInterrupt:
            self.report(f"{release.app}: released, but not watched to the end")
            raise

    def _roll_back(self, release: Release, failure: str) -> None:
        """Returns to the former image; raises ReleaseError with the result."""
        app, former = release.app, release.former
        if former is None:
            raise ReleaseError(
                f"{app}: {failure}; not rolled back, because the stack file had this image before; "
                f"{_way_back(release)}"
            )
        self.report(f"{app}: {failure}; rolling back to {former} …")
        self.file.write_image(app, former)
        with watching(self.pods, poll=self.poll):
            try:
                status = self.engine.up(release.former_targets, threading.Event())
            except KeyboardInterrupt:
                self._after_interruption(release)
                self.report(f"{app}: rollback stopped; run make up STACK={release.stack}")
                raise
        if status:
            raise ReleaseError(
                f"{app}: {failure}; the rollback failed too, see the output; the stack file has "
                f"the former image: fix the cause and run make up STACK={release.stack}"
            )
        raise ReleaseError(f"{app}: {failure}; rolled back to {former}")

    def _after_interruption(self, release: Release) -> None:
        """Reads the targets into the state, as `make up` does after an interruption."""
        if not self.engine.refresh(release.targets):
            self.report(f"the running image cannot be read; run pulumi refresh -s {release.stack}")


def _way_back(release: Release) -> str:
    """Returns the command that returns to the former image."""
    if release.former and "@sha256:" in release.former:
        return (
            f"go back with make release STACK={release.stack} APP={release.app} "
            f"IMAGE={release.former}"
        )
    former = release.former or "the former image"
    return f"write {former} into the stack file and run make up STACK={release.stack}"
