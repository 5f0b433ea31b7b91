"""Lines of preview on headroom: reserved capacity, further nodes, price and effect."""

from pathlib import Path

from tests.settings.stack_files import CACHE, HEADROOM, NETWORK, POOLS, WEB, Change, accepted, pool
from tools.preview.headroom import headroom_lines
from tools.recording.record import ROOT


def lines(folder: Path, stack: str, *changes: Change) -> list[str]:
    return headroom_lines(accepted(folder, stack, *changes))


def test_headroom_of_prod_adds_three_nodes_as_docs_scaling_states(tmp_path: Path) -> None:
    printed = lines(tmp_path, "prod")
    assert printed == [
        "headroom per zone: 1 web pod, 1 cache pod and 360m CPU / 798Mi for system pods; if one "
        "of 3 zones fails, its 2 web, 1 cache and 7 system pods fit into the other two",
        "headroom adds 3 × m7i.large ($0.30 an hour on demand in us-east-1); without headroom, 2 "
        "pods of a failed zone would wait for new nodes",
    ]
    docs = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    assert "\n".join(printed) in docs, "docs/scaling.md shows other figures than preview"


def test_headroom_of_dev_fits_on_the_minimum_nodes(tmp_path: Path) -> None:
    first, second = lines(tmp_path, "dev")
    assert first == (
        "headroom per zone: 1 web pod, 1 cache pod and 660m CPU / 1558Mi for system pods; if one "
        "of 2 zones fails, its 1 web, 1 cache and 7 system pods fit into the other zone"
    )
    assert second == (
        "headroom adds no nodes; without headroom, no pods of a failed zone would wait for new "
        "nodes"
    )


def test_without_headroom_pods_of_a_failed_zone_wait_for_new_nodes(tmp_path: Path) -> None:
    assert lines(tmp_path, "prod", ((HEADROOM,), {"size": "none"})) == [
        "headroom: none: if a zone fails, its pods wait for new nodes when the existing nodes "
        "are full"
    ]


def test_too_small_headroom_of_the_stack_file_leaves_pods_waiting(tmp_path: Path) -> None:
    replicas: Change = ((*WEB, "replicas"), {"needed": 8, "max": 30})
    too_small: Change = ((HEADROOM,), {"pods": {"web": 1}})
    first, second = lines(tmp_path, "prod", replicas, too_small)
    assert first == (
        "headroom per zone: 1 web pod (2 required), 1 cache pod and 360m CPU / 798Mi for system "
        "pods; if one of 3 zones fails, 2 pods wait for new nodes"
    )
    assert second == (
        "headroom adds 3 × m7i.large ($0.30 an hour on demand in us-east-1); without headroom, 4 "
        "pods of a failed zone would wait for new nodes"
    )


def test_the_price_is_that_of_the_most_expensive_type_of_a_pool(tmp_path: Path) -> None:
    types: Change = ((POOLS, "general", "instanceTypes"), ["m7i.large", "m7i-flex.large"])
    _, second = lines(tmp_path, "prod", types)
    assert second == (
        "headroom adds 3 × m7i.large or m7i-flex.large ($0.30 an hour on demand in us-east-1); "
        "without headroom, 2 pods of a failed zone would wait for new nodes"
    )


def test_no_price_is_printed_for_instance_types_without_a_known_price(tmp_path: Path) -> None:
    types: Change = ((POOLS, "general", "instanceTypes"), ["r9g.large"])
    ami: Change = ((POOLS, "general", "amiType"), "AL2023_ARM_64_STANDARD")
    _, second = lines(tmp_path, "prod", types, ami)
    assert second == (
        "headroom adds 3 × r9g.large; without headroom, 2 pods of a failed zone would wait for new "
        "nodes"
    )


def test_the_price_is_the_sum_of_all_pools(tmp_path: Path) -> None:
    second_pool: Change = ((POOLS, "second"), pool(8, "NO_SCHEDULE", instanceTypes=["m7i.large"]))
    web: Change = ((*WEB, "requests", "cpu"), "700m")
    cache: Change = ((*CACHE, "requests", "cpu"), "1000m")
    _, second = lines(tmp_path, "prod", second_pool, ((*WEB, "pool"), "second"), web, cache)
    assert second == (
        "headroom adds 3 × m7i.large and 3 × m7i.large ($0.60 an hour on demand in us-east-1); "
        "without headroom, 2 pods of a failed zone would wait for new nodes"
    )


def test_a_single_zone_in_service_has_no_failover(tmp_path: Path) -> None:
    out: Change = ((NETWORK, "zonesOut"), ["us-east-1b"])
    assert lines(tmp_path, "dev", out) == [
        "headroom: no failover: us-east-1a is the only zone in service"
    ]
