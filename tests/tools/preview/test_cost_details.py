"""Cost on the first screen, in full with --verbose, and as data."""

import json
from collections.abc import Callable
from datetime import date

import pytest

from core.cost.by_use import Use
from tests.settings.stack_files import config_of
from tests.shared_recordings import recorded, recorded_config
from tools.preview.cost import cell_cost_of, cost_table
from tools.preview.cost_details import cost_data, cost_details
from tools.preview.cost_of_use import use_of
from tools.recording import Recording
from tools.recording.record import ROOT

TODAY = date(2026, 11, 28)


def table(recording: Recording) -> list[str]:
    return [*cost_table(cell_cost_of(recording, TODAY))]


def test_the_table_of_prod(previewed: Callable[[str], Recording]) -> None:
    printed = table(previewed("prod"))
    assert printed == [
        "Cost at prices of us-east-1    per hour    per month",
        "at rest                           $1.27         $924   9 nodes",
        "minimum of nodes                  $0.95         $691   6 nodes",
        "maximum of nodes                  $4.14       $3,019   36 nodes",
        "plus use at rest, assumed         $0.11          $79   logs, metrics, traffic",
        "at rest for availability: NAT in each zone $73, headroom $233 a month",
    ]
    docs = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
    assert "\n".join(printed) in docs, "docs/cost.md shows other figures"


def test_the_tables_of_docs_cost_are_the_real_ones(previewed: Callable[[str], Recording]) -> None:
    docs = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
    printed = [*cost_details(cell_cost_of(previewed("prod"), TODAY))]
    start = printed.index("use in a month, assumed")
    assert "\n".join(printed[start:]) in docs


def test_more_nodes_cost_more_by_their_price_and_volume(
    previewed: Callable[[str], Recording],
) -> None:
    cost = cell_cost_of(previewed("prod"), TODAY)
    node = 0.1008 + 50 * 0.08 / 730
    assert cost.at_rest.per_hour - cost.minimum.per_hour == pytest.approx(3 * node)
    assert cost.maximum.per_hour - cost.at_rest.per_hour == pytest.approx(27 * node)


def test_unknown_prices_are_named(previewed: Callable[[str], Recording]) -> None:
    config = config_of("prod")
    general = config["ha-eks:pools"]["general"]
    general |= {"instanceTypes": ["r9g.large"], "amiType": "AL2023_ARM_64_STANDARD"}
    recording = recorded_config("prod", config)
    assert table(recording)[1].endswith(" 0 nodes, some prices unknown")
    printed = [*cost_details(cell_cost_of(recording, TODAY))]
    [nodes] = [each for each in printed if "9 × r9g.large" in each]
    assert nodes.split()[-2:] == ["unknown", "unknown"]
    [headroom] = [each for each in printed if each.startswith("  headroom ")]
    assert headroom.split() == ["headroom", "unknown", "unknown"]


def test_choices_that_a_stack_has_not_made_are_marked(
    previewed: Callable[[str], Recording],
) -> None:
    printed = [*cost_details(cell_cost_of(previewed("dev"), TODAY))]
    assert [each for each in printed if each.startswith("  NAT in each zone (not chosen) ")]
    assert not [each for each in table(previewed("dev")) if "availability" in each]


def test_the_use_of_prod(previewed: Callable[[str], Recording]) -> None:
    assert use_of(previewed("prod")) == Use(
        nodes=9,
        pods=9 + 14 + 9 * 7,  # web and cache, system, and pods on every node
        log_retention_days=30,
        control_plane_retention_days=90,
        load_balancers=1,
        connections=0,  # web calls cache in its zone
        nat=True,
        repositories=6,
        scraped_pods=0,
    )


def test_connections_to_other_zones_and_scraped_pods_are_counted() -> None:
    config = config_of("prod")
    config["ha-eks:apps"]["cache"]["prefersSameZone"] = False
    assert use_of(recorded_config("prod", config)).connections == pytest.approx(2 / 3)
    scaled = recorded("prometheus-scaling", ROOT / "examples")
    zones = scaled.settings.network.effective_zones
    with_metrics = [each for each in scaled.settings.deployments.values() if each.metrics]
    expected = sum(each.minimum_replicas(zones) for each in with_metrics) + 2
    assert with_metrics
    assert use_of(scaled).scraped_pods == expected


def test_a_cell_without_nat_pays_for_no_data_through_it() -> None:
    assert not use_of(recorded("private", ROOT / "examples")).nat
    assert not use_of(recorded("existing-vpc", ROOT / "examples")).nat


def test_the_data_adds_up(previewed: Callable[[str], Recording]) -> None:
    data = json.loads(json.dumps(cost_data(cell_cost_of(previewed("prod"), TODAY))))
    assert data["pricesOf"] == "us-east-1"
    for level in ("minimum", "atRest", "maximum"):
        parts = sum(each["perHour"] for each in data[level]["items"])
        assert parts == pytest.approx(data[level]["perHour"])
        assert data[level]["perMonth"] == pytest.approx(730 * parts)
    for each in data["use"]:
        assert each["perMonth"] == pytest.approx(each["quantity"] * each["unitPrice"])
    assert [each["name"] for each in data["choices"] if each["chosen"]]
