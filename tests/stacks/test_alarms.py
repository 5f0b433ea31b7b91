"""Every alarm of a plan: on what is there, told to somebody, with a runbook, and within limits."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    Measured,
    alarms,
    children,
    expression,
    measured,
    ruled,
)
from tests.stacks.objects import of_kind
from tests.stacks.test_properties import by_id, outputs_of
from tools.recording import Recording, Resource, record
from tools.recording.record import ROOT

TOPIC = "aws:sns/topic:Topic"
KEY = "aws:kms/key:Key"
FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
SILENT = {"app/hosts", "app/hosts/ZONE", "nodes/POOL/PART", "metrics/silent", "health/APP"}
"""Of which no data is what goes wrong."""


def everything(recording: Recording) -> Iterator[Resource]:
    yield from recording.of_type(METRIC, COMPOSITE)


def metric_of(recording: Recording, each: Measured) -> Metric:
    own = [
        metrics.logged(recording.stack, str(e.inputs["name"])) for e in recording.of_type(FILTER)
    ]
    found = [m for m in (*METRICS, *own) if (m.namespace, m.name) == (each.namespace, each.name)]
    assert len(found) == 1, f"nobody publishes {each}"
    return found[0]


def anchors(page: str = "alarms.md") -> set[str]:
    """Anchors of the headings of a page in docs/, as GitHub generates them."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def topics(recording: Recording) -> dict[str, Resource]:
    """The topics by ARN."""
    made = outputs_of(recording, TOPIC)
    return {each["arn"]: topic for each, topic in zip(made, recording.of_type(TOPIC), strict=True)}


def test_everything_is_told_to_a_topic_of_its_own_region(recording: Recording) -> None:
    """But for parts of what is too long for one, whose whole tells."""
    there, whole = topics(recording), {f"{recording.stack}/impact", f"{recording.stack}/redundancy"}
    for each in everything(recording):
        inputs: Any = each.inputs
        actions = inputs.get("alarmActions")
        if each.type == COMPOSITE and inputs["alarmName"] not in whole:
            assert not actions, "people would hear of one thing twice"
            continue
        assert actions == inputs["okActions"]
        assert len(actions) == 1, "nobody would hear of it"
        assert there[actions[0]].inputs["region"] == inputs["region"], "AWS takes no other"


def test_there_is_one_topic_for_each_region_with_alarms(recording: Recording) -> None:
    own = recording.settings.aws.region
    expected = {own, "us-east-1"} if recording.settings.traffic else {own}
    assert sorted(str(e.inputs["region"]) for e in recording.of_type(TOPIC)) == sorted(expected)
    assert {str(each.inputs["region"]) for each in everything(recording)} == expected


def test_a_cell_elsewhere_that_nobody_asks_tells_of_itself_only(tmp_path: Path) -> None:
    config = read_stack_file(ROOT / "Pulumi.prod-standby.yaml")
    del config["ha-eks:traffic"]
    text = yaml.safe_dump({"config": config})
    (tmp_path / "Pulumi.own.yaml").write_text(text, encoding="utf-8")
    recording = record("own", root=tmp_path)
    assert [each.inputs["region"] for each in recording.of_type(TOPIC)] == ["us-west-2"]
    assert not [key for key in alarms(recording) if key.startswith("health/")]


def test_whoever_listens_hears_of_every_region(recording: Recording) -> None:
    wanted = {
        (e.protocol, e.endpoint) for e in recording.settings.observability.alarms.subscriptions
    }
    for arn, topic in topics(recording).items():
        found = [
            e.inputs
            for e in recording.of_type("aws:sns/topicSubscription:TopicSubscription")
            if e.inputs["topic"] == arn
        ]
        assert {(e["protocol"], e["endpoint"]) for e in found} == wanted
        assert {e["region"] for e in found} <= {topic.inputs["region"]}
    assert not [e for e in recording.resources if "@" in e.name], "an address in every log"


