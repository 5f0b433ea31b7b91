"""What is collected of every node and app, as the plan's parts agree on it."""

import fnmatch
import json
import re
from typing import Any

from tests.stacks.objects import Object, of_kind, pod_of
from tools.recording import Recording

GROUP = "aws:xray/group:Group"
RULE = "aws:xray/samplingRule:SamplingRule"


def add_on(recording: Recording) -> dict[str, Any]:
    """The configuration of the agents."""
    [found] = [
        json.loads(each.inputs["configurationValues"])
        for each in recording.of_type("aws:eks/addon:Addon")
        if each.inputs["addonName"] == "amazon-cloudwatch-observability"
    ]
    return found


def workloads(recording: Recording) -> dict[str, Object]:
    """The Deployment of each app."""
    apps = recording.settings.apps
    found = {each["metadata"]["namespace"]: each for each in of_kind(recording, "Deployment")}
    return {name: found[name] for name in apps}


def environment(workload: Object) -> dict[str, str]:
    """The values of a container, as Kubernetes fills in those that stand before each: those of the
    pod as <path>."""
    known: dict[str, str] = {}
    for each in pod_of(workload)["containers"][0].get("env", []):
        field = each.get("valueFrom", {}).get("fieldRef")
        value = f"<{field['fieldPath']}>" if field else each.get("value", "<secret>")
        known[each["name"]] = filled(value, known)
    return known


def filled(text: str, known: dict[str, str]) -> str:
    return re.sub(r"\$\((\w+)\)", lambda found: known.get(found[1], found[0]), text)


def test_an_agent_is_on_every_node_and_as_large_as_the_stack_file_says(
    recording: Recording,
) -> None:
    given = add_on(recording)
    assert {"operator": "Exists"} in given["tolerations"]
    [agent] = given["agents"]
    asked = recording.settings.observability.agent
    assert agent["resources"]["requests"] == {"cpu": asked.cpu, "memory": asked.memory}
    assert agent["resources"]["limits"]["memory"] == asked.memory


def test_the_agent_takes_traces_if_somebody_sends_them(recording: Recording) -> None:
    [agent] = add_on(recording)["agents"]
    traced = any(app.traced for app in recording.settings.apps.values())
    assert ("traces" in agent["config"]) is traced
    assert agent["config"]["agent"]["region"] == recording.settings.aws.region


def test_every_traced_app_is_in_the_group_and_under_the_rule_of_its_cell(
    recording: Recording,
) -> None:
    traced = [name for name, app in recording.settings.apps.items() if app.traced]
    groups, rules = recording.of_type(GROUP), recording.of_type(RULE)
    assert len(groups) == len(rules) == bool(traced)
    apps = recording.settings.apps
    names = {
        environment(workloads(recording)[name])["OTEL_SERVICE_NAME"]
        for name in traced
        if "OTEL_SERVICE_NAME" not in apps[name].env
    }
    for group in groups:
        assert names <= {*re.findall(r'service\("([^"]+)"\)', group.inputs["filterExpression"])}
    for rule in rules:
        share = recording.settings.observability.traces.sampled_percent / 100
        assert rule.inputs["fixedRate"] == share
        assert all(fnmatch.fnmatchcase(name, rule.inputs["serviceName"]) for name in names)


def test_nothing_that_a_traced_app_is_told_is_left_unfilled(recording: Recording) -> None:
    for name, workload in workloads(recording).items():
        app = recording.settings.apps[name]
        told = environment(workload)
        own = {*app.env, *app.secret_env}
        assert not [key for key in told if key.startswith("OTEL_") and key not in own] or app.traced
        assert all("$(" not in told[key] for key in told if key not in own), name
        if app.traced and "OTEL_RESOURCE_ATTRIBUTES" not in own:
            said = dict(each.split("=", 1) for each in told["OTEL_RESOURCE_ATTRIBUTES"].split(","))
            assert said["k8s.pod.name"] == "<metadata.name>"
            zone = "<metadata.labels['topology.kubernetes.io/zone']>"
            assert said["cloud.availability_zone"] == zone


def test_the_shipped_app_is_told_its_service_s_name_by_its_arguments(recording: Recording) -> None:
    for name, workload in workloads(recording).items():
        told = environment(workload)
        for each in pod_of(workload)["containers"][0].get("args", []):
            if "$(OTEL_SERVICE_NAME)" in each:
                assert filled(each, told) == f"--otel-service-name={recording.stack}/{name}"


def test_an_app_s_stack_traces_are_joined_by_the_names_that_its_log_has(
    recording: Recording,
) -> None:
    files = add_on(recording)["containerLogs"]["fluentBit"]["config"]["extraFiles"]
    filters = re.findall(
        r"Name multiline\n +Match (\S+)\n.+\n +multiline\.parser (\S+)",
        files["application-log.conf"],
    )
    seen: dict[str, set[str]] = {}
    for name, workload in workloads(recording).items():
        container = pod_of(workload)["containers"][0]["name"]
        space, pod = workload["metadata"]["namespace"], f"{workload['metadata']['name']}-5d9-x2x4z"
        tag = f"application.var.log.containers.{pod}_{space}_{container}-{'0' * 64}.log"
        seen[name] = {parser for match, parser in filters if fnmatch.fnmatchcase(tag, match)}
    wanted = {name: app.logs.multiline for name, app in recording.settings.apps.items()}
    assert seen == {name: {parser} if parser else set() for name, parser in wanted.items()}


def test_an_app_s_logs_are_collected_unless_it_says_otherwise(recording: Recording) -> None:
    for name, workload in workloads(recording).items():
        annotations = workload["spec"]["template"]["metadata"].get("annotations", {})
        silent = annotations.get("fluentbit.io/exclude") == "true"
        assert silent is not recording.settings.apps[name].logs.collected
