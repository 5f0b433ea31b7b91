"""Tables of a comparison: zone loss by workload, and cost by item."""

from collections.abc import Iterator, Mapping, Sequence

from tools.preview.cost import dollars
from tools.preview.diff.blocks import Block
from tools.preview.diff.comparison import Comparison, left_of
from tools.preview.diff.impact import (
    UNKNOWN,
    CostItem,
    WorkloadLoss,
    changed_losses,
    cost_items,
    monthly,
)


def zone_loss_tables(comparison: Comparison) -> Iterator[Block]:
    """Yields a table for each failure, with the workloads whose pods differ."""
    rows: dict[str, list[Sequence[str]]] = {}
    for failure, name, old, new in changed_losses(comparison.before, comparison.after):
        row = (
            name,
            _arrow(*_field(old, new, "before")),
            _arrow(left_of(old), left_of(new)),
            _arrow(*_field(old, new, "after")),
        )
        rows.setdefault(failure, []).append(row)
    for failure, changed in rows.items():
        columns = ("workload", "pods before", "left / needed", "after evictions")
        yield Block(title=f"loss of {failure}", table=[columns, *changed])


def _field(old: WorkloadLoss | None, new: WorkloadLoss | None, name: str) -> Iterator[str]:
    for each in (old, new):
        yield "none" if each is None else str(getattr(each, name))


def _arrow(old: str, new: str) -> str:
    return old if old == new else f"{old} → {new}"


_SUMS: Mapping[str, str] = {
    "atRest": "at rest",
    "minimum": "minimum of nodes",
    "maximum": "maximum of nodes",
    "use": "use at rest, assumed",
}


def cost_tables(comparison: Comparison) -> Iterator[Block]:
    """Yields a table of the items that differ, and one of the sums."""
    before, after = comparison.before, comparison.after
    items = [
        (
            f"{what}, {_quantity(old, new)}",
            *_prices(*(0 if each is None else each.per_month for each in (old, new))),
        )
        for what, old, new in cost_items(before, after)
    ]
    sums = [
        (name, *_prices(monthly(before, part), monthly(after, part)))
        for part, name in _SUMS.items()
    ]
    if items:
        columns = ("per month", "before", "after", "difference")
        yield Block(title="items that differ", table=[columns, *items])
        yield Block(title="sums", table=[columns, *sums])


def _quantity(old: CostItem | None, new: CostItem | None) -> str:
    amounts = (f"{each.quantity:,.0f}" if each else "0" for each in (old, new))
    unit = (new or old or CostItem()).unit
    return f"{_arrow(*amounts)} {unit}".rstrip()


def _prices(old: float | None, new: float | None) -> tuple[str, str, str]:
    before, after = (UNKNOWN if each is None else dollars(each) for each in (old, new))
    if old is None or new is None:
        return before, after, UNKNOWN
    return before, after, f"{'+' if new >= old else ''}{dollars(new - old)}"
