"""Changes of a cell that last for one scenario: nodes, headroom and replicas."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from core.availability.zone_loss import nodes_at_rest
from core.labels import HEADROOM_FOR, POOL
from settings.availability import zone_model_of
from tools.control_plane.api_server import Manifest
from tools.drills.drill import Drill
from tools.drills.scenarios.common import scale


@contextmanager
def same_nodes_afterwards(drill: Drill) -> Generator[None]:
    """Restores nodes, replicas and autoscalers when the block ends."""
    nodes = {each["metadata"]["name"] for each in drill.server.list("v1", "Node")}
    replicas = {app: drill.replicas(app) for app in drill.settings.apps}
    autoscalers = drill.server.list("autoscaling/v2", "HorizontalPodAutoscaler")
    yield
    for each in autoscalers:
        drill.server.patch(each, {"spec": {"behavior": each["spec"]["behavior"]}})
    for app, count in replicas.items():
        scale(drill, app, count)
    for each in drill.server.list("v1", "Node"):
        if each["metadata"]["name"] not in nodes:
            remove_node(drill, each)
    drill.wait_until_whole("all pods ready after a burst")


@contextmanager
def no_headroom(drill: Drill) -> Generator[None]:
    """Removes the headroom and its nodes while the block runs."""
    pause = drill.server.list("apps/v1", "Deployment", labelSelector=HEADROOM_FOR)
    for each in pause:
        drill.server.patch(each, {"spec": {"replicas": 0}})
    _consolidate(drill)
    drill.wait_until_whole("all pods ready without headroom")
    yield
    for each in pause:
        drill.server.patch(each, {"spec": {"replicas": each["spec"]["replicas"]}})


def _consolidate(drill: Drill) -> None:
    """Removes the nodes that a cell without headroom does not have, those with fewest pods first.

    The Cluster Autoscaler does so ten minutes after the headroom is removed.
    """
    counts = nodes_at_rest(replace(zone_model_of(drill.settings), headroom={}))
    pods = [each["spec"].get("nodeName") for each in drill.server.list("v1", "Pod")]
    for zone in drill.settings.network.zones_in:
        for pool, count in counts.items():
            nodes = [
                each
                for each in drill.nodes_in(zone)
                if each["metadata"]["labels"][POOL] == pool
            ]  # fmt: skip
            nodes.sort(key=lambda each: pods.count(each["metadata"]["name"]))
            for each in nodes[: max(0, len(nodes) - count)]:
                remove_node(drill, each)


def remove_node(drill: Drill, node: Manifest) -> None:
    """Deletes a node and its pods at once."""
    drill.server.delete_now(node)  # first, so that DaemonSets create no further pods on it
    name = node["metadata"]["name"]
    for pod in drill.server.list("v1", "Pod", fieldSelector=f"spec.nodeName={name}"):
        drill.server.delete_now(pod)
