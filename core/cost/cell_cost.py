"""Cost of a cell in all its parts."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.cost.by_time import Cost
from core.cost.by_use import UseItem
from core.cost.choices import Choice


@dataclass(frozen=True, kw_only=True)
class CellCost:
    """Cost of a cell by time with three numbers of nodes, by use, and of its choices."""

    minimum: Cost
    """With the minimum of each pool."""
    at_rest: Cost
    """With the nodes that the minimum replicas and the headroom need."""
    maximum: Cost
    """With the maximum of each pool."""
    use: Sequence[UseItem]
    choices: Sequence[Choice]

    @property
    def use_per_month(self) -> float:
        """Dollars a month of the assumed use at rest."""
        return sum(each.per_month for each in self.use)
