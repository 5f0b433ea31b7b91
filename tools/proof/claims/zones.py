"""Claims about the failure of a zone."""

from collections.abc import Sequence

from core.availability.cpu_target import cpu_target
from core.availability.failures import fail_zone
from core.availability.headroom import reserved_headroom
from core.availability.rebalancing import pods_to_move, seconds_until_even
from core.availability.replicas import headroom_per_zone, minimum_replicas
from core.availability.rescheduling import reschedule
from core.availability.zone_failure import is_evicted, seconds_to_replacement
from core.availability.zone_impairment import fails_health_checks, slow_share
from core.availability.zone_proof import zone_loss_proof
from settings import Settings
from settings.headroom import rules as headroom_rules
from settings.resilience import rules as resilience_rules
from settings.workload import scaling_rules
from tools.proof.claim import Claim, Drilled, Source
from tools.proof.conditions import has_replicas, has_several_zones


def _survives_a_zone(settings: Settings) -> bool:
    return has_several_zones(settings) and has_replicas(settings)


def _has_headroom(settings: Settings) -> bool:
    return _survives_a_zone(settings) and settings.headroom.size != "none"


_EVICTION = Source(
    fact="EKS may leave pods in place while a whole zone is unreachable. The claim does not rely "
    "on an eviction.",
    url="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/hybrid/"
    "network-disconnections/kubernetes-pod-failover.adoc",
)

