"""Claims about several cells of one domain."""

from collections.abc import Sequence

from core.availability.dns_failover import DnsFailover
from settings import Settings
from settings.traffic import rules as traffic_rules
from tools.proof.claim import Claim, Source


def _has_domain(settings: Settings) -> bool:
    return settings.traffic is not None


def _fails_over(settings: Settings) -> bool:
    return settings.traffic is not None and settings.traffic.policy == "failover"


CLAIMS: Sequence[Claim] = (
    Claim(
        id="failover",
        text="If a cell fails, Route 53 sends its clients to another cell within a computed time.",
        page="several-cells.md",
        applies=_has_domain,
        rules=("MC101", "MC102", "MC103", "MC104", "MC106", "MC107"),
        refusals=(traffic_rules,),
        arithmetic=(DnsFailover,),
        tests=(
            "tests/components/test_route53.py"
            "::test_the_record_has_a_health_check_with_every_routing_policy",
            "tests/components/test_route53.py::test_a_health_check_fails_after_30_seconds",
            "tests/core/availability/test_dns_failover.py::test_each_time_includes_those_before",
        ),
        rehearsals=("failover",),
        alarms=("health/APP",),
        sources=(
            Source(
                fact="Route 53 answers with healthy records only, and health checkers are in "
                "several regions.",
                url="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover.html",
            ),
        ),
        not_shown="AWS publishes no figure for the propagation in Route 53: 60 seconds are "
        "assumed. Clients that ignore the TTL need longer.",
    ),
    Claim(
        id="independent-cells",
        text="Cells share a domain and its hosted zone, and nothing that can fail with a region.",
        page="several-cells.md",
        applies=_has_domain,
        rules=("MC201", "MC202", "MC203"),
        tests=("tests/tools/rules/test_cells.py::test_the_shipped_cells_keep_all_rules",),
        experiments=("cut-cross-region",),
    ),
    Claim(
        id="secondary-capacity",
        text="The secondary cell can run all pods of the primary.",
        page="several-cells.md",
        applies=_fails_over,
        rules=("MC301", "MC302", "MC303", "MC304", "MC305"),
        tests=(
            "tests/tools/rules/test_cells.py::test_a_difference_of_the_secondary_cell_is_found",
        ),
        sources=(
            Source(
                fact="A load balancer can reserve capacity. Without it, AWS scales the load "
                "balancer up as requests arrive.",
                url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
                "capacity-unit-reservation.html",
            ),
        ),
    ),
    Claim(
        id="failback",
        text="After a failover or a drain, a cell with the role primary gets its users back only "
        "by the decision of a person.",
        page="several-cells.md",
        applies=_fails_over,
        tests=(
            "tests/components/test_failover_latch.py"
            "::test_the_check_retains_its_status_while_the_metric_has_no_data",
            "tests/components/test_failover_latch.py"
            "::test_a_failover_writes_1_to_the_metric_of_the_check_and_nothing_else_does",
            "tests/tools/fleet/test_failback.py"
            "::test_only_a_healthy_cell_that_is_out_of_service_fails_back",
            "tests/tools/fleet/test_failback.py"
            "::test_fewer_pods_than_in_the_serving_cell_prevent_the_failback",
            "tests/components/test_route53.py"
            "::test_a_drained_cell_is_unhealthy_even_if_its_check_passes",
        ),
        rehearsals=("failover",),
        sources=(
            Source(
                fact="A health check on a metric can keep its last status while the metric has no "
                "data.",
                url="https://docs.aws.amazon.com/Route53/latest/APIReference/"
                "API_HealthCheckConfig.html",
            ),
        ),
        not_shown="If us-east-1 fails, a primary cell in that region may fail back by itself: the "
        "latch is there. How fast Route 53 reads a single value of a metric is not documented.",
    ),
    Claim(
        id="fleet",
        text="A bad change reaches one cell only.",
        page="fleet.md",
        applies=_has_domain,
        tests=(
            "tests/tools/fleet/test_rollout.py::test_a_bad_change_reaches_one_cell_only",
            "tests/tools/fleet/test_rollout.py"
            "::test_a_run_that_is_killed_after_any_record_resumes_with_its_step",
        ),
        rehearsals=("fleet",),
        alarms=("impact", "health/APP"),
        not_shown="The rehearsal simulates health and time.",
    ),
)
