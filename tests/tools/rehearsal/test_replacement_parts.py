"""The parts of a replacement over the stand-in cloud: what costs pods their nodes is an error."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from core.tags import POOL, ZONE
from live.cell import NodeGroup
from settings.node_replacement import Replacement
from tests.tools.rehearsal.clouds import empty_cloud, make, urn_of
from tools.rehearsal.engine import Engine
from tools.rehearsal.fake_cloud.cloud import GROUP, Cloud
from tools.rehearsal.replacement_parts import Played
from tools.rehearsal.run import SceneError, Stage

SUBNET = "aws:ec2/subnet:Subnet"
RETAIN = Replacement(step="retain", group="a")


class NoEngine:
    """An engine that brings nothing up but what a test has it do."""

    def __init__(self) -> None:
        self.ups: list[tuple[Sequence[str], Replacement]] = []
        self.state: list[Mapping[str, Any]] = []

    def up(self, urns: Sequence[str], replacing: Replacement) -> None:
        self.ups.append((urns, replacing))

    def resources(self) -> list[Mapping[str, Any]]:
        return self.state


@pytest.fixture
def cloud() -> Cloud:
    """Two zones with two nodes each."""
    cloud = empty_cloud("prod")
    for zone in ("a", "b"):
        add(cloud, zone, 2)
    return cloud


@pytest.fixture
def engine() -> NoEngine:
    return NoEngine()


@pytest.fixture
def played(cloud: Cloud, engine: NoEngine) -> Played:
    stage = Stage(engine=cast("Engine", engine), cloud=cloud, tell=lambda act: None)
    return Played(stage)


def subnet_in(cloud: Cloud, zone: str) -> str:
    """Id of a new subnet in a zone."""
    return make(cloud, SUBNET, zone, availabilityZone=zone, vpcId="vpc", cidrBlock="10.0.0.0/20").id


def add(cloud: Cloud, zone: str, nodes: int, name: str = "old", **changes: Any) -> str:
    """A node group in a zone, with a subnet of its own there; its name in AWS."""
    subnet = subnet_in(cloud, zone)
    inputs = {
        "subnetIds": [subnet],
        "clusterName": "prod",
        "amiType": "AL2023_x86_64_STANDARD",
        "capacityType": "ON_DEMAND",
        "version": "1.36",
        "scalingConfig": {"minSize": 1, "maxSize": 8, "desiredSize": nodes},
        "tags": {POOL: "general", ZONE: zone},
        **changes,
    }
    return make(cloud, GROUP, f"{name}-{zone}", **inputs).id.partition(":")[2]


def of(played: Played, zone: str, name: str = "old") -> NodeGroup:
    """The node group of a zone."""
    [found] = [
        each
        for each in played.groups().values()
        if each.zone == zone and each.name.startswith(name)
    ]
    return found


def test_node_groups_are_described_as_the_cloud_has_them(played: Played, cloud: Cloud) -> None:
    types = ["m7i.large", "m6i.large"]
    name = add(cloud, "a", 3, "new", instanceTypes=types, capacityType="SPOT")
    group = played.parts.cloud.node_groups()[name]
    assert (group.name, group.pool, group.zone, group.version) == (name, "general", "a", "1.36")
    assert group.shape.instance_types == tuple(types)
    assert (group.shape.capacity_type, group.status) == ("SPOT", "ACTIVE")
    assert (group.min, group.desired, group.max) == (1, 3, 8)
    assert (of(played, "b").shape.instance_types, of(played, "b").shape.zones) == ((), ("b",))


def test_a_group_over_zones_is_in_all_of_them(played: Played, cloud: Cloud) -> None:
    subnets = [subnet_in(cloud, zone) for zone in "cab"]
    name = add(cloud, "spanning", 2, subnetIds=subnets)
    assert played.groups()[name].shape.zones == ("a", "b", "c")
    assert played.groups()[name].subnets == tuple(sorted(subnets))


def test_a_zone_goes_from_one_group_to_another(played: Played, cloud: Cloud) -> None:
    parts = played.parts
    new = add(cloud, "a", 1, "new")
    parts.cloud.resize(played.groups()[new], min=1, max=8, desired=2)
    assert parts.cluster.ready_nodes(new) == 2
    old = of(played, "a")
    parts.cloud.resize(old, min=0, max=2, desired=2)
    assert (of(played, "a").min, of(played, "a").max) == (0, 2)
    parts.cluster.cordon(old.name)
    parts.cluster.drain(old.name)
    parts.cloud.delete(old)
    assert set(played.groups()) == {new, of(played, "b").name}


def test_a_group_with_pods_is_not_deleted(played: Played, cloud: Cloud) -> None:
    add(cloud, "a", 2, "new")
    old = of(played, "a")
    with pytest.raises(SceneError, match=f"{old.name} would go with pods on it"):
        played.parts.cloud.delete(old)
    played.parts.cluster.cordon(old.name)
    with pytest.raises(SceneError, match="with pods on it"):
        played.parts.cloud.delete(old)
    assert old.name in played.groups()


def test_a_group_that_takes_pods_is_not_drained(played: Played) -> None:
    with pytest.raises(SceneError, match="takes pods again at once"):
        played.parts.cluster.drain(of(played, "a").name)


def test_a_zone_that_is_cordoned_without_another_group_has_too_few_nodes(played: Played) -> None:
    with pytest.raises(SceneError, match=r"'general', 'a'.*: 0 nodes for pods, not 2"):
        played.parts.cluster.cordon(of(played, "a").name)


def test_a_zone_that_is_cordoned_with_a_smaller_group_has_too_few_nodes(
    played: Played, cloud: Cloud
) -> None:
    add(cloud, "a", 1, "new")
    with pytest.raises(SceneError, match="1 nodes for pods, not 2"):
        played.parts.cluster.cordon(of(played, "a").name)


def test_nodes_of_another_zone_or_pool_do_not_count(played: Played, cloud: Cloud) -> None:
    add(cloud, "b", 8, "new")
    add(cloud, "a", 8, "new", tags={POOL: "other", ZONE: "a"})
    with pytest.raises(SceneError, match="0 nodes for pods, not 2"):
        played.parts.cluster.cordon(of(played, "a").name)


def test_a_group_that_shrinks_has_too_few_nodes(played: Played) -> None:
    with pytest.raises(SceneError, match="1 nodes for pods, not 2"):
        played.parts.cloud.resize(of(played, "a"), min=0, max=2, desired=1)


def test_an_up_that_takes_nodes_is_seen(
    played: Played, cloud: Cloud, engine: NoEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    played.parts.engine.up(RETAIN, ["urn:a"])
    assert engine.ups == [(["urn:a"], RETAIN)]
    group = next(each for each in cloud.of_type(GROUP) if each.name == "old-a")
    monkeypatch.setattr(engine, "up", lambda *_: cloud.delete(group.type, group.id, group.urn))
    with pytest.raises(SceneError, match="0 nodes for pods, not 2"):
        played.parts.engine.up(RETAIN, ["urn:a"])


def test_what_is_counted_is_what_there_was_at_the_beginning(played: Played, cloud: Cloud) -> None:
    add(cloud, "c", 4)
    played.parts.cluster.cordon(of(played, "c").name)
    with pytest.raises(SceneError, match="'c'"):
        Played(played.stage).parts.cluster.cordon(of(played, "c").name)


def test_a_group_s_name_in_the_state_is_that_of_the_one_that_stays(
    played: Played, engine: NoEngine
) -> None:
    urn = urn_of(GROUP, "a")
    engine.state = [
        {"urn": urn_of(GROUP, "b"), "id": "prod:of-b"},
        {"urn": urn, "id": "prod:old", "delete": True},
        {"urn": urn, "id": "prod:new"},
    ]
    assert played.parts.engine.node_group(urn) == "new"
    assert played.parts.engine.node_group(urn_of(GROUP, "c")) is None


def test_a_later_group_of_the_same_name_begins_anew(played: Played, cloud: Cloud) -> None:
    parts = played.parts
    add(cloud, "a", 2, "new")
    old = of(played, "a")
    parts.cluster.cordon(old.name)
    parts.cluster.drain(old.name)
    parts.cloud.delete(old)
    assert add(cloud, "a", 2) == old.name
    parts.cloud.resize(of(played, "a", "new"), min=0, max=1, desired=0)  # its nodes take pods
    with pytest.raises(SceneError, match="with pods on it"):
        parts.cloud.delete(of(played, "a"))


def test_a_cell_that_is_played_lacks_nothing(played: Played) -> None:
    assert [*played.parts.cloud.lacking(), *played.parts.cluster.lacking()] == []


# Another layout.


def spanning(cloud: Cloud, nodes: int, zones: str = "ab") -> str:
    """A node group over some zones; its name in AWS."""
    subnets = [subnet_in(cloud, zone) for zone in zones]
    return add(cloud, "spanning", nodes, subnetIds=subnets)


def test_nodes_over_all_zones_take_the_place_of_those_of_each(played: Played, cloud: Cloud) -> None:
    spanning(cloud, 4)
    for zone in "ab":
        played.parts.cluster.cordon(of(played, zone).name)


@pytest.mark.parametrize(("nodes", "zones", "has"), [(3, "ab", "3/2"), (4, "abc", "4/3")])
def test_too_few_nodes_over_all_zones_leave_one_with_fewer(
    played: Played, cloud: Cloud, nodes: int, zones: str, has: str
) -> None:
    spanning(cloud, nodes, zones)
    with pytest.raises(SceneError, match=f"'a'.*: {has} nodes for pods, not 2"):
        played.parts.cluster.cordon(of(played, "a").name)


def test_nodes_of_each_zone_take_the_place_of_those_over_all(cloud: Cloud) -> None:
    cloud.resources.clear()
    name = spanning(cloud, 5)
    played = Played(Stage(cast("Engine", NoEngine()), cloud, lambda act: None))
    add(cloud, "a", 3)
    add(cloud, "b", 2)
    with pytest.raises(SceneError, match=r"'b'.*: 2 nodes for pods, not 5/2"):
        played.parts.cluster.cordon(name)
    parts = Played(played.stage).parts
    parts.cloud.resize(of(played, "b"), min=1, max=8, desired=3)
    played.cordoned.clear()
    played.parts.cluster.cordon(name)
