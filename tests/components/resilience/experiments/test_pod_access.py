"""What an experiment that deletes pods finds in the cluster."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from components.resilience.experiments.pod_access import SERVICE_ACCOUNT
from settings.reading.names import AppName
from tests.components.resilience.experiments.requests import EXAMPLES, TEMPLATE, request_of
from tests.shared_recordings import recorded
from tools.recording import Recording

USER = "experiments-delete-pods"


def cell() -> Recording:
    return recorded("experiments", EXAMPLES)


def created(kind: str) -> dict[str, Any]:  # Any: JSON of any shape
    [found] = [
        each
        for each in cell().resources
        if each.name == f"{USER}-web" and each.type.endswith(f":{kind}")
    ]
    return dict(found.inputs)


def test_no_app_can_have_the_name_of_the_service_account() -> None:
    """The objects of an app have the name of the app, and are in the same namespace."""
    with pytest.raises(ValidationError):
        TypeAdapter(AppName).validate_python(SERVICE_ACCOUNT)


def test_the_role_is_the_user_that_has_rights_in_the_namespace_of_the_app() -> None:
    [entry] = [
        each for each in cell().of_type("aws:eks/accessEntry:AccessEntry") if each.name == USER
    ]
    assert entry.inputs["userName"] == USER
    binding = created("RoleBinding")
    assert binding["metadata"] == {"name": SERVICE_ACCOUNT, "namespace": "web"}
    subjects = {(each["kind"], each["name"]) for each in binding["subjects"]}
    assert subjects == {("ServiceAccount", SERVICE_ACCOUNT), ("User", USER)}


def test_user_and_service_account_have_the_documented_rights() -> None:
    rules = {
        (group, resource): each["verbs"]
        for each in created("Role")["rules"]
        for group in each["apiGroups"]
        for resource in each["resources"]
    }
    assert rules == {
        ("", "configmaps"): ["get", "create", "patch", "delete"],
        ("", "pods"): ["create", "list", "get", "delete", "deletecollection"],
        ("", "pods/ephemeralcontainers"): ["update"],
        ("", "pods/exec"): ["create"],
        ("apps", "deployments"): ["get"],
    }


def test_the_pods_of_fis_reach_the_kubernetes_api_and_the_pods_of_the_app_gain_nothing() -> None:
    spec = created("NetworkPolicy")["spec"]
    assert spec["podSelector"] == {
        "matchExpressions": [
            {
                "key": "app.kubernetes.io/name",
                "operator": "NotIn",
                "values": ["web", "web-migration"],
            }
        ]
    }
    ports = [each["port"] for rule in spec["egress"] for each in rule["ports"]]
    assert ports == [53, 53, 443]


def test_the_template_names_the_service_account_and_the_standard_of_the_namespace() -> None:
    [inputs] = [each.inputs for each in cell().of_type(TEMPLATE) if each.name == USER]
    parameters = request_of(inputs)["actions"]["delete-web"]["parameters"]
    assert parameters["kubernetesServiceAccount"] == SERVICE_ACCOUNT
    [namespace] = [
        each for each in cell().of_type("kubernetes:core/v1:Namespace") if each.name == "web"
    ]
    label = namespace.inputs["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
    assert parameters["fisPodSecurityPolicy"] == label
