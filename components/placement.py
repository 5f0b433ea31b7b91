"""Where pods go: a pool's nodes, and over zones and nodes."""

from collections.abc import Mapping, Sequence

from pulumi_kubernetes import core

from components.labels import HOST, POOL, ZONE
from settings.app.placement import TolerationSeconds
from settings.pool.pools import Pool

_EFFECTS = {
    "NO_SCHEDULE": "NoSchedule",
    "NO_EXECUTE": "NoExecute",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
}
"""Effects of taints by EKS's names for them."""


def on_pool(name: str | None) -> Mapping[str, str]:
    """Node selector of pods on a pool; None: on any."""
    return {POOL: name} if name else {}


def tolerations(pool: Pool | None) -> Sequence[core.v1.TolerationArgs]:
    """What pods on a pool tolerate: its taints."""
    return [
        core.v1.TolerationArgs(
            key=taint.key, operator="Equal", value=taint.value, effect=_EFFECTS[taint.effect]
        )
        for taint in (pool.taints if pool else ())
    ]


def staying(seconds: TolerationSeconds | None) -> Sequence[core.v1.TolerationArgs]:
    """How long pods stay on a node that does not answer: said, or Kubernetes adds 300 s.

    None: as long as the node is there.

    https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
    """
    return [
        core.v1.TolerationArgs(
            key=f"node.kubernetes.io/{why}",
            operator="Exists",
            effect="NoExecute",
            toleration_seconds=for_,
        )
        for why, for_ in (
            ("not-ready", seconds and seconds.not_ready),
            ("unreachable", seconds and seconds.unreachable),
        )
    ]


def spread_values(labels: Mapping[str, str]) -> Sequence[Mapping[str, object]]:
    """Spread over zones and nodes, as Helm values, of the pods with `labels`."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(labels)},
        }
        for key in (ZONE, HOST)
    ]
