"""The cell at rest, in which each scenario begins: its nodes, and the pods on them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from core.availability.zone_loss import nodes_at_rest
from core.labels import POOL, ZONE
from settings.availability import zone_model_of
from tools.control_plane.manifest import Manifest, raise_refusal
from tools.drills.baseline_objects import PREFIX
from tools.drills.drill import Drill
from tools.drills.node_model import node_model
from tools.drills.objects import cordoned, prepared_nodes

_SETTLED = 60.0
"""Seconds within which nodes accept pods, and then all pods are ready."""


def create_nodes(drill: Drill, nodes: Collection[Manifest]) -> None:
    """Creates nodes, and waits until all nodes of the cell accept pods of apps.

    Pods that find only the nodes of one zone all run there, so none of them may be created before.
    """
    for each in nodes:
        raise_refusal(each, drill.server.create(cordoned(each)))
    drill.wait(
        "all nodes ready with the pods of DaemonSets",
        lambda: (
            prepared_nodes(drill.server) >= {each["metadata"]["name"] for each in _nodes(drill)}
        ),
        _SETTLED,
    )
    for each in _nodes(drill):
        drill.server.patch(each, {"spec": {"unschedulable": False}})
    drill.wait(
        "all nodes accept pods",
        lambda: all(
            each["spec"].get("taints", []) == drill.templates.taints(_place(each)[0])
            for each in _nodes(drill)
        ),
        _SETTLED,
    )


def return_to_rest(drill: Drill) -> None:
    """Returns to the nodes and pods of a new cell.

    A scenario leaves additional nodes, and pods that are in other places. The next one would take
    longer, and bursts would find free nodes.
    """
    drill.controllers.start({})
    deployments = [
        each
        for each in drill.server.list("apps/v1", "Deployment")
        if not each["metadata"]["namespace"].startswith(PREFIX)
    ]
    for each in deployments:
        drill.server.patch(each, {"spec": {"replicas": 0}})
    drill.wait("no pods before the next scenario", lambda: _delete_pods(drill), _SETTLED)
    create_nodes(drill, [*_replace_nodes(drill)])
    for each in deployments:
        drill.server.patch(each, {"spec": {"replicas": each["spec"]["replicas"]}})
    with node_model(drill.server, drill.pods, drill.templates):
        drill.wait_until_whole("all pods ready before the next scenario", _SETTLED)


def remove_node(drill: Drill, node: Manifest) -> None:
    """Deletes a node and its pods at once."""
    drill.server.delete_now(node)  # first, so that DaemonSets create no further pods on it
    name = node["metadata"]["name"]
    for pod in drill.server.list("v1", "Pod", fieldSelector=f"spec.nodeName={name}"):
        drill.server.delete_now(pod)


def _delete_pods(drill: Drill) -> bool:
    """Deletes the pods of Deployments, except those of the baseline; true if none was left."""
    pods = [
        each
        for each in drill.server.list("v1", "Pod")
        if each["metadata"]["ownerReferences"][0]["kind"] != "DaemonSet"
        and not each["metadata"]["namespace"].startswith(PREFIX)
    ]
    for each in pods:
        drill.server.delete_now(each)
    return not pods


def _replace_nodes(drill: Drill) -> Iterator[Manifest]:
    """Removes additional nodes, the newest first, and yields those that are missing."""
    existing: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
    for node in sorted(_nodes(drill), key=lambda each: each["metadata"]["creationTimestamp"]):
        existing[_place(node)].append(node)
    counts = nodes_at_rest(zone_model_of(drill.settings))
    for pool, zone in drill.templates.places:
        there = existing[pool, zone]
        for node in there[counts[pool] :]:
            remove_node(drill, node)
        for _ in range(counts[pool] - len(there)):
            yield drill.templates.new(pool, zone)


def _nodes(drill: Drill) -> Sequence[Manifest]:
    """Returns the nodes of the cell, without those of the baseline."""
    return [
        each for each in drill.server.list("v1", "Node") if _place(each) in drill.templates.places
    ]


def _place(node: Manifest) -> tuple[str, str]:
    """Returns pool and zone of a node."""
    labels = node["metadata"]["labels"]
    return labels[POOL], labels[ZONE]
