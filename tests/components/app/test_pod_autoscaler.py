"""The autoscaler of an app."""

from typing import Any

import pulumi
import pytest

from components.app import App, AppArgs
from components.autoscaling import PriorityClasses
from components.prometheus import Source
from settings.app.apps import App as AppSettings
from tests.components.deploy import Deployed, context, deploy, upstream, with_kubernetes

SCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
SCALED = "kubernetes:keda.sh/v1alpha1:ScaledObject"
AUTHENTICATION = "kubernetes:keda.sh/v1alpha1:TriggerAuthentication"
ADDRESS = "https://aps-workspaces.us-east-1.amazonaws.com/workspaces/ws-1"
REQUESTS = {"query": "sum(rate(requests_total[2m]))", "targetPerPod": 50.0}


def app(zones: int = 3, **scaling: Any) -> Deployed:
    app_settings = AppSettings.model_validate(
        {
            "image": "example.com/web:1.0",
            "port": 8080,
            "requests": {"cpu": "250m", "memory": "128Mi"},
            "replicas": {"needed": 4, "max": 60},
            "scaling": scaling,
        }
    )

    def build() -> None:
        name = pulumi.Output.from_input("ha-eks-app")
        App(
            "web",
            AppArgs(
                context=context(),
                app=app_settings,
                callers={},
                callees={},
                resolve_image=upstream,
                zones=3,
                effective_zones=zones,
                awaited=True,
                pool=None,
                node_provision_minutes=10,
                prefers_same_zone=False,
                control_plane_cidrs=[],
                storage=[],
                priority_classes=PriorityClasses(critical=name, default=name, headroom=name),
                before_pods=[],
                targets=(),
                source=Source(
                    address=pulumi.Output.from_input(ADDRESS), region="us-east-1", ready=[]
                )
                if scaling.get("prometheus")
                else None,
                keda=pulumi.ComponentResource("test:index:Keda", "keda"),
                sampled_percent=5,
                migrations=None,
                drivers={},
                shared_files=None,
            ),
            with_kubernetes(),
        )

    return deploy(build)


def metrics(**scaling: Any) -> list[dict[str, Any]]:
    return app(**scaling).one(SCALER).inputs["spec"]["metrics"]


def scaled(zones: int = 3, **scaling: Any) -> dict[str, Any]:
    return app(zones, prometheus={"requests": REQUESTS}, **scaling).one(SCALED).inputs["spec"]


def test_an_app_has_one_autoscaler() -> None:
    without, with_query = app(), app(prometheus={"requests": REQUESTS})
    assert (len(without.of_type(SCALER)), without.of_type(SCALED)) == (1, [])
    assert without.of_type(AUTHENTICATION) == []
    assert (with_query.of_type(SCALER), len(with_query.of_type(SCALED))) == ([], 1), (
        "Kubernetes would follow neither of two autoscalers"
    )


def test_an_app_can_scale_on_memory() -> None:
    assert [each["resource"]["name"] for each in metrics()] == ["cpu"]
    cpu, memory = metrics(memoryPercent=55)
    assert cpu["resource"]["target"] == {"type": "Utilization", "averageUtilization": 60}
    assert memory["resource"] == {
        "name": "memory",
        "target": {"type": "Utilization", "averageUtilization": 55},
    }


def test_an_app_can_scale_on_its_own_container_only() -> None:
    cpu, memory = metrics(memoryPercent=55, containerOnly=True)
    for metric, name, percent in ((cpu, "cpu", 60), (memory, "memory", 55)):
        assert metric == {
            "type": "ContainerResource",
            "containerResource": {
                "name": name,
                "container": "web",
                "target": {"type": "Utilization", "averageUtilization": percent},
            },
        }


def test_the_stack_file_can_set_the_cpu_target() -> None:
    [cpu] = metrics(cpuPercent=40)
    assert cpu["resource"]["target"]["averageUtilization"] == 40
    assert scaled(cpuPercent=40)["triggers"][0]["metadata"] == {"value": "40"}


