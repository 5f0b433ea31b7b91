"""The interfaces of `make replace-nodes`, implemented by the engine and the fake cloud of a run.

They check that no zone ever has fewer nodes for pods than at the beginning, and that no node group
is deleted while pods run on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from core.tags import POOL, ZONE
from live.cell import NodeGroup, Shape
from settings.node_replacement import Replacement
from tools.deploy.replace_nodes.interfaces import Parts
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP, FakeCloud
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource
from tools.rehearsal.fake_cloud.lookups import node_group_name, place_of_subnet
from tools.rehearsal.run import Run, ScenarioError


@dataclass
class SimulatedParts:
    """Engine, AWS and cluster of a node replacement.

    Of the cluster, only the number of nodes of each node group is simulated.
    """

    run: Run
    cordoned: set[str] = field(default_factory=set[str])
    """Node groups whose nodes are cordoned."""
    drained: set[str] = field(default_factory=set[str])
    """Node groups whose nodes are drained."""
    initial_nodes: Mapping[tuple[str, str], Fraction] = field(init=False)
    """Schedulable nodes at the beginning, by pool and zone."""

    def __post_init__(self) -> None:
        """Counts the nodes at the beginning."""
        self.initial_nodes = self._schedulable_nodes()

    @property
    def parts(self) -> Parts:
        """The three interfaces."""
        return Parts(engine=_Engine(self), cloud=_Cloud(self), cluster=_Cluster(self))

    def groups(self) -> Mapping[str, NodeGroup]:
        """Returns the node groups by name."""
        cloud = self.run.cloud
        return {node_group_name(each): _node_group(each, cloud)
                for each in cloud.of_type(NODE_GROUP)}  # fmt: skip

    def check(self) -> None:
        """Checks that each pool has at least its initial nodes for pods in each zone."""
        current = self._schedulable_nodes()
        for (pool, zone), nodes in self.initial_nodes.items():
            available = current.get((pool, zone), 0)
            if available < nodes:
                raise ScenarioError(
                    f"pool {pool} has {available} nodes for pods in {zone}, "
                    f"at the beginning {nodes}"
                )

    def _schedulable_nodes(self) -> Mapping[tuple[str, str], Fraction]:
        """Returns the nodes that are not cordoned, by pool and zone.

        Auto Scaling distributes the nodes of a spanning node group evenly over its zones.
        """
        nodes_by_place: dict[tuple[str, str], Fraction] = {}
        for name, group in self.groups().items():
            nodes = 0 if name in self.cordoned else group.desired
            zones = group.shape.zones
            for place in [(group.pool, zone) for zone in zones]:
                share = Fraction(nodes, len(zones))
                nodes_by_place[place] = nodes_by_place.get(place, Fraction()) + share
        return nodes_by_place


@dataclass(frozen=True)
class _Engine:
    simulated: SimulatedParts

    def up(self, replacing: Replacement, urns: Sequence[str]) -> None:
        self.simulated.run.engine.up(urns, replacing)
        self.simulated.check()

    def node_group(self, urn: str) -> str | None:
        for each in self.simulated.run.engine.resources():
            if each["urn"] == urn and not each.get("delete"):
                return str(each["id"]).partition(":")[2]
        return None


@dataclass(frozen=True)
class _Cloud:
    simulated: SimulatedParts

    def node_groups(self) -> Mapping[str, NodeGroup]:
        return self.simulated.groups()

    def resize(self, group: NodeGroup, *, min: int, max: int, desired: int) -> None:
        size = {"minSize": min, "maxSize": max, "desiredSize": desired}
        resource = self._resource(group)
        for values in (resource.inputs, resource.outputs):
            values["scalingConfig"] = dict(size)
        self.simulated.check()

    def delete(self, group: NodeGroup) -> None:
        if group.name not in self.simulated.drained:
            raise ScenarioError(f"node group {group.name} would be deleted with pods on its nodes")
        resource = self._resource(group)
        self.simulated.run.cloud.delete(resource.type, resource.id, resource.urn)
        self.simulated.cordoned.discard(group.name)  # a later node group may have the same name
        self.simulated.drained.discard(group.name)
        self.simulated.check()

    def not_ready(self) -> Sequence[str]:
        return []

    def _resource(self, group: NodeGroup) -> CloudResource:
        groups = self.simulated.run.cloud.of_type(NODE_GROUP)
        return next(each for each in groups if node_group_name(each) == group.name)


@dataclass(frozen=True)
class _Cluster:
    simulated: SimulatedParts

    def ready_nodes(self, group: str) -> int:
        return self.simulated.groups()[group].desired

    def cordon(self, group: str) -> None:
        self.simulated.cordoned.add(group)
        self.simulated.check()

    def drain(self, group: str) -> None:
        if group not in self.simulated.cordoned:
            raise ScenarioError(f"node group {group} is drained without being cordoned first")
        self.simulated.drained.add(group)

    def not_ready(self) -> Sequence[str]:
        return []


def _node_group(group: CloudResource, cloud: FakeCloud) -> NodeGroup:
    inputs, size = group.inputs, group.inputs["scalingConfig"]
    zones = sorted(place_of_subnet(cloud, subnet).zone for subnet in inputs["subnetIds"])
    return NodeGroup(
        name=node_group_name(group),
        pool=inputs["tags"][POOL],
        zone=inputs["tags"][ZONE],
        subnets=tuple(sorted(inputs["subnetIds"])),
        shape=Shape(
            ami_type=inputs["amiType"],
            capacity_type=inputs["capacityType"],
            instance_types=tuple(inputs.get("instanceTypes") or ()),
            zones=tuple(zones),
        ),
        version=inputs["version"],
        status="ACTIVE",
        min=size["minSize"],
        desired=size["desiredSize"],
        max=size["maxSize"],
    )
