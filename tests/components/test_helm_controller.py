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
from core.facts.versions import Chart
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


def controller(*, policy_is_known: bool = True, **given: Any) -> Deployed:
    def build() -> None:
        args = ControllerArgs(
            before_pods=[],
            chart=CHART,
            context=context(),
            values={"replicaCount": 2, "clusterName": pulumi.Output.from_input("prod")},
            **{
                "policy": DOCUMENT if policy_is_known else pulumi.Output.from_input(DOCUMENT),
                **given,
            },
        )
        Controller("ship-pilot", args, with_kubernetes())

    return deploy(build)


def test_the_release_is_the_pinned_chart_with_its_values() -> None:
    release = controller().one(RELEASE).inputs
    assert release["name"] == release["chart"] == "pilot"
    assert release["version"] == "1.2.3", "every update takes whatever is newest"
    assert release["repositoryOpts"] == {"repo": "https://charts.example.com"}
    assert release["values"] == {"replicaCount": 2, "clusterName": "prod"}


def test_a_release_that_does_not_become_ready_is_taken_back() -> None:
    release = controller().one(RELEASE).inputs
    assert release["atomic"] is True
    assert release["timeout"] == 600
    assert not release.get("skipAwait"), "those who depend on it would not wait for it"


def test_a_controller_has_a_namespace_of_its_own_under_the_restricted_standard() -> None:
    made = controller()
    metadata = made.one(NAMESPACE).inputs["metadata"]
    assert metadata["name"] == made.one(RELEASE).inputs["namespace"] == "pilot"
    assert metadata["labels"] == {"pod-security.kubernetes.io/enforce": "restricted"}


def test_its_role_is_for_the_service_account_in_that_namespace_of_that_cluster() -> None:
    made = controller()
    association = made.one(ASSOCIATION).inputs
    assert association["clusterName"] == "prod"
    assert association["namespace"] == "pilot"
    assert association["serviceAccount"] == "pilot"
    assert association["roleArn"].endswith(f":role/{made.id_of(made.one(ROLE))}")


def test_its_role_trusts_pod_identity_and_nobody_else() -> None:
    (statement,) = json.loads(controller().one(ROLE).inputs["assumeRolePolicy"])["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }


@pytest.mark.parametrize("known", [True, False])
def test_its_role_may_do_what_the_policy_says_known_or_still_to_come(known: bool) -> None:
    made = controller(policy_is_known=known)
    policy = made.one(POLICY).inputs
    assert policy["role"] == made.id_of(made.one(ROLE))
    assert json.loads(policy["policy"]) == DOCUMENT


def test_one_that_asks_aws_nothing_has_no_role() -> None:
    made = controller(policy=None)
    assert made.one(RELEASE)
    for kind in (ROLE, POLICY, ASSOCIATION):
        assert made.of_type(kind) == []


def test_a_budget_is_for_charts_that_have_none() -> None:
    assert controller().of_type(BUDGET) == [], "two budgets for one pod, and nothing evicts it"
    labels = chart_labels("pilot", "pilot")
    budget = controller(budget_labels=labels).one(BUDGET).inputs
    assert budget["metadata"]["namespace"] == "pilot"
    assert budget["spec"] == {
        "selector": {"matchLabels": dict(labels)},
        "maxUnavailable": 1,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }


def test_defaults_of_a_chart_are_taken_out_by_nulls_in_a_file_of_values() -> None:
    made = controller(removed_values=["resources.limits.cpu", "resources.limits.gpu", "probe"])
    [file] = made.one(RELEASE).inputs["valueYamlFiles"]
    assert yaml.safe_load(file.text) == {
        "resources": {"limits": {"cpu": None, "gpu": None}},
        "probe": None,
    }
    assert not controller().one(RELEASE).inputs.get("valueYamlFiles")


def test_two_replicas_are_evicted_one_by_one() -> None:
    values = highly_available_values("aws-pilot", "pilot")
    assert values["replicaCount"] == 2
    assert values["podDisruptionBudget"] == {"maxUnavailable": 1}
    assert values["priorityClassName"] == "system-cluster-critical"


@pytest.mark.parametrize("key", ["topology.kubernetes.io/zone", "kubernetes.io/hostname"])
def test_the_replicas_spread_over_zones_and_nodes_where_that_can_be(key: str) -> None:
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
