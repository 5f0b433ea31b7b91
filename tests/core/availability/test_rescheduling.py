"""Tests of rescheduling: the zone of a pod, the capacity on which it starts, and why it waits."""

from dataclasses import replace

import pytest

from core.availability.packing import Node, Pod
from core.availability.rescheduling import Shortage, reschedule, shortages
from core.availability.resources import Resources

FREE = Resources(cpu=1000, memory=1000, storage=1000, pods=10)
WEB = Pod(name="web", requests=Resources(cpu=400, memory=100), pools=frozenset(["p"]))


def node(zone: int = 0, *pods: Pod, pool: str = "p", free: Resources = FREE) -> Node:
    created = Node(pool=pool, free=free, zone=zone)
    for each in pods:
        created.place(each)
    return created


PLACEHOLDER = replace(WEB, headroom=True)


def test_a_pod_starts_in_its_zone_only() -> None:
    nodes = [node(0), node(1)]
    [start] = reschedule([replace(WEB, zone=1)], nodes).starts
    assert start.node is nodes[1]
    assert reschedule([replace(WEB, zone=2)], nodes).pending == [replace(WEB, zone=2)]


def test_a_pod_replaces_a_placeholder_in_its_zone_only() -> None:
    nodes = [node(0, PLACEHOLDER), node(1, PLACEHOLDER)]
    starts = reschedule([replace(WEB, zone=0)], nodes).starts
    assert [(each.node.zone, each.capacity) for each in starts] == [(0, "own headroom")]


def test_a_pod_beyond_its_headroom_starts_on_other_capacity() -> None:
    starts = reschedule([WEB, WEB], [node(0, PLACEHOLDER)]).starts
    assert [each.capacity for each in starts] == ["own headroom", "other capacity"]


@pytest.mark.parametrize(
    ("nodes", "wanted", "reasons"),
    [
        ([node(0, pool="q")], WEB, {"pool"}),
        ([node(0)], replace(WEB, zone=1), {"zone"}),
        ([node(0, replace(WEB, one_per_node=True))], replace(WEB, one_per_node=True),
         {"one pod per node"}),
        ([node(free=replace(FREE, cpu=399))], WEB, {"CPU"}),
        ([node(free=replace(FREE, accelerators=1))],
         replace(WEB, requests=replace(WEB.requests, accelerators=2)), {"accelerators"}),
        ([node(free=replace(FREE, memory=99, pods=0))], WEB, {"memory", "maximum pods"}),
        ([node(free=replace(FREE, storage=-1)), node(free=replace(FREE, cpu=0))], WEB,
         {"ephemeral storage", "CPU"}),
    ],
)  # fmt: skip
def test_each_reason_for_which_a_pod_waits_is_named(
    nodes: list[Node], wanted: Pod, reasons: set[Shortage]
) -> None:
    assert shortages(wanted, nodes) == reasons
