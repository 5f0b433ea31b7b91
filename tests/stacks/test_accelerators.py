"""Pools with GPUs and Neuron devices, and the pods that request them."""

from typing import Any

import pytest

from core.facts.accelerators import GPU_LABEL, GPU_PRESENT_LABEL, RESOURCES
from core.tags import POOL, RESOURCE
from settings.pool.pools import Pool
from tests.examples.test_examples import EXAMPLES
from tests.shared_recordings import recorded
from tests.stacks.objects import of_kind, pod_of
from tools.recording import Recording

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
RELEASE = "kubernetes:helm.sh/v3:Release"


def node_groups(recording: Recording) -> list[tuple[Pool, Any]]:  # Any: inputs of any shape
    """Returns the pool and the inputs of each node group."""
    found: list[Any] = [each.inputs for each in recording.of_type(NODE_GROUP)]
    return [(recording.settings.pools[each["tags"][POOL]], each) for each in found]


def test_accelerated_node_groups_have_the_taint_and_the_tag_of_their_device(
    recording: Recording,
) -> None:
    for pool, group in node_groups(recording):
        tags = {key: value for key, value in group["tags"].items() if key.startswith(RESOURCE)}
        tags.pop(f"{RESOURCE}ephemeral-storage")
        keys = [each["key"] for each in group.get("taints", [])]
        if pool.device is None:
            assert not {*keys} & {*RESOURCES.values()}
            assert tags == {}
        else:
            resource = RESOURCES[pool.device]
            assert keys.count(resource) == 1, "pods without the device would run on the nodes"
            assert tags == {f"{RESOURCE}{resource}": str(pool.accelerators)}, (
                "the Cluster Autoscaler would not scale up an empty node group"
            )


def test_nodes_with_gpus_have_the_labels_of_autoscaler_and_plugin(recording: Recording) -> None:
    for pool, group in node_groups(recording):
        labels = group["labels"]
        assert (GPU_LABEL in labels) == (pool.device == "gpu")
        assert (GPU_PRESENT_LABEL in labels) == (pool.plugin == "gpu")


def test_a_cell_has_the_plugins_of_its_nodes(recording: Recording) -> None:
    charts = {str(each.inputs["chart"]).rpartition("/")[2] for each in recording.of_type(RELEASE)}
    plugins = {each.plugin for each in recording.settings.pools.values()}
    assert ("nvidia-device-plugin" in charts) == ("gpu" in plugins)
    assert ("neuron-helm-chart" in charts) == ("neuron" in plugins)


def test_only_pods_with_a_device_wait_for_its_plugin(recording: Recording) -> None:
    plugins = {
        each.urn: each.name.removeprefix("device-plugins-")
        for each in recording.of_type("kubernetes:helm.sh/v3:Release")
        if each.name.startswith("device-plugins-")
    }
    pools = recording.settings.pools
    for name, workload in recording.settings.workloads.items():
        kind = "batch/v1:CronJob" if name in recording.settings.cron_jobs else "apps/v1:Deployment"
        [deployed] = [
            each
            for each in recording.of_type(f"kubernetes:{kind}")
            if each.inputs["metadata"]["namespace"] == name
        ]
        before = {plugins[urn] for urn in recording.before(deployed) if urn in plugins}
        devices = {workload.requests.device}
        each = recording.settings.deployments.get(name)
        if each and each.migrated_by:  # waits for the migration, whose pod can need a device
            devices.add(recording.settings.workloads[each.migrated_by].requests.device)
        assert before == devices & {*pools.plugins}, (
            "a failed plugin would block pods that need no device, or pods would wait for one"
        )


def test_pods_request_and_tolerate_their_device(recording: Recording) -> None:
    """Pause pods have the same device, so that headroom reserves it."""
    workloads = recording.settings.workloads
    for each in of_kind(recording, "Deployment"):
        pod = pod_of(each)
        labels = each["spec"]["template"]["metadata"]["labels"]
        name = labels.get("ha-eks/headroom-for") or each["metadata"]["namespace"]
        device = workloads[name].requests.device if name in workloads else None
        main = pod["containers"][0]["resources"]
        tolerated = [t.get("key") for t in pod.get("tolerations", [])]
        for kind, resource in RESOURCES.items():
            count = str(workloads[name].requests.accelerators) if kind == device else None
            assert main["requests"].get(resource) == count
            assert main["limits"].get(resource) == count, "Kubernetes requires equal amounts"
            if count:
                assert resource in tolerated


def example() -> Recording:
    return recorded("gpu", EXAMPLES)


@pytest.mark.parametrize(
    "check",
    [
        test_accelerated_node_groups_have_the_taint_and_the_tag_of_their_device,
        test_nodes_with_gpus_have_the_labels_of_autoscaler_and_plugin,
        test_a_cell_has_the_plugins_of_its_nodes,
        test_only_pods_with_a_device_wait_for_its_plugin,
        test_pods_request_and_tolerate_their_device,
    ],
)
def test_the_example_has_these_properties(check: Any) -> None:  # Any: a test of this file
    check(example())


def test_the_model_server_of_the_example_has_a_gpu_of_its_own_in_every_zone() -> None:
    recording = example()
    groups = [group for pool, group in node_groups(recording) if pool.device]
    assert len(groups) == 3
    for group in groups:
        assert group["amiType"] == "AL2023_x86_64_NVIDIA"
        assert group["labels"][GPU_PRESENT_LABEL] == "true"
        taint = {"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}
        assert group["taints"] == [taint]
        assert group["tags"][f"{RESOURCE}nvidia.com/gpu"] == "1"
    [server] = [e for e in of_kind(recording, "Deployment") if e["metadata"]["name"] == "llm"]
    [container] = pod_of(server)["containers"]
    assert container["resources"]["limits"] == {"memory": "10Gi", "nvidia.com/gpu": "1"}
    assert "/dev/shm" in [each["mountPath"] for each in container["volumeMounts"]]
    [api] = [e for e in of_kind(recording, "Deployment") if e["metadata"]["name"] == "api"]
    assert "nvidia.com/gpu" not in [each.get("key") for each in pod_of(api)["tolerations"]]
