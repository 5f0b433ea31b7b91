import json
from typing import Any

import pulumi
import pytest
import yaml

from components.helm_controller import (
    Controller,
    ControllerArgs,
    chart_labels,
    highly_available_values,
)
from core.facts.versions.charts import Chart
from tests.components.deploy import Deployed, context, deploy, with_kubernetes

RELEASE = "kubernetes:helm.sh/v3:Release"
NAMESPACE = "kubernetes:core/v1:Namespace"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"

CHART = Chart(
    name="pilot",
    repository="https://charts.example.com",
    version="1.2.3",
    image="example.com/pilot",
)
DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:List"]}]}


def controller(*, policy_is_known: bool = True, **changes: Any) -> Deployed:
    def build() -> None:
        args = ControllerArgs(
            before_pods=[],
            chart=CHART,
            context=context(),
            values={"replicaCount": 2, "clusterName": pulumi.Output.from_input("prod")},
            **{
                "policy": DOCUMENT if policy_is_known else pulumi.Output.from_input(DOCUMENT),
                **changes,
            },
        )
        Controller("ship-pilot", args, with_kubernetes())

    return deploy(build)


def test_the_release_is_the_pinned_chart_with_its_values() -> None:
    release = controller().one(RELEASE).inputs
    assert release["name"] == release["chart"] == "pilot"
    assert release["version"] == "1.2.3", "each update would install the newest version"
    assert release["repositoryOpts"] == {"repo": "https://charts.example.com"}
    assert release["values"].items() >= {"replicaCount": 2, "clusterName": "prod"}.items()


def test_pods_have_the_id_of_their_association() -> None:
    deployed = controller(annotations_value="podAnnotations.keda")
    id_ = deployed.id_of(deployed.one(ASSOCIATION))
    assert deployed.one(RELEASE).inputs["values"] == {
        "replicaCount": 2,
        "clusterName": "prod",
        "podAnnotations": {"keda": {"ha-eks/identity": id_}},
    }


def test_pods_without_a_role_have_no_annotation() -> None:
    release = controller(policy=None).one(RELEASE).inputs
    assert release["values"] == {"replicaCount": 2, "clusterName": "prod"}


def test_a_release_that_does_not_become_ready_is_rolled_back() -> None:
    release = controller().one(RELEASE).inputs
    assert release["atomic"] is True
    assert release["timeout"] == 600
    assert not release.get("skipAwait"), (
        "dependent resources would be created before its pods are ready"
    )


def test_a_controller_has_its_own_restricted_namespace() -> None:
    deployed = controller()
    metadata = deployed.one(NAMESPACE).inputs["metadata"]
    assert metadata["name"] == deployed.one(RELEASE).inputs["namespace"] == "pilot"
    assert metadata["labels"] == {"pod-security.kubernetes.io/enforce": "restricted"}


def test_the_role_is_associated_with_the_service_account_of_the_controller() -> None:
    deployed = controller()
    association = deployed.one(ASSOCIATION).inputs
    assert association["clusterName"] == "prod"
    assert association["namespace"] == "pilot"
    assert association["serviceAccount"] == "pilot"
    assert association["roleArn"].endswith(f":role/{deployed.id_of(deployed.one(ROLE))}")


def test_only_pod_identity_can_assume_the_role() -> None:
    (statement,) = json.loads(controller().one(ROLE).inputs["assumeRolePolicy"])["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }


@pytest.mark.parametrize("known", [True, False])
def test_the_role_has_the_policy_known_or_unknown_in_preview(known: bool) -> None:
    deployed = controller(policy_is_known=known)
    policy = deployed.one(POLICY).inputs
    assert policy["role"] == deployed.id_of(deployed.one(ROLE))
    assert json.loads(policy["policy"]) == DOCUMENT


def test_a_controller_that_calls_no_aws_api_has_no_role() -> None:
    deployed = controller(policy=None)
    assert deployed.one(RELEASE)
    for kind in (ROLE, POLICY, ASSOCIATION):
        assert deployed.of_type(kind) == []


def test_a_disruption_budget_is_created_for_charts_without_one() -> None:
    assert controller().of_type(BUDGET) == [], (
        "the API server refuses to evict a pod with two budgets"
    )
    labels = chart_labels("pilot", "pilot")
    budget = controller(budget_labels=labels).one(BUDGET).inputs
    assert budget["metadata"]["namespace"] == "pilot"
    assert budget["spec"] == {
        "selector": {"matchLabels": dict(labels)},
        "maxUnavailable": 1,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }


def test_chart_defaults_are_removed_by_nulls_in_a_values_file() -> None:
    deployed = controller(removed_values=["resources.limits.cpu", "resources.limits.gpu", "probe"])
    [file] = deployed.one(RELEASE).inputs["valueYamlFiles"]
    assert yaml.safe_load(file.text) == {
        "resources": {"limits": {"cpu": None, "gpu": None}},
        "probe": None,
    }
    assert not controller().one(RELEASE).inputs.get("valueYamlFiles")


def test_at_most_one_of_two_replicas_is_evicted_at_a_time() -> None:
    values = highly_available_values("aws-pilot", "pilot")
    assert values["replicaCount"] == 2
    assert values["podDisruptionBudget"] == {"maxUnavailable": 1}
    assert values["priorityClassName"] == "system-cluster-critical"


@pytest.mark.parametrize("key", ["topology.kubernetes.io/zone", "kubernetes.io/hostname"])
def test_the_replicas_prefer_different_zones_and_nodes(key: str) -> None:
    constraints = highly_available_values("aws-pilot", "pilot")["topologySpreadConstraints"]
    assert len(constraints) == 2
    (spread,) = [each for each in constraints if each["topologyKey"] == key]
    assert spread == {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {
            "matchLabels": {
                "app.kubernetes.io/name": "aws-pilot",
                "app.kubernetes.io/instance": "pilot",
            }
        },
    }
