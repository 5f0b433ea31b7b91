"""What the program makes of a cell that runs."""

import itertools
from collections.abc import Callable

import pytest

from tests.stacks.running_cluster import record_again
from tests.stacks.test_properties import GROUP
from tools.recording import Recording

DESIRED = "scalingConfig.desiredSize"


def groups_of(recording: Recording, pool: str) -> list[str]:
    zones = recording.settings.network.zones
    return [f"nodes-{pool}-{part}" for part in recording.settings.pools[pool].node_groups(zones)]


def urns(recording: Recording) -> dict[str, str]:
    return {group.name: group.urn for group in recording.of_type(GROUP)}


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_node_groups_of_a_pool_update_one_zone_after_the_other(
    monkeypatch: pytest.MonkeyPatch, previewed: Callable[[str], Recording], stack: str
) -> None:
    again = record_again(monkeypatch, previewed(stack))
    for pool in again.settings.pools:
        for first, second in itertools.pairwise(groups_of(again, pool)):
            dependencies = again.get(urns(again)[second]).dependencies
            assert urns(again)[first] in dependencies, "two zones would be updated at once"


def test_a_new_zones_nodes_wait_for_no_others_and_no_others_for_them(
    monkeypatch: pytest.MonkeyPatch, previewed: Callable[[str], Recording]
) -> None:
    again = record_again(monkeypatch, previewed("prod"), without="us-east-1b")
    first, new, last = (urns(again)[name] for name in groups_of(again, "general"))
    assert first not in again.get(new).dependencies
    assert new not in again.get(last).dependencies
    assert first in again.get(last).dependencies


def test_nothing_else_follows_from_a_cell_that_runs(
    monkeypatch: pytest.MonkeyPatch, previewed: Callable[[str], Recording]
) -> None:
    first = previewed("prod")
    again = record_again(monkeypatch, first)
    assert {each.urn: (each.inputs, each.options) for each in again.resources} == {
        each.urn: (each.inputs, each.options) for each in first.resources
    }


@pytest.mark.parametrize(("nodes", "sent"), [(1, 2), (13, 12)])
def test_a_group_outside_of_its_bounds_is_told_the_nearest_size_in_this_run(
    monkeypatch: pytest.MonkeyPatch, previewed: Callable[[str], Recording], nodes: int, sent: int
) -> None:
    again = record_again(monkeypatch, previewed("prod"), nodes=nodes)
    for group in again.of_type(GROUP):
        assert group.inputs["scalingConfig"]["desiredSize"] == sent
        assert DESIRED not in group.options["ignoreChanges"], "EKS refuses the bounds"


@pytest.mark.parametrize("nodes", [2, 5, 8])
def test_nodes_within_the_bounds_are_the_autoscaler_s(
    monkeypatch: pytest.MonkeyPatch, previewed: Callable[[str], Recording], nodes: int
) -> None:
    again = record_again(monkeypatch, previewed("prod"), nodes=nodes)
    for group in again.of_type(GROUP):
        assert DESIRED in group.options["ignoreChanges"], "every up would scale it back"
