"""Formats the cost of a stack at rest for preview."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from core.cost import Cost, CostItem, cost_at_rest
from core.facts.prices import REGION
from settings.reading.wording import counted, listed
from tools.preview.billed_resources import billed_resources
from tools.recording import Recording

_PLURAL = {
    "public IPv4 address": "public IPv4 addresses",
    "GiB of volumes": "GiB of volumes",
    "health check option": "health check options (HTTPS, 10s interval)",
}
"""Irregular plurals, and the options of a health check that components/route53.py creates."""


def cost_of(recording: Recording, today: date) -> Cost:
    """Returns the cost of a stack at rest."""
    return cost_at_rest(billed_resources(recording, today))


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
    """Returns an amount rounded to cents, half a cent up: `$0.05`."""
    exact = Decimal(f"{amount:.9f}")  # without the error of the binary fraction
    return f"${exact.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def quantity(item: CostItem) -> str:
    """Returns the quantity of an item, such as `9 × m7i.large` or `3 NAT gateways`."""
    if item.group == "nodes":
        return f"{item.quantity} × {item.what}"
    if item.what in _PLURAL and item.quantity != 1:
        return f"{item.quantity:,} {_PLURAL[item.what]}"
    return counted(item.quantity, item.what)
