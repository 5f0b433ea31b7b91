"""Follows a run of an experiment: reports each change once, until the run ends."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tools.deploy.aws_cli import Ask, AwsError, why
from tools.deploy.check.pods import pods_of_app
from tools.deploy.check.result import is_true
from tools.deploy.check.run import Read
from tools.deploy.experiment.fis import ExperimentError, Fis, Run
from tools.deploy.programs import ProgramError
from tools.recording import Recording

_POLL = 15.0
"""Seconds between two reads."""
_FAILURES = 20
"""Failed reads of a run in a row after which it is not followed any longer: 5 minutes."""
_SILENCE = 300
"""Seconds without a change after which a line says that the run continues."""

Source = Callable[[], Mapping[str, str]]
"""Returns the present state of each subject; raises AwsError, ProgramError, LookupError or others
that an answer of an unexpected form causes."""


@dataclass(kw_only=True)
class Progress:
    """Reports the changes of a run, and of what it acts on."""

    fis: Fis
    sources: Sequence[Source]
    """Further subjects, such as alarms and pods."""
    report: Callable[[str], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    _states: dict[str, str] = field(default_factory=dict[str, str], init=False)
    """Last reported state by subject."""
    _failures: dict[int, int] = field(default_factory=dict[int, int], init=False)
    """Failed reads in a row by the number of the source."""
    _start: datetime | None = field(default=None, init=False)
    _reported: datetime | None = field(default=None, init=False)

    def until_ended(self, started: Run, command: str) -> Run:
        """Returns a started run when it has ended.

        Raises ExperimentError with `command`, which follows the run again, if FIS does not answer
        for minutes.
        """
        failures = 0
        while True:
            try:
                run = self.fis.get(started.id, started.name)
            except AwsError as error:
                failures += 1
                if failures == 2:
                    self._say(f"the run cannot be read: {error}")
                if failures == _FAILURES:
                    raise ExperimentError(
                        f"{started.id} may still be running, but cannot be read: {error}; fix the "
                        f"cause, then run {command} again, which follows this run"
                    ) from error
            else:
                failures, self._start = 0, run.start
                self._look(run)
                if run.ended:
                    return run
            self.sleep(_POLL)

    def until(self, end: datetime) -> None:
        """Reports the changes until a time."""
        while self.now() < end:
            self._look(None)
            self.sleep(_POLL)

    def _look(self, run: Run | None) -> None:
        if run:
            reason = f": {run.reason}" if run.reason and run.ended else ""
            self._tell({run.name: f"{run.status}{reason}", **run.actions})
        for number, source in enumerate(self.sources):
            try:
                found = source()
            except (AwsError, ProgramError, LookupError, TypeError, ValueError) as error:
                self._failures[number] = self._failures.get(number, 0) + 1
                if self._failures[number] == 2:  # a lost zone can cost one read
                    self._say(f"alarms or pods cannot be read at present: {why(error)}")
            else:
                self._failures[number] = 0
                self._tell(found)
        if run and self._reported and self._silent_since(self._reported):
            self._say(f"{run.name}: {run.status}, no change for {_SILENCE // 60} minutes")

    def _silent_since(self, time_: datetime) -> bool:
        return (self.now() - time_).total_seconds() >= _SILENCE

    def _tell(self, states: Mapping[str, str]) -> None:
        for subject, state in states.items():
            if self._states.get(subject) != state:
                self._states[subject] = state
                self._say(f"{subject}: {state}")

    def _say(self, text: str) -> None:
        """Reports a line with the time since the start of the run."""
        self._reported = self.now()
        seconds = int((self._reported - (self._start or self._reported)).total_seconds())
        self.report(f"{seconds // 60:02}:{seconds % 60:02}  {text}")


def alarm_source(ask: Ask, cell: str, region: str) -> Source:
    """Returns a source of the alarms of a cell that are, or were, in alarm."""
    seen: set[str] = set()

    def states() -> Mapping[str, str]:
        answer = ask(
            *("cloudwatch", "describe-alarms", "--alarm-name-prefix", f"{cell}/"),
            *("--state-value", "ALARM", "--alarm-types", "MetricAlarm", "CompositeAlarm"),
            *("--region", region),
        )
        kinds = (answer.get("CompositeAlarms", ()), answer.get("MetricAlarms", ()))
        now = {str(each["AlarmName"]) for kind in kinds for each in kind}
        seen.update(now)
        return {
            f"alarm {name.removeprefix(f'{cell}/')}": "in alarm" if name in now else "OK again"
            for name in sorted(seen)
        }

    return states


def pod_source(recording: Recording, read: Read) -> Source:
    """Returns a source of the ready pods of each app."""

    def states() -> Mapping[str, str]:
        pods = read().objects("pods")
        found: dict[str, str] = {}
        for name, app in recording.settings.deployments.items():
            own = pods_of_app(pods, name)
            ready = sum(is_true(each, "Ready") for each in own)
            found[f"app {name}"] = f"{ready} of {len(own)} pods ready, {app.needed} needed"
        return found

    return states
