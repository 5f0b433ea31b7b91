"""Seconds and pods of a burst: the load of an app rises, and the autoscaler adds replicas."""

import math
from collections.abc import Iterator

from core.availability.zone_failure import Seconds

METRICS_SECONDS = 15
"""Seconds between two reads of a kubelet by metrics-server.
https://github.com/kubernetes-sigs/metrics-server/blob/v0.9.0/manifests/base/deployment.yaml"""

AUTOSCALER_SECONDS = 15
"""Seconds between two decisions of the pod autoscaler.
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#how-does-a-horizontalpodautoscaler-work
"""


def replicas_for(load: float, minimum: int, maximum: int) -> int:
    """Returns the replicas for a multiple of the load that `minimum` replicas carry."""
    return max(minimum, min(maximum, math.ceil(load * minimum)))


def seconds_to_new_replicas(
    metrics: float = METRICS_SECONDS, autoscaler: float = AUTOSCALER_SECONDS
) -> Seconds:
    """Returns the seconds until the autoscaler changes the replicas after the load has changed.

    metrics-server calculates the CPU usage from two reads, `metrics` seconds apart. All of the
    change is visible when both reads are later than the change. The autoscaler decides every
    `autoscaler` seconds.
    """
    return Seconds(earliest=math.floor(metrics), latest=math.ceil(2 * metrics + autoscaler))


def ready_at_once(new: int, headroom_per_zone: int, zones: int) -> int:
    """Returns the number of new pods that need no new node: those that headroom is reserved for.

    More pods may start at once on capacity that no pod requests.
    """
    return min(new, headroom_per_zone * zones)


def seconds_to_scale_down(
    replicas: int, minimum: int, *, stabilization: float, percent: int, period: float
) -> float:
    """Returns the seconds until the autoscaler has removed the replicas above the minimum.

    The first step follows `stabilization` seconds of lower load, each further one a `period` after
    the previous one. The time for metrics is not included.
    """
    steps = len([*_steps_down(replicas, minimum, percent)])
    return stabilization + period * (steps - 1) if steps else 0.0


def _steps_down(replicas: int, minimum: int, percent: int) -> Iterator[int]:
    """Yields the replicas after each period of a scale-down.

    The autoscaler rounds the replicas that remain down.
    https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/podautoscaler/horizontal.go
    """
    while replicas > minimum:
        replicas = max(minimum, replicas * (100 - percent) // 100)
        yield replicas
