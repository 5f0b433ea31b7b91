"""An experiment of AWS Fault Injection Service as plain data."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.facts.prices.fault_injection import ACTION_MINUTE

TAG = "experiment"
"""Tag of an experiment template: the name of the experiment. The tag ha-eks:cell has the cell."""

_DURATION = re.compile(r"PT([0-9]+)M")


@dataclass(frozen=True, kw_only=True)
class Action:
    """An action of an experiment.

    Values of parameters contain placeholders: {zone}, {other_zones}, {other_region}, {percent} and
    {service_account}, which depend on the cell.
    """

    name: str
    """Name within the experiment."""
    id: str
    """Id of the action, such as aws:ec2:stop-instances."""
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    """Parameters of the action."""
    document: str | None = None
    """Name of the SSM document that the action runs."""
    document_parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    """Parameters of the document."""
    selection: str = "ALL"
    """Selection mode of the targets: ALL, COUNT(n) or PERCENT(n)."""
    after: str | None = None
    """Name of the action after whose end the action starts; None: the start of the experiment."""
    per_app: bool = False
    """True if the action is repeated for each app, with one target each."""

    @property
    def minutes(self) -> int:
        """Minutes in which the action is active; 1 if it has no duration."""
        found = (_DURATION.fullmatch(value) for value in self.parameters.values())
        return max((int(each[1]) for each in found if each), default=1)


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An experiment: a fault, the claim that the fault tests, and what it takes."""

    name: str
    """Name as a user types it, such as lose-a-zone."""
    fault: str
    """The fault, in one sentence."""
    proves: str
    """The claim that the experiment proves, in one sentence."""
    holds: Sequence[str]
    """Keys of the alarms of the cell that must stay OK; * stands for an app."""
    expected: Sequence[str] = ()
    """Keys of the alarms that the fault can set off by design."""
    before: Sequence[str] = ()
    """Preparations, in full sentences."""
    actions: Sequence[Action]
    """The actions."""

    @property
    def minutes(self) -> int:
        """Minutes from the start of the first action to the end of the last one."""
        by_name = {each.name: each for each in self.actions}

        def end(action: Action) -> int:
            return action.minutes + (end(by_name[action.after]) if action.after else 0)

        return max(end(each) for each in self.actions)

    def action_minutes(self, apps: int = 1) -> int:
        """Returns the action-minutes that AWS bills, in a cell with some number of target apps."""
        return sum(each.minutes * (apps if each.per_app else 1) for each in self.actions)

    def dollars(self, apps: int = 1) -> float:
        """Returns the price of a run, without the price of its report."""
        return self.action_minutes(apps) * ACTION_MINUTE
