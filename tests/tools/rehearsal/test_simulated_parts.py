"""Simulated parts of a node replacement: too few nodes for pods in a zone are an error."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import pytest

from core.tags import POOL, ZONE
from live.cell import NodeGroup
from settings.node_replacement import Replacement
from tests.tools.rehearsal.clouds import empty_cloud, make, urn_of
from tools.rehearsal.engine import Engine
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP, FakeCloud
from tools.rehearsal.run import Run, ScenarioError
from tools.rehearsal.simulated_parts import SimulatedParts

SUBNET = "aws:ec2/subnet:Subnet"
RETAIN = Replacement(step="retain", group="a")


class FakeEngine:
    """An engine that logs each `up` and does nothing."""

    def __init__(self) -> None:
        self.ups: list[tuple[Sequence[str], Replacement]] = []
        self.state: list[Mapping[str, Any]] = []

    def up(self, urns: Sequence[str], replacing: Replacement) -> None:
        self.ups.append((urns, replacing))

    def resources(self) -> list[Mapping[str, Any]]:
        return self.state


@pytest.fixture
def cloud() -> FakeCloud:
    """A cloud with a node group of two nodes in each of the zones a and b."""
    cloud = empty_cloud("prod")
    for zone in ("a", "b"):
        add_group(cloud, zone, 2)
    return cloud


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def simulated(cloud: FakeCloud, engine: FakeEngine) -> SimulatedParts:
    return SimulatedParts(Run(cast("Engine", engine), cloud, lambda step: None))


def add_subnet(cloud: FakeCloud, zone: str) -> str:
    """Creates a subnet in a zone; returns its ID."""
    return make(cloud, SUBNET, zone, availabilityZone=zone, vpcId="vpc", cidrBlock="10.0.0.0/20").id


def add_group(cloud: FakeCloud, zone: str, nodes: int, name: str = "old", **changes: Any) -> str:
    """Creates a node group in a new subnet of a zone; returns its name in AWS."""
    inputs = {
        "subnetIds": [add_subnet(cloud, zone)],
        "clusterName": "prod",
        "amiType": "AL2023_x86_64_STANDARD",
        "capacityType": "ON_DEMAND",
        "version": "1.36",
        "scalingConfig": {"minSize": 1, "maxSize": 8, "desiredSize": nodes},
        "tags": {POOL: "general", ZONE: zone},
        **changes,
    }
    return make(cloud, NODE_GROUP, f"{name}-{zone}", **inputs).id.partition(":")[2]


def add_spanning_group(cloud: FakeCloud, nodes: int, zones: str = "ab") -> str:
    """Creates a node group that spans some zones; returns its name in AWS."""
    subnets = [add_subnet(cloud, zone) for zone in zones]
    return add_group(cloud, "spanning", nodes, subnetIds=subnets)


def group_in(simulated: SimulatedParts, zone: str, name: str = "old") -> NodeGroup:
    [found] = [
        each
        for each in simulated.groups().values()
        if each.zone == zone and each.name.startswith(name)
    ]
    return found


def too_few(zone: str, available: str, initial: str) -> str:
    return f"pool general has {available} nodes for pods in {zone}, at the beginning {initial}"


@contextmanager
def fails(message: str) -> Generator[None]:
    """Expects a ScenarioError with exactly this message."""
    with pytest.raises(ScenarioError) as caught:
        yield
    assert str(caught.value) == message


# Node groups.


def test_a_node_group_has_the_properties_of_the_cloud(
    simulated: SimulatedParts, cloud: FakeCloud
) -> None:
    types = ["m7i.large", "m6i.large"]
    name = add_group(cloud, "a", 3, "new", instanceTypes=types, capacityType="SPOT")
    group = simulated.parts.cloud.node_groups()[name]
    assert (group.name, group.pool, group.zone, group.version) == (name, "general", "a", "1.36")
    assert group.shape.instance_types == tuple(types)
    assert (group.shape.capacity_type, group.status) == ("SPOT", "ACTIVE")
    assert (group.min, group.desired, group.max) == (1, 3, 8)
    other = group_in(simulated, "b").shape
    assert (other.instance_types, other.zones) == ((), ("b",))


def test_a_spanning_node_group_has_all_its_zones(
    simulated: SimulatedParts, cloud: FakeCloud
) -> None:
    name = add_spanning_group(cloud, 2, "cab")
    group = simulated.groups()[name]
    assert group.shape.zones == ("a", "b", "c")
    assert len(group.subnets) == 3
    assert group.subnets == tuple(sorted(group.subnets))


def test_the_name_of_a_node_group_is_read_from_the_state_without_deleted_ones(
    simulated: SimulatedParts, engine: FakeEngine
) -> None:
    urn = urn_of(NODE_GROUP, "a")
    engine.state = [
        {"urn": urn_of(NODE_GROUP, "b"), "id": "prod:of-b"},
        {"urn": urn, "id": "prod:old", "delete": True},
        {"urn": urn, "id": "prod:new"},
    ]
    assert simulated.parts.engine.node_group(urn) == "new"
    assert simulated.parts.engine.node_group(urn_of(NODE_GROUP, "c")) is None


def test_a_simulated_cell_is_always_complete(simulated: SimulatedParts) -> None:
    assert [*simulated.parts.cloud.not_ready(), *simulated.parts.cluster.not_ready()] == []


# Replacement of a zone.


def test_a_node_group_is_replaced_by_a_new_one(simulated: SimulatedParts, cloud: FakeCloud) -> None:
    parts = simulated.parts
    new = add_group(cloud, "a", 1, "new")
    parts.cloud.resize(simulated.groups()[new], min=1, max=8, desired=2)
    assert parts.cluster.ready_nodes(new) == 2
    old = group_in(simulated, "a")
    parts.cloud.resize(old, min=0, max=2, desired=2)
    assert (group_in(simulated, "a").min, group_in(simulated, "a").max) == (0, 2)
    parts.cluster.cordon(old.name)
    parts.cluster.drain(old.name)
    parts.cloud.delete(old)
    assert set(simulated.groups()) == {new, group_in(simulated, "b").name}


def test_a_node_group_is_deleted_only_after_it_is_drained(
    simulated: SimulatedParts, cloud: FakeCloud
) -> None:
    add_group(cloud, "a", 2, "new")
    old = group_in(simulated, "a")
    message = f"node group {old.name} would be deleted with pods on its nodes"
    with fails(message):
        simulated.parts.cloud.delete(old)
    simulated.parts.cluster.cordon(old.name)
    with fails(message):
        simulated.parts.cloud.delete(old)
    assert old.name in simulated.groups()


def test_a_node_group_is_drained_only_after_it_is_cordoned(simulated: SimulatedParts) -> None:
    name = group_in(simulated, "a").name
    with fails(f"node group {name} is drained without being cordoned first"):
        simulated.parts.cluster.drain(name)


def test_a_later_node_group_with_the_same_name_is_not_drained(
    simulated: SimulatedParts, cloud: FakeCloud
) -> None:
    parts = simulated.parts
    add_group(cloud, "a", 2, "new")
    old = group_in(simulated, "a")
    parts.cluster.cordon(old.name)
    parts.cluster.drain(old.name)
    parts.cloud.delete(old)
    assert add_group(cloud, "a", 2) == old.name
    new = group_in(simulated, "a", "new")
    parts.cloud.resize(new, min=0, max=1, desired=0)  # the later group has the nodes for pods
    with fails(f"node group {old.name} would be deleted with pods on its nodes"):
        parts.cloud.delete(group_in(simulated, "a"))


# Nodes for pods.


def test_a_cordon_without_another_node_group_is_an_error(simulated: SimulatedParts) -> None:
    with fails(too_few("a", "0", "2")):
        simulated.parts.cluster.cordon(group_in(simulated, "a").name)


def test_a_cordon_with_a_smaller_new_node_group_is_an_error(
    simulated: SimulatedParts, cloud: FakeCloud
) -> None:
    add_group(cloud, "a", 1, "new")
    with fails(too_few("a", "1", "2")):
        simulated.parts.cluster.cordon(group_in(simulated, "a").name)


def test_nodes_of_another_zone_or_pool_do_not_replace_nodes(
    simulated: SimulatedParts, cloud: FakeCloud
) -> None:
    add_group(cloud, "b", 8, "new")
    add_group(cloud, "a", 8, "new", tags={POOL: "other", ZONE: "a"})
    with fails(too_few("a", "0", "2")):
        simulated.parts.cluster.cordon(group_in(simulated, "a").name)


def test_a_smaller_desired_size_is_an_error(simulated: SimulatedParts) -> None:
    with fails(too_few("a", "1", "2")):
        simulated.parts.cloud.resize(group_in(simulated, "a"), min=0, max=2, desired=1)


def test_an_up_that_deletes_nodes_is_an_error(
    simulated: SimulatedParts,
    cloud: FakeCloud,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulated.parts.engine.up(RETAIN, ["urn:a"])
    assert engine.ups == [(["urn:a"], RETAIN)]
    group = next(each for each in cloud.of_type(NODE_GROUP) if each.name == "old-a")
    monkeypatch.setattr(engine, "up", lambda *_: cloud.delete(group.type, group.id, group.urn))
    with fails(too_few("a", "0", "2")):
        simulated.parts.engine.up(RETAIN, ["urn:a"])


def test_nodes_are_compared_with_those_at_the_beginning(
    simulated: SimulatedParts, cloud: FakeCloud
) -> None:
    add_group(cloud, "c", 4)
    name = group_in(simulated, "c").name
    simulated.parts.cluster.cordon(name)
    later = SimulatedParts(simulated.run)
    with fails(too_few("c", "0", "4")):
        later.parts.cluster.cordon(name)


# Change of the layout.


def test_a_spanning_node_group_replaces_the_node_groups_of_all_zones(
    simulated: SimulatedParts, cloud: FakeCloud
) -> None:
    add_spanning_group(cloud, 4)
    for zone in "ab":
        simulated.parts.cluster.cordon(group_in(simulated, zone).name)


@pytest.mark.parametrize(("nodes", "zones", "available"), [(3, "ab", "3/2"), (4, "abc", "4/3")])
def test_a_spanning_node_group_with_too_few_nodes_is_an_error(
    simulated: SimulatedParts, cloud: FakeCloud, nodes: int, zones: str, available: str
) -> None:
    add_spanning_group(cloud, nodes, zones)
    with fails(too_few("a", available, "2")):
        simulated.parts.cluster.cordon(group_in(simulated, "a").name)


def test_node_groups_of_all_zones_replace_a_spanning_node_group(cloud: FakeCloud) -> None:
    cloud.resources.clear()
    name = add_spanning_group(cloud, 5)
    simulated = SimulatedParts(Run(cast("Engine", FakeEngine()), cloud, lambda step: None))
    add_group(cloud, "a", 3)
    add_group(cloud, "b", 2)
    with fails(too_few("b", "2", "5/2")):
        simulated.parts.cluster.cordon(name)
    parts = SimulatedParts(simulated.run).parts
    parts.cloud.resize(group_in(simulated, "b"), min=1, max=8, desired=3)
    simulated.cordoned.clear()
    simulated.parts.cluster.cordon(name)
