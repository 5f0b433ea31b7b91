"""Interfaces of a fleet to Pulumi and to AWS.

The commands implement them with the Pulumi CLI and the AWS CLI, the rehearsal with its own engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class FleetError(Exception):
    """The command is refused or stops; the message says what to do."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status
        """Exit status of the command."""


@dataclass(frozen=True, kw_only=True)
class Health:
    """Health of a cell, as Route 53 and CloudWatch see it."""

    serving: bool
    """True if the Route 53 health checks of the apps of the cell are healthy."""
    drained: bool
    """True if the cell is drained in AWS."""
    failed_over: bool = False
    """True if the cell gets no users since a failover, until a person fails back."""
    impact: str | None
    """State of the alarm on impact with its reason; None: OK."""
    redundancy: str | None
    """State of the alarm on redundancy with its reason; None: OK. No gate depends on it."""

    @property
    def out(self) -> str | None:
        """Reason why a healthy cell gets no users, in a word or two; None if it gets users."""
        if self.drained:
            return "drained"
        return "failed over" if self.failed_over else None

    @property
    def problem(self) -> str | None:
        """Reason why a rollout must not continue; None if the cell is healthy."""
        if self.impact:
            return f"the alarm impact is {self.impact}"
        return None if self.serving else "Route 53 finds the cell unhealthy"


class Engine(Protocol):
    """Pulumi with the stacks of the fleet."""

    def preview(self, cell: str) -> Mapping[str, int]:
        """Returns the number of changes by operation; raises FleetError."""
        ...

    def up(self, cell: str) -> str | None:
        """Updates a cell; returns the reason of a failure, or None."""
        ...


class ReadHealth(Protocol):
    """Reads the health of a cell."""

    def __call__(self, cell: str) -> Health:
        """Returns the health of a cell; raises AwsError."""
        ...
