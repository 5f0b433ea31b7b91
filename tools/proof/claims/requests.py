"""Claims about requests and releases."""

from collections.abc import Sequence

from core.availability.dropped_requests import interrupted_seconds, refused_seconds
from core.availability.health_checks import (
    progress_deadline,
    rollout_seconds,
    seconds_until_ready,
)
from core.availability.replicas import remaining_during_rollout
from core.availability.retries import seconds_to_retry
from core.availability.termination import termination
from settings import Settings
from settings.headroom import rules as headroom_rules
from settings.workload import probe_rules, termination_rules
from tools.proof.claim import Claim, Drilled, Source
from tools.proof.conditions import has_replicas


def _is_exposed(settings: Settings) -> bool:
    return bool(settings.exposed)


CLAIMS: Sequence[Claim] = (
    Claim(
        id="termination",
        text="No request is dropped when a pod terminates.",
        page="application.md",
        applies=_is_exposed,
        rules=("HA301", "HA302", "HA917", "HA927"),
        refusals=(termination_rules,),
        arithmetic=(termination, refused_seconds, interrupted_seconds),
        tests=(
            "tests/core/availability/test_dropped_requests.py"
            "::test_the_derived_timing_drops_no_request",
            "tests/core/availability/test_termination.py::test_no_request_arrives_after_term",
            "tests/core/availability/test_termination.py::test_one_second_less_drops_requests",
            "tests/settings/workload/test_termination_rules.py"
            "::test_accepted_settings_drop_no_request_and_a_problem_states_the_sum",
        ),
        drills=(
            Drilled(scenario="termination", unit="requests are sent"),
            Drilled(scenario="termination", unit="of a million requests are dropped"),
            Drilled(scenario="termination", unit="requests are dropped"),
        ),
        experiments=("delete-pods",),
        alarms=("app/APP/errors", "balancer/errors"),
        sources=(
            Source(
                fact="The kubelet sends TERM after preStop, and KILL at the end of the grace "
                "period. Endpoints are removed at the same time.",
                url="https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/"
                "#pod-termination",
            ),
            Source(
                fact="A load balancer sends no new requests to a target that is deregistered, and "
                "waits for those in flight during the deregistration delay.",
                url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
                "edit-target-group-attributes.html",
            ),
        ),
        not_shown="haproxy stands for the load balancer and a small server for the app. AWS "
        "publishes no figure for the time until a target is deregistered: 20 seconds are assumed.",
    ),
    Claim(
        id="unresponsive-pods",
        text="Pods that do not respond receive no requests after 14 seconds.",
        page="application.md",
        applies=_is_exposed,
        rules=("HA201", "HA202", "HA203"),
        refusals=(probe_rules,),
        arithmetic=(seconds_until_ready,),
        tests=(
            "tests/core/availability/test_health_checks.py"
            "::test_an_unresponsive_target_is_unhealthy_once_its_last_check_has_timed_out",
        ),
        drills=(Drilled(scenario="impairment", unit="s until the pods receive no requests"),),
        alarms=("app/APP/hosts", "app/APP/errors"),
        sources=(
            Source(
                fact="A target is unhealthy after the configured number of failed health checks.",
                url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
                "target-group-health-checks.html",
            ),
        ),
    ),
    Claim(
        id="rollout",
        text="A rollout terminates an old pod only after a new one serves.",
        page="application.md",
        applies=has_replicas,
        rules=("HA201",),
        refusals=(headroom_rules,),
        arithmetic=(rollout_seconds, remaining_during_rollout),
        tests=(
            "tests/core/availability/test_replicas.py"
            "::test_a_zone_failure_during_a_rollout_leaves_the_computed_replicas",
        ),
        drills=(
            Drilled(scenario="rollout"),
            Drilled(scenario="rollout-zone"),
            Drilled(scenario="rollout-zone", unit="pods serve after the end"),
        ),
        alarms=("app/APP/not-ready",),
        not_shown="If a zone fails during a rollout, fewer than the needed pods can remain.",
    ),
    Claim(
        id="bad-release",
        text="A bad release is rolled back, and the old pods serve until then.",
        page="release.md",
        applies=has_replicas,
        rules=("HA102", "HA201"),
        arithmetic=(progress_deadline,),
        tests=(
            "tests/tools/deploy/release/test_order.py::test_an_alarm_after_the_rollout_rolls_back",
            "tests/stacks/test_failed_migrations.py"
            "::test_all_changes_of_a_version_wait_for_its_migration",
        ),
        rehearsals=("release",),
        drills=(
            Drilled(scenario="bad-release"),
            Drilled(scenario="bad-release", unit="pods of the bad version"),
            Drilled(scenario="bad-release", unit="s until the rollout has failed"),
            Drilled(scenario="bad-release", event="roll back", unit="pods start"),
        ),
        alarms=("impact", "app/APP/not-ready"),
        not_shown="`make release` rolls back. After a plain `make up`, a person does.",
    ),
    Claim(
        id="readiness-gate",
        text="While the load balancer controller is unavailable, running pods serve, and new pods "
        "start after it returns.",
        page="drills.md",
        applies=_is_exposed,
        rules=("HA606", "HA607"),
        arithmetic=(seconds_to_retry,),
        tests=(
            "tests/core/availability/test_retries.py"
            "::test_the_next_attempt_comes_within_the_computed_time",
            "tests/stacks/test_system_pods.py"
            "::test_only_pods_of_exposed_apps_depend_on_the_load_balancer_controller",
        ),
        drills=(
            Drilled(scenario="webhook"),
            Drilled(scenario="webhook", unit="s after the end*"),
        ),
        alarms=("system/pending",),
    ),
    Claim(
        id="images",
        text="Nodes pull images from ECR in their own region.",
        page="application.md",
        applies=lambda settings: settings.images.source != "upstream",
        rules=("HA102", "HA933", "HA934"),
        tests=(
            "tests/stacks/test_images.py"
            "::test_no_pod_pulls_a_cached_image_from_its_upstream_registry",
        ),
        alarms=("app/APP/pending",),
        sources=(
            Source(
                fact="ECR keeps a pulled image, and asks the upstream registry at most once in 24 "
                "hours for a newer one.",
                url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/"
                "pull-through-cache.html",
            ),
        ),
        not_shown="The first pull of an image needs its upstream registry.",
    ),
    Claim(
        id="alarms",
        text="Every guarantee has an alarm, and every alarm has a runbook.",
        page="alarms.md",
        tests=(
            "tests/stacks/test_alarms.py"
            "::test_every_gateway_target_group_health_check_and_app_has_its_alarms",
            "tests/stacks/test_alarms.py"
            "::test_descriptions_have_problem_first_check_and_a_link_to_a_runbook_section",
            "tests/stacks/test_alarm_evaluation.py"
            "::test_a_zone_failure_sets_off_redundancy_alarms_and_no_impact_alarm",
            "tests/stacks/test_alarm_evaluation.py::test_no_alarm_goes_off_in_a_healthy_cell",
        ),
        alarms=("impact", "redundancy", "metrics/silent"),
        not_shown="The tests evaluate alarms with their own model of CloudWatch.",
    ),
)
