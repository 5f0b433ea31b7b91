"""Pod autoscalers that KEDA would create."""

from typing import Any

import yaml

from tests.conftest import recording_of
from tools.drills import keda
from tools.recording import manifests

RECORDED: list[Any] = [
    yaml.safe_load(text) for text in manifests(recording_of("wide")).values()
]  # fmt: skip


def test_a_scaled_object_has_the_autoscaler_of_its_cpu_trigger() -> None:
    scaled = [each for each in RECORDED if each["kind"] == keda.KIND]
    plain = next(each for each in RECORDED if each["kind"] == "HorizontalPodAutoscaler")
    assert scaled, "the wide stack scales no app on a query"
    for each in scaled:
        made = keda.autoscaler_of(each)
        assert made["spec"].keys() == plain["spec"].keys()
        name = each["metadata"]["name"]
        assert made["metadata"] == {"name": f"keda-hpa-{name}", "namespace": name}
        assert made["spec"]["minReplicas"] == each["spec"]["minReplicaCount"]
        assert made["spec"]["maxReplicas"] == each["spec"]["maxReplicaCount"]
        assert made["spec"]["behavior"]["scaleUp"]["policies"]
        assert [metric["type"] for metric in made["spec"]["metrics"]] == ["Resource"]


def test_a_trigger_of_one_container_is_a_metric_of_the_container() -> None:
    [scaled, *_] = [each for each in RECORDED if each["kind"] == keda.KIND]
    trigger = {"type": "memory", "metadata": {"value": "50", "containerName": "web"}}
    [metric] = keda.autoscaler_of({**scaled, "spec": {**scaled["spec"], "triggers": [trigger]}})[
        "spec"
    ]["metrics"]
    assert metric == {
        "type": "ContainerResource",
        "containerResource": {
            "name": "memory",
            "container": "web",
            "target": {"type": "Utilization", "averageUtilization": 50},
        },
    }
