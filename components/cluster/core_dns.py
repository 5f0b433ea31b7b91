"""coredns, which everything in the cluster asks: spread over zones, and gone without a gap."""

from components.cluster.add_ons import AddOn
from components.placement import topology_spread_values
from core.facts.system_pods import dns_replicas

_MOST = 100
"""Replicas that its autoscaler may come to: one for 16 nodes or 256 cores makes 1,600 nodes."""

_COREFILE = """\
.:53 {
    errors
    health {
        lameduck 30s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
"""
"""That of EKS, with a lameduck of 30 seconds, not 5: a pod answers until no node asks it.

Why 30: https://docs.aws.amazon.com/eks/latest/best-practices/scale-cluster-services.html
Why `ready`: https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html
AWS prints its own nowhere; as a cluster of 1.36 comes with it:
https://github.com/eksctl-io/eksctl/blob/main/pkg/addons/default/assets/coredns-1.36.json
"""


def core_dns(zones: int) -> AddOn:
    """coredns of a cluster with nodes in so many zones: at least one replica in each.

    Needs a node: EKS holds it degraded until it finds one. Without `replicaCount`, which is the
    autoscaler's.

    Keys: https://docs.aws.amazon.com/eks/latest/userguide/coredns-autoscaling.html and
    https://aws.amazon.com/blogs/containers/recent-changes-to-the-coredns-add-on
    """
    return AddOn(
        name="coredns",
        configuration={
            "autoScaling": {
                "enabled": True,
                "minReplicas": dns_replicas(zones),
                "maxReplicas": _MOST,
            },
            "corefile": _COREFILE,
            "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
            "topologySpreadConstraints": topology_spread_values({"k8s-app": "kube-dns"}),
        },
    )
