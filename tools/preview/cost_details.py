"""Cost of a stack in full: the tables of `--verbose`, and the data of `--json`."""

import textwrap
from collections.abc import Iterator, Mapping

from core.cost.by_time import Cost
from core.cost.cell_cost import CellCost
from core.cost.choices import Choice
from core.facts.prices import HOURS_PER_MONTH, REGION
from tools.preview.cost import dollars, quantity

_WIDTH = 80


def cost_details(cost: CellCost) -> Iterator[str]:
    """Yields a table of resources at rest, one of the assumed use, and the choices."""
    yield f"{f'cost at rest, list prices of {REGION}':<50} {'per hour':>10} {'per month':>12}"
    for item in cost.at_rest.items:
        yield _row(quantity(item), item.per_hour)
    for each in cost.at_rest.without_price:
        yield f"  {each:<48} {'unknown':>10} {'unknown':>12}"
    yield _row("sum", cost.at_rest.per_hour)
    yield "use in a month, assumed"
    for each in cost.use:
        yield _row(
            f"{each.what}, {each.quantity:,.0f} {each.unit}", each.per_month / HOURS_PER_MONTH
        )
        yield f"    assumed: {each.assumed}"
    yield _row("sum", cost.use_per_month / HOURS_PER_MONTH)
    yield "not included: traffic to the internet, DNS, traces, S3, SNS, EFS, KMS requests"
    yield "choices for high availability, and what is lost without them"
    for each in cost.choices:
        yield from _choice(each)


def _row(what: str, per_hour: float) -> str:
    return f"  {what:<48} {dollars(per_hour):>10} {dollars(per_hour * HOURS_PER_MONTH):>12}"


def _choice(choice: Choice) -> Iterator[str]:
    name = choice.name if choice.chosen else f"{choice.name} (not chosen)"
    if choice.per_hour is None:
        yield f"  {name:<48} {'unknown':>10} {'unknown':>12}"
    else:
        yield _row(name, choice.per_hour)
    yield from textwrap.wrap(
        f"{choice.setting}: {choice.without}", _WIDTH, initial_indent="    ",
        subsequent_indent="    ", break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def cost_data(cost: CellCost) -> Mapping[str, object]:
    """Returns the cost as data for JSON, in dollars."""
    return {
        "pricesOf": REGION,
        "minimum": _by_time(cost.minimum),
        "atRest": _by_time(cost.at_rest),
        "maximum": _by_time(cost.maximum),
        "use": [
            {
                "what": each.what,
                "quantity": each.quantity,
                "unit": each.unit,
                "unitPrice": each.unit_price,
                "perMonth": each.per_month,
                "assumed": each.assumed,
            }
            for each in cost.use
        ],
        "choices": [
            {
                "name": each.name,
                "chosen": each.chosen,
                "perMonth": each.per_month,
                "without": each.without,
                "setting": each.setting,
            }
            for each in cost.choices
        ],
    }


def _by_time(cost: Cost) -> Mapping[str, object]:
    return {
        "perHour": cost.per_hour,
        "perMonth": cost.per_month,
        "items": [
            {
                "group": each.group,
                "what": each.what,
                "quantity": each.quantity,
                "perHour": each.per_hour,
            }
            for each in cost.items
        ],
        "priceUnknown": [*cost.without_price],
    }
