"""The file build/STACK/experiments.json: the runs of experiments in a cell, with their results."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tools.deploy.experiment.fis import ExperimentError, Run

Record = Mapping[str, Any]  # Any: JSON of any shape
"""A run: `experiment`, `id`, `template`, `start`; at its end also `end`, `status`, `reason`,
`result` and `promises`."""


class Runs:
    """The runs in a file, the oldest first. A run is added at its start."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "experiments.json"

    def read(self) -> Sequence[Record]:
        """Returns all runs; raises ExperimentError if the file is not JSON."""
        try:
            return json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        except ValueError as error:
            raise ExperimentError(f"{self.file}: not JSON: {error}; move the file away") from error

    def unfinished(self, name: str) -> Sequence[str]:
        """Returns the IDs of the runs of an experiment that have no result."""
        return [
            each["id"]
            for each in self.read()
            if each["experiment"] == name and "result" not in each
        ]

    def write(self, run: Run, **facts: object) -> Record:
        """Adds a run, or adds facts to it, and returns its record."""
        known = {each["id"]: each for each in self.read()}
        first = {"experiment": run.name, "id": run.id, "template": run.template, "start": run.start}
        record = json.dumps({**first, **facts}, default=datetime.isoformat)
        known[run.id] = json.loads(record)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.file.with_suffix(".tmp")
        temporary.write_text(f"{json.dumps([*known.values()], indent=2)}\n", encoding="utf-8")
        temporary.replace(self.file)
        return known[run.id]
