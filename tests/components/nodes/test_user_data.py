"""User data of nodes with settings of the kubelet."""

import base64
import email
from typing import Any

import yaml

from components.nodes.user_data import user_data
from settings.pool.kubelet import Kubelet
from tests.components.nodes.deployed_nodes import template


def node_config(encoded: str) -> dict[str, Any]:
    """Returns the kubelet configuration of user data, which has one MIME part."""
    message = email.message_from_bytes(base64.b64decode(encoded, validate=True))
    assert message["MIME-Version"] == "1.0"
    assert message.get_content_type() == "multipart/mixed"
    assert message.defects == []
    _, part = message.walk()
    assert part.get_content_type() == "application/node.eks.aws"
    document = yaml.safe_load(str(part.get_payload()))
    assert document["apiVersion"] == "node.eks.aws/v1alpha1"
    assert document["kind"] == "NodeConfig"
    assert list(document["spec"]) == ["kubelet"]
    return document["spec"]["kubelet"]["config"]


def test_default_kubelet_settings_need_no_user_data() -> None:
    assert "userData" not in template()
    assert "userData" not in template(kubelet={"shutdownGraceSeconds": 150})


def test_user_data_sets_graceful_shutdown_and_reserved_resources() -> None:
    changes = {
        "shutdownGraceSeconds": 120,
        "systemReserved": {"cpu": "100m", "memory": "256Mi"},
        "kubeReserved": {"memory": "1Gi"},
    }
    assert node_config(template(kubelet=changes)["userData"]) == {
        "shutdownGracePeriod": "120s",
        "shutdownGracePeriodCriticalPods": "30s",
        "systemReserved": {"cpu": "100m", "memory": "256Mi"},
        "kubeReserved": {"memory": "1Gi"},
    }


def test_a_cpu_quantity_without_unit_is_a_string() -> None:
    changes = {"kubeReserved": {"cpu": "1"}}
    config = node_config(template(kubelet=changes)["userData"])
    assert config["kubeReserved"] == {"cpu": "1"}
    assert "systemReserved" not in config


def test_the_same_kubelet_settings_return_the_same_user_data() -> None:
    kubelet = {"shutdownGraceSeconds": 60, "kubeReserved": {"memory": "1Gi", "cpu": "1"}}
    first, second = (user_data(Kubelet.model_validate(changes)) for changes in (
        kubelet, dict(reversed(kubelet.items())),
    ))  # fmt: skip
    assert first == second, "each `up` would roll the nodes"
