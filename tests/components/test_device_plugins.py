"""Device plugins: the values of their charts, and the nodes and pods that use them."""

from typing import Any

import pytest

from components.device_plugins import DevicePlugins, DevicePluginsArgs
from core.facts.accelerators import Device
from tests.components.deploy import Deployed, copied, deploy, with_kubernetes
from tests.components.nodes.deployed_nodes import groups
from tests.components.overprovisioner.test_overprovisioner import pause_pod

RELEASE = "kubernetes:helm.sh/v3:Release"
NAMESPACE = "kubernetes:core/v1:Namespace"
TAG = "k8s.io/cluster-autoscaler/node-template/resources/"
Inputs = dict[str, Any]  # Any: inputs are JSON of any shape
GPU_LABELS = {"k8s.amazonaws.com/accelerator", "nvidia.com/gpu.present"}


def plugins(*devices: Device) -> Deployed:
    args = DevicePluginsArgs(devices=devices, before_pods=[], resolve_image=copied)
    return deploy(lambda: DevicePlugins("device-plugins", args, with_kubernetes()))


def release(device: Device) -> Inputs:
    found: Any = plugins("gpu", "neuron").one(RELEASE, f"device-plugins-{device}")
    return found.inputs


def test_each_device_has_its_chart_in_the_namespace_of_the_plugins() -> None:
    gpu, neuron = release("gpu"), release("neuron")
    assert gpu["chart"] == "nvidia-device-plugin"
    assert gpu["repositoryOpts"] == {"repo": "https://nvidia.github.io/k8s-device-plugin"}
    assert neuron["chart"] == "oci://public.ecr.aws/neuron/neuron-helm-chart"
    assert "repositoryOpts" not in neuron, "Helm finds an OCI chart by its address only"
    assert {gpu["namespace"], neuron["namespace"]} == {"device-plugins"}
    assert [each.name for each in plugins("gpu").of_type(RELEASE)] == ["device-plugins-gpu"]


def test_the_namespace_accepts_pods_that_mount_directories_of_their_node() -> None:
    namespace: Any = plugins("gpu").one(NAMESPACE)
    assert namespace.inputs["metadata"]["labels"] == {
        "pod-security.kubernetes.io/enforce": "privileged"
    }


@pytest.mark.parametrize(
    ("device", "image"),
    [
        ("gpu", "nvcr.io/nvidia/k8s-device-plugin"),
        ("neuron", "public.ecr.aws/neuron/neuron-device-plugin"),
    ],
)
def test_a_plugin_runs_on_nodes_with_any_taint_and_requests_what_preview_counts(
    device: Device, image: str
) -> None:
    values = release(device)["values"]
    plugin = values if device == "gpu" else values["devicePlugin"]
    assert plugin["image"] == {"repository": copied(image)}
    assert plugin["tolerations"] == [{"operator": "Exists"}], "tainted nodes would have no devices"
    assert plugin["resources"] == {
        "requests": {"cpu": "50m", "memory": "256Mi"},
        "limits": {"memory": "256Mi"},
    }


def test_the_neuron_chart_installs_the_plugin_only() -> None:
    values = release("neuron")["values"]
    assert values["npd"] == {"enabled": False}
    assert values["devicePlugin"]["namespaceOverride"] == "device-plugins"


@pytest.mark.parametrize(
    ("instance_type", "changes", "resource", "count", "labels"),
    [
        ("g6.12xlarge", {}, "nvidia.com/gpu", "4", GPU_LABELS),
        (
            "g6.xlarge",
            {"amiType": "BOTTLEROCKET_x86_64_NVIDIA"},
            "nvidia.com/gpu",
            "1",
            {"k8s.amazonaws.com/accelerator"},  # the AMI contains the plugin
        ),
        ("inf2.24xlarge", {}, "aws.amazon.com/neuron", "6", set[str]()),
    ],
)
def test_accelerated_node_groups_have_taint_tag_and_labels(
    instance_type: str, changes: dict[str, Any], resource: str, count: str, labels: set[str]
) -> None:
    for group in groups(instanceTypes=(instance_type,), **changes):
        taint = {"key": resource, "value": "present", "effect": "NO_SCHEDULE"}
        assert group["taints"] == [taint]
        assert group["tags"][f"{TAG}{resource}"] == count
        assert {*group["labels"]} == {*labels, "ha-eks/pool"}


def test_a_taint_of_the_stack_file_with_the_same_key_replaces_the_default() -> None:
    taints = ({"key": "nvidia.com/gpu", "effect": "NO_EXECUTE"}, {"key": "team"})
    for group in groups(instanceTypes=("g6.xlarge",), taints=taints):
        assert [(each["key"], each["effect"]) for each in group["taints"]] == [
            ("nvidia.com/gpu", "NO_EXECUTE"),
            ("team", "NO_SCHEDULE"),
        ]


def test_a_pool_of_several_types_counts_as_having_the_fewest_devices() -> None:
    for group in groups(instanceTypes=("g6.12xlarge", "g6.xlarge")):
        assert group["tags"][f"{TAG}nvidia.com/gpu"] == "1"


@pytest.mark.parametrize(
    ("device", "resource"), [("gpu", "nvidia.com/gpu"), ("neuron", "aws.amazon.com/neuron")]
)
def test_a_pause_pod_reserves_the_devices_of_its_app(device: str, resource: str) -> None:
    spec = pause_pod(requests={"cpu": "2", "memory": "3Gi", device: 2})
    (pause,) = spec["containers"]
    assert pause["resources"]["requests"][resource] == "2"
    assert pause["resources"]["limits"] == {"memory": "3Gi", resource: "2"}
    taint, *_ = spec["tolerations"]
    assert taint == {
        "key": resource, "operator": "Equal", "value": "present", "effect": "NoSchedule",
    }  # fmt: skip
