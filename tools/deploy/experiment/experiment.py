"""The steps of an experiment: preconditions, start, progress, result, and what is left behind."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from core.experiments.experiment import Experiment
from settings.resilience.experiment_targets import deleted_apps, experiment_zone
from tools.deploy.aws_cli import AwsError
from tools.deploy.check.result import Result, count
from tools.deploy.check.run import Read, run
from tools.deploy.check.table import table
from tools.deploy.experiment.fis import ExperimentError, Fis, Run
from tools.deploy.experiment.preconditions import AFTERWARDS, PRECONDITIONS
from tools.deploy.experiment.progress import Progress, alarm_source, pod_source
from tools.deploy.experiment.promises import Window
from tools.deploy.experiment.runs import Record, Runs
from tools.deploy.experiment.texts import announcement, not_enabled, seen, verdict
from tools.deploy.release.alarm import minutes_of
from tools.entry_point import status_after
from tools.recording import Recording

KEPT, BROKEN, NO_RESULT = 0, 1, 2
"""Exit statuses."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """An experiment in a cell."""

    experiment: Experiment
    recording: Recording
    read: Read
    """Reads the cell."""
    runs: Runs
    report: Callable[[str], None]
    """Prints a line of the progress."""
    confirm: Callable[[], None]
    """Asks whether to start; raises ExperimentError if not."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep

    def execute(self, print_result: Callable[[str], None]) -> tuple[int, Record]:
        """Runs the experiment, or follows its run in progress; returns exit status and record.

        Ctrl-C stops the run. Raises ExperimentError or AwsError if the experiment cannot run.
        """
        fis = Fis(self.read().aws, self.recording.stack)
        template = self._template(fis)
        progress = self._progress(fis)
        try:
            started = self._unfinished(fis) or self._start(fis, template)
            ended = progress.until_ended(started, self._command)
        except KeyboardInterrupt as error:
            return status_after(error), self._stop(fis, progress)
        end = ended.end or self.now()
        evaluated = end + timedelta(minutes=self._minutes_after)
        if ended.status in ("completed", "stopped") and self.now() < evaluated:
            self.report(
                f"{ended.id} is {ended.status}; the alarms have evaluated it at "
                f"{evaluated:%H:%M %Z} (Ctrl-C: the same command then prints the result)"
            )
            progress.until(evaluated)
        return self._result(ended, end, evaluated, print_result)

    def preview(self, print_result: Callable[[str], None]) -> int:
        """Prints the targets of the experiment, and runs no action; returns the exit status.

        Raises ExperimentError or AwsError without a result.
        """
        fis = Fis(self.read().aws, self.recording.stack)
        template = self._template(fis)
        failed = self._check()
        self._announce()
        started = fis.start(self.experiment.name, template, preview=True)
        progress = Progress(fis=fis, sources=(), report=self.report, now=self.now, sleep=self.sleep)
        ended = progress.until_ended(started, f"{self._command} PREVIEW=1")
        if ended.status != "completed":
            raise ExperimentError(f"no preview: {ended.id} is {ended.status}: {ended.reason}")
        for title, targets in fis.targets(ended.id).items():
            print_result(f"{title}: {len(targets)}")
            for each in targets:
                print_result(f"  {each}")
        return NO_RESULT if failed else KEPT

    def _template(self, fis: Fis) -> str:
        """Returns the ID of the template; raises ExperimentError if there is none."""
        template = fis.templates().get(self.experiment.name)
        if template is None:
            raise ExperimentError(not_enabled(self.experiment.name, self.recording.stack))
        return template

    @property
    def _command(self) -> str:
        return f"make experiment STACK={self.recording.stack} NAME={self.experiment.name}"

    @property
    def _minutes_after(self) -> int:
        """Minutes until the alarms have evaluated the last minute of a run."""
        return minutes_of(self.recording, f"{self.recording.stack}/impact")

    def _progress(self, fis: Fis) -> Progress:
        recording, ask = self.recording, self.read().aws
        sources = [
            alarm_source(ask, recording.stack, recording.settings.aws.region),
            pod_source(recording, self.read),
        ]
        return Progress(
            fis=fis, sources=sources, report=self.report, now=self.now, sleep=self.sleep
        )

    def _unfinished(self, fis: Fis) -> Run | None:
        """Returns a run that is in progress, or has ended without a result of this command."""
        waiting = self.runs.unfinished(self.experiment.name)
        for each in fis.runs():
            if each.name == self.experiment.name and (not each.ended or each.id in waiting):
                self.runs.write(each)
                self.report(f"{each.id}, started {each.start:%Y-%m-%d %H:%M %Z}, has no result yet")
                return each
        return None

    def _start(self, fis: Fis, template: str) -> Run:
        failed = self._check()
        if failed:
            raise ExperimentError(
                f"not started: {count(failed, 'check')} above {'is' if failed == 1 else 'are'} not "
                "ok, so that the experiment would show another failure, or do harm"
            )
        self._announce()
        self.confirm()
        started = fis.start(self.experiment.name, template)
        self.runs.write(started)
        self.report(f"started {started.id}")
        return started

    def _check(self) -> int:
        """Reports the preconditions; returns the number of those that are not met."""
        results = run(PRECONDITIONS, self.recording, self.read())
        self.report(table(results))
        return len(_not_ok(results))

    def _announce(self) -> None:
        settings = self.recording.settings
        place = f"{self.recording.stack}, zone {experiment_zone(settings)}"
        apps = len(deleted_apps(settings))
        for line in announcement(self.experiment, place, apps, self._minutes_after):
            self.report(line)

    def _stop(self, fis: Fis, progress: Progress) -> Record:
        """Stops the run, waits until it has stopped, and reports what is left behind."""
        running = [
            each for each in fis.runs() if each.name == self.experiment.name and not each.ended
        ]
        if not running:
            self.report("interrupted; no run is in progress")
            return {}
        [started, *_] = running
        self.report(f"stopping {started.id} …")
        try:
            fis.stop(started.id)
        except AwsError as error:  # it has ended by itself, or cannot be stopped
            self.report(str(error))
        try:
            ended = progress.until_ended(started, self._command)
        except KeyboardInterrupt:
            self.report(f"{started.id} is still stopping: aws fis get-experiment --id {started.id}")
            return {}
        if ended.status == "completed":
            self.report(f"{ended.id} has completed; run {self._command} again for its result")
            return {}
        record = self.runs.write(ended, **_facts(ended, self.now()), result="interrupted")
        self._left_behind()
        return record

    def _result(
        self, ended: Run, end: datetime, until: datetime, print_result: Callable[[str], None]
    ) -> tuple[int, Record]:
        """Prints the promises and the values seen, and writes both to the file of runs."""
        recording = self.recording
        window = Window(
            ask=self.read().aws,
            cell=recording.stack,
            region=recording.settings.aws.region,
            start=ended.start,
            end=until,
        )
        promises = window.promises(self.experiment.holds)
        apps = {name: app.needed for name, app in recording.settings.deployments.items()}
        lowest = window.ready_pods(apps)
        others = sorted(window.went_off() - {each.alarm for each in promises})
        for line in seen(apps, lowest):
            print_result(line)
        for line in verdict(self.experiment, ended, promises):
            print_result(line)
        if others:
            self.report(f"other alarms that went off: {', '.join(others)}")
        status, result = NO_RESULT, "none"
        if not all(each.kept for each in promises):
            status, result = BROKEN, "broken"
        elif ended.status == "completed" and promises:
            status, result = KEPT, "kept"
        record = self.runs.write(
            ended,
            **_facts(ended, end),
            result=result,
            promises=[{**asdict(each), "kept": each.kept} for each in promises],
            ready_pods=[
                {"app": app, "needed": needed, "lowest": lowest[app]}
                for app, needed in apps.items()
            ],
            other_alarms=others,
        )
        self._left_behind()
        self.report(f"written to {self.runs.file}")
        return status, record

    def _left_behind(self) -> None:
        """Reports what is not as before the experiment, with remedies."""
        left = _not_ok(run(AFTERWARDS, self.recording, self.read()))
        if left:
            self.report(f"left behind:\n{table(left)}")
        else:
            self.report("nothing is left behind: zones, nodes, pods and headroom are as before")


def _facts(ended: Run, end: datetime) -> Mapping[str, object]:
    return {"end": end, "status": ended.status, "reason": ended.reason}


def _not_ok(results: Mapping[str, Sequence[Result]]) -> Mapping[str, Sequence[Result]]:
    """Returns the results that are not ok, without titles that have none."""
    found = {
        title: [each for each in of_title if each.outcome == "NOT OK"]
        for title, of_title in results.items()
    }
    return {title: of_title for title, of_title in found.items() if of_title}
