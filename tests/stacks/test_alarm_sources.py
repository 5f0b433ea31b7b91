"""Deployments and log filters whose metrics the alarms of each stack read."""

import json
from typing import Any

from core.facts.add_on_pods import ADD_ON_PODS
from core.facts.system_deployments import AUTOSCALER, AUTOSCALER_CONTAINER, system_deployments
from tests.alarm_evaluation import LOG_FILTER, alarms, queries_of
from tools.recording import Recording


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
        for each in recording.of_type(LOG_FILTER)
        if str(each.inputs["name"]).startswith("Autoscaler")
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
    filters = {str(each.inputs["name"]): each.inputs for each in recording.of_type(LOG_FILTER)}
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