CLAIMS: Sequence[Claim] = (
    Claim(
        id="zone-loss",
        text="If a zone fails, the pods that run in the other zones carry the load.",
        page="scaling.md",
        applies=_survives_a_zone,
        rules=("HA101", "HA503", "HA802"),
        refusals=(scaling_rules,),
        arithmetic=(minimum_replicas, cpu_target, fail_zone, zone_loss_proof),
        tests=(
            "tests/core/availability/test_replicas.py"
            "::test_the_needed_replicas_remain_whichever_zone_fails",
            "tests/core/availability/test_zone_loss.py"
            "::test_without_evictions_the_needed_replicas_remain",
            "tests/stacks/test_zone_loss.py::test_without_evictions_the_needed_replicas_remain",
            "tests/stacks/test_zone_loss.py"
            "::test_after_a_zone_failure_utilization_is_at_most_90_percent",
        ),
        drills=(
            Drilled(scenario="zones", event="zone lost"),
            Drilled(scenario="events", event="zone lost"),
        ),
        experiments=("lose-a-zone", "stress-cpu"),
        alarms=("app/APP/hosts", "app/APP/hosts/ZONE"),
        sources=(_EVICTION,),
        not_shown="A drill counts pods that serve, not failed requests. For one to two minutes, "
        "requests to the failed zone fail unless clients retry. During a rollout, fewer pods "
        "remain.",
    ),
    Claim(
        id="static-stability",
        text="The loss of a zone needs no eviction, no new pod and no control plane.",
        page="scaling.md",
        applies=_survives_a_zone,
        tests=(
            "tests/core/availability/test_zone_loss.py::test_the_failure_of_a_zone_adds_no_node",
        ),
        drills=(
            Drilled(scenario="api-server"),
            Drilled(scenario="api-server", unit="pods evicted"),
        ),
        experiments=("lose-a-zone",),
        alarms=("api/errors",),
        sources=(
            Source(
                fact="EKS runs at least two API servers and three etcd instances in three zones.",
                url="https://docs.aws.amazon.com/eks/latest/userguide/"
                "disaster-recovery-resiliency.html",
            ),
        ),
    ),
    Claim(
        id="evicted-pods",
        text="Evicted pods of a failed zone start on existing nodes.",
        page="scaling.md",
        applies=_has_headroom,
        rules=("HA701", "HA909", "HA910"),
        refusals=(headroom_rules,),
        arithmetic=(
            headroom_per_zone,
            reserved_headroom,
            reschedule,
            is_evicted,
            seconds_to_replacement,
        ),
        tests=(
            "tests/core/availability/test_replicas.py"
            "::test_headroom_of_the_other_zones_fits_the_pods_of_the_fullest_zone",
            "tests/core/availability/test_zone_loss.py"
            "::test_all_evicted_pods_fit_on_existing_nodes",
            "tests/stacks/test_zone_loss.py"
            "::test_evicted_pods_fit_into_the_other_zones_without_a_new_node",
        ),
        drills=(
            Drilled(scenario="eviction", event="zone lost, pods evicted"),
            Drilled(
                scenario="eviction",
                event="zone lost, pods evicted",
                unit="s until all * pods serve",
            ),
        ),
        alarms=("headroom/APP", "app/APP/pending"),
        sources=(_EVICTION,),
    ),
    Claim(
        id="remedies",
        text="Remedies work in an outage: they wait for no pod, and other edits do not stop them.",
        page="recovery.md",
        applies=_survives_a_zone,
        rules=("HA911",),
        tests=(
            "tests/stacks/test_remedies.py::test_in_a_running_cell_no_remedy_waits_for_pods",
            "tests/tools/deploy/test_remedies.py"
            "::test_a_cell_is_drained_although_its_region_does_not_answer",
            "tests/core/availability/test_replicas.py"
            "::test_zones_in_service_have_the_nodes_of_all_zones",
        ),
        rehearsals=("outage",),
        drills=(
            Drilled(scenario="remedies", unit="s until applied"),
            Drilled(scenario="remedies"),
        ),
    ),
    Claim(
        id="zonal-shift",
        text="A zonal shift moves requests away from a zone and evicts no pod.",
        page="scaling.md",
        applies=lambda settings: _survives_a_zone(settings) and settings.cluster.zonal_shift,
        tests=(
            "tests/tools/deploy/test_zonal_shift.py"
            "::test_the_load_balancers_are_shifted_away_from_the_id_of_the_zone",
            "tests/tools/deploy/test_zonal_shift.py"
            "::test_a_second_zone_is_refused_before_the_first_shift",
        ),
        drills=(
            Drilled(scenario="shift"),
            Drilled(scenario="shift", unit="pods evicted"),
            Drilled(scenario="shift", unit="pods serve after the end"),
        ),
        experiments=("lose-a-zone",),
        sources=(
            Source(
                fact="A zonal shift of a cluster cordons the nodes of the zone, removes its "
                "endpoints and evicts no pod. The drill simulates these three effects.",
                url="https://docs.aws.amazon.com/r53recovery/latest/dg/"
                "arc-zonal-shift.resource-types.eks.html",
            ),
            Source(
                fact="A zonal shift of a load balancer removes the address of the zone from DNS.",
                url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
                "zonal-shift.html",
            ),
        ),
        not_shown="No zonal shift has been started on AWS by this project.",
    ),
    Claim(
        id="practice-runs",
        text="A practice run neither starts nor continues while an app has fewer pods than needed.",
        page="resilience.md",
        applies=lambda settings: settings.resilience.autoshift is not None,
        rules=("HA959",),
        refusals=(resilience_rules,),
        tests=(
            "tests/stacks/test_practice_runs.py"
            "::test_a_lost_zone_does_not_block_practice_runs_but_redundancy_would",
            "tests/stacks/test_practice_runs.py::test_an_app_below_its_need_blocks_practice_runs",
        ),
        alarms=("apps-below-need",),
        sources=(
            Source(
                fact="A blocking alarm keeps a practice run from starting, and interrupts one.",
                url="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"
                "aws-properties-arczonalshift-zonalautoshiftconfiguration-controlcondition.html",
            ),
        ),
        not_shown="No practice run has taken place.",
    ),
    Claim(
        id="gray-zone",
        text="A slow zone slows at most its share of the requests until the zone is taken out.",
        page="drills.md",
        applies=lambda settings: _survives_a_zone(settings) and bool(settings.exposed),
        arithmetic=(slow_share, fails_health_checks),
        tests=(
            "tests/core/availability/test_zone_impairment.py"
            "::test_a_slow_zone_slows_its_share_of_the_requests",
        ),
        drills=(
            Drilled(scenario="impairment", unit="% of requests are slow"),
            Drilled(scenario="impairment", unit="pods fail their health checks"),
        ),
        experiments=("slow-zone", "lossy-zone"),
        alarms=("app/APP/latency", "app/APP/slow"),
        not_shown="The drill has haproxy in place of the load balancer.",
    ),
    Claim(
        id="even-zones",
        text="After a burst, a rollout or the return of a zone, pods are spread evenly again.",
        page="scaling.md",
        applies=lambda settings: _survives_a_zone(settings) and settings.autoscaling.descheduler,
        rules=("HA503", "HA904", "HA918"),
        arithmetic=(pods_to_move, seconds_until_even),
        tests=(
            "tests/core/availability/test_rebalancing.py"
            "::test_pods_move_until_the_zones_differ_by_at_most_one",
        ),
        drills=(
            Drilled(scenario="events", unit="s until the zones differ*"),
            Drilled(scenario="drain-at-once", unit="s until the zones differ*"),
            Drilled(scenario="eviction", unit="s until the zones differ*"),
        ),
        alarms=("app/APP/hosts/ZONE",),
        not_shown="Without `HA_EKS_DESCHEDULER`, a drill runs a model of the descheduler.",
    ),
)
