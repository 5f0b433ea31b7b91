"""KEDA: its role, and the values of its chart."""

import json
from typing import Any

import pulumi
import pytest

from components.images import ImageResolver
from components.keda import Keda, KedaArgs, chart
from core.facts.system_pods import CONTROLLERS
from core.facts.versions.charts import KEDA
from tests.components.deploy import (
    Deployed,
    context,
    copied,
    deploy,
    upstream,
    with_kubernetes,
)

RELEASE = "kubernetes:helm.sh/v3:Release"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
WORKSPACE = "arn:aws:aps:us-east-1:123456789012:workspace/ws-1"
JOBS, MAIL = (f"arn:aws:sqs:us-east-1:123456789012:{name}" for name in ("jobs", "mail.fifo"))

PARTS = {"operator": "operator", "metricServer": "metricsServer", "webhooks": "webhooks"}
"""Parts of the chart: the usual name, and the name in the other places."""


def keda(
    *queues: str, workspace: str | None = WORKSPACE, resolve_image: ImageResolver = upstream
) -> Deployed:
    def build() -> None:
        args = KedaArgs(
            context=context("cell", "cell"),
            workspace_arn=pulumi.Output.from_input(workspace) if workspace else None,
            queue_arns=queues,
            before_pods=[],
            resolve_image=resolve_image,
        )
        Keda("keda", args, with_kubernetes())

    return deploy(build)


def values(resolve_image: ImageResolver = upstream) -> dict[str, Any]:
    return keda(resolve_image=resolve_image).one(RELEASE).inputs["values"]


@pytest.mark.parametrize(
    ("workspace", "queues", "allowed"),
    [
        (WORKSPACE, [], [("aps:QueryMetrics", WORKSPACE)]),
        (None, [JOBS, MAIL], [("sqs:GetQueueAttributes", [JOBS, MAIL])]),
        (WORKSPACE, [JOBS], [("aps:QueryMetrics", WORKSPACE), ("sqs:GetQueueAttributes", [JOBS])]),
    ],
)
def test_keda_may_only_query_the_workspace_and_count_messages(
    workspace: str | None, queues: list[str], allowed: list[tuple[str, object]]
) -> None:
    document = json.loads(keda(*queues, workspace=workspace).one(POLICY).inputs["policy"])
    assert document["Statement"] == [
        {"Effect": "Allow", "Action": [action], "Resource": resource}
        for action, resource in allowed
    ]


def test_the_keda_operator_has_the_role() -> None:
    deployed = keda()
    association = deployed.one(ASSOCIATION).inputs
    account = deployed.one(RELEASE).inputs["values"]["serviceAccount"]["operator"]
    assert account == {"create": True, "name": association["serviceAccount"]}
    assert association["namespace"] == deployed.one(RELEASE).inputs["namespace"] == "keda"


def test_every_part_of_keda_has_two_replicas_and_a_disruption_budget() -> None:
    changes = values()
    for part, values_key in PARTS.items():
        assert changes[values_key]["replicaCount"] == 2
        assert changes["podDisruptionBudget"][part] == {"maxUnavailable": 1}
    assert set(changes["podDisruptionBudget"]) == set(PARTS)
    assert changes["priorityClassName"] == "system-cluster-critical"


@pytest.mark.parametrize(
    ("part", "pod"),
    [
        ("operator", "keda-operator"),
        ("metricsServer", "keda-operator-metrics-apiserver"),
        ("webhooks", "keda-admission-webhooks"),
    ],
)
def test_the_pods_of_each_part_of_keda_spread_over_zones_and_nodes(part: str, pod: str) -> None:
    spread = values()["topologySpreadConstraints"][part]
    assert [each["topologyKey"] for each in spread] == [
        "topology.kubernetes.io/zone", "kubernetes.io/hostname",
    ]  # fmt: skip
    for each in spread:
        assert each["labelSelector"]["matchLabels"] == {
            "app.kubernetes.io/name": pod,
            "app.kubernetes.io/instance": "keda",
        }


@pytest.mark.parametrize(
    ("part", "container"),
    [
        ("operator", "keda-operator"),
        ("metricServer", "keda-metrics-apiserver"),
        ("webhooks", "keda-admission-webhooks"),
    ],
)
def test_each_part_of_keda_has_the_requests_of_the_headroom_arithmetic(
    part: str, container: str
) -> None:
    requests = CONTROLLERS[container]
    memory = f"{requests.memory}Mi"
    changes = chart.values(upstream)["resources"]
    assert set(changes) == set(PARTS)
    assert changes[part]["requests"] == {"cpu": f"{requests.cpu}m", "memory": memory}
    assert changes[part]["limits"] == {"memory": memory}
    assert f"resources.{part}.limits.cpu" in chart.REMOVED_VALUES, (
        "Helm would merge in the CPU limit of the chart"
    )


def test_keda_cannot_read_secrets_or_scale_custom_resources() -> None:
    changes = values()
    assert changes["rbac"] == {"enabledCustomScaledRefKinds": False}
    for part in ("operator", "metricServer"):
        assert changes["permissions"][part] == {"restrict": {"secret": True}}


def test_the_keda_webhook_fails_open_and_reads_new_deployments_directly() -> None:
    changes = values()
    assert changes["webhooks"]["failurePolicy"] == "Ignore"
    assert changes["extraArgs"] == {"webhooks": {"cache-miss-to-direct-client": True}}


@pytest.mark.parametrize("resolve_image", [upstream, copied])
def test_keda_images_are_pulled_from_the_image_source(resolve_image: ImageResolver) -> None:
    changes = values(resolve_image)["image"]
    for part, image in (
        ("keda", "keda"),
        ("metricsApiServer", "keda-metrics-apiserver"),
        ("webhooks", "keda-admission-webhooks"),
    ):
        repository = resolve_image(f"ghcr.io/kedacore/{image}")
        assert changes[part] == {"registry": "", "repository": repository}
    assert changes["pullPolicy"] == "IfNotPresent", (
        "pods cannot start while the registry is unavailable"
    )


def test_keda_is_the_pinned_chart() -> None:
    release = keda().one(RELEASE).inputs
    assert (release["chart"], release["version"]) == ("keda", KEDA.version)
    assert release["repositoryOpts"]["repo"] == "https://kedacore.github.io/charts"
