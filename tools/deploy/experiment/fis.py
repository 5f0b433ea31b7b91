"""The experiments of a cell in AWS Fault Injection Service (FIS), by the `aws` CLI.

https://docs.aws.amazon.com/fis/latest/APIReference/Welcome.html
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.experiments.experiment import TAG
from core.tags import CELL
from tools.deploy.aws_cli import Ask, AwsError, time_of

_ENDED = frozenset({"completed", "stopped", "failed", "cancelled"})
"""States in which an experiment has ended.
https://docs.aws.amazon.com/fis/latest/APIReference/API_ExperimentState.html"""

_PREVIEW = "skip-all"
"""Actions mode of a run that only finds its targets.
https://docs.aws.amazon.com/fis/latest/userguide/generate-target-preview.html"""


class ExperimentError(Exception):
    """The experiment cannot run; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run of an experiment."""

    id: str
    """ID of the run, such as EXP1a2b3c."""
    name: str
    """Name of the experiment, such as lose-a-zone."""
    template: str
    """ID of the template."""
    status: str
    """State, such as `running`."""
    reason: str
    """Reason of the state."""
    start: datetime
    """Start; in a list of runs, the time of creation."""
    end: datetime | None
    """End; None in a list of runs."""
    actions: Mapping[str, str]
    """State of each action by name; empty in a list of runs."""

    @property
    def ended(self) -> bool:
        """True if nothing happens in the run any more."""
        return self.status in _ENDED


class Fis:
    """FIS in the account and the region of a cell. Each method raises AwsError."""

    def __init__(self, ask: Ask, cell: str) -> None:
        self._ask, self._cell = ask, cell

    def templates(self) -> Mapping[str, str]:
        """Returns the IDs of the templates of the cell, by the name of the experiment."""
        found = self._answer("list-experiment-templates")["experimentTemplates"]
        return {each["tags"][TAG]: str(each["id"]) for each in found if self._is_own(each)}

    def runs(self) -> Sequence[Run]:
        """Returns the runs of the experiments of the cell, the newest first.

        A run that was started in the console has no tags, but the template of the cell. Previews
        of targets are left out.
        """
        names = {id_: name for name, id_ in self.templates().items()}
        found = self._answer("list-experiments")["experiments"]
        runs = [
            _run(each, names.get(each["experimentTemplateId"]) or each["tags"][TAG])
            for each in found
            if (each["experimentTemplateId"] in names or self._is_own(each))
            and each.get("experimentOptions", {}).get("actionsMode") != _PREVIEW
        ]
        return sorted(runs, key=lambda each: each.start, reverse=True)

    def start(self, name: str, template: str, *, preview: bool = False) -> Run:
        """Starts an experiment; with `preview`, FIS finds the targets and runs no action.

        FIS does not copy the tags of the template to the run. The client token keeps FIS from
        starting a second run if the CLI repeats the request.
        """
        options = ("--experiment-options", json.dumps({"actionsMode": _PREVIEW}))
        return _run(
            self._answer(
                *("start-experiment", "--experiment-template-id", template),
                *("--client-token", str(uuid.uuid4())),
                *("--tags", json.dumps({CELL: self._cell, TAG: name})),
                *(options if preview else ()),
            )["experiment"],
            name,
        )

    def get(self, id_: str, name: str) -> Run:
        """Returns a run of an experiment, with the states of its actions."""
        return _run(self._answer("get-experiment", "--id", id_)["experiment"], name)

    def targets(self, id_: str) -> Mapping[str, Sequence[str]]:
        """Returns what a run acts on: resources by the name and the type of the target.

        AWS documents no keys for the information about a resource.
        https://docs.aws.amazon.com/fis/latest/APIReference/API_ResolvedTarget.html
        """
        answer = self._answer("list-experiment-resolved-targets", "--experiment-id", id_)
        found: dict[str, list[str]] = defaultdict(list)
        for each in answer["resolvedTargets"]:
            information = each.get("targetInformation", {})
            title = f"{each['targetName']} ({each['resourceType']})"
            found[title].append(", ".join(map(str, information.values())))
        return found

    def stop(self, id_: str) -> None:
        """Stops a run; FIS ends its actions and undoes what they can undo.

        https://docs.aws.amazon.com/fis/latest/userguide/stop-experiment.html
        """
        self._answer("stop-experiment", "--id", id_)

    def safety_lever(self) -> tuple[str, str]:
        """Returns the state of the safety lever and its reason.

        https://docs.aws.amazon.com/fis/latest/userguide/safety-lever.html
        """
        state = self._answer("get-safety-lever", "--id", "default")["safetyLever"]["state"]
        return str(state["status"]), str(state.get("reason", "no reason"))

    def _is_own(self, each: Mapping[str, Any]) -> bool:
        """True for an experiment of this cell."""
        tags = each.get("tags", {})
        return tags.get(CELL) == self._cell and TAG in tags

    def _answer(self, *arguments: str) -> Any:  # Any: JSON of any shape
        try:
            return self._ask("fis", *arguments)
        except AwsError as error:
            raise AwsError(f"aws fis {arguments[0]}: {error}") from error


def _run(found: Mapping[str, Any], name: str) -> Run:
    """Returns a run of an experiment, as FIS describes or lists it."""
    state = found["state"]
    error = state.get("error", {})
    reasons = [state.get("reason", ""), error.get("code", ""), error.get("location", "")]
    end = found.get("endTime")
    return Run(
        id=str(found["id"]),
        name=name,
        template=str(found["experimentTemplateId"]),
        status=str(state["status"]),
        reason=", ".join(filter(None, reasons)),
        start=time_of(found.get("startTime") or found["creationTime"]),
        end=time_of(end) if end else None,
        actions={
            str(name): str(action.get("state", {}).get("status", "pending"))
            for name, action in sorted(found.get("actions", {}).items())
        },
    )
