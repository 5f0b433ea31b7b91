"""Rules for GPUs and Neuron devices that workloads request."""

import pytest

from tests.settings.stack_files import POOLS, Change, assert_problem, cautions_of, problems_of

APPS = "ha-eks:apps"
REQUESTS = (APPS, "web", "requests")
GPU: Change = ((*REQUESTS, "gpu"), 1)
TO_POOL: Change = ((APPS, "web", "pool"), "fast")


def fast(instance_type: str = "g6.xlarge", **more: object) -> Change:
    """Returns the change that adds a pool with accelerators."""
    size = {"min": 1, "max": 6}
    return (POOLS, "fast"), {"instanceTypes": [instance_type], "perZone": size, **more}


@pytest.mark.parametrize(
    "changes",
    [
        [fast(), GPU],
        [fast(), GPU, TO_POOL],
        [fast(taints=[{"key": "team", "value": "ml"}]), GPU, TO_POOL],
        [fast(taints=[{"key": "nvidia.com/gpu"}]), GPU, TO_POOL],
        [fast("inf2.xlarge"), ((*REQUESTS, "neuron"), 1)],
    ],
    ids=["any pool", "a pool", "a tainted pool", "the same taint", "Neuron"],
)
def test_a_workload_may_request_the_devices_of_a_pool(changes: list[Change]) -> None:
    assert problems_of(*changes) == []


def test_a_request_without_a_pool_that_has_the_device_is_refused() -> None:
    message = "no pool has {}; write a pool with them in ha-eks:pools, such as instanceTypes: [{}]"
    for device, name, types in (
        ("gpu", "GPUs", "g6.xlarge"),
        ("neuron", "Neuron devices", "inf2.xlarge"),
    ):
        other = "inf2.xlarge" if device == "gpu" else "g6.xlarge"
        assert_problem(
            problems_of(fast(other), ((*REQUESTS, device), 1)),
            f"{APPS}.web.requests.{device}",
            1,
            message.format(name, types),
        )


def test_a_request_in_a_pool_without_the_device_is_refused() -> None:
    assert_problem(
        problems_of(fast(), GPU, ((APPS, "web", "pool"), "general")),
        f"{APPS}.web.pool",
        "general",
        "the nodes have no GPUs; write fast",
    )


def test_a_request_of_a_device_of_tainted_pools_only_is_refused() -> None:
    assert_problem(
        problems_of(fast(taints=[{"key": "team"}]), GPU),
        f"{APPS}.web.requests.gpu",
        1,
        "every pool with GPUs has taints; write pool: fast, whose taints the pods then tolerate",
    )


def test_a_request_of_both_devices_is_refused() -> None:
    problems = problems_of(fast(), GPU, ((*REQUESTS, "neuron"), 1))
    assert_problem(
        problems,
        f"{APPS}.web.requests.neuron",
        1,
        "no instance type has both GPUs and Neuron devices; remove gpu or neuron",
    )


def test_a_request_of_more_devices_than_a_node_has_is_refused() -> None:
    (problem,) = problems_of(fast("g6.12xlarge"), ((*REQUESTS, "gpu"), 5))
    assert problem.key == f"{APPS}.web.requests"
    assert problem.message == (
        "web requests 750m CPU, 256Mi memory and 5 accelerators, but g6.12xlarge nodes in pool "
        "fast have 4 accelerators left after system pods; write smaller requests, or larger "
        "instance types"
    )


def test_a_pool_with_too_few_devices_for_a_zone_is_refused() -> None:
    (problem,) = problems_of(fast(perZone={"min": 1, "max": 2}), GPU)
    assert problem.key == f"{POOLS}.fast.perZone.max"
    assert "(750m CPU, 256Mi and 1 accelerator)" in problem.message
    assert "but max is 2" in problem.message


def test_a_workload_in_an_accelerated_pool_without_a_request_has_a_caution() -> None:
    text = cautions_of(fast(), TO_POOL).get(f"{APPS}.web.pool", "")
    assert "request none" in text
    assert f"{APPS}.web.pool" not in cautions_of(fast(), TO_POOL, GPU)


def test_nodes_that_pull_the_nvidia_plugin_from_its_own_registry_have_a_caution() -> None:
    key = "ha-eks:images.source"
    assert "nvcr.io" in cautions_of(fast(), GPU)[key]
    bottlerocket = fast(amiType="BOTTLEROCKET_x86_64_NVIDIA")
    assert key not in cautions_of(bottlerocket, GPU)
    assert key not in cautions_of(fast("inf2.xlarge"), ((*REQUESTS, "neuron"), 1))
