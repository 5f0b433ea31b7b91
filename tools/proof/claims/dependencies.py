"""Claims about what all zones depend on: no part of it is in one zone only."""

from collections.abc import Sequence

from core.availability.replicas import max_unready_percentage
from tools.proof.claim import Claim, Drilled, Source
from tools.proof.conditions import has_several_zones

CLAIMS: Sequence[Claim] = (
    Claim(
        id="egress",
        text="The egress of a zone does not depend on another zone.",
        page="zone-loss.md",
        applies=lambda settings: (
            settings.network.nat != "single" and settings.network.existing is None
        ),
        rules=("HA801",),
        tests=(
            "tests/stacks/test_network.py"
            "::test_private_subnets_use_the_nat_gateway_of_their_zone_unless_nat_is_single",
        ),
        rehearsals=("policy", "networks"),
        alarms=("nat/ZONE",),
        sources=(
            Source(
                fact="A NAT gateway is in one zone. If several zones share one and its zone is "
                "down, they lose access to the internet.",
                url="https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
            ),
        ),
    ),
    Claim(
        id="system-pods",
        text="CoreDNS, the autoscaler and the other controllers survive the failure of a zone.",
        page="scaling.md",
        applies=has_several_zones,
        rules=("HA903",),
        tests=(
            "tests/stacks/test_system_pods.py"
            "::test_system_pods_survive_the_failure_of_a_node_or_zone",
            "tests/components/cluster/test_core_dns.py"
            "::test_each_zone_has_a_replica_and_there_are_at_least_two",
        ),
        drills=(
            Drilled(scenario="zones", subject="*: coredns"),
            Drilled(scenario="events", subject="*: coredns"),
        ),
        alarms=("system/pending", "headroom/system"),
    ),
    Claim(
        id="control-plane-zones",
        text="The control plane has subnets in at least two zones, and keeps them.",
        page="access.md",
        rules=("HA807", "HA912"),
        tests=("tests/live/test_guard.py::test_a_change_of_the_control_plane_zones_is_refused",),
        rehearsals=("lifecycle",),
        alarms=("api/errors", "api/throttled"),
        sources=(
            Source(
                fact="A cluster needs subnets in at least two zones. Subnets that it gets later "
                "must be in the zones of its creation.",
                url="https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html",
            ),
        ),
    ),
    Claim(
        id="autoscaler",
        text="The Cluster Autoscaler keeps working while all nodes of a zone are not ready.",
        page="scaling.md",
        applies=has_several_zones,
        arithmetic=(max_unready_percentage,),
        tests=(
            "tests/core/availability/test_replicas.py"
            "::test_the_autoscaler_continues_if_a_zone_fails_while_another_one_is_out",
        ),
        alarms=("autoscaler/unschedulable",),
        sources=(
            Source(
                fact="The Cluster Autoscaler stops if more nodes than "
                "`--max-total-unready-percentage` are not ready.",
                url="https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/"
                "cluster-autoscaler/config/flags/flags.go",
            ),
        ),
        not_shown="A drill runs the real Cluster Autoscaler only if you "
        "[provide the program](drills.md#parts-that-you-provide).",
    ),
)
