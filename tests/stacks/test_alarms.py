"""The alarms of each stack: existing metrics, subscribers, runbooks and limits of CloudWatch."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import yaml

from core.facts import metrics
from core.facts.add_on_pods import ADD_ON_PODS
from core.facts.metrics import METRICS, Metric
from core.facts.system_deployments import AUTOSCALER, AUTOSCALER_CONTAINER, system_deployments
from settings import read_stack_file
from settings.availability import headroom_of
from tests.alarm_evaluation import (
    COMPOSITE,
    METRIC,
    MetricQuery,
    alarms,
    children,
    expression,
    members,
    queries_of,
)
from tests.stacks.objects import of_kind
from tests.stacks.resources import by_id, outputs_of
from tools.recording import Recording, Resource, record
from tools.recording.record import ROOT

TOPIC = "aws:sns/topic:Topic"
KEY = "aws:kms/key:Key"
FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
BREACHING_WITHOUT_DATA = {
    "app/hosts", "app/hosts/ZONE", "nodes/POOL/PART", "metrics/silent", "health/APP",
}  # fmt: skip
"""Alarms whose failure itself stops the data."""


def all_alarms(recording: Recording) -> Iterator[Resource]:
    yield from recording.of_type(METRIC, COMPOSITE)


def metric_of(recording: Recording, each: MetricQuery) -> Metric:
    filter_metrics = [
        metrics.log_metric(recording.stack, str(e.inputs["name"]))
        for e in recording.of_type(FILTER)
    ]
    found = [
        m
        for m in (*METRICS, *filter_metrics)
        if (m.namespace, m.name) == (each.namespace, each.name)
    ]
    assert len(found) == 1, f"no publisher of {each}"
    return found[0]


def anchors(page: str = "alarms.md") -> set[str]:
    """Returns the anchors of the headings of a page in docs/, as GitHub generates them."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def topics(recording: Recording) -> dict[str, Resource]:
    """Returns the topics by ARN."""
    outputs = outputs_of(recording, TOPIC)
    return {
        each["arn"]: topic for each, topic in zip(outputs, recording.of_type(TOPIC), strict=True)
    }


def test_every_alarm_notifies_the_topic_of_its_region(recording: Recording) -> None:
    """Parts of a composite alarm have no actions."""
    by_arn = topics(recording)
    composites = {f"{recording.stack}/impact", f"{recording.stack}/redundancy"}
    for each in all_alarms(recording):
        inputs: Any = each.inputs
        actions = inputs.get("alarmActions")
        if each.type == COMPOSITE and inputs["alarmName"] not in composites:
            assert not actions, "subscribers would be notified twice"
            continue
        assert actions == inputs["okActions"]
        assert len(actions) == 1, "no subscriber would be notified"
        region = by_arn[actions[0]].inputs["region"]
        assert region == inputs["region"], "CloudWatch refuses topics of other regions"


def test_each_region_with_alarms_has_one_topic(recording: Recording) -> None:
    region, settings = recording.settings.aws.region, recording.settings
    # The health checks of an internal load balancer read alarms of its own region.
    global_checks = settings.traffic and not settings.load_balancing.internal
    expected = {region, "us-east-1"} if global_checks else {region}
    assert sorted(str(e.inputs["region"]) for e in recording.of_type(TOPIC)) == sorted(expected)
    assert {str(each.inputs["region"]) for each in all_alarms(recording)} == expected


def test_a_cell_without_health_checks_has_alarms_only_in_its_region(tmp_path: Path) -> None:
    config = read_stack_file(ROOT / "Pulumi.prod-standby.yaml")
    del config["ha-eks:traffic"]
    text = yaml.safe_dump({"config": config})
    (tmp_path / "Pulumi.changed.yaml").write_text(text, encoding="utf-8")
    recording = record("changed", root=tmp_path)
    assert [each.inputs["region"] for each in recording.of_type(TOPIC)] == ["us-west-2"]
    assert not [key for key in alarms(recording) if key.startswith("health/")]


def test_every_subscriber_is_subscribed_to_every_topic(recording: Recording) -> None:
    expected = {
        (e.protocol, e.endpoint) for e in recording.settings.observability.alarms.subscriptions
    }
    for arn, topic in topics(recording).items():
        found = [
            e.inputs
            for e in recording.of_type("aws:sns/topicSubscription:TopicSubscription")
            if e.inputs["topic"] == arn
        ]
        assert {(e["protocol"], e["endpoint"]) for e in found} == expected
        assert {e["region"] for e in found} <= {topic.inputs["region"]}
    assert not [e for e in recording.resources if "@" in e.name], (
        "logs would contain the addresses of subscribers"
    )


