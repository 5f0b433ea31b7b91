"""The cost of use follows from the quantities, the assumptions and the list prices."""

from dataclasses import fields, replace

import pytest

from components.prometheus.scraping import scrape_configuration
from core.cost.by_use import SCRAPE_SECONDS, Assumptions, Use, UseItem, cost_of_use

USE = Use(
    nodes=10,
    pods=100,
    log_retention_days=30,
    control_plane_retention_days=90,
    load_balancers=1,
    connections=2.0,
    nat=True,
    repositories=5,
    scraped_pods=20,
    backed_up_gib=20,
    backup_days=35,
)


def items(use: Use = USE, assumed: Assumptions | None = None) -> dict[str, UseItem]:
    return {each.what: each for each in cost_of_use(use, assumed or Assumptions())}


def test_each_item_by_hand() -> None:
    assert {what: round(each.per_month, 2) for what, each in items().items()} == {
        "logs of nodes and pods": 31.78,  # (10 * 1 + 100 * 0.5) GB * ($0.50 + $0.03 * 30 / 30.42)
        "logs of the control plane": 5.89,  # 10 GB * ($0.50 + $0.03 * 90 / 30.42)
        "Container Insights": 42.31,  # (10 * 60 + 100 * 40) * 43,800 minutes = 201.48 million
        "load balancer capacity units": 5.84,  # 730 * $0.008
        "traffic between zones": 4.00,  # 2 * 100 GB * 2 * $0.01
        "traffic through NAT gateways": 2.25,  # 50 GB * $0.045
        "images in ECR": 0.50,  # 5 GB * $0.10
        "samples in Prometheus": 32.59,  # 20 * 200 * 87,600 = 350.4 million, * $0.93 / 10 million
        "backups of volumes": 1.70,  # 20 GiB * (1 + 35 * 2%) * $0.05
    }


def test_a_cell_without_an_item_does_not_pay_for_it() -> None:
    bare = replace(
        USE, control_plane_retention_days=None, load_balancers=0, connections=0.0, nat=False,
        repositories=0, scraped_pods=0, backed_up_gib=0,
    )  # fmt: skip
    assert [*items(bare)] == ["logs of nodes and pods", "Container Insights"]


def test_every_assumption_raises_the_cost_and_is_stated() -> None:
    total = sum(each.per_month for each in items().values())
    for field in fields(Assumptions):
        more = replace(Assumptions(), **{field.name: 7919})
        found = items(assumed=more)
        assert sum(each.per_month for each in found.values()) > total
        assert any("7919" in each.assumed for each in found.values()), field.name


def test_the_scrape_interval_is_that_of_the_scraper() -> None:
    assert f"scrape_interval: {SCRAPE_SECONDS}s" in scrape_configuration({})


def test_the_price_of_a_month_is_quantity_times_unit_price() -> None:
    for each in items().values():
        assert each.per_month == pytest.approx(each.quantity * each.unit_price)
        assert each.unit_price > 0
