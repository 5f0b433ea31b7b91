"""Cost of a cell for the report: the same figures as on the terminal, as rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.cost.by_time import Cost, Group
from core.cost.cell_cost import CellCost
from core.facts.prices import HOURS_PER_MONTH, REGION
from settings.reading.wording import counted
from tools.preview.cost import dollars, quantity

_GROUPS: Sequence[Group] = (
    "nodes", "control plane", "NAT gateways", "load balancers", "other", "alarms",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CostRow:
    """A row with a price."""

    what: str
    note: str = ""
    per_hour: str
    per_month: str
    share: float = 0
    """Percentage of the sum."""


@dataclass(frozen=True, kw_only=True)
class ChoiceRow:
    """A choice for high availability."""

    name: str
    chosen: bool
    setting: str
    per_month: str
    without: str


@dataclass(frozen=True, kw_only=True)
class CostView:
    """Cost of a cell."""

    region: str
    """Region of the prices."""
    totals: Sequence[CostRow]
    """With the minimum of nodes, at rest, and with the maximum."""
    groups: Sequence[CostRow]
    """Parts of the cost at rest."""
    items: Sequence[CostRow]
    """Resources at rest."""
    sum: CostRow
    unknown: Sequence[str]
    """Resources without a known price."""
    use: Sequence[CostRow]
    use_sum: CostRow
    choices: Sequence[ChoiceRow]


def cost_view(cost: CellCost) -> CostView:
    """Returns the view of a cost."""
    rest = cost.at_rest
    return CostView(
        region=REGION,
        totals=[
            _total("Minimum of nodes", cost.minimum),
            _total("At rest", rest),
            _total("Maximum of nodes", cost.maximum),
        ],
        groups=[*_groups(rest)],
        items=[_row(quantity(each), each.per_hour, rest.per_hour) for each in rest.items],
        sum=_row("Sum at rest", rest.per_hour),
        unknown=rest.without_price,
        use=[
            CostRow(
                what=each.what,
                note=f"{each.quantity:,.0f} {each.unit}; assumed: {each.assumed}",
                per_hour=dollars(each.per_month / HOURS_PER_MONTH),
                per_month=dollars(each.per_month),
            )
            for each in cost.use
        ],
        use_sum=_row("Sum of the assumed use", cost.use_per_month / HOURS_PER_MONTH),
        choices=[
            ChoiceRow(
                name=each.name,
                chosen=each.chosen,
                setting=each.setting,
                per_month="unknown" if each.per_month is None else dollars(each.per_month),
                without=each.without,
            )
            for each in cost.choices
        ],
    )


def _total(what: str, cost: Cost) -> CostRow:
    nodes = sum(item.quantity for item in cost.items if item.group == "nodes")
    unknown = ", some prices unknown" if cost.without_price else ""
    return CostRow(
        what=what,
        note=f"{counted(nodes, 'node')}{unknown}",
        per_hour=dollars(cost.per_hour),
        per_month=f"${cost.per_month:,.0f}",
    )


def _groups(cost: Cost) -> Iterator[CostRow]:
    for group in _GROUPS:
        if each := cost.of(group):
            yield _row(group, each, cost.per_hour)


def _row(what: str, per_hour: float, total: float = 0) -> CostRow:
    return CostRow(
        what=what,
        per_hour=dollars(per_hour),
        per_month=dollars(per_hour * HOURS_PER_MONTH),
        share=100 * per_hour / total if total else 0,
    )
