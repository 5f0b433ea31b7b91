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


def seconds_to_replacement(nodes: int, tolerations: Collection[int]) -> Seconds:
    """Returns the seconds until the pods of a failed zone are created again in other zones.

    `nodes` is the number of nodes of the zone, 1 or more. `tolerations` are the seconds that the
    pods of each app stay on an unreachable node. The result applies only if Kubernetes evicts the
    pods; EKS may leave them in place while a whole zone is unreachable.
    """
    return Seconds(
        earliest=NODES_NOT_READY.earliest + min(tolerations),
        latest=NODES_NOT_READY.latest + SECONDS_PER_NODE * (nodes - 1) + max(tolerations),
    )
