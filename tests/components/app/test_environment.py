"""Environment variables of a container, and ports below 1024."""

from typing import Any

import pytest

from tests.components.app.deployed_apps import container, deployed, pod, singleton


def test_variables_have_fields_of_the_pod_and_resources_of_the_container() -> None:
    fields = {"APP": "metadata.labels['app']", "IP": "status.podIP"}
    main = container(
        env={"URL": "http://$(IP)"},
        secretEnv={"B": {"secret": "db", "key": "password"}},
        envFields=fields,
        envResources={"MIB": {"resource": "limits.memory", "divisor": "1Mi"}},
    )
    assert main["env"] == [
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
        *({"name": n, "valueFrom": {"fieldRef": {"fieldPath": p}}} for n, p in fields.items()),
        {
            "name": "MIB",
            "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}},
        },
        {"name": "URL", "value": "http://$(IP)"},
    ], "Kubernetes would not replace references to later variables"


def test_a_variable_comes_after_the_variables_that_its_value_refers_to() -> None:
    """Pulumi sorts the keys of a mapping."""
    env = {"A": "$(C)/a", "B": "$$(Z) $(OTHER)", "C": "http://$(D):$(PORT)", "D": "d", "PORT": "80"}
    written = [
        container(env=dict(order))["env"] for order in (env.items(), sorted(env.items())[::-1])
    ]
    for found in written:
        assert [each["name"] for each in found] == ["D", "PORT", "C", "A", "B"], (
            "Kubernetes would not replace references to later variables"
        )
        assert {each["name"]: each["value"] for each in found} == env


def test_variables_that_refer_to_each_other_are_kept() -> None:
    found = container(env={"A": "$(B)", "B": "$(A)", "PATH": "$(PATH):/app"})["env"]
    assert [each["name"] for each in found] == ["B", "A", "PATH"]


def test_whole_secrets_and_config_maps_are_variables() -> None:
    sources: Any = ({"secret": "db"}, {"configMap": "app", "prefix": "APP_"})
    assert container(envFrom=sources)["envFrom"] == [
        {"secretRef": {"name": "db"}},
        {"prefix": "APP_", "configMapRef": {"name": "app"}},
    ]
    assert "envFrom" not in container()


@pytest.mark.parametrize(
    ("changes", "lowest"),
    [
        ({"port": 80}, "80"),
        ({"port": 8080, "otherPorts": {"https": 443, "http": 81}}, "81"),
        ({"port": 1023}, "1023"),
    ],
)
def test_a_pod_can_listen_on_ports_below_1024_without_root(changes: Any, lowest: str) -> None:
    for spec in (pod(**changes), deployed_pod(**changes)):
        sysctls = spec["securityContext"]["sysctls"]
        assert sysctls == [{"name": "net.ipv4.ip_unprivileged_port_start", "value": lowest}]
        assert spec["securityContext"]["runAsNonRoot"] is True


def test_other_pods_have_no_sysctl() -> None:
    for spec in (pod(port=1024), deployed_pod(), pod(port=8080)):
        assert "sysctls" not in spec["securityContext"]


def deployed_pod(**changes: Any) -> dict[str, Any]:
    kind = "kubernetes:apps/v1:Deployment"
    return deployed(singleton(**changes)).one(kind).inputs["spec"]["template"]["spec"]
