"""Cost of a stack, the lines of the first screen, and the line of the summary."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from core.cost.by_time import Cost, CostItem, cost_by_time
from core.cost.by_use import cost_of_use
from core.cost.cell_cost import CellCost
from core.facts.prices import HOURS_PER_MONTH, REGION
from settings.reading.wording import counted, listed
from tools.preview.billed_resources import billed_resources
from tools.preview.cost_of_choices import choices_of
from tools.preview.cost_of_use import use_of
from tools.recording import Recording

_PLURAL = {
    "public IPv4 address": "public IPv4 addresses",
    "GiB of volumes": "GiB of volumes",
    "health check option": "health check options (HTTPS, 10s interval)",
}
"""Irregular plurals, and the options of a health check that components/route53.py creates."""


def cell_cost_of(recording: Recording, today: date) -> CellCost:
    """Returns the cost of a stack in all its parts."""
    at_rest = cost_of(recording, today)
    return CellCost(
        minimum=cost_by_time(billed_resources(recording, today, "minimum")),
        at_rest=at_rest,
        maximum=cost_by_time(billed_resources(recording, today, "maximum")),
        use=cost_of_use(use_of(recording)),
        choices=[*choices_of(recording, at_rest)],
    )


def cost_table(cost: CellCost) -> Iterator[str]:
    """Yields a table of at most 80 characters: nodes at rest, minimum and maximum, and use."""
    yield f"{f'Cost at prices of {REGION}':<28} {'per hour':>10} {'per month':>12}"
    for label, each in (
        ("at rest", cost.at_rest),
        ("minimum of nodes", cost.minimum),
        ("maximum of nodes", cost.maximum),
    ):
        nodes = sum(item.quantity for item in each.items if item.group == "nodes")
        unknown = ", some prices unknown" if each.without_price else ""
        yield f"{_sums(label, each.per_hour)}   {counted(nodes, 'node')}{unknown}"
    use = cost.use_per_month / HOURS_PER_MONTH
    yield f"{_sums('plus use at rest, assumed', use)}   logs, metrics, traffic"
    redundancy = ", ".join(
        f"{each.name} ${each.per_month:,.0f}"
        for each in cost.choices
        if each.chosen and each.part_of_the_cell and each.per_month
    )
    if redundancy:
        yield f"at rest for availability: {redundancy} a month"


def _sums(label: str, per_hour: float) -> str:
    month = f"${per_hour * HOURS_PER_MONTH:,.0f}"
    return f"{label:<28} {dollars(per_hour):>10} {month:>12}"


def cost_of(recording: Recording, today: date) -> Cost:
    """Returns the cost of a stack at rest."""
    return cost_by_time(billed_resources(recording, today))


def cost_lines(recording: Recording, today: date) -> list[str]:
    """Returns the cost of a stack at rest as one line."""
    cost = cost_of(recording, today)
    unknown = f"; price unknown: {listed(cost.without_price)}" if cost.without_price else ""
    return [
        f"cost at rest: {dollars(cost.per_hour)} an hour (${cost.per_month:,.0f} a month) at list "
        f"prices of {REGION}, without traffic, logs and metrics (rounded): "
        f"{', '.join(_parts(cost.items))}{unknown}"
    ]


def _parts(items: Sequence[CostItem]) -> Iterator[str]:
    """Yields each item with its price; the items below one cent share a price."""
    for item in items:
        if item.per_hour >= 0.01:
            yield f"{quantity(item)} {dollars(item.per_hour)}"
    small = [item for item in items if item.per_hour < 0.01]
    if small:
        total = sum(item.per_hour for item in small)
        together = ", together" if len(small) > 1 else ""
        yield f"{listed([*map(quantity, small)])}{together} {dollars(total)}"


def dollars(amount: float) -> str:
    """Returns an amount rounded to cents, half a cent up: `$0.05`, `-$0.05`."""
    exact = Decimal(f"{amount:.9f}")  # without the error of the binary fraction
    rounded = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{'-' if rounded < 0 else ''}${abs(rounded):,}"


def quantity(item: CostItem) -> str:
    """Returns the quantity of an item, such as `9 × m7i.large` or `3 NAT gateways`."""
    if item.group == "nodes":
        return f"{item.quantity} × {item.what}"
    if item.what in _PLURAL and item.quantity != 1:
        return f"{item.quantity:,} {_PLURAL[item.what]}"
    return counted(item.quantity, item.what)
