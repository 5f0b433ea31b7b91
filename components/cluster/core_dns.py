"""CoreDNS: replicas in each zone, and no failed lookups when a replica terminates."""

from components.cluster.add_ons import AddOn
from components.placement import topology_spread_values
from core.facts.system_pods import dns_replicas

_LAMEDUCK_SECONDS = 20
"""Time for which a terminating pod answers, until every node has removed it from its endpoints.

The pods of the add-on have a grace period of 30 seconds, which no configuration changes. With the
30 seconds that AWS recommends, KILL would come before the end of the shutdown.
https://docs.aws.amazon.com/eks/latest/best-practices/scale-cluster-services.html
https://github.com/aws/aws-eks-best-practices/issues/728
https://github.com/aws/containers-roadmap/issues/2595
"""

_MAX_REPLICAS = 100
"""Maximum of the add-on's autoscaler, which adds one replica per 16 nodes or 256 cores: enough for
1,600 nodes."""

_COREFILE = f"""\
.:53 {{
    errors
    health {{
        lameduck {_LAMEDUCK_SECONDS}s
    }}
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
    }}
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}}
"""
"""The Corefile of EKS with a longer lameduck period than the 5 seconds of EKS.

Plugin `ready`: https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html
AWS does not publish its Corefile. This one is from a cluster of version 1.36:
https://github.com/eksctl-io/eksctl/blob/main/pkg/addons/default/assets/coredns-1.36.json
"""


def core_dns(zones: int) -> AddOn:
    """Returns the CoreDNS add-on with at least one replica per zone.

    The add-on is degraded until its pods run on a node. `replicaCount` is not set, because the
    add-on's autoscaler controls the number of replicas.

    Keys: https://docs.aws.amazon.com/eks/latest/userguide/coredns-autoscaling.html and
    https://aws.amazon.com/blogs/containers/recent-changes-to-the-coredns-add-on
    """
    return AddOn(
        name="coredns",
        configuration={
            "autoScaling": {
                "enabled": True,
                "minReplicas": dns_replicas(zones),
                "maxReplicas": _MAX_REPLICAS,
            },
            "corefile": _COREFILE,
            "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
            "topologySpreadConstraints": topology_spread_values({"k8s-app": "kube-dns"}),
        },
    )
