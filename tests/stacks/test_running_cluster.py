"""Updates of a running cell: order and size of its node groups."""

import itertools
from collections.abc import Callable

import pytest

from tests.stacks.resources import GROUP, kubernetes_provider_of
from tests.stacks.running_cluster import record_again
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
            assert urns(again)[first] in dependencies, (
                "nodes of two zones would be replaced at the same time"
            )


def test_node_groups_of_a_new_zone_do_not_wait_for_updates_of_other_zones(
    monkeypatch: pytest.MonkeyPatch, previewed: Callable[[str], Recording]
) -> None:
    again = record_again(monkeypatch, previewed("prod"), without="us-east-1b")
    first, new, last = (urns(again)[name] for name in groups_of(again, "general"))
    assert first not in again.get(new).dependencies
    assert new not in again.get(last).dependencies
    assert first in again.get(last).dependencies


def test_a_running_cell_changes_only_the_order_of_node_groups(
    monkeypatch: pytest.MonkeyPatch, previewed: Callable[[str], Recording]
) -> None:
    first = previewed("prod")
    again = record_again(monkeypatch, first)
    assert {each.urn: (each.inputs, each.options) for each in again.resources} == {
        each.urn: (each.inputs, each.options) for each in first.resources
    }


def test_kubernetes_objects_of_a_running_cell_do_not_wait_for_node_groups(
    monkeypatch: pytest.MonkeyPatch, previewed: Callable[[str], Recording]
) -> None:
    first = previewed("prod")
    again = record_again(monkeypatch, first)
    groups = set(urns(again).values())
    for recording, after in ((first, groups), (again, set[str]())):
        assert recording.before(kubernetes_provider_of(recording)) & groups == after, (
            "a new minimum of an app would wait for an update of nodes"
        )


@pytest.mark.parametrize(
    ("limits", "nodes", "sent"),
    [((0, 12), 1, 2), ((2, 20), 13, 12), ((2, 10), 7, 7), ((1, 12), 7, 7)],
)
def test_new_limits_of_a_node_group_are_sent_with_its_current_size(
    monkeypatch: pytest.MonkeyPatch,
    previewed: Callable[[str], Recording],
    limits: tuple[int, int],
    nodes: int,
    sent: int,
) -> None:
    again = record_again(monkeypatch, previewed("prod"), nodes=nodes, limits=limits)
    for group in again.of_type(GROUP):
        assert group.inputs["scalingConfig"]["desiredSize"] == sent
        assert DESIRED not in group.options["ignoreChanges"], (
            "EKS would refuse the limits, or an old size from the state would be sent"
        )


@pytest.mark.parametrize("nodes", [2, 5, 8])
def test_with_unchanged_limits_the_autoscaler_sets_the_size(
    monkeypatch: pytest.MonkeyPatch, previewed: Callable[[str], Recording], nodes: int
) -> None:
    again = record_again(monkeypatch, previewed("prod"), nodes=nodes)
    for group in again.of_type(GROUP):
        assert DESIRED in group.options["ignoreChanges"], "`pulumi up` would undo scaling"
