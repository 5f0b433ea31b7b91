"""What EC2's on-demand instances cost, as data.

AWS's list prices of one region, without credentials, to tell what a choice costs: other regions
differ by some percent, and contracts by more. `prices.csv` is written by `python -m
core.prices.extract`, which names its source.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("prices.csv")
"""The data: a comment with source and day, the columns' names, then a type a line."""

REGION = "us-east-1"
"""Region of the prices."""


def parse(text: str) -> Mapping[str, float]:
    """Dollars an hour by instance type, from text in the form of prices.csv."""
    rows = (line.split(",") for line in text.splitlines()[2:])
    return {name: float(price) for name, price in rows}


@cache
def _table() -> Mapping[str, float]:
    return parse(TABLE.read_text(encoding="utf-8"))


def on_demand(instance_type: str) -> float | None:
    """Dollars an hour of an on-demand instance with Linux in REGION; None: not known."""
    return _table().get(instance_type)
