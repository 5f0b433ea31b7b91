"""Replacement of a zone's nodes by the steps of `make replace-nodes`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.labels import NODE_GROUP
from live.cell import NodeGroup, shape_of
from settings.node_replacement import Replacement
from tools.control_plane.manifest import Manifest, raise_refusal
from tools.deploy.replace_nodes.interfaces import Parts, Unit
from tools.deploy.replace_nodes.kubectl import Kubectl
from tools.deploy.replace_nodes.order import Replacing
from tools.drills.drill import DETECTION, Drill
from tools.drills.objects import is_ready
from tools.drills.repeat import repeated
from tools.drills.result import Result
from tools.drills.scenarios.common import lowest
from tools.toolchain import KUBECTL

_DRAIN = 900
"""Seconds for the drain of a node."""


def replace_nodes(drill: Drill) -> Iterator[Result]:
    """Replaces the nodes of a zone with the steps and the `kubectl drain` of the command.

    Only the node groups in AWS and the Pulumi state are a model.
    """
    drill.controllers.start(DETECTION)
    drill.wait_until_whole("all pods ready")
    pool, zone = drill.templates.places[0]
    groups = Groups(drill, pool, zone)
    ignored = {"headroom", *drill.with_baseline(*drill.settings.replicated)} - {
        *drill.settings.replicated
    }
    cluster = Kubectl(
        drill.programs[KUBECTL.name],
        drill.folder / "kubeconfig.json",
        seconds=_DRAIN,
        ignored_namespaces=frozenset(ignored),
    )
    replacing = Replacing(
        parts=Parts(engine=groups, cloud=groups, cluster=cluster), report=lambda _: None
    )
    nodes = [_schedulable(drill, zone)]
    with (
        drill.watch(f"nodes replaced: {zone}") as watch,
        repeated(lambda: nodes.append(_schedulable(drill, zone)), 0.5),
    ):
        replacing.run([groups.unit])
    yield from lowest(drill, watch, "nodes replaced", zone, baseline=False)
    yield Result(
        scenario="nodes replaced",
        subject=zone,
        bound="at least",
        computed=nodes[0],
        unit="schedulable nodes in the zone",
        seen=min(nodes),
        detail=f"{watch.samples[-1].seconds:.0f}s for all nodes",
    )


@dataclass
class Groups:
    """A model of the Pulumi state and of the node groups in AWS, for one pool and zone."""

    drill: Drill
    pool: str
    zone: str
    _current: str = field(init=False)
    """Name of the node group in the state."""
    _former: str = field(init=False)

    def __post_init__(self) -> None:
        """Begins with the recorded node group."""
        self._current = self._former = self.drill.templates.group_names[self.pool, self.zone]

    @property
    def unit(self) -> Unit:
        """The node group that the stack file requires."""
        shape = shape_of(self.drill.settings.pools[self.pool], [self.zone])
        return Unit(
            name=self._former, urn="", pool=self.pool, zone=self.zone, shape=shape, related=()
        )

    def up(self, replacing: Replacement, urns: Sequence[str]) -> None:
        """Creates the new node group, with the minimum number of nodes."""
        if replacing.step == "create":
            self._current = f"{self._former}-new"
            self.drill.templates.group_names[self.pool, self.zone] = self._current
            self._add(self.drill.settings.pools[self.pool].per_zone.min)

    def node_group(self, urn: str) -> str:
        """Returns the name of the node group in the state."""
        return self._current

    def node_groups(self) -> Mapping[str, NodeGroup]:
        """Returns the node groups by name. The former one has another AMI type."""
        former = replace(self.unit.shape, ami_type="former")
        groups: dict[str, NodeGroup] = {}
        for name in dict.fromkeys((self._former, self._current)):
            count = len(self._nodes(name))
            if count:
                groups[name] = NodeGroup(
                    name=name,
                    pool=self.pool,
                    zone=self.zone,
                    subnets=(),
                    shape=former if name == self._former else self.unit.shape,
                    version=self.drill.settings.cluster.version,
                    status="ACTIVE",
                    min=0,
                    desired=count,
                    max=self.drill.templates.maximum(self.pool),
                )
        return groups

    def resize(self, group: NodeGroup, *, min: int, max: int, desired: int) -> None:
        """Adds nodes to a node group."""
        self._add(desired - group.desired)

    def delete(self, group: NodeGroup) -> None:
        """Deletes the nodes of a node group."""
        for node in self._nodes(group.name):
            self.drill.server.delete_now(node)

    def not_ready(self) -> Sequence[str]:
        """Returns no lines: a drill has no load balancer."""
        return []

    def _nodes(self, group: str) -> Sequence[Manifest]:
        return self.drill.server.list("v1", "Node", labelSelector=f"{NODE_GROUP}={group}")

    def _add(self, count: int) -> None:
        for _ in range(count):
            node = self.drill.templates.new(self.pool, self.zone)
            raise_refusal(node, self.drill.server.create(node))


def _schedulable(drill: Drill, zone: str) -> int:
    """Returns the number of ready and schedulable nodes of a zone."""
    nodes = drill.nodes_in(zone)
    return sum(is_ready(node) and not node["spec"].get("unschedulable") for node in nodes)