def test_cloudwatch_may_publish_and_use_the_key(recording: Recording) -> None:
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
            [own] = [
                each
                for each in json.loads(str(document))["Statement"]
                if each["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
            ]
            assert (own["Effect"], {*own["Action"]}) == ("Allow", actions)
            assert own["Resource"] == resource
            assert own["Condition"] == {
                "StringEquals": {"aws:SourceAccount": "123456789012"},
                "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:123456789012:alarm:*"},
            }
        denied = [s for s in json.loads(str(policies[arn].inputs["policy"]))["Statement"]
                  if s["Effect"] == "Deny"]  # fmt: skip
        assert [s["Condition"] for s in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_alarms_come_when_they_are_heard_and_after_the_apps_serve(recording: Recording) -> None:
    policies = {
        e.inputs["arn"]: e.urn for e in recording.of_type("aws:sns/topicPolicy:TopicPolicy")
    }
    serving = {
        each.urn
        for each in recording.of_type("kubernetes:apps/v1:Deployment")
        if each.inputs["metadata"]["namespace"] in recording.settings.apps
    }
    assert serving
    for each in everything(recording):
        before = recording.before(each)
        assert serving <= before, "a new cell would be born in alarm"
        inputs: Any = each.inputs
        for arn in inputs.get("alarmActions", []):
            assert policies[arn] in before, "its first word would be lost"


def test_descriptions_are_short_and_lead_to_a_section_that_is_there(recording: Recording) -> None:
    there = anchors()
    for each in everything(recording):
        told = str(each.inputs["alarmDescription"])
        assert len(told) <= 1024
        text, _, section = told.rpartition(
            f" {recording.settings.observability.alarms.runbooks}/alarms.md#"
        )
        assert text.endswith("."), "an alarm without a word"
        assert section in there, f"nobody would find {section}"


def test_every_section_of_the_runbook_is_of_some_alarm(previewed: Any) -> None:
    used = {
        str(each.inputs["alarmDescription"]).rpartition("#")[2]
        for stack in ("prod", "wide")
        for each in everything(previewed(stack))
    }
    text = (ROOT / "docs" / "alarms.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### (.+)$", text, re.MULTILINE)
    assert {each.lower().replace(" ", "-") for each in headings} == used - {"impact", "redundancy"}
    for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        assert all(
            f"- **{word}**" in part for word in ("Check first.", "What to do.", "False alarms.")
        )


def test_links_inside_of_the_runbook_lead_somewhere() -> None:
    text = (ROOT / "docs" / "alarms.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    for link in links:
        file, _, anchor = link.partition("#")
        assert not file or (ROOT / "docs" / file).exists(), link
        assert not anchor or anchor in anchors(file or "alarms.md"), link


def kind_of(recording: Recording, key: str) -> str:
    """A key with words for what it is of."""
    first, *rest = key.split("/")
    if first == "app":
        return "/".join(["app", rest[1], *(["ZONE"] if len(rest) > 2 else [])])
    if first == "nodes" and len(rest) == 2:
        return "nodes/POOL/at-max" if rest[1] == "at-max" else "nodes/POOL/PART"
    return f"{first}/APP" if first in ("health", "headroom") else key


def test_missing_data_is_decided_on(recording: Recording) -> None:
    for key, each in alarms(recording).items():
        silent = kind_of(recording, key) in SILENT
        assert each.inputs["treatMissingData"] == ("breaching" if silent else "notBreaching"), key
        insights = any(m.namespace == "ContainerInsights" for m in measured(each).values())
        assert not (silent and insights) or key == "metrics/silent", "thirty would say one thing"


def test_alarms_are_on_what_is_published(recording: Recording) -> None:
    for key, alarm in alarms(recording).items():
        for each in measured(alarm).values():
            metric = metric_of(recording, each)
            assert metric.published(each.dimensions, each.statistic), f"{key}: {each}"


def test_alarms_are_on_what_is_there(recording: Recording) -> None:
    def outputs(type_: str, key: str) -> set[str]:
        return {str(each[key]) for each in outputs_of(recording, type_)}

    system = system_deployments(
        descheduler=recording.settings.autoscaling.descheduler,
        keda=recording.settings.reads_queries,
    )
    workloads = {(e["metadata"]["namespace"], e["metadata"]["name"])
                 for e in of_kind(recording, "Deployment")} | {*system}  # fmt: skip
    there = {
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
        for each in measured(alarm).values():
            for dimension, value in each.dimensions.items():
                if dimension in there:
                    assert value in there[dimension], f"{key}: no {dimension} {value}"
            assert each.workload in {*workloads, (None, None)}, f"{key}: {each.workload}"


def test_each_thing_has_its_alarm(recording: Recording) -> None:
    """A zone, group, gateway, app or check without one would be lost without a word."""
    settings, found = recording.settings, alarms(recording)
    metric_sources = [dict(m.dimensions) for a in found.values() for m in measured(a).values()]
    groups = {each["arnSuffix"] for each in outputs_of(recording, "aws:lb/targetGroup:TargetGroup")}
    for dimension, things in (
        ("NatGatewayId", {*by_id(recording, "aws:ec2/natGateway:NatGateway")}),
        ("TargetGroup", groups),
    ):
        assert things <= {each.get(dimension) for each in metric_sources}
    asked = {f"health/{name}" for name in settings.health_paths}
    assert {key for key in found if key.startswith("health/")} == asked
    for name, app in settings.apps.items():
        assert f"app/{name}/pending" in found
        least = app.minimum_replicas(settings.network.effective_zones)
        assert (f"app/{name}/at-max" in found) is (not app.volume and app.replicas.max > least)
        for what in ("errors", "latency", "slow", "hosts"):
            assert (f"app/{name}/{what}" in found) is (app.expose is not None)
    by_pods = settings.headroom.mode == "pausePods"
    held = {f"headroom/{n}" for n, pods in headroom_of(settings).pods.items() if pods and by_pods}
    assert {key for key in found if key.startswith("headroom/")} == held


def test_of_pods_that_are_pending_real_workloads_only(recording: Recording) -> None:
    for key, alarm in alarms(recording).items():
        spaces = {each.workload[0] for each in measured(alarm).values()}
        assert ("headroom" in spaces) is key.startswith("headroom/"), (
            "what holds room is pending whenever it has done what it is for"
        )
        if key.endswith("/pending"):
            assert None not in spaces, "the sum of the cluster counts what holds room"


def test_limits_of_cloudwatch_are_kept(recording: Recording) -> None:
    names = [str(e.inputs.get("name") or e.inputs["alarmName"]) for e in everything(recording)]
    assert len(names) == len({*names})
    assert [name for name in names if len(name) > 255 or not name.isprintable()] == []
    assert all(name.startswith(f"{recording.stack}/") for name in names), "another cell's"
    for key, alarm in alarms(recording).items():
        inputs: Any = alarm.inputs
        series = measured(alarm)
        [period] = {each.period for each in series.values()}
        assert period % 60 == 0
        assert period * inputs["evaluationPeriods"] <= 86_400
        assert inputs.get("datapointsToAlarm", 1) <= inputs["evaluationPeriods"]
        assert 1 <= len(series) <= 10, key
        assert len(expression(alarm)) <= 1024
        queries = inputs.get("metricQueries", [])
        if queries:
            assert [q["id"] for q in queries if q.get("returnData")] == ["value"]
            assert all(re.fullmatch(r"[a-z][A-Za-z0-9_]*", q["id"]) for q in queries)
            beside = {"metricName", "namespace", "dimensions", "period", "statistic", "unit"}
            assert not beside & {k for k, v in inputs.items() if v is not None}
        else:
            assert ("statistic" in inputs) is not ("extendedStatistic" in inputs)


def test_every_alarm_of_the_cell_s_region_is_in_one_of_the_two(recording: Recording) -> None:
    impact, redundancy = ([*children(recording, key)] for key in ("impact", "redundancy"))
    assert len(impact) == len({*impact})
    assert len(redundancy) == len({*redundancy})
    assert not {*impact} & {*redundancy}, "an experiment would stop for what it is about"
    own = {key for key in alarms(recording) if not key.startswith("health/")}
    assert {*impact, *redundancy} == own
    hurts = {"errors", "latency", "slow", "hosts"}
    assert {*impact} == {k for k in own if k.split("/")[-1] in hurts and k.split("/")[0] != "api"}


def test_what_is_over_others_comes_after_them_and_is_no_longer_than_it_may(
    recording: Recording,
) -> None:
    by_name = {str(e.inputs.get("name") or e.inputs["alarmName"]): e for e in everything(recording)}
    for over in recording.of_type(COMPOSITE):
        names = ruled(over)
        assert 1 <= len(names) <= 100
        assert len(str(over.inputs["alarmRule"])) <= 10_240
        for name in names:
            assert by_name[name].urn in recording.before(over)
            assert by_name[name].inputs["region"] == over.inputs["region"]


def test_route_53_can_read_those_on_pods_and_on_slowness(recording: Recording) -> None:
    """One metric, a plain statistic, minutes, and no M of N."""
    for key, alarm in alarms(recording).items():
        if kind_of(recording, key) in ("app/slow", "app/hosts"):
            inputs: Any = alarm.inputs
            assert inputs["statistic"] in {"Average", "Minimum", "Maximum", "Sum"}
            assert inputs["period"] >= 60
            assert "datapointsToAlarm" not in inputs
            assert "metricQueries" not in inputs


def test_the_system_s_names_are_those_of_its_add_ons_and_charts(recording: Recording) -> None:
    found = {*system_deployments(
        descheduler=recording.settings.autoscaling.descheduler,
        keda=recording.settings.reads_queries,
    )}  # fmt: skip
    assert len(found) <= 10, "more than metric math takes"
    add_ons = {each.name for pods in ADD_ON_PODS.values() for each in pods}
    named = {each.name for each in found if each.namespace == "kube-system"}
    assert named == add_ons - {"cloudwatch-operator"}
    releases = recording.of_type("kubernetes:helm.sh/v3:Release")
    charts = {
        str(e.inputs["namespace"]): e
        for e in releases
        if e.inputs["chart"] != "cluster-proportional-autoscaler"
    }
    of_charts = {e.namespace for e in found} - {"kube-system", "amazon-cloudwatch"}
    assert of_charts == {*charts}
    for each in found - {AUTOSCALER}:
        if each.namespace in charts:
            values = json.dumps(charts[each.namespace].inputs["values"], default=str)
            spread = f'"app.kubernetes.io/name": "{each.name}"'
            assert spread in values, f"{each} has other pods than those that are spread"
    assert AUTOSCALER.name == f"{AUTOSCALER.namespace}-{AUTOSCALER_CONTAINER}"


def test_filters_count_in_the_log_of_apps_for_the_alarm_that_reads_them(
    recording: Recording,
) -> None:
    filters = {str(each.inputs["name"]): each for each in recording.of_type(FILTER)}
    assert {*filters} == {"AutoscalerErrors", "AutoscalerUnschedulable"}
    group = f"/aws/containerinsights/{recording.stack}/application"
    for name, each in filters.items():
        inputs: Any = each.inputs
        assert inputs["logGroupName"] == group
        assert f'"{AUTOSCALER_CONTAINER}"' in inputs["pattern"]
        assert len(inputs["pattern"]) <= 1024
        made = inputs["metricTransformation"]
        assert (made["namespace"], made["name"], made["value"]) == (
            f"ha-eks/{recording.stack}", name, "1",
        )  # fmt: skip
    [read] = measured(alarms(recording)["autoscaler/unschedulable"]).values()
    assert read.name in filters
    assert read.period > 300, "the autoscaler says it of a pod once in five minutes"
