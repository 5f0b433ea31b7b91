"""A running cell in which FIS runs experiments, on a clock of its own."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.experiments.catalog import EXPERIMENTS
from core.experiments.experiment import TAG, Action
from core.tags import CELL
from tests.tools.deploy.check.aws_shapes import options_of
from tests.tools.deploy.check.cell import ACCOUNT, Cell, Json
from tools.deploy.aws_cli import AwsError
from tools.deploy.experiment import update_lock
from tools.deploy.experiment.experiment import Running
from tools.deploy.experiment.fis import ExperimentError
from tools.deploy.experiment.runs import Runs
from tools.recording import Recording

START = datetime(2026, 11, 29, 12, tzinfo=UTC)
TEMPLATE = "EXT1"
CLOUD = "https://app.pulumi.com/me"
LISTED = [{"name": "prod", "updateInProgress": False}, {"name": "dev", "updateInProgress": True}]
"""Stacks in Pulumi Cloud."""


class ExperimentCell(Cell):
    """A cell with the template of one experiment."""

    def __init__(self, recording: Recording, name: str = "lose-a-zone") -> None:
        super().__init__(recording)
        self.experiment = EXPERIMENTS[name]
        self.now = START
        tags = {CELL: recording.stack, TAG: name}
        self.templates: list[Json] = [
            {"id": "EXT0", "tags": {**tags, CELL: "other"}},
            {"id": TEMPLATE, "tags": tags},
            {"id": "EXT2", "tags": {}},
        ]
        self.runs: list[Json] = []
        self.ends: dict[str, Json] = {}
        """State at the end of a run by its ID; by default it completes."""
        self.lever = {"status": "disengaged", "reason": "deployed"}
        self.values: dict[str, list[float]] = {}
        """Values by the name of a metric, with the app of `replicas_ready web`; or of `errors`."""
        self.history: list[tuple[datetime, str, str, str]] = []
        """Time, key of the alarm, old and new state."""
        self.locks: list[Json] = []
        """Files of the lock of the stack in its bucket."""
        self.asked: list[tuple[str, ...]] = []
        self.fails: Sequence[str] = ()
        """Commands that fail."""
        self.at: dict[float, Callable[[], None]] = {}
        """What happens at a minute."""

    def ask(self, *arguments: str) -> Any:
        self.asked.append(arguments)
        if arguments[1] in self.fails:
            raise AwsError("no access")
        return super().ask(*arguments)

    def sleep(self, seconds: float) -> None:
        """Lets time pass."""
        before = self._minute
        self.now += timedelta(seconds=seconds)
        for minute, happens in [*self.at.items()]:
            if before < minute <= self._minute:
                del self.at[minute]
                happens()

    def runs_experiment(self, folder: Path, lines: list[str]) -> tuple[int, Mapping[str, Any]]:
        """Runs the command; `lines` gets its output."""
        return self.running(folder, lines).execute(lines.append)

    def running(
        self, folder: Path, lines: list[str], confirm: Callable[[], None] = lambda: None
    ) -> Running:
        return Running(
            experiment=self.experiment,
            recording=self.recording,
            read=self.readings,
            runs=Runs(folder),
            report=lines.append,
            confirm=confirm,
            now=lambda: self.now,
            sleep=self.sleep,
        )

    def refuses(self, folder: Path, lines: list[str]) -> str:
        """Runs the command, which must not start the experiment, and returns its error."""
        try:
            self.runs_experiment(folder, lines)
        except ExperimentError as error:
            assert not self.requests_of("start-experiment")
            return str(error)
        raise AssertionError("the experiment runs")

    def requests_of(self, command: str) -> list[tuple[str, ...]]:
        """Returns the requests with a command."""
        return [each for each in self.asked if each[1] == command]

    def began(self, id_: str = "EXP1") -> Json:
        """Adds a run that began now."""
        run = {
            "id": id_,
            "experimentTemplateId": TEMPLATE,
            "creationTime": self.now.isoformat(),
            "tags": self.templates[1]["tags"],
        }
        self.runs.append(run)
        return run

    def goes_off(self, key: str, *, ends: float | None = None) -> None:
        """Sets off an alarm now, until a minute."""
        self.history.append((self.now, key, "OK", "ALARM"))
        alarm = self.alarm(key)
        alarm |= {"StateValue": "ALARM", "StateUpdatedTimestamp": self.now.isoformat()}

        def end() -> None:
            self.history.append((self.now, key, "ALARM", "OK"))
            alarm["StateValue"] = "OK"

        if ends is not None:
            self.at[ends] = end

    @property
    def _minute(self) -> float:
        return (self.now - START).total_seconds() / 60

    def _answer(self, service: str, command: str, *options: str) -> Json:
        values = options_of((service, command, *options))
        if service == "fis":
            answers = {
                "list-experiment-templates": self._list_templates,
                "list-experiments": self._list_experiments,
                "start-experiment": self._start,
                "get-experiment": self._get,
                "list-experiment-resolved-targets": self._targets_of_run,
                "stop-experiment": self._stop,
                "get-safety-lever": self._lever,
            }
            return answers[command](values)
        if command == "list-objects-v2":
            return {"Contents": self.locks} if self.locks else {}
        if command == "list-autoshifts":
            return {"items": []}
        if command == "describe-alarm-history":
            return self._described_history(values)
        return super()._answer(service, command, *options)

    def _list_templates(self, values: dict[str, list[str]]) -> Json:
        return {"experimentTemplates": self.templates}

    def _list_experiments(self, values: dict[str, list[str]]) -> Json:
        states = [self._get({"--id": [each["id"]]})["experiment"]["state"] for each in self.runs]
        listed = zip(self.runs, states, strict=True)
        return {"experiments": [{**each, "state": state} for each, state in listed]}

    def _start(self, values: dict[str, list[str]]) -> Json:
        assert values["--experiment-template-id"] == [TEMPLATE]
        if "--experiment-options" in values:
            options = json.loads(values["--experiment-options"][0])
            run = {**self.began("EXP9"), "experimentOptions": options}
            self.runs[-1] = run
            self.ends["EXP9"] = {"after": 1, "status": "completed"}
            return {"experiment": {**run, "state": {"status": "initiating"}}}
        run = {**self.began(f"EXP{len(self.runs) + 1}"), "state": {"status": "initiating"}}
        assert json.loads(values["--tags"][0]) == run["tags"]
        return {"experiment": run}

    def _targets_of_run(self, values: dict[str, list[str]]) -> Json:
        nodes = [f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-{n}" for n in (1, 2)]
        return {
            "resolvedTargets": [
                {
                    "resourceType": "aws:ec2:instance",
                    "targetName": "stop-nodes",
                    "targetInformation": {"arn": each},
                }
                for each in nodes
            ]
        }

    def _get(self, values: dict[str, list[str]]) -> Json:
        [id_] = values["--id"]
        run = next(each for each in self.runs if each["id"] == id_)
        start = datetime.fromisoformat(run["creationTime"])
        minutes = (self.now - start).total_seconds() / 60
        ended = self.ends.get(id_, {"after": self.experiment.minutes, "status": "completed"})
        state = {key: value for key, value in ended.items() if key != "after"}
        if minutes < ended["after"]:
            status = "stopping" if ended["status"] == "stopped" else "running"
            actions = {each.name: self._action(each, minutes) for each in self.experiment.actions}
            return {"experiment": {**run, "state": {"status": status}, "actions": actions}}
        end = (start + timedelta(minutes=ended["after"])).isoformat()
        return {"experiment": {**run, "state": state, "endTime": end}}

    def _action(self, action: Action, minutes: float) -> Json:
        """Returns an action, some minutes after the start of the run."""
        before = [each for each in self.experiment.actions if each.name == action.after]
        start = sum(each.minutes for each in before)
        states = ("pending", "running", "completed")
        number = (minutes >= start) + (minutes >= start + action.minutes)
        return {"actionId": action.id, "state": {"status": states[number]}}

    def _stop(self, values: dict[str, list[str]]) -> Json:
        after = self._minute + 1
        self.ends[values["--id"][0]] = {"after": after, "status": "stopped", "reason": "stopped"}
        return self._get(values)

    def _lever(self, values: dict[str, list[str]]) -> Json:
        return {"safetyLever": {"id": values["--id"][0], "state": self.lever}}

    def _described_alarms(self, names: dict[str, str]) -> Json:
        if "--alarm-name-prefix" in names:
            found = super()._described_alarms(names)
            wanted = names.get("--state-value")
            return {
                kind: [each for each in of_kind if wanted in (None, each["StateValue"])]
                for kind, of_kind in found.items()
            }
        kinds = [each for each in self.alarms if "AlarmRule" in each]
        return {
            "CompositeAlarms": [
                {key: value for key, value in each.items() if key != "region"} for each in kinds
            ]
        }

    def _described_history(self, values: dict[str, list[str]]) -> Json:
        start, end = (
            datetime.fromisoformat(values[f"--{each}-date"][0]) for each in ("start", "end")
        )
        assert values["--alarm-types"] == ["MetricAlarm", "CompositeAlarm"]
        cell = self.recording.stack
        history = [(time, f"{cell}/{key}", old, new) for time, key, old, new in self.history]
        other_cell = (start, "other/impact", "OK", "ALARM")
        return {
            "AlarmHistoryItems": [
                {
                    "AlarmName": name,
                    "Timestamp": time.isoformat(),
                    "HistorySummary": f"Alarm updated from {old} to {new}",
                }
                for time, name, old, new in [other_cell, *history]
                if start <= time <= end
            ]
        }

    def _metric_data(self, names: dict[str, str]) -> Json:
        start = datetime.fromisoformat(names["--start-time"])
        results: list[Json] = []
        queries = json.loads(names["--metric-data-queries"])
        for each in queries:
            used = {*re.findall(r"\b[a-z]\w*", each.get("Expression", ""))}
            assert used <= {query["Id"] for query in queries}
        for each in queries:
            if each.get("ReturnData", True):
                stat = each.get("MetricStat")
                values = self.values.get(_name(stat["Metric"]) if stat else "errors", [])
                times = [(start + timedelta(minutes=n)).isoformat() for n in range(len(values))]
                results.append({"Id": each["Id"], "Timestamps": times, "Values": values})
        return {"MetricDataResults": results}


def _name(metric: Json) -> str:
    """Returns the name of a metric, with the app if the metric is that of a Deployment."""
    app = [each["Value"] for each in metric["Dimensions"] if each["Name"] == "PodName"]
    return " ".join([metric["MetricName"], *app])


def play_pulumi(
    monkeypatch: pytest.MonkeyPatch, backend: str = CLOUD, stacks: Sequence[Json] = ()
) -> None:
    """Plays the Pulumi CLI with a backend and its stacks."""

    def program() -> str:
        return "pulumi"

    def answer(command: list[str], description: str, folder: Path) -> object:
        assert command[0] == "pulumi"
        return {"url": backend} if "whoami" in command else stacks

    monkeypatch.setattr(update_lock, "required_pulumi", program)
    monkeypatch.setattr(update_lock, "json_of", answer)
