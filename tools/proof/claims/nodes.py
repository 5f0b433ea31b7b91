"""Claims about nodes, capacity and load."""

from collections.abc import Sequence

from core.availability.burst import (
    ready_at_once,
    ready_if_out_of_stock,
    seconds_to_new_replicas,
    seconds_to_scale_down,
)
from core.availability.zone_proof import zone_loss_proof
from settings import Settings
from settings.workload import scaling_rules, termination_rules
from tools.proof.claim import Claim, Drilled, Source
from tools.proof.conditions import has_replicas


def _has_spot_nodes(settings: Settings) -> bool:
    return any(pool.capacity_type == "SPOT" for pool in settings.pools.values())


def _has_headroom(settings: Settings) -> bool:
    return has_replicas(settings) and settings.headroom.size != "none"


CLAIMS: Sequence[Claim] = (
    Claim(
        id="node-loss",
        text="If a node or a part of a zone fails, the needed pods remain.",
        page="zone-loss.md",
        applies=has_replicas,
        rules=("HA101", "HA503"),
        arithmetic=(zone_loss_proof,),
        tests=(
            "tests/core/availability/test_failures.py"
            "::test_the_largest_node_is_the_one_whose_pods_request_most",
            "tests/core/availability/test_failures.py"
            "::test_60_percent_of_three_nodes_are_two_and_kubernetes_evicts_their_pods",
        ),
        drills=(
            Drilled(scenario="node"),
            Drilled(scenario="node", unit="s until all * pods serve"),
            Drilled(scenario="part"),
            Drilled(scenario="part", unit="s until all * pods serve"),
        ),
        experiments=("terminate-nodes",),
        alarms=("nodes/not-ready", "nodes/POOL/ZONE"),
        sources=(
            Source(
                fact="EKS node repair replaces nodes that stay unhealthy.",
                url="https://docs.aws.amazon.com/eks/latest/userguide/node-repair.html",
            ),
        ),
    ),
    Claim(
        id="drain",
        text="A drain evicts pods only while the needed pods of their app serve.",
        page="application.md",
        applies=has_replicas,
        rules=("HA601", "HA602", "HA603", "HA604", "HA605"),
        refusals=(scaling_rules,),
        tests=(
            "tests/stacks/test_disruption_budgets.py::test_evictions_leave_the_needed_replicas",
        ),
        rehearsals=("api",),
        drills=(
            Drilled(scenario="drain"),
            Drilled(scenario="drain-at-once"),
            Drilled(scenario="drain-at-once", unit="s until a node is drained"),
        ),
        alarms=("app/APP/not-ready",),
        sources=(
            Source(
                fact="A disruption budget does not limit a node that fails, or that EC2 terminates "
                "without a drain.",
                url="https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/"
                "#how-api-initiated-eviction-works",
            ),
        ),
    ),
    Claim(
        id="burst",
        text="In a burst, as many new pods as the headroom holds start without a new node.",
        page="scaling.md",
        applies=_has_headroom,
        rules=("HA401", "HA402", "HA403", "HA701"),
        arithmetic=(ready_at_once, seconds_to_new_replicas, seconds_to_scale_down),
        tests=(
            "tests/core/availability/test_burst.py"
            "::test_the_headroom_of_all_zones_is_ready_at_once",
        ),
        drills=(
            Drilled(scenario="burst", unit="new pods are ready within 4s"),
            Drilled(scenario="burst", unit="s until the first new pod is created"),
            Drilled(scenario="burst-without-headroom", unit="s from the creation of the last*"),
        ),
        alarms=("app/APP/at-max", "nodes/POOL/at-max"),
        not_shown="Nodes of a drill start within 10 seconds. A node on AWS is assumed to take 60 "
        "to 120 seconds.",
    ),
    Claim(
        id="out-of-stock",
        text="If a zone receives no nodes, a burst runs in the other zones, up to a known limit.",
        page="scaling.md",
        applies=has_replicas,
        rules=("HA905", "HA915"),
        arithmetic=(ready_if_out_of_stock,),
        tests=(
            "tests/core/availability/test_burst.py"
            "::test_the_other_zones_run_the_pods_of_a_burst_if_a_zone_is_out_of_stock",
        ),
        drills=(Drilled(scenario="out-of-stock"),),
        alarms=("app/APP/pending", "autoscaler/unschedulable"),
    ),
    Claim(
        id="spot",
        text="An app survives the interruption of all spot nodes: it can run on other nodes too.",
        page="scaling.md",
        applies=_has_spot_nodes,
        refusals=(scaling_rules, termination_rules),
        arithmetic=(zone_loss_proof,),
        tests=(
            "tests/core/availability/test_failures.py"
            "::test_an_interruption_of_a_spot_pool_moves_its_pods_to_other_pools",
            "tests/settings/workload/test_termination_rules.py"
            "::test_on_spot_nodes_a_pod_terminates_within_the_notice",
        ),
        experiments=("interrupt-spot",),
        sources=(
            Source(
                fact="EC2 announces an interruption two minutes before it, as best effort.",
                url="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/"
                "spot-instance-termination-notices.html",
            ),
        ),
    ),
)
