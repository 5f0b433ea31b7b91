"""Prices of instances are AWS's list prices, and nearly every type has one."""

import ast
import re
from pathlib import Path

import pytest

from core.facts import prices as price_files
from core.facts.instance_types import table
from core.facts.prices.extract import prices, render
from core.facts.prices.instances import TABLE, most_expensive, on_demand, parse

SOURCE = """\
// generated at 2026-07-06T14:20:29Z for us-east-1
var InitialOnDemandPricesAWS = map[string]map[ec2types.InstanceType]float64{
\t// us-east-1
\t"us-east-1": {
\t\t// m7i family
\t\t"m7i.large": 0.100800, "m7i.xlarge": 0.201600, "m7i.metal-24xl": 5.327280,
\t\t"c1.medium": 0.130000,
\t},
\t"us-west-1": {
\t\t"m7i.large": 9.000000,
\t},
}
"""


@pytest.mark.parametrize(
    ("name", "price"), [("m7i.large", 0.1008), ("m8g.large", 0.08976), ("t3.medium", 0.0416)]
)
def test_a_price_that_people_can_look_up(name: str, price: float) -> None:
    assert on_demand(name) == price


def test_nearly_every_type_has_a_price() -> None:
    without = [name for name in table().types if on_demand(name) is None]
    assert len(without) < len(table().types) / 20
    assert on_demand("z9.huge") is None


def test_the_most_expensive_of_some_types_has_the_highest_price() -> None:
    assert most_expensive(["m8g.large", "m7i.large"]) == 0.1008
    assert most_expensive(["m7i.large", "z9.huge"]) is None


def test_every_file_of_prices_names_the_pricing_page_and_when_it_was_read() -> None:
    files = [
        file
        for file in Path(price_files.__file__).parent.glob("*.py")
        if file.name not in ("__init__.py", "extract.py", "instances.py")
    ]
    assert len(files) >= 10
    for file in files:
        text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        assert re.search(r"https://aws\.amazon\.com/[a-z0-9]+/pricing/", text), file.name
        assert re.search(r"\b[Rr]ead\b[^.]* in (November )?2026", text.replace("\n", " ")), (
            file.name
        )


def test_twice_the_size_is_twice_the_price() -> None:
    large, xlarge = on_demand("m7i.large"), on_demand("m7i.xlarge")
    assert large
    assert xlarge
    assert xlarge == pytest.approx(2 * large)


def test_the_prices_of_one_region_are_taken_from_the_source() -> None:
    assert prices(SOURCE) == {
        "m7i.large": 0.1008, "m7i.xlarge": 0.2016, "m7i.metal-24xl": 5.32728, "c1.medium": 0.13,
    }  # fmt: skip


def test_the_table_has_the_types_that_are_known_and_the_day() -> None:
    text = render(SOURCE, {"m7i.large": 1, "m7i.xlarge": 1})
    assert parse(text) == {"m7i.large": 0.1008, "m7i.xlarge": 0.2016}
    assert "2026-07-06" in text.splitlines()[0]


def test_a_source_without_prices_writes_no_table() -> None:
    with pytest.raises(ValueError, match="no prices"):
        render("package pricing", {})


def test_the_table_is_sorted_and_of_known_types() -> None:
    names = [*parse(TABLE.read_text(encoding="utf-8"))]
    assert names == sorted(names)
    assert set(names) <= set(table().types)
