"""Longest times in seconds without the pod of a singleton."""

from core.availability.health_checks import POD_CREATION
from core.availability.zone_failure import NODES_NOT_READY

FORCED_DETACH = 360
"""Seconds after the deletion of a pod on a failed node until Kubernetes detaches its volume.
https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#storage-force-detach-on-timeout
"""


def seconds_after_node_failure(*, toleration: int, startup: int, volume: bool, node: int) -> int:
    """Returns the longest time without the pod after its node has failed.

    `toleration` is the time that the pod stays on an unreachable node, `startup` the longest start
    of its container. `node` is the time until a new node is ready, 0 if capacity is reserved. The
    replacement of a pod with a volume waits until the volume is detached.
    """
    detach = FORCED_DETACH if volume else 0
    return NODES_NOT_READY.latest + toleration + max(detach, node) + POD_CREATION + startup


def seconds_during_replacement(*, grace: int, startup: int, detach: int, node: int) -> int:
    """Returns the longest time without the pod during a rollout or a drain.

    The old pod terminates within `grace`, and its volume is detached within `detach` seconds,
    before the new pod starts.
    """
    return grace + detach + node + POD_CREATION + startup
