"""What preview says of headroom is what it takes, costs and buys."""

from pathlib import Path

import pytest

from tests.settings.stack_files import HEADROOM, NETWORK, POOLS, WEB, Change, accepted, pool
from tools.preview.headroom import headroom_lines
from tools.recording.record import ROOT

TAKES = "headroom takes "


def lines(folder: Path, stack: str, *changes: Change) -> list[str]:
    return headroom_lines(accepted(folder, stack, *changes))


def test_prod_pays_for_three_nodes_and_docs_scaling_says_so(tmp_path: Path) -> None:
    told = lines(tmp_path, "prod")
    assert told[1] == (
        "headroom takes 3 × m7i.large, 0.30 $ an hour on demand in us-east-1; of a lost zone's "
        "pods 2 would wait for new nodes without it"
    )
    docs = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    assert "\n".join(told) in docs


def test_dev_holds_it_on_nodes_that_are_there_anyway(tmp_path: Path) -> None:
    first, second = lines(tmp_path, "dev")
    assert first.endswith("for the other")
    assert second == (
        f"{TAKES}no node beyond those that are there anyway; of a lost zone's pods none would "
        "wait for new nodes without it"
    )


def test_no_headroom_costs_nothing(tmp_path: Path) -> None:
    [line] = lines(tmp_path, "prod", ((HEADROOM,), {"size": "none"}))
    assert line.startswith("headroom: none: pods of a lost zone wait for new nodes")


def test_what_waits_in_spite_of_it_is_told(tmp_path: Path) -> None:
    least: Change = ((*WEB, "replicas"), {"needed": 8, "max": 30})
    by_hand: Change = ((HEADROOM,), {"pods": {"web": 1}})
    [_, takes] = lines(tmp_path, "prod", least, by_hand)
    assert takes.endswith("without it, and 2 do with it")


def test_the_dearest_of_a_pool_s_types_is_reckoned_with(tmp_path: Path) -> None:
    types: Change = ((POOLS, "general", "instanceTypes"), ["m7i.large", "m7i-flex.large"])
    [_, takes] = lines(tmp_path, "prod", types)
    assert "3 × m7i.large or m7i-flex.large, 0.30 $" in takes


def test_a_type_without_a_price_is_told_without_one(tmp_path: Path) -> None:
    types: Change = ((POOLS, "general", "instanceTypes"), ["r9g.large"])
    ami: Change = ((POOLS, "general", "amiType"), "AL2023_ARM_64_STANDARD")
    [_, takes] = lines(tmp_path, "prod", types, ami)
    assert "× r9g.large; of a lost" in takes


def test_nodes_of_several_pools_are_added_up(tmp_path: Path) -> None:
    own: Change = ((POOLS, "own"), pool(8, "NO_SCHEDULE", instanceTypes=["m7i.large"]))
    [_, takes] = lines(tmp_path, "prod", own, ((*WEB, "pool"), "own"))
    assert "× m7i.large and " in takes or "× m7i.large, " in takes


@pytest.mark.parametrize("stack", ["dev"])
def test_the_only_zone_that_is_in_holds_all(tmp_path: Path, stack: str) -> None:
    out: Change = ((NETWORK, "zonesOut"), ["us-east-1b"])
    assert lines(tmp_path, stack, out) == ["headroom: all in us-east-1a, the only zone that is in"]