def behavior_of_either(**scaling: Any) -> list[dict[str, Any]]:
    return [
        app(**scaling).one(SCALER).inputs["spec"]["behavior"],
        scaled(**scaling)["advanced"]["horizontalPodAutoscalerConfig"]["behavior"],
    ]


def test_scaling_up_is_fast_and_scaling_down_is_slow() -> None:
    for behavior in behavior_of_either():
        assert behavior == {
            "scaleUp": {
                "stabilizationWindowSeconds": 0,
                "selectPolicy": "Max",
                "policies": [
                    {"type": "Percent", "value": 100, "periodSeconds": 15},
                    {"type": "Pods", "value": 4, "periodSeconds": 15},
                ],
            },
            "scaleDown": {
                "stabilizationWindowSeconds": 300,
                "policies": [{"type": "Percent", "value": 10, "periodSeconds": 60}],
            },
        }


def test_the_stack_file_can_set_the_scaling_rates() -> None:
    up = {"stabilizationSeconds": 30, "percent": 50, "pods": 8, "periodSeconds": 20}
    down = {"stabilizationSeconds": 900, "percent": 5, "periodSeconds": 120}
    for behavior in behavior_of_either(up=up, down=down):
        assert behavior == {
            "scaleUp": {
                "stabilizationWindowSeconds": 30,
                "selectPolicy": "Max",
                "policies": [
                    {"type": "Percent", "value": 50, "periodSeconds": 20},
                    {"type": "Pods", "value": 8, "periodSeconds": 20},
                ],
            },
            "scaleDown": {
                "stabilizationWindowSeconds": 900,
                "policies": [{"type": "Percent", "value": 5, "periodSeconds": 120}],
            },
        }


def test_keda_accepts_a_scaled_object_beside_the_autoscaler() -> None:
    annotations = app().one(SCALER).inputs["metadata"]["annotations"]
    assert annotations == {"validations.keda.sh/hpa-ownership": "false"}, (
        "KEDA's webhook would refuse the ScaledObject"
    )


def test_the_old_autoscaler_is_deleted_after_that_of_keda_is_ready() -> None:
    annotations = app(prometheus={"requests": REQUESTS}).one(SCALED).inputs["metadata"]
    assert annotations["annotations"] == {"pulumi.com/waitFor": "condition=Ready"}


def test_the_autoscalers_of_keda_and_pulumi_have_different_names() -> None:
    own = scaled()["advanced"]["horizontalPodAutoscalerConfig"]
    assert "name" not in own, "the name would be taken when the query is removed"


def test_an_app_with_a_query_has_the_same_limits_and_deployment() -> None:
    spec = scaled()
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (6, 60)
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    assert "pollingInterval" not in spec
    assert "cooldownPeriod" not in spec


def test_cpu_and_memory_are_triggers_of_the_same_scaled_object() -> None:
    cpu, memory, _ = scaled(memoryPercent=55)["triggers"]
    assert cpu == {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "60"}}
    assert memory == {"type": "memory", "metricType": "Utilization", "metadata": {"value": "55"}}
    cpu, memory, _ = scaled(memoryPercent=55, containerOnly=True)["triggers"]
    for trigger in (cpu, memory):
        assert trigger["metadata"]["containerName"] == "web"


def test_keda_sends_queries_to_the_workspace_with_its_own_role() -> None:
    *_, trigger = scaled()["triggers"]
    assert trigger == {
        "type": "prometheus",
        "name": "requests",
        "metricType": "AverageValue",
        "metadata": {
            "serverAddress": ADDRESS,
            "query": REQUESTS["query"],
            "threshold": "30",
            "awsRegion": "us-east-1",
            "ignoreNullValues": "false",
        },
        "authenticationRef": {"name": "web"},
    }
    authentication = app(prometheus={"requests": REQUESTS}).one(AUTHENTICATION).inputs
    assert authentication["spec"] == {"podIdentity": {"provider": "aws"}}
    assert authentication["metadata"]["name"] == authentication["metadata"]["namespace"] == "web"


