"""The result of a scenario: a claim with its computed figure, and the figure that was seen."""

import math
from dataclasses import dataclass
from typing import Literal

TOLERANCE = 1.1
"""Factor by which a measured time may exceed the computed one."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """A claim for one app, or for the cell, and whether the drill confirmed it."""

    scenario: str
    """The event, for example `zone lost`."""
    subject: str
    """The lost zone, drained nodes or event, and the app whose pods are counted."""
    bound: Literal["at least", "at most"]
    """`at least`: `seen` may not be below `computed`. `at most`: it may not be above `computed`
    times `tolerance`."""
    computed: float
    """The figure that follows from the settings."""
    unit: str
    """Unit of the figures and the event, for example `pods serve` or `s until all pods serve`."""
    seen: float | None
    """The measured figure; None if the event did not occur within the time of the scenario."""
    detail: str = ""
    """More about what was seen, for example the pods by zone."""
    tolerance: float = TOLERANCE
    baseline: float | None = None
    """The figure of the baseline in the same scenario; None if the scenario has no baseline, or
    without a figure."""
    baseline_detail: str = ""
    """Words in place of a missing figure of the baseline, for example `not within 155s`."""

    @property
    def kept(self) -> bool:
        """True if the drill confirmed the claim."""
        if self.seen is None:
            return False
        if self.bound == "at least":
            return self.seen >= self.computed
        return self.seen <= self.computed * self.tolerance

    def ratio(self, figure: float | None) -> float:
        """Returns the part of a promise that a figure uses: above 1, the promise is broken.

        The ratio is infinite if no pod serves, or if a figure is missing.
        """
        if figure is None:
            return math.inf
        part, whole = (
            (self.computed, figure)
            if self.bound == "at least"
            else (figure, self.computed * self.tolerance)
        )
        return part / whole if whole else math.inf
