"""The alarms of each stack: existing metrics, runbooks and limits of CloudWatch."""

import re
from collections.abc import Callable
from typing import Any, cast

from core.facts import metrics
from core.facts.metrics import METRICS, Metric
from core.facts.system_deployments import system_deployments
from core.load_balancers import KINDS
from settings.availability import headroom_of
from tests.alarm_evaluation import (
    COMPOSITE,
    LOG_FILTER,
    MetricQuery,
    alarms,
    all_alarms,
    children,
    expression,
    members,
    queries_of,
)
from tests.pages import anchors
from tests.runbook_pages import is_key
from tests.stacks.objects import of_kind
from tests.stacks.resources import by_id, outputs_of
from tools.recording import Recording
from tools.recording.record import ROOT

BREACHING_WITHOUT_DATA = {
    "app/hosts", "app/hosts/ZONE", "nodes/POOL/PART", "metrics/silent", "health/APP",
    "apps-below-need",
}  # fmt: skip
"""Alarms whose failure itself stops the data."""


def metric_of(recording: Recording, each: MetricQuery) -> Metric:
    filter_metrics = [
        metrics.log_metric(recording.stack, str(e.inputs["name"]))
        for e in recording.of_type(LOG_FILTER)
    ]
    found = [
        m
        for m in (*METRICS, *filter_metrics)
        if (m.namespace, m.name) == (each.namespace, each.name)
    ]
    assert len(found) == 1, f"no publisher of {each}"
    return found[0]


def test_alarms_are_created_after_the_apps_and_the_topic_policy(recording: Recording) -> None:
    policies = {
        e.inputs["arn"]: e.urn for e in recording.of_type("aws:sns/topicPolicy:TopicPolicy")
    }
    serving = {
        each.inputs["metadata"]["namespace"]: each.urn
        for each in recording.of_type("kubernetes:apps/v1:Deployment")
        if each.inputs["metadata"]["namespace"] in recording.settings.deployments
    }
    assert serving
    for each in all_alarms(recording):
        before, inputs = recording.before(each), cast("Any", each.inputs)
        key = str(inputs.get("name", "")).removeprefix(f"{recording.stack}/").split("/")
        if key[0] == "app":
            awaiting = {name for name, urn in serving.items() if urn in before}
            assert awaiting == {key[1]}, "one bad app would leave others without alarms"
        elif key[0] != "health":
            assert {*serving.values()} <= before, "a new cell would be in alarm while it starts"
        for arn in inputs.get("alarmActions", []):
            assert policies[arn] in before, "the first notification would be lost"


def test_descriptions_have_problem_first_check_and_a_link_to_a_runbook_section(
    recording: Recording,
) -> None:
    runbooks = recording.settings.observability.alarms.runbooks
    for each in all_alarms(recording):
        description = str(each.inputs["alarmDescription"])
        assert len(description) <= 1024, "CloudWatch refuses the alarm"
        if each.type == COMPOSITE and not each.inputs.get("alarmActions"):
            continue
        problem, first_check, link = description.split("\n")
        assert problem.endswith("."), "the description does not say what is wrong"
        assert re.fullmatch(r"First check: .*[^.]", first_check), (
            "the first check is missing, or its command ends with a period"
        )
        page, _, section = link.removeprefix(f"Runbook: {runbooks}/").partition("#")
        assert section in anchors(ROOT / "docs" / page), f"{link}: no such section"


def test_the_descriptions_of_prod_are_those_of_the_reviewed_list(
    previewed: Callable[[str], Recording],
) -> None:
    """Read a changed text of alarm_descriptions.txt as an engineer who was woken at night."""
    found = {
        str(each.inputs.get("name") or each.inputs["alarmName"]): each.inputs["alarmDescription"]
        for each in all_alarms(previewed("prod"))
    }
    reviewed = (ROOT / "tests/stacks/alarm_descriptions.txt").read_text(encoding="utf-8")
    listed = "\n".join(f"{name}\n{text}\n" for name, text in sorted(found.items()))
    assert listed == reviewed


def test_every_alarm_has_a_section_with_its_condition(
    previewed: Callable[[str], Recording],
) -> None:
    text = (ROOT / "docs" / "alarms.md").read_text(encoding="utf-8")
    parts = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    cells = [cell for part in parts for cell in re.findall(r"^\| (`.+?) \|", part, re.MULTILINE)]
    documented = {key for cell in cells for key in re.findall(r"`([a-zA-Z/-]+)`", cell)}
    existing = {key for stack in ("prod", "wide") for key in alarms(previewed(stack))}
    assert {key for key in existing if not any(is_key(key, each) for each in documented)} == set()
    for part in parts:
        assert all(
            f"- **{word}**" in part for word in ("Check first.", "What to do.", "False alarms.")
        )


