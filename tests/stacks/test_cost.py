"""The parts of the cost of a stack add up."""

from datetime import date

import pytest

from tools.preview.cost import cell_cost_of, cost_table
from tools.preview.cost_details import cost_details
from tools.recording import Recording

TODAY = date(2026, 11, 28)


def test_the_parts_of_the_cost_add_up(recording: Recording) -> None:
    cost = cell_cost_of(recording, TODAY)
    for each in (cost.minimum, cost.at_rest, cost.maximum):
        assert each.per_hour == pytest.approx(sum(item.per_hour for item in each.items))
        assert each.per_month == pytest.approx(730 * each.per_hour)
        assert all(item.quantity > 0 and item.unit_price > 0 for item in each.items)
    assert cost.minimum.per_hour <= cost.at_rest.per_hour + 1e-9
    assert cost.use_per_month == pytest.approx(
        sum(each.quantity * each.unit_price for each in cost.use)
    )
    assert cost.use, "every cell has logs"


def test_part_of_the_cost_at_rest_is_less_than_all_of_it(recording: Recording) -> None:
    cost = cell_cost_of(recording, TODAY)
    inside = [each for each in cost.choices if each.chosen and each.part_of_the_cell]
    prices = [each.per_hour for each in inside if each.per_hour is not None]
    assert all(price >= 0 for price in prices)
    assert sum(prices) < cost.at_rest.per_hour
    second = [each.per_hour for each in cost.choices if each.name == "a second cell"]
    assert second in ([None], [cost.at_rest.per_hour])


def test_lines_of_cost_fit_their_width(recording: Recording) -> None:
    cost = cell_cost_of(recording, TODAY)
    assert all(len(line) <= 80 for line in cost_table(cost))
    assert all(len(line) <= 100 for line in cost_details(cost))
