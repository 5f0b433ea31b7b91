"""Prices of on-demand EC2 instances with Linux, in dollars per hour.

`instances.csv` is written by `python -m core.facts.prices.extract`, which names its source.
https://aws.amazon.com/ec2/pricing/on-demand/
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("instances.csv")
"""The data: a comment with source and date, the column names, then one line per instance type."""


def parse(text: str) -> Mapping[str, float]:
    """Returns dollars per hour by instance type, from text in the form of instances.csv."""
    rows = (line.split(",") for line in text.splitlines()[2:])
    return {name: float(price) for name, price in rows}


@cache
def _table() -> Mapping[str, float]:
    return parse(TABLE.read_text(encoding="utf-8"))


def on_demand(instance_type: str) -> float | None:
    """Returns dollars per hour of an on-demand instance in REGION; None if the price is unknown."""
    return _table().get(instance_type)


def most_expensive(instance_types: Sequence[str]) -> float | None:
    """Returns dollars per hour of the most expensive of some types; None if one is unknown.

    EKS launches any of the types of a pool, so this price is an upper bound.
    """
    prices = [on_demand(each) for each in instance_types]
    known = [price for price in prices if price is not None]
    return max(known) if len(known) == len(prices) else None
