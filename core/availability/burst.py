"""Seconds and pods of a burst: the load of an app rises, and the autoscaler adds replicas."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from core.availability.zone_failure import Seconds
from core.availability.zone_loss import ZoneModel, pack_fullest_zone

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


def ready_if_out_of_stock(
    model: ZoneModel, wanted: Mapping[str, int], strict: Collection[str]
) -> Mapping[str, int]:
    """Returns the pods of each app that become ready while one zone receives no further nodes.

    `wanted` is the number of replicas of each app. The zone has its pods at rest and its headroom.
    The other zones, one or more, have nodes for further pods up to the maximum of their pools. The
    pods of `strict` apps must be spread evenly, so the other zones run at most one pod more each.
    """
    here = {
        app.pod.name: app.pods // model.zones + model.headroom.get(app.pod.name, 0)
        for app in model.apps
    }
    elsewhere = {
        name: min(
            max(0, wanted[name] - pods),
            (pods + 1) * (model.zones - 1) if name in strict else wanted[name],
        )
        for name, pods in here.items()
    }
    others = replace(
        model,
        zones=model.zones - 1,
        apps=[replace(app, pods=elsewhere[app.pod.name]) for app in model.apps],
    )
    pending = [pod.name for pod in pack_fullest_zone(others).pending if not pod.headroom]
    fit = {
        app.pod.name: app.pods_in_fullest_zone(others.zones) - pending.count(app.pod.name)
        for app in others.apps
    }
    return {
        name: min(wanted[name], pods + min(elsewhere[name], fit[name] * others.zones))
        for name, pods in here.items()
    }


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
