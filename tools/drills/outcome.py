"""The outcome of a scenario."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.drills.drill import Watch
from tools.drills.result import Result


@dataclass
class Outcome:
    """Results and timelines of a scenario."""

    scenario: str
    """Name of the scenario on the command line."""
    results: list[Result] = field(default_factory=list[Result])
    timelines: Mapping[str, Watch] = field(default_factory=dict[str, Watch])
    seconds: float = 0.0
    not_drilled: str = ""
    """Reason why the scenario did not run."""

    @property
    def kept(self) -> int:
        """Number of promises that were kept."""
        return sum(each.kept for each in self.results)
