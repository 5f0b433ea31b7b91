"""Rules for the replicas of an app: zones, and nodes of its pools."""

from pathlib import Path

import pytest

from settings.reading.wording import counted
from tests.settings.stack_files import (
    APPS,
    CACHE,
    NETWORK,
    POOLS,
    WEB,
    Change,
    accepted,
    assert_problem,
    changed,
    config_of,
    every_stack,
    pool,
    refused,
)


def zones_of(stack: str) -> int:
    return len(config_of(stack)[NETWORK]["zones"])


def nodes_of(stack: str) -> int:
    """Maximum number of nodes of the shipped pool, in all zones."""
    return zones_of(stack) * int(config_of(stack)[POOLS]["general"]["perZone"]["max"])


@pytest.mark.parametrize(
    ("stack", "needed", "minimum"),
    [
        ("dev", 1, 2),
        ("dev", 3, 6),
        ("prod", 1, 2),
        ("prod", 2, 3),
        ("prod", 3, 5),
        ("prod", 4, 6),
        ("prod-standby", 6, 9),
    ],
)
def test_the_maximum_leaves_the_needed_pods_when_a_zone_fails(
    tmp_path: Path, stack: str, needed: int, minimum: int
):
    text = changed(stack, ((*WEB, "replicas"), {"needed": needed, "max": minimum - 1}))

    key = f"{APPS}.web.replicas.max"
    zones, pods = zones_of(stack), counted(minimum - 1, "pod")
    message = (
        f"must be at least {minimum}: {counted(needed, 'pod')} must remain if one of {zones} zones "
        f"fails; with {pods}, {needed - 1} would remain"
    )
    assert_problem(refused(tmp_path, stack, text), key, minimum - 1, message)
    accepted(tmp_path, stack, ((*WEB, "replicas"), {"needed": needed, "max": minimum}))


def test_replicas_depend_on_the_zones_of_the_nodes_not_of_the_control_plane(tmp_path: Path):
    third: Change = ((NETWORK, "zones"), ["us-east-1a", "us-east-1b", "us-east-1c"])
    replicas = (*WEB, "replicas")

    text = changed("dev", third, (replicas, {"needed": 3, "max": 4}))

    key = f"{APPS}.web.replicas.max"
    message = (
        "must be at least 5: 3 pods must remain if one of 3 zones fails; with 4 pods, 2 would "
        "remain"
    )
    assert_problem(refused(tmp_path, "dev", text), key, 4, message)
    accepted(tmp_path, "dev", third, (replicas, {"needed": 3, "max": 5}))


def too_few_nodes(nodes: int) -> str:
    """Returns the message if a rollout has no node for another pod."""
    return (
        f"must be at most {nodes - 1}: with spread.nodes: alone, each pod needs a node, a rollout "
        f"needs one more, and its pools have at most {nodes} nodes"
    )


@every_stack
def test_with_one_pod_per_node_a_rollout_has_a_free_node(tmp_path: Path, stack: str):
    maximum, nodes = (*CACHE, "replicas", "max"), nodes_of(stack)

    problems = refused(tmp_path, stack, changed(stack, (maximum, nodes)))

    assert_problem(problems, f"{APPS}.cache.replicas.max", nodes, too_few_nodes(nodes))
    accepted(tmp_path, stack, (maximum, nodes - 1))
    accepted(tmp_path, stack, (maximum, nodes), ((*CACHE, "spread"), {}))


@every_stack
@pytest.mark.parametrize("effect", ["NO_SCHEDULE", "NO_EXECUTE"])
def test_tainted_nodes_do_not_run_an_app_that_names_no_pool(
    tmp_path: Path, stack: str, effect: str
):
    nodes = nodes_of(stack)
    text = changed(
        stack,
        ((POOLS, "batch"), pool(5, effect, "PREFER_NO_SCHEDULE")),
        ((*CACHE, "replicas", "max"), nodes),
    )

    key = f"{APPS}.cache.replicas.max"
    assert_problem(refused(tmp_path, stack, text), key, nodes, too_few_nodes(nodes))


@every_stack
@pytest.mark.parametrize("effects", [(), ("PREFER_NO_SCHEDULE",)], ids=["no taint", "a mild one"])
def test_the_nodes_of_all_untainted_pools_run_an_app_that_names_no_pool(
    tmp_path: Path, stack: str, effects: tuple[str, ...]
):
    nodes = nodes_of(stack) + zones_of(stack) * 5
    batch: Change = ((POOLS, "batch"), pool(5, *effects))
    maximum = (*CACHE, "replicas", "max")

    accepted(tmp_path, stack, batch, (maximum, nodes - 1))
    problems = refused(tmp_path, stack, changed(stack, batch, (maximum, nodes)))

    assert_problem(problems, f"{APPS}.cache.replicas.max", nodes, too_few_nodes(nodes))


@every_stack
@pytest.mark.parametrize("effects", [(), ("NO_SCHEDULE",)], ids=["no taint", "a taint"])
def test_only_nodes_of_its_pool_run_an_app_that_names_a_pool(
    tmp_path: Path, stack: str, effects: tuple[str, ...]
):
    nodes = zones_of(stack) * 2
    changes: list[Change] = [((POOLS, "batch"), pool(2, *effects)), ((*CACHE, "pool"), "batch")]
    maximum = (*CACHE, "replicas", "max")

    accepted(tmp_path, stack, *changes, (maximum, nodes - 1))
    problems = refused(tmp_path, stack, changed(stack, *changes, (maximum, nodes)))

    assert_problem(problems, f"{APPS}.cache.replicas.max", nodes, too_few_nodes(nodes))
