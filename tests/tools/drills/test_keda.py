"""Pod autoscalers that KEDA would create."""

from collections.abc import Callable

import pytest

from tests.stacks.objects import Object, of_kind
from tools.drills import keda
from tools.recording import Recording


@pytest.fixture
def wide(previewed: Callable[[str], Recording]) -> Recording:
    return previewed("wide")


@pytest.fixture
def scaled(wide: Recording) -> list[Object]:
    """Scaled objects of KEDA."""
    return of_kind(wide, keda.KIND)


def test_a_scaled_object_has_the_autoscaler_of_its_cpu_trigger(
    wide: Recording, scaled: list[Object]
) -> None:
    plain = of_kind(wide, "HorizontalPodAutoscaler")[0]
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


def test_a_trigger_of_one_container_is_a_metric_of_the_container(scaled: list[Object]) -> None:
    trigger = {"type": "memory", "metadata": {"value": "50", "containerName": "web"}}
    [metric] = keda.autoscaler_of(
        {**scaled[0], "spec": {**scaled[0]["spec"], "triggers": [trigger]}}
    )["spec"]["metrics"]
    assert metric == {
        "type": "ContainerResource",
        "containerResource": {
            "name": "memory",
            "container": "web",
            "target": {"type": "Utilization", "averageUtilization": 50},
        },
    }