def kind_of(recording: Recording, key: str) -> str:
    """Returns the key with placeholders for names of apps, pools and zones."""
    first, *rest = key.split("/")
    if first == "app":
        return "/".join(
            ["app", rest[1].removesuffix("-internal"), *(["ZONE"] if len(rest) > 2 else [])]
        )
    if first == "nodes" and len(rest) == 2:
        return "nodes/POOL/at-max" if rest[1] == "at-max" else "nodes/POOL/PART"
    if first == "apps-below-need":
        return first
    if first == "headroom":
        return key if rest == ["system"] else "headroom/APP"
    return {"health": "health/APP", "nat": "nat/ZONE"}.get(first, key)


def test_missing_data_is_breaching_only_if_the_failure_stops_the_data(recording: Recording) -> None:
    for key, each in alarms(recording).items():
        breaching = kind_of(recording, key) in BREACHING_WITHOUT_DATA
        insights = all(m.namespace == "ContainerInsights" for m in queries_of(each).values())
        if insights and is_key(key, "apps-below-need"):  # of workers only
            breaching = False
        expected = "breaching" if breaching else "notBreaching"
        assert each.inputs["treatMissingData"] == expected, key
        assert not (breaching and insights) or key == "metrics/silent", (
            "a failure of the agents would set off thirty alarms"
        )


def test_alarms_use_metrics_with_documented_dimensions_and_statistics(recording: Recording) -> None:
    for key, alarm in alarms(recording).items():
        for each in queries_of(alarm).values():
            metric = metric_of(recording, each)
            assert metric.is_published(each.dimensions, each.statistic), f"{key}: {each}"


def test_alarms_refer_to_existing_resources(recording: Recording) -> None:
    def outputs(type_: str, key: str) -> set[str]:
        return {str(each[key]) for each in outputs_of(recording, type_)}

    system = system_deployments(
        descheduler=recording.settings.autoscaling.descheduler,
        keda=recording.settings.uses_keda,
    )
    workloads = {(e["metadata"]["namespace"], e["metadata"]["name"])
                 for e in of_kind(recording, "Deployment")} | {*system}  # fmt: skip
    existing = {
        "LoadBalancer": outputs("aws:lb/loadBalancer:LoadBalancer", "arnSuffix"),
        "TargetGroup": outputs("aws:lb/targetGroup:TargetGroup", "arnSuffix"),
        "AvailabilityZone": {*recording.settings.network.zones_in},
        "ClusterName": {recording.stack},
        "AutoScalingGroupName": {
            scaling["name"]
            for group in outputs_of(recording, "aws:eks/nodeGroup:NodeGroup")
            for each in group["resources"]
            for scaling in each["autoscalingGroups"]
        },
        "NatGatewayId": {*by_id(recording, "aws:ec2/natGateway:NatGateway")},
        "HealthCheckId": {*by_id(recording, "aws:route53/healthCheck:HealthCheck")},
    }
    for key, alarm in alarms(recording).items():
        for each in queries_of(alarm).values():
            for dimension, value in each.dimensions.items():
                if dimension in existing:
                    assert value in existing[dimension], f"{key}: no {dimension} {value}"
            assert each.workload in {*workloads, (None, None)}, f"{key}: {each.workload}"


def test_every_gateway_target_group_health_check_and_app_has_its_alarms(
    recording: Recording,
) -> None:
    settings, found = recording.settings, alarms(recording)
    dimensions = [dict(m.dimensions) for a in found.values() for m in queries_of(a).values()]
    groups = {each["arnSuffix"] for each in outputs_of(recording, "aws:lb/targetGroup:TargetGroup")}
    listeners = recording.of_type(
        "aws:lb/listener:Listener", "aws:lb/listenerCertificate:ListenerCertificate"
    )
    certificates = {str(each.inputs["certificateArn"]) for each in listeners
                    if each.inputs.get("certificateArn")}  # fmt: skip
    for dimension, resources in (
        ("NatGatewayId", {*by_id(recording, "aws:ec2/natGateway:NatGateway")}),
        ("TargetGroup", groups),
        ("CertificateArn", certificates),
    ):
        assert resources <= {each.get(dimension) for each in dimensions}
    expected = {f"health/{name}" for name in settings.load_balancer("public").health_paths}
    assert {key for key in found if key.startswith("health/")} == expected
    for name, app in settings.deployments.items():
        assert f"app/{name}/pending" in found
        assert f"app/{name}/not-ready" in found
        minimum = app.minimum_replicas(settings.network.effective_zones)
        assert (f"app/{name}/at-max" in found) is (app.maximum_replicas > minimum)
        for kind in ("errors", "latency", "slow", "hosts"):
            public, internal = (settings.load_balancer(each).exposed for each in KINDS)
            assert (f"app/{name}/{kind}" in found) is (name in public)
            assert (f"app/{name}/{kind}-internal" in found) is (name in internal)
    pods = dict(headroom_of(settings).pods) if settings.headroom.mode == "pausePods" else {}
    expected = {f"headroom/{name}" for name, number in pods.items() if number}
    assert {key for key in found if key.startswith("headroom/")} == expected


