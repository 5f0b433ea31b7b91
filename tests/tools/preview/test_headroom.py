"""Preview states what headroom reserves, takes, costs and gives."""

from pathlib import Path

from tests.settings.stack_files import CACHE, HEADROOM, NETWORK, POOLS, WEB, Change, accepted, pool
from tools.preview.headroom import headroom_lines
from tools.recording.record import ROOT


def lines(folder: Path, stack: str, *changes: Change) -> list[str]:
    return headroom_lines(accepted(folder, stack, *changes))


def test_prod_pays_for_three_nodes_of_headroom_as_docs_scaling_says(tmp_path: Path) -> None:
    printed = lines(tmp_path, "prod")
    assert printed == [
        "headroom: 1 web, 1 cache and 360m CPU / 798Mi of system pods per zone: if one of 3 zones "
        "fails, its 2 web, 1 cache and 7 system pods fit into the other two",
        "headroom takes 3 × m7i.large ($0.30 an hour on demand in us-east-1); without it 2 pods of "
        "a failed zone would wait for new nodes",
    ]
    docs = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    assert "\n".join(printed) in docs, "docs/scaling.md shows other figures than preview"


def test_dev_has_headroom_on_nodes_of_the_minimum(tmp_path: Path) -> None:
    first, second = lines(tmp_path, "dev")
    assert first == (
        "headroom: 1 web, 1 cache and 560m CPU / 1430Mi of system pods per zone: if one of 2 zones "
        "fails, its 1 web, 1 cache and 6 system pods fit into the other zone"
    )
    assert second == (
        "headroom takes no further node; without it no pod of a failed zone would wait for new "
        "nodes"
    )


def test_without_headroom_pods_of_a_failed_zone_wait_for_new_nodes(tmp_path: Path) -> None:
    assert lines(tmp_path, "prod", ((HEADROOM,), {"size": "none"})) == [
        "headroom: none: if a zone fails, its pods wait for new nodes where the other nodes are "
        "full"
    ]


def test_headroom_from_the_stack_file_may_be_too_small(tmp_path: Path) -> None:
    replicas: Change = ((*WEB, "replicas"), {"needed": 8, "max": 30})
    by_hand: Change = ((HEADROOM,), {"pods": {"web": 1}})
    first, second = lines(tmp_path, "prod", replicas, by_hand)
    assert first == (
        "headroom: 1 web (2 required), 1 cache and 360m CPU / 798Mi of system pods per zone: if "
        "one of 3 zones fails, 2 pods wait for new nodes"
    )
    assert second == (
        "headroom takes 3 × m7i.large ($0.30 an hour on demand in us-east-1); without it 4 pods of "
        "a failed zone would wait for new nodes"
    )


def test_the_most_expensive_type_of_a_pool_decides_on_the_price(tmp_path: Path) -> None:
    types: Change = ((POOLS, "general", "instanceTypes"), ["m7i.large", "m7i-flex.large"])
    _, second = lines(tmp_path, "prod", types)
    assert second == (
        "headroom takes 3 × m7i.large or m7i-flex.large ($0.30 an hour on demand in us-east-1); "
        "without it 2 pods of a failed zone would wait for new nodes"
    )


def test_nodes_without_a_known_price_have_none(tmp_path: Path) -> None:
    types: Change = ((POOLS, "general", "instanceTypes"), ["r9g.large"])
    ami: Change = ((POOLS, "general", "amiType"), "AL2023_ARM_64_STANDARD")
    _, second = lines(tmp_path, "prod", types, ami)
    assert second == (
        "headroom takes 3 × r9g.large; without it 2 pods of a failed zone would wait for new nodes"
    )


def test_nodes_of_several_pools_are_summed(tmp_path: Path) -> None:
    own: Change = ((POOLS, "own"), pool(8, "NO_SCHEDULE", instanceTypes=["m7i.large"]))
    web: Change = ((*WEB, "requests", "cpu"), "700m")
    cache: Change = ((*CACHE, "requests", "cpu"), "1000m")
    _, second = lines(tmp_path, "prod", own, ((*WEB, "pool"), "own"), web, cache)
    assert second == (
        "headroom takes 3 × m7i.large and 3 × m7i.large ($0.60 an hour on demand in us-east-1); "
        "without it 2 pods of a failed zone would wait for new nodes"
    )


def test_a_single_zone_in_service_has_all_pods(tmp_path: Path) -> None:
    out: Change = ((NETWORK, "zonesOut"), ["us-east-1b"])
    assert lines(tmp_path, "dev", out) == ["headroom: all in us-east-1a, the only zone in service"]