def test_cloudwatch_may_publish_to_each_topic_and_use_its_key(recording: Recording) -> None:
    keys = dict(
        zip([e["arn"] for e in outputs_of(recording, KEY)], recording.of_type(KEY), strict=True)
    )
    policies = {e.inputs["arn"]: e for e in recording.of_type("aws:sns/topicPolicy:TopicPolicy")}
    for arn, topic in topics(recording).items():
        region = topic.inputs["region"]
        key = keys[str(topic.inputs["kmsMasterKeyId"])]
        assert key.inputs["region"] == policies[arn].inputs["region"] == region
        for document, actions, resource in (
            (key.inputs["policy"], {"kms:Decrypt", "kms:GenerateDataKey*"}, "*"),
            (policies[arn].inputs["policy"], {"sns:Publish"}, arn),
        ):
            [statement] = [
                each
                for each in json.loads(str(document))["Statement"]
                if each["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
            ]
            assert (statement["Effect"], {*statement["Action"]}) == ("Allow", actions)
            assert statement["Resource"] == resource
            assert statement["Condition"] == {
                "StringEquals": {"aws:SourceAccount": "123456789012"},
                "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:123456789012:alarm:*"},
            }
        denied = [s for s in json.loads(str(policies[arn].inputs["policy"]))["Statement"]
                  if s["Effect"] == "Deny"]  # fmt: skip
        assert [s["Condition"] for s in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


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
    sections = anchors()
    runbooks = f"{recording.settings.observability.alarms.runbooks}/alarms.md#"
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
        assert link.startswith(f"Runbook: {runbooks}")
        assert link.rpartition("#")[2] in sections, f"{link}: no such section"


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


def test_every_section_of_the_runbook_belongs_to_an_alarm(
    previewed: Callable[[str], Recording],
) -> None:
    used = {
        description.rpartition("#")[2]
        for stack in ("prod", "wide")
        for each in all_alarms(previewed(stack))
        if "#" in (description := str(each.inputs["alarmDescription"]))
    }
    text = (ROOT / "docs" / "alarms.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### (.+)$", text, re.MULTILINE)
    assert {each.lower().replace(" ", "-") for each in headings} == used - {"impact", "redundancy"}
    for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        assert all(
            f"- **{word}**" in part for word in ("Check first.", "What to do.", "False alarms.")
        )


def test_links_in_the_runbook_have_existing_targets() -> None:
    text = (ROOT / "docs" / "alarms.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    for link in links:
        file, _, anchor = link.partition("#")
        assert not file or (ROOT / "docs" / file).exists(), link
        assert not anchor or anchor in anchors(file or "alarms.md"), link


def kind_of(recording: Recording, key: str) -> str:
    """Returns the key with placeholders for names of apps, pools and zones."""
    first, *rest = key.split("/")
    if first == "app":
        return "/".join(["app", rest[1], *(["ZONE"] if len(rest) > 2 else [])])
    if first == "nodes" and len(rest) == 2:
        return "nodes/POOL/at-max" if rest[1] == "at-max" else "nodes/POOL/PART"
    if first == "headroom":
        return key if rest == ["system"] else "headroom/APP"
    return {"health": "health/APP", "nat": "nat/ZONE"}.get(first, key)


def test_missing_data_is_breaching_only_if_the_failure_stops_the_data(recording: Recording) -> None:
    for key, each in alarms(recording).items():
        breaching = kind_of(recording, key) in BREACHING_WITHOUT_DATA
        expected = "breaching" if breaching else "notBreaching"
        assert each.inputs["treatMissingData"] == expected, key
        insights = any(m.namespace == "ContainerInsights" for m in queries_of(each).values())
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
    for dimension, resources in (
        ("NatGatewayId", {*by_id(recording, "aws:ec2/natGateway:NatGateway")}),
        ("TargetGroup", groups),
    ):
        assert resources <= {each.get(dimension) for each in dimensions}
    expected = {f"health/{name}" for name in settings.health_paths}
    assert {key for key in found if key.startswith("health/")} == expected
    for name, app in settings.deployments.items():
        assert f"app/{name}/pending" in found
        assert f"app/{name}/not-ready" in found
        minimum = app.minimum_replicas(settings.network.effective_zones)
        assert (f"app/{name}/at-max" in found) is (app.maximum_replicas > minimum)
        for kind in ("errors", "latency", "slow", "hosts"):
            assert (f"app/{name}/{kind}" in found) is (name in settings.exposed)
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
    cell = {key for key in alarms(recording) if not key.startswith("health/")}
    assert {*impact, *redundancy} == cell
    kinds = {"errors", "latency", "slow", "hosts", "ready"}
    assert {*impact} == {k for k in cell if k.split("/")[-1] in kinds and k.split("/")[0] != "api"}


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


def test_system_deployments_are_those_of_add_ons_and_charts(recording: Recording) -> None:
    found = {*system_deployments(
        descheduler=recording.settings.autoscaling.descheduler,
        keda=recording.settings.uses_keda,
    )}  # fmt: skip
    assert len(found) <= 10, "metric math takes at most ten metrics"
    add_ons = {each.name for pods in ADD_ON_PODS.values() for each in pods}
    kube_system = {each.name for each in found if each.namespace == "kube-system"}
    assert kube_system == add_ons - {"cloudwatch-operator", "efs-csi-controller"}
    releases = recording.of_type("kubernetes:helm.sh/v3:Release")
    charts = {
        str(e.inputs["namespace"]): e
        for e in releases
        if e.inputs["chart"] != "cluster-proportional-autoscaler"
        and e.inputs["namespace"] != "device-plugins"  # DaemonSets
    }
    namespaces = {e.namespace for e in found} - {"kube-system", "amazon-cloudwatch"}
    assert namespaces == {*charts}
    for each in found - {AUTOSCALER}:
        if each.namespace in charts:
            values = json.dumps(charts[each.namespace].inputs["values"], default=str)
            spread = f'"app.kubernetes.io/name": "{each.name}"'
            assert spread in values, f"{each}: the chart names its pods differently"
    assert AUTOSCALER.name == f"{AUTOSCALER.namespace}-{AUTOSCALER_CONTAINER}"


def test_metric_filters_publish_the_metric_that_the_alarm_reads(
    recording: Recording,
) -> None:
    filters = {
        str(each.inputs["name"]): each
        for each in recording.of_type(FILTER)
        if not str(each.inputs["name"]).startswith("CronJob")
    }
    assert {*filters} == {"AutoscalerErrors", "AutoscalerUnschedulable"}
    group = f"/aws/containerinsights/{recording.stack}/application"
    for name, each in filters.items():
        inputs: Any = each.inputs
        assert inputs["logGroupName"] == group
        assert f'"{AUTOSCALER_CONTAINER}"' in inputs["pattern"]
        assert len(inputs["pattern"]) <= 1024
        metric = inputs["metricTransformation"]
        assert (metric["namespace"], metric["name"], metric["value"]) == (
            f"ha-eks/{recording.stack}", name, "1",
        )  # fmt: skip
    [read] = queries_of(alarms(recording)["autoscaler/unschedulable"]).values()
    assert read.name in filters
    assert read.period > 300, "the Cluster Autoscaler logs one event per pod in five minutes"


def test_each_cron_job_has_alarms_on_the_audit_log(recording: Recording) -> None:
    filters = {str(each.inputs["name"]): each.inputs for each in recording.of_type(FILTER)}
    expected = dict(recording.settings.cron_jobs) if recording.settings.reports_cron_jobs else {}
    found = {key for key in alarms(recording) if key.startswith("cron/")}
    late = {name for name, each in expected.items() if each.seconds_to_success is not None}
    assert found == {f"cron/{n}/failed" for n in expected} | {f"cron/{n}/late" for n in late}
    for name in expected:
        for condition in ("Complete", "Failed"):
            inputs: Any = filters[f"CronJob{condition}-{name}"]
            assert inputs["logGroupName"] == f"/aws/eks/{recording.stack}/cluster"
            assert inputs["pattern"] == (
                '{ ($.objectRef.resource = "jobs") && ($.objectRef.subresource = "status") && '
                f'($.objectRef.namespace = "{name}") && '
                f'(($.responseObject.status.conditions[0].type = "{condition}") || '
                f'($.responseObject.status.conditions[1].type = "{condition}")) }}'
            )
            metric = inputs["metricTransformation"]
            assert (metric["value"], metric["defaultValue"]) == ("1", "0")
    for name in late:
        [series] = queries_of(alarms(recording)[f"cron/{name}/late"]).values()
        waits: Any = alarms(recording)[f"cron/{name}/late"].inputs["evaluationPeriods"]
        assert series.period * waits >= (expected[name].seconds_to_success or 0)
