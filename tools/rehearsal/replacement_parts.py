"""What a replacement works with, over the stand-in cloud: it sees to it that no zone ever has
fewer nodes for pods than it began with, and that nothing goes with pods on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from core.tags import POOL, ZONE
from live.cell import NodeGroup, Shape
from settings.node_replacement import Replacement
from tools.deploy.replace_nodes.interfaces import Parts
from tools.rehearsal.fake_cloud.cloud import GROUP, Cloud, CloudResource
from tools.rehearsal.fake_cloud.lookups import name_of, place_of
from tools.rehearsal.run import SceneError, Stage


@dataclass
class Played:
    """Engine, cloud and cluster of a replacement; the cluster is a number of nodes a group."""

    stage: Stage
    cordoned: set[str] = field(default_factory=set[str])
    """Groups whose nodes take no more pods."""
    drained: set[str] = field(default_factory=set[str])
    """Groups that nothing runs on any more."""
    began: Mapping[tuple[str, str], Fraction] = field(init=False)
    """Nodes for pods at the beginning, by pool and zone."""

    def __post_init__(self) -> None:
        """Counts the nodes."""
        self.began = self._nodes_for_pods()

    @property
    def parts(self) -> Parts:
        """All that a replacement takes."""
        return Parts(engine=_Engine(self), cloud=_Cloud(self), cluster=_Cluster(self))

    def groups(self) -> Mapping[str, NodeGroup]:
        """The node groups, by name."""
        cloud = self.stage.cloud
        return {name_of(each): _described(each, cloud) for each in cloud.of_type(GROUP)}

    def check(self) -> None:
        """No pool of a zone has fewer nodes for pods than it began with."""
        now = self._nodes_for_pods()
        for place, nodes in self.began.items():
            if now.get(place, 0) < nodes:
                raise SceneError(f"{place}: {now.get(place, 0)} nodes for pods, not {nodes}")

    def _nodes_for_pods(self) -> Mapping[tuple[str, str], Fraction]:
        """Those of a group over several zones are in these as evenly as Auto Scaling puts them."""
        found: dict[tuple[str, str], Fraction] = {}
        for name, group in self.groups().items():
            nodes = 0 if name in self.cordoned else group.desired
            zones = group.shape.zones
            for place in [(group.pool, zone) for zone in zones]:
                found[place] = found.get(place, Fraction()) + Fraction(nodes, len(zones))
        return found


@dataclass(frozen=True)
class _Engine:
    played: Played

    def up(self, replacing: Replacement, urns: Sequence[str]) -> None:
        self.played.stage.engine.up(urns, replacing)
        self.played.check()

    def node_group(self, urn: str) -> str | None:
        for each in self.played.stage.engine.resources():
            if each["urn"] == urn and not each.get("delete"):
                return str(each["id"]).partition(":")[2]
        return None


@dataclass(frozen=True)
class _Cloud:
    played: Played

    def node_groups(self) -> Mapping[str, NodeGroup]:
        return self.played.groups()

    def resize(self, group: NodeGroup, *, min: int, max: int, desired: int) -> None:
        size = {"minSize": min, "maxSize": max, "desiredSize": desired}
        for values in (self._thing(group).inputs, self._thing(group).outputs):
            values["scalingConfig"] = dict(size)
        self.played.check()

    def delete(self, group: NodeGroup) -> None:
        if group.name not in self.played.drained:
            raise SceneError(f"{group.name} would go with pods on it")
        thing = self._thing(group)
        self.played.stage.cloud.delete(thing.type, thing.id, thing.urn)
        self.played.cordoned.discard(group.name)  # a later one may have its name
        self.played.drained.discard(group.name)
        self.played.check()

    def lacking(self) -> Sequence[str]:
        return []

    def _thing(self, group: NodeGroup) -> CloudResource:
        found = self.played.stage.cloud.of_type(GROUP)
        return next(each for each in found if name_of(each) == group.name)


@dataclass(frozen=True)
class _Cluster:
    played: Played

    def ready_nodes(self, group: str) -> int:
        return self.played.groups()[group].desired

    def cordon(self, group: str) -> None:
        self.played.cordoned.add(group)
        self.played.check()

    def drain(self, group: str) -> None:
        if group not in self.played.cordoned:
            raise SceneError(f"{group} is drained, and takes pods again at once")
        self.played.drained.add(group)

    def lacking(self) -> Sequence[str]:
        return []


def _described(group: CloudResource, cloud: Cloud) -> NodeGroup:
    inputs, size = group.inputs, group.inputs["scalingConfig"]
    return NodeGroup(
        name=name_of(group),
        pool=inputs["tags"][POOL],
        zone=inputs["tags"][ZONE],
        subnets=tuple(sorted(inputs["subnetIds"])),
        shape=Shape(
            ami_type=inputs["amiType"],
            capacity_type=inputs["capacityType"],
            instance_types=tuple(inputs.get("instanceTypes") or ()),
            zones=tuple(sorted(place_of(cloud, subnet).zone for subnet in inputs["subnetIds"])),
        ),
        version=inputs["version"],
        status="ACTIVE",
        min=size["minSize"],
        desired=size["desiredSize"],
        max=size["maxSize"],
    )
