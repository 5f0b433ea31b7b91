"""A run: the Pulumi engine with one stack, its fake cloud, and the steps that are reported."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from pulumi.automation.errors import CommandError

from tools.rehearsal.engine import Engine
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.fake_cloud.cloud_resource import Operation


class ScenarioError(Exception):
    """A failed check of a scenario; the text says what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a scenario that succeeded or was skipped."""

    scenario: str
    name: str
    result: str
    """Result of a step that succeeded; reason of a step that was skipped."""
    seconds: float
    """Duration."""
    skipped: bool = False


@dataclass
class Run:
    """An engine and its fake cloud."""

    engine: Engine
    cloud: FakeCloud
    report: Callable[[Step], None]
    """Called with each step."""
    operations_read: int = field(default=0)
    """Number of operations that `new_operations` has returned."""

    def step(self, scenario: str, name: str, action: Callable[[], str]) -> None:
        """Runs and reports one step; `action` returns the result to report.

        Raises ScenarioError, with scenario and step, if the action or the engine fails.
        """
        start = time.monotonic()
        try:
            result = action()
        except CommandError as error:
            raise ScenarioError(f"{scenario}: {name}: {errors_in(error)}") from error
        except ScenarioError as error:
            raise ScenarioError(f"{scenario}: {name}: {error}") from error
        seconds = time.monotonic() - start
        self.report(Step(scenario=scenario, name=name, result=result, seconds=seconds))

    def skip(self, scenario: str, name: str, reason: str) -> None:
        """Reports a step that is not run."""
        step = Step(scenario=scenario, name=name, result=reason, seconds=0, skipped=True)
        self.report(step)

    def new_operations(self) -> Sequence[Operation]:
        """Returns the operations since the previous call."""
        new = self.cloud.operations[self.operations_read :]
        self.operations_read = len(self.cloud.operations)
        return new


OpenRun = Callable[[], AbstractContextManager[Run]]
"""Opens a run with the stack file as it is and an empty cloud."""


def errors_in(error: CommandError) -> str:
    """Returns the error messages in the output of a failed engine command."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    errors = [
        line[line.index("error:") :] if "error:" in line else line
        for line in lines
        if "error:" in line or line.startswith("* ")  # a multi-line error has a list of reasons
    ]
    errors = [line for line in dict.fromkeys(errors) if line != "error: update failed"]
    return " | ".join(errors) or lines[-1]
