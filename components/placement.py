"""Scheduling of pods: pools, taints, and spread over zones and nodes."""

from collections.abc import Mapping, Sequence

from pulumi_kubernetes import core

from core.facts.accelerators import RESOURCES, TAINT_VALUE, Device
from core.labels import HOST, POOL, ZONE
from core.taints import KUBERNETES_EFFECTS
from settings.pool.node_labels import Taint
from settings.pool.pools import Pool
from settings.workload.placement import TolerationSeconds


def pool_selector(name: str | None) -> Mapping[str, str]:
    """Returns the node selector for a pool; None: nodes of every pool."""
    return {POOL: name} if name else {}


def taint_tolerations(pool: Pool | None, device: Device | None) -> Sequence[core.v1.TolerationArgs]:
    """Returns tolerations for the taints of a pool; None: any pool with the device that the pods
    request."""
    device_taint = [Taint(key=RESOURCES[device], value=TAINT_VALUE)] if device else []
    return [
        core.v1.TolerationArgs(
            key=taint.key,
            operator="Equal",
            value=taint.value,
            effect=KUBERNETES_EFFECTS[taint.effect],
        )
        for taint in (pool.all_taints if pool else device_taint)
    ]


def unready_tolerations(seconds: TolerationSeconds | None) -> Sequence[core.v1.TolerationArgs]:
    """Returns tolerations that delay eviction from a node that is not ready or not reachable.

    None: the pod stays as long as the node exists. Without these tolerations, Kubernetes adds its
    own with 300 seconds.
    https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
    """
    return [
        core.v1.TolerationArgs(
            key=f"node.kubernetes.io/{condition}",
            operator="Exists",
            effect="NoExecute",
            toleration_seconds=toleration_seconds,
        )
        for condition, toleration_seconds in (
            ("not-ready", seconds and seconds.not_ready),
            ("unreachable", seconds and seconds.unreachable),
        )
    ]


def topology_spread_values(labels: Mapping[str, str]) -> Sequence[Mapping[str, object]]:
    """Returns Helm values that spread the pods with these labels over zones and nodes."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(labels)},
        }
        for key in (ZONE, HOST)
    ]
