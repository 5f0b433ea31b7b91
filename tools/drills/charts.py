"""The objects of Helm charts in a drill: of the real charts if their folder is given, or stand-ins.

Helm renders a real chart with the recorded values. Its pods are simulated like all pods. Objects
that send requests of the API server to pods of the chart are left out, because no pod answers.
"""

import json
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from core.availability.resources import Resources
from settings.availability import zone_model_of
from tools.control_plane.manifest import Manifest
from tools.drills.drill import DrillError
from tools.drills.objects import CHARTS, requests_of, stand_ins
from tools.drills.recorded_chart import RecordedChart
from tools.recording import Recording
from tools.toolchain import HELM, KUBE_APISERVER

FOLDER = "charts"
"""Name of the folder with real charts among the programs of a drill."""

_DEFINITION = "CustomResourceDefinition"
_UNANSWERED = {"APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}
"""Kinds whose requests the pods of a chart would answer."""

_STAND_IN_KINDS = {
    "aws-load-balancer-controller": ("elbv2.k8s.aws", "v1beta1", "TargetGroupBinding"),
    "keda": ("keda.sh", "v1alpha1", "ScaledObject"),
}
"""Group, version and kind that a chart defines and the program uses, by name of the chart."""


@dataclass(frozen=True)
class Charts:
    """The charts of a recorded stack."""

    recording: Recording
    programs: Mapping[str, Path]
    """Paths of the programs of the drill by name, with the folder of real charts if it is given."""

    def definitions(self, chart: RecordedChart) -> Iterator[Manifest]:
        """Yields the CustomResourceDefinitions of a chart; of a stand-in, those that are used."""
        if FOLDER in self.programs:
            yield from (each for each in self._rendered(chart) if each["kind"] == _DEFINITION)
        elif chart.name in _STAND_IN_KINDS:
            yield _definition(*_STAND_IN_KINDS[chart.name])

    def objects(self, chart: RecordedChart) -> Iterator[Manifest]:
        """Yields all other objects of a chart.

        Raises DrillError if a real chart cannot be rendered, or if its pods request other resources
        than those with which preview calculates.
        """
        if FOLDER in self.programs:
            yield from (each for each in self._rendered(chart) if each["kind"] != _DEFINITION)
        else:
            yield from stand_ins(self.recording.settings, chart.name)

    def _rendered(self, chart: RecordedChart) -> Sequence[Manifest]:
        """Returns the objects of a real chart."""
        version = KUBE_APISERVER[self.recording.settings.cluster.version].version
        objects = [
            each
            for each in yaml.safe_load_all(
                _template(
                    self.programs[HELM.name],
                    chart_in(self.programs[FOLDER], chart) or Path(chart.archive),
                    ("--namespace", chart.namespace, "--kube-version", ".".join(map(str, version))),
                    (*chart.files, json.dumps(chart.values)),
                )
            )
            if each and each["kind"] not in _UNANSWERED
        ]
        self._check(chart, objects)
        return objects

    def _check(self, chart: RecordedChart, objects: Iterable[Manifest]) -> None:
        """Raises DrillError if a chart has other pods than those with which preview calculates."""
        found, expected = Counter[Resources](), Counter[Resources]()
        for each in objects:
            if each["kind"] == "Deployment":
                found[requests_of(each["spec"]["template"])] += each["spec"].get("replicas", 1)
        for each in zone_model_of(self.recording.settings).system:
            if each.pod.name in CHARTS.get(chart.name, ()):
                expected[each.pod.requests] += each.pods
        if found != expected:
            raise DrillError(
                f"chart {chart.name} {chart.version}: its Deployments have {_worded(found)}; "
                f"preview calculates with {_worded(expected)} (core/facts/system_pods.py)"
            )


def chart_in(folder: Path, chart: RecordedChart) -> Path | None:
    """Returns a chart in a folder: the archive NAME-VERSION.tgz, or a folder NAME with the recorded
    version in its Chart.yaml. None if the folder has neither.
    """
    if (archive := folder / chart.archive).is_file():
        return archive
    about = folder / chart.name / "Chart.yaml"
    if about.is_file():
        version = yaml.safe_load(about.read_text(encoding="utf-8"))["version"]
        return about.parent if str(version) == chart.version else None
    return None


@cache  # each cell asks for the objects several times
def _template(helm: Path, chart: Path, options: tuple[str, ...], values: tuple[str, ...]) -> str:
    """Returns the rendered objects. Raises DrillError if Helm cannot render the chart."""
    with tempfile.TemporaryDirectory(prefix="ha-eks-helm-") as folder:
        files: list[str | Path] = []
        for number, text in enumerate(values):
            file = Path(folder) / f"values-{number}.yaml"
            file.write_text(text, encoding="utf-8")
            files += ["--values", file]
        homes = dict.fromkeys(("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"), folder)
        ended = subprocess.run(
            [helm, "template", "drill", chart, "--include-crds", "--no-hooks", *options, *files],
            env={**os.environ, **homes}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if ended.returncode:
        reason = (ended.stderr.strip().splitlines() or ["no message"])[-1]
        raise DrillError(f"{chart}: helm template: {reason}")
    return ended.stdout


def _worded(pods: Mapping[Resources, int]) -> str:
    """Returns numbers of pods with their requests."""
    return ", ".join(sorted(f"{count} pods of {each}" for each, count in pods.items())) or "no pods"


def _definition(group: str, version: str, kind: str) -> Manifest:
    """Returns a CustomResourceDefinition of a namespaced kind that allows all fields."""
    plural = f"{kind.lower()}s"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": _DEFINITION,
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": kind, "plural": plural},
            "scope": "Namespaced",
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                }
            ],
        },
    }
