"""Prices of the choices that make a cell highly available, beside what each of them buys."""

from dataclasses import dataclass

from core.facts.prices import HOURS_PER_MONTH


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A choice of the stack file, with its price against the cheaper alternative."""

    name: str
    """The choice, such as `a NAT gateway in each zone`."""
    chosen: bool
    """True if the stack file has made the choice."""
    per_hour: float | None
    """Dollars an hour more than without the choice; negative if it costs less. None: unknown."""
    without: str
    """Effect of the alternative: what would be lost."""
    setting: str
    """Key of the stack file."""
    part_of_the_cell: bool = False
    """True if the cost of the cell contains the price as an addition to the rest."""

    @property
    def per_month(self) -> float | None:
        """Dollars a month."""
        return None if self.per_hour is None else self.per_hour * HOURS_PER_MONTH
