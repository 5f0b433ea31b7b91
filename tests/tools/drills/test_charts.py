"""Objects of charts: those that Helm renders from a given folder, or stand-ins."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.availability.resources import Resources
from core.facts.system_pods import CONTROLLERS
from core.facts.versions.charts import AWS_LOAD_BALANCER_CONTROLLER as LBC
from core.facts.versions.charts import DESCHEDULER
from tests.conftest import recording_of
from tools.drills.charts import FOLDER, Charts, chart_in
from tools.drills.drill import DrillError
from tools.drills.given_parts import GivenPartError, add_given_parts, given_charts
from tools.drills.parts import real_parts, simulated_parts
from tools.drills.recorded_chart import recorded_chart, recorded_charts
from tools.toolchain import HELM

RECORDING = recording_of("prod")
ARCHIVES = [f"{each.name}-{each.version}.tgz" for each in recorded_charts(RECORDING)]


def deployment(requests: Resources, replicas: int) -> dict[str, Any]:
    resources = {"requests": {"cpu": f"{requests.cpu}m", "memory": f"{requests.memory}Mi"}}
    pod = {"containers": [{"name": "controller", "resources": resources}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "rendered", "namespace": LBC.name},
        "spec": {"replicas": replicas, "template": {"spec": pod}},
    }


def named(kind: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": kind.lower()}}


OF_CHART = deployment(CONTROLLERS[LBC.name], 2)


def programs(
    folder: Path, objects: Sequence[Mapping[str, Any]], exit_line: str = ""
) -> dict[str, Path]:
    """Returns a folder with all charts, and a Helm that prints objects and keeps its arguments."""
    charts = folder / "charts"
    charts.mkdir()
    for name in ARCHIVES:
        (charts / name).touch()
    (folder / "objects.yaml").write_text(yaml.safe_dump_all(objects), encoding="utf-8")
    helm = folder / "helm"
    helm.write_text(
        f'#!/bin/sh\necho "$@" > {folder}/arguments\n'
        f'for each; do case $each in *values-*) cat "$each" >> {folder}/values;; esac; done\n'
        f"{exit_line}\ncat {folder}/objects.yaml\n",
        encoding="utf-8",
    )
    helm.chmod(0o755)
    return {HELM.name: helm, FOLDER: charts}


def test_helm_renders_a_chart_with_the_recorded_values(tmp_path: Path) -> None:
    found = Charts(RECORDING, programs(tmp_path, [OF_CHART]))
    chart = recorded_chart(RECORDING, LBC.name)
    assert [*found.objects(chart)] == [OF_CHART]
    arguments = (tmp_path / "arguments").read_text(encoding="utf-8")
    assert f"/{LBC.name}-{LBC.version}.tgz --include-crds --no-hooks" in arguments
    assert "--namespace aws-load-balancer-controller --kube-version 1.36." in arguments
    assert json.loads((tmp_path / "values").read_text(encoding="utf-8")) == chart.values


def test_further_values_come_before_those_that_override_them(tmp_path: Path) -> None:
    rendered = [deployment(CONTROLLERS[DESCHEDULER.name], 2)]
    chart = recorded_chart(RECORDING, DESCHEDULER.name)
    assert [*Charts(RECORDING, programs(tmp_path, rendered)).objects(chart)] == rendered
    assert len(chart.files) == 1
    values = (tmp_path / "values").read_text(encoding="utf-8")
    assert values == chart.files[0] + json.dumps(chart.values)


def test_definitions_come_first_and_webhooks_are_left_out(tmp_path: Path) -> None:
    definition = named("CustomResourceDefinition")
    unanswered = [
        named(kind)
        for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "APIService")
    ]
    found = Charts(RECORDING, programs(tmp_path, [definition, OF_CHART, *unanswered]))
    chart = recorded_chart(RECORDING, LBC.name)
    assert [*found.definitions(chart)] == [definition]
    assert [*found.objects(chart)] == [OF_CHART]


@pytest.mark.parametrize(
    ("requests", "replicas", "words"),
    [
        (Resources(cpu=200, memory=256), 2, "2 pods of 200m CPU and 256Mi"),
        (CONTROLLERS[LBC.name], 1, "1 pods of 100m CPU and 256Mi"),
    ],
)
def test_other_pods_than_those_of_preview_end_the_drill(
    requests: Resources, replicas: int, words: str, tmp_path: Path
) -> None:
    found = Charts(RECORDING, programs(tmp_path, [deployment(requests, replicas)]))
    with pytest.raises(DrillError) as raised:
        _ = [*found.objects(recorded_chart(RECORDING, LBC.name))]
    assert str(raised.value) == (
        f"chart {LBC.name} {LBC.version}: its Deployments have {words}; preview calculates with "
        "2 pods of 100m CPU and 256Mi (core/facts/system_pods.py)"
    )


def test_a_chart_that_helm_refuses_ends_the_drill_with_its_last_line(tmp_path: Path) -> None:
    refusing = programs(tmp_path, [], "echo first >&2; echo 'Error: no template' >&2; exit 1")
    found = Charts(RECORDING, refusing)
    with pytest.raises(DrillError) as raised:
        _ = [*found.objects(recorded_chart(RECORDING, LBC.name))]
    archive = refusing[FOLDER] / f"{LBC.name}-{LBC.version}.tgz"
    assert str(raised.value) == f"{archive}: helm template: Error: no template"


def test_an_unpacked_chart_needs_the_recorded_version(tmp_path: Path) -> None:
    chart = recorded_chart(RECORDING, LBC.name)
    about = tmp_path / LBC.name / "Chart.yaml"
    assert chart_in(tmp_path, chart) is None
    about.parent.mkdir()
    about.write_text(f"name: {LBC.name}\nversion: {LBC.version}\n", encoding="utf-8")
    assert chart_in(tmp_path, chart) == about.parent
    about.write_text(f"name: {LBC.name}\nversion: 0.0.1\n", encoding="utf-8")
    assert chart_in(tmp_path, chart) is None


def given(*arguments: str) -> Mapping[str, Path]:
    parser = argparse.ArgumentParser()
    add_given_parts(parser)
    return given_charts(parser.parse_args(arguments), RECORDING)


def test_a_folder_needs_all_charts_of_the_stack(tmp_path: Path) -> None:
    assert given() == {}
    with pytest.raises(GivenPartError) as raised:
        given("--charts", str(tmp_path / "none"))
    assert str(raised.value) == f"--charts {tmp_path / 'none'}: the folder does not exist"
    for name in ARCHIVES[1:]:
        (tmp_path / name).touch()
    with pytest.raises(GivenPartError) as raised:
        given("--charts", str(tmp_path))
    assert str(raised.value) == (
        f"--charts {tmp_path}: missing: {ARCHIVES[0]}; get them with `helm pull`"
    )
    (tmp_path / ARCHIVES[0]).touch()
    assert given("--charts", str(tmp_path)) == {FOLDER: tmp_path}


def test_the_report_names_rendered_charts(tmp_path: Path) -> None:
    parts = {HELM.name: tmp_path / "helm-3.22.0-0123456789ab", FOLDER: tmp_path}
    assert real_parts(parts) == ["helm-3.22.0"]
    assert "EKS and charts" in simulated_parts({})
    assert simulated_parts(parts)["charts"].startswith("rendered by Helm")
