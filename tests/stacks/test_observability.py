"""Logs, metrics and traces of all nodes and apps, across add-on, apps and X-Ray."""

import fnmatch
import json
import re
from typing import Any

import yaml

from tests.stacks.objects import Object, of_kind, pod_of
from tools.recording import Recording

ADD_ON_NAME = "amazon-cloudwatch-observability"
GROUP = "aws:xray/group:Group"
RULE = "aws:xray/samplingRule:SamplingRule"


def add_on(recording: Recording) -> dict[str, Any]:
    """Returns the configuration of the add-on with the agents."""
    [found] = [
        json.loads(each.inputs["configurationValues"])
        for each in recording.of_type("aws:eks/addon:Addon")
        if each.inputs["addonName"] == ADD_ON_NAME
    ]
    return found


def workloads(recording: Recording) -> dict[str, Object]:
    """Returns the Deployment or CronJob of each workload."""
    apps = recording.settings.workloads
    kinds = ("Deployment", "CronJob")
    found = {e["metadata"]["namespace"]: e for kind in kinds for e in of_kind(recording, kind)}
    return {name: found[name] for name in apps}


def environment(workload: Object) -> dict[str, str]:
    """Returns the environment as Kubernetes expands it; fields of the pod become <path>."""
    values: dict[str, str] = {}
    for each in pod_of(workload)["containers"][0].get("env", []):
        field = each.get("valueFrom", {}).get("fieldRef")
        value = f"<{field['fieldPath']}>" if field else each.get("value", "<secret>")
        values[each["name"]] = expand(value, values)
    return values


def expand(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\((\w+)\)", lambda match: values.get(match[1], match[0]), text)


def test_the_agent_runs_on_every_node_with_the_requests_of_the_stack_file(
    recording: Recording,
) -> None:
    configuration = add_on(recording)
    override = recording.settings.cluster.add_ons.get(ADD_ON_NAME)
    tolerations = override.configuration.get("tolerations") if override else None
    expected = [{"operator": "Exists"}] if tolerations is None else tolerations
    assert configuration["tolerations"] == [*expected], "tainted nodes would publish no metrics"
    [agent] = configuration["agents"]
    setting = recording.settings.observability.agent
    assert agent["resources"]["requests"] == {"cpu": setting.cpu, "memory": setting.memory}
    assert agent["resources"]["limits"]["memory"] == setting.memory


def test_the_agent_receives_traces_only_if_an_app_is_traced(recording: Recording) -> None:
    [agent] = add_on(recording)["agents"]
    traced = any(app.traced for app in recording.settings.workloads.values())
    assert ("traces" in agent["config"]) is traced
    assert agent["config"]["agent"]["region"] == recording.settings.aws.region


def test_every_traced_app_is_in_the_group_and_sampling_rule_of_its_cell(
    recording: Recording,
) -> None:
    traced = [name for name, app in recording.settings.workloads.items() if app.traced]
    groups, rules = recording.of_type(GROUP), recording.of_type(RULE)
    assert len(groups) == len(rules) == bool(traced)
    apps = recording.settings.workloads
    names = {
        environment(workloads(recording)[name])["OTEL_SERVICE_NAME"]
        for name in traced
        if "OTEL_SERVICE_NAME" not in apps[name].env
    }
    for group in groups:
        assert names <= {*re.findall(r'service\("([^"]+)"\)', group.inputs["filterExpression"])}
    for rule in rules:
        rate = recording.settings.observability.traces.sampled_percent / 100
        assert rule.inputs["fixedRate"] == rate
        assert all(fnmatch.fnmatchcase(name, rule.inputs["serviceName"]) for name in names)


def test_the_environment_of_traced_apps_has_no_unexpanded_reference(recording: Recording) -> None:
    for name, workload in workloads(recording).items():
        app = recording.settings.workloads[name]
        values = environment(workload)
        set_by_app = {*app.env, *app.secret_env}
        added = [key for key in values if key not in set_by_app]
        assert app.traced or not [key for key in added if key.startswith("OTEL_")]
        assert all("$(" not in values[key] for key in added), name
        if app.traced and "OTEL_RESOURCE_ATTRIBUTES" not in set_by_app:
            text = values["OTEL_RESOURCE_ATTRIBUTES"]
            attributes = dict(each.split("=", 1) for each in text.split(","))
            assert attributes["k8s.pod.name"] == "<metadata.name>"
            zone = "<metadata.labels['topology.kubernetes.io/zone']>"
            assert attributes["cloud.availability_zone"] == zone


def test_the_arguments_of_the_shipped_app_contain_its_service_name(recording: Recording) -> None:
    for name, workload in workloads(recording).items():
        values = environment(workload)
        for each in pod_of(workload)["containers"][0].get("args", []):
            if "$(OTEL_SERVICE_NAME)" in each:
                assert expand(each, values) == f"--otel-service-name={recording.stack}/{name}"


def test_multiline_filters_match_the_log_files_of_their_app(
    recording: Recording,
) -> None:
    files = add_on(recording)["containerLogs"]["fluentBit"]["config"]["extraFiles"]
    filters = re.findall(
        r"Name multiline\n +Match (\S+)\n.+\n +multiline\.parser (\S+)",
        files["application-log.conf"],
    )
    found: dict[str, set[str]] = {}
    for name, workload in workloads(recording).items():
        container = pod_of(workload)["containers"][0]["name"]
        namespace, pod = (
            workload["metadata"]["namespace"],
            f"{workload['metadata']['name']}-5d9-x2x4z",
        )
        tag = f"application.var.log.containers.{pod}_{namespace}_{container}-{'0' * 64}.log"
        found[name] = {parser for match, parser in filters if fnmatch.fnmatchcase(tag, match)}
    expected = {name: app.logs.multiline for name, app in recording.settings.workloads.items()}
    assert found == {name: {parser} if parser else set() for name, parser in expected.items()}


def test_logs_are_collected_unless_the_app_excludes_them(recording: Recording) -> None:
    for name, workload in workloads(recording).items():
        template = workload["spec"].get("jobTemplate", workload)["spec"]["template"]
        annotations = template["metadata"].get("annotations", {})
        excluded = annotations.get("fluentbit.io/exclude") == "true"
        assert excluded is not recording.settings.workloads[name].logs.collected


def test_each_app_that_names_a_multiline_parser_has_a_filter(recording: Recording) -> None:
    pipeline = add_on(recording)["containerLogs"]["fluentBit"]["config"]["extraFiles"]
    filters = re.findall(
        r"Name multiline\n    Match \S+\*_(\S+)_\1-\*\n[^\[]*multiline\.parser (\S+)",
        pipeline["application-log.conf"],
    )
    apps = recording.settings.workloads.items()
    assert filters == [(name, app.logs.multiline) for name, app in apps if app.logs.multiline], (
        "a stack trace would be one event per line"
    )


def test_the_scraper_reads_each_app_with_metrics(recording: Recording) -> None:
    for scraper in recording.of_type("aws:amp/scraper:Scraper"):
        jobs = yaml.safe_load(str(scraper.inputs["scrapeConfiguration"]))["scrape_configs"]
        apps = sorted(n for n, app in recording.settings.deployments.items() if app.metrics)
        assert [job["job_name"] for job in jobs] == [*apps, "cluster-autoscaler"], (
            "queries of an app that is not scraped have no result"
        )
