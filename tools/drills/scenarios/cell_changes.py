"""Changes of a cell that last for one scenario: headroom and replicas."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from core.availability.zone_loss import nodes_at_rest
from core.labels import HEADROOM_FOR, POOL
from settings.availability import zone_model_of
from tools.drills.at_rest import remove_node
from tools.drills.drill import Drill
from tools.drills.scenarios.common import scale


@contextmanager
def same_replicas_afterwards(drill: Drill) -> Generator[None]:
    """Restores replicas and autoscalers when the block ends."""
    replicas = {app: drill.replicas(app) for app in drill.settings.replicated}
    autoscalers = drill.server.list("autoscaling/v2", "HorizontalPodAutoscaler")
    yield
    for each in autoscalers:
        drill.server.patch(each, {"spec": {"behavior": each["spec"]["behavior"]}})
    for app, count in replicas.items():
        scale(drill, app, count)


@contextmanager
def no_headroom(drill: Drill) -> Generator[None]:
    """Removes the headroom and its nodes while the block runs."""
    pause = drill.server.list("apps/v1", "Deployment", labelSelector=HEADROOM_FOR)
    for each in pause:
        drill.server.patch(each, {"spec": {"replicas": 0}})
    _consolidate(drill)
    time.sleep(drill.supply.removal_seconds)
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