@pytest.mark.parametrize(
    ("per_pod", "zones", "threshold"),
    [
        (50.0, 2, "22.5"), (50.0, 3, "30"), (50.0, 6, "37.5"), (0.1, 3, "0.06"),
        (33.3, 3, "19.98"), (1e12, 3, "600000000000"), (100, 3, "60"),
    ],
)  # fmt: skip
def test_the_target_of_a_query_leaves_capacity_for_a_zone_failure(
    per_pod: float, zones: int, threshold: str
) -> None:
    query = {"query": "sum(a)", "targetPerPod": float(per_pod)}
    *_, trigger = app(zones, prometheus={"a": query}).one(SCALED).inputs["spec"]["triggers"]
    assert trigger["metadata"]["threshold"] == threshold, (
        "KEDA would read another number from an exponent"
    )


def test_an_outage_of_prometheus_does_not_scale_down() -> None:
    assert scaled()["fallback"] == {
        "failureThreshold": 3,
        "replicas": 6,
        "behavior": "currentReplicasIfHigher",
    }


def test_the_order_of_queries_does_not_depend_on_the_stack_file() -> None:
    one = app(prometheus={"a": REQUESTS, "b": REQUESTS}).one(SCALED).inputs["spec"]["triggers"]
    other = app(prometheus={"b": REQUESTS, "a": REQUESTS}).one(SCALED).inputs["spec"]["triggers"]
    assert one == other
    assert [each.get("name") for each in one] == [None, "a", "b"]


QUEUE = {"queue": "arn:aws:sqs:us-east-1:123456789012:jobs.fifo", "messagesPerPod": 20}


def test_keda_counts_the_messages_of_a_queue_with_its_own_role() -> None:
    deployed = app(queues={"jobs": QUEUE})
    spec = deployed.one(SCALED).inputs["spec"]
    cpu, queue = spec["triggers"]
    assert cpu["type"] == "cpu", "an app would not scale while SQS does not answer"
    assert queue == {
        "type": "aws-sqs-queue",
        "name": "jobs",
        "metricType": "AverageValue",
        "metadata": {
            "queueURL": "https://sqs.us-east-1.amazonaws.com/123456789012/jobs.fifo",
            "queueLength": "12",
            "awsRegion": "us-east-1",
            "scaleOnInFlight": "true",
        },
        "authenticationRef": {"name": "web"},
    }
    assert spec["fallback"]["behavior"] == "currentReplicasIfHigher"
    assert deployed.of_type(SCALER) == []
    authentication = deployed.one(AUTHENTICATION).inputs
    assert authentication["spec"] == {"podIdentity": {"provider": "aws"}}


@pytest.mark.parametrize(
    ("per_pod", "zones", "length"),
    [(20, 2, "9"), (20, 3, "12"), (7, 3, "4"), (1, 3, "1"), (10**9, 3, "600000000")],
)
def test_the_target_of_a_queue_leaves_capacity_for_a_zone_failure(
    per_pod: int, zones: int, length: str
) -> None:
    queue = {**QUEUE, "messagesPerPod": per_pod}
    *_, trigger = app(zones, queues={"a": queue}).one(SCALED).inputs["spec"]["triggers"]
    assert trigger["metadata"]["queueLength"] == length, "KEDA reads an integer of at least 1"


def test_an_app_scales_on_queries_and_queues_in_a_fixed_order() -> None:
    scaling: dict[str, Any] = {
        "prometheus": {"z": REQUESTS},
        "queues": {"b": QUEUE, "a": QUEUE},
    }
    triggers = app(**scaling).one(SCALED).inputs["spec"]["triggers"]
    assert [each.get("name") for each in triggers] == [None, "z", "a", "b"]
