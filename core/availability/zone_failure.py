"""Seconds from the failure of a zone until requests no longer go to the zone.

Each range is the earliest and the latest time.
"""

from collections.abc import Collection
from dataclasses import dataclass

DNS_TTL = 60
"""Time to live of the addresses of a load balancer.
https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html"""

DNS_WITHDRAWAL = 60
"""Assumed time until AWS removes the address of a failed load balancer node from DNS. AWS publishes
no figure."""


@dataclass(frozen=True, kw_only=True)
class Seconds:
    """A range of seconds."""

    earliest: int
    """Start of the range."""
    latest: int
    """End of the range."""

    def __str__(self) -> str:
        """Returns the range in the form of messages: 40s to 50s."""
        return f"{self.earliest}s to {self.latest}s"


DNS_WITHDRAWN = Seconds(earliest=DNS_TTL, latest=DNS_WITHDRAWAL + DNS_TTL)
"""Until clients no longer resolve the address of the load balancer node in the zone."""

NODES_NOT_READY = Seconds(earliest=40, latest=50)
"""Until Kubernetes marks the nodes as unreachable and their pods as not ready. Services then send
them no requests. EKS documents 40 seconds, Kubernetes 50 since version 1.32.
https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/hybrid/network-disconnections/kubernetes-pod-failover.adoc
https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
"""

SECONDS_PER_NODE = 10
"""Seconds between the evictions from two nodes of a failed zone: Kubernetes evicts from 0.1 nodes a
second (--node-eviction-rate). EKS documents no other rate.
https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
"""

_UNHEALTHY_ZONE = 0.55
"""Share of failed nodes from which a zone counts as partly disrupted."""

_LARGE_ZONE = 50
"""Nodes above which Kubernetes evicts pods from a partly disrupted zone, at a lower rate."""


def seconds_to_replacement(
    nodes: int, tolerations: Collection[int], detection: Seconds = NODES_NOT_READY
) -> Seconds:
    """Returns the seconds until the pods of failed nodes of a zone are created again elsewhere.

    `nodes` is the number of failed nodes, 1 or more. `tolerations` are the seconds that the pods of
    each app stay on an unreachable node. The result applies only if Kubernetes evicts the pods; EKS
    may leave them in place while a whole zone is unreachable.
    """
    return Seconds(
        earliest=detection.earliest + min(tolerations),
        latest=detection.latest + SECONDS_PER_NODE * (nodes - 1) + max(tolerations),
    )


def is_evicted(failed: int, nodes: int) -> bool:
    """True if Kubernetes evicts the pods of `failed` of the `nodes` nodes of a zone.

    Kubernetes evicts no pods if more than two nodes and at least 55% of a zone of up to 50 nodes
    have failed, but not all of them (--unhealthy-zone-threshold, --large-cluster-size-threshold).
    https://kubernetes.io/docs/concepts/architecture/nodes/#rate-limits-on-eviction
    """
    partly = failed < nodes and failed > 2 and failed >= _UNHEALTHY_ZONE * nodes
    return not partly or nodes > _LARGE_ZONE
