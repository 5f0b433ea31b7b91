"""Nodes that a cell can have, which EKS creates from node groups.

They have the allocatable resources with which preview calculates.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from core import labels
from core.availability.resources import Resources
from core.availability.zone_loss import nodes_at_rest
from core.facts.accelerators import RESOURCES
from core.tags import POOL, SPANNING, ZONE
from core.taints import KUBERNETES_EFFECTS
from settings.availability import zone_model_of
from tools.control_plane.manifest import Manifest
from tools.control_plane.metrics_server import RESOURCE_METRICS_PATH
from tools.drills.objects import daemon_sets_of
from tools.recording import Recording, Resource

_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"


class NodeTemplates:
    """The nodes that a cell can have: those of its recorded node groups."""

    def __init__(self, recording: Recording) -> None:
        self._settings = recording.settings
        self._model = zone_model_of(recording.settings)
        self._groups: dict[tuple[str, str], Resource] = {}
        zones = recording.settings.network.zones_in
        for group in recording.of_type(_NODE_GROUP):
            tags = cast("Mapping[str, Mapping[str, str]]", group.inputs)["tags"]
            for zone in zones if tags[ZONE] == SPANNING else [tags[ZONE]]:
                if zone in zones:
                    self._groups[tags[POOL], zone] = group
        self.group_names = {place: group.name for place, group in self._groups.items()}
        """Name of the node group to which a new node belongs, by pool and zone."""
        self._numbers = {place: itertools.count() for place in self._groups}
        self.out_of_stock: set[str] = set()
        """Zones in which AWS has no capacity for further nodes at the moment."""

    @property
    def places(self) -> Sequence[tuple[str, str]]:
        """Pool and zone of each node group; one entry per zone of a spanning node group."""
        return [*self._groups]

    def group(self, pool: str, zone: str) -> str:
        """Returns the logical name of the node group of a pool and zone."""
        return self._groups[pool, zone].name

    def groups(self) -> Iterator[tuple[Resource, str, Sequence[str]]]:
        """Yields each recorded node group with its pool and zones."""
        for urn, group in {each.urn: each for each in self._groups.values()}.items():
            places = [place for place, each in self._groups.items() if each.urn == urn]
            yield group, places[0][0], [zone for _, zone in places]

    def maximum(self, pool: str) -> int:
        """Returns the maximum number of nodes of a pool in a zone."""
        return self._model.pools[pool].max

    def free(self, pool: str) -> Resources:
        """Returns the resources of a node of a pool that are left for pods of Deployments."""
        return self._model.pools[pool].free

    def taints(self, pool: str) -> Sequence[Manifest]:
        """Returns the taints of the nodes of a pool."""
        group = next(group for (name, _), group in self._groups.items() if name == pool)
        return [
            {**taint, "effect": KUBERNETES_EFFECTS[taint["effect"]]}
            for taint in group.inputs.get("taints", [])
        ]

    def at_rest(self) -> Iterator[Manifest]:
        """Yields the nodes of a cell at rest."""
        counts = nodes_at_rest(self._model)
        for pool, zone in self.places:
            for _ in range(counts[pool]):
                yield self.new(pool, zone)

    def new(self, pool: str, zone: str) -> Manifest:
        """Returns a node that does not exist yet, with labels and taints of its node group."""
        group = self._groups[pool, zone]
        name = f"{pool}-{zone}-{next(self._numbers[pool, zone])}"
        free, device = self.free(pool), self._settings.pools[pool].device
        resources = {
            **_quantities(free, daemon_sets_of(self._settings)),
            **({RESOURCES[device]: f"{free.accelerators}"} if device else {}),
        }
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": name,
                "labels": {
                    **group.inputs.get("labels", {}),
                    labels.NODE_GROUP: self.group_names[pool, zone],
                    labels.ZONE: zone,
                    labels.HOST: name,
                },
                "annotations": {RESOURCE_METRICS_PATH: f"/metrics/nodes/{name}/metrics/resource"},
            },
            "spec": {
                "providerID": f"aws:///{zone}/{name}",
                "taints": self.taints(pool),
            },
            "status": {"allocatable": resources, "capacity": resources},
        }


def _quantities(free: Resources, daemon_sets: Mapping[str, Resources]) -> Manifest:
    """Returns the allocatable resources of a node, including those of DaemonSets."""
    daemons = daemon_sets.values()
    return {
        "cpu": f"{free.cpu + sum(each.cpu for each in daemons)}m",
        "memory": f"{free.memory + sum(each.memory for each in daemons)}Mi",
        "ephemeral-storage": f"{free.storage + sum(each.storage for each in daemons)}Mi",
        "pods": str(free.pods + len(daemons)),
    }