def test_pending_pod_alarms_exclude_pause_pods(recording: Recording) -> None:
    for key, alarm in alarms(recording).items():
        namespaces = {each.workload[0] for each in queries_of(alarm).values()}
        assert ("headroom" in namespaces) is key.startswith("headroom/"), (
            "preempted pause pods would set off the alarm"
        )
        if key.endswith("/pending"):
            assert None not in namespaces, "the total of the cluster includes pause pods"


def test_alarms_are_within_the_limits_of_cloudwatch(recording: Recording) -> None:
    names = [str(e.inputs.get("name") or e.inputs["alarmName"]) for e in all_alarms(recording)]
    assert len(names) == len({*names})
    assert [name for name in names if len(name) > 255 or not name.isprintable()] == []
    assert all(name.startswith(f"{recording.stack}/") for name in names), (
        "names of two cells could collide"
    )
    for key, alarm in alarms(recording).items():
        inputs: Any = alarm.inputs
        series = queries_of(alarm)
        [period] = {each.period for each in series.values()}
        assert period % 60 == 0
        days = 7 if period >= 3600 else 1
        assert period * inputs["evaluationPeriods"] <= days * 86_400
        assert inputs.get("datapointsToAlarm", 1) <= inputs["evaluationPeriods"]
        assert 1 <= len(series) <= 10, key
        assert len(expression(alarm)) <= 1024
        queries = inputs.get("metricQueries", [])
        if queries:
            assert [q["id"] for q in queries if q.get("returnData")] == ["value"]
            assert all(re.fullmatch(r"[a-z][A-Za-z0-9_]*", q["id"]) for q in queries)
            excluded = {"metricName", "namespace", "dimensions", "period", "statistic", "unit"}
            assert not excluded & {k for k, v in inputs.items() if v is not None}
        else:
            assert ("statistic" in inputs) is not ("extendedStatistic" in inputs)


def test_every_alarm_in_the_region_of_the_cell_is_in_exactly_one_composite_alarm(
    recording: Recording,
) -> None:
    impact, redundancy = ([*children(recording, key)] for key in ("impact", "redundancy"))
    assert len(impact) == len({*impact})
    assert len(redundancy) == len({*redundancy})
    assert not {*impact} & {*redundancy}, "an experiment would stop because of its expected effect"
    others = ("health/", "apps-below-need")
    cell = {key for key in alarms(recording) if not key.startswith(others)}
    assert {*impact, *redundancy} == cell
    kinds = {"errors", "latency", "slow", "hosts", "ready"}
    assert {*impact} == {
        key
        for key in cell
        if key.removesuffix("-internal").split("/")[-1] in kinds and not key.startswith("api/")
    }


def test_composite_alarms_are_created_after_their_members_and_within_limits(
    recording: Recording,
) -> None:
    by_name = {str(e.inputs.get("name") or e.inputs["alarmName"]): e for e in all_alarms(recording)}
    for composite in recording.of_type(COMPOSITE):
        names = members(composite)
        assert 1 <= len(names) <= 100
        assert len(str(composite.inputs["alarmRule"])) <= 10_240
        for name in names:
            assert by_name[name].urn in recording.before(composite)
            assert by_name[name].inputs["region"] == composite.inputs["region"]


def test_route53_can_read_the_alarms_on_healthy_pods_and_average_response_time(
    recording: Recording,
) -> None:
    """Route 53 requires one metric, a plain statistic, periods of at least 60s, and no M of N."""
    for key, alarm in alarms(recording).items():
        if kind_of(recording, key) in ("app/slow", "app/hosts"):
            inputs: Any = alarm.inputs
            assert inputs["statistic"] in {"Average", "Minimum", "Maximum", "Sum"}
            assert inputs["period"] >= 60
            assert "datapointsToAlarm" not in inputs
            assert "metricQueries" not in inputs
