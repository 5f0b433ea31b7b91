"""Tests of the allocatable resources: they never exceed the figures that were measured on nodes."""

import pytest

from core.availability.allocatable import (
    allocatable,
    allocatable_storage,
    kube_reserved_cpu,
    visible_memory,
)
from core.availability.resources import Resources
from core.facts.instance_types import InstanceType, instance_type, table
from core.network.subnet_capacity import max_pods_per_node


def known(name: str) -> InstanceType:
    found = instance_type(name)
    assert found
    return found


@pytest.mark.parametrize(
    ("name", "cpu", "memory", "pods"),
    [
        ("m5.large", 1930, 6903, 29),
        ("m7i.large", 1930, 6903, 29),
        ("m7g.large", 1930, 6844, 29),
        ("m8i.large", 1930, 6573, 59),
        ("t3.medium", 1930, 3246, 17),
        ("c7i.xlarge", 3920, 6584, 58),
        ("c8g.xlarge", 3920, 6525, 58),
        ("r7i.2xlarge", 7910, 59627, 58),
        ("m7i.8xlarge", 31850, 118312, 234),
    ],
)
def test_the_figures_equal_karpenter_s_reference(
    name: str, cpu: int, memory: int, pods: int
) -> None:
    """https://karpenter.sh/preview/reference/instance-types/ (read November 2026)"""
    instance = known(name)
    expected = Resources(cpu=cpu, memory=memory, storage=17039, pods=pods)
    assert allocatable(instance, pods=max_pods_per_node([instance]), disk_gib=20) == expected


@pytest.mark.parametrize(
    ("name", "kibibytes"),
    [
        ("t3.small", 1970512),
        ("t4g.small", 1895736),
        ("t3.medium", 3926444),
        ("m5.large", 7824308),
        ("m6i.large", 7981996),
        ("m8g.large", 7948164),
        ("m5.xlarge", 15896988),
        ("m7i.xlarge", 16093244),
        ("r5.xlarge", 32387540),
        ("m5.4xlarge", 64333324),
        ("r5.16xlarge", 522603756),
    ],
)
def test_a_node_has_at_least_the_memory_that_packing_relies_on(name: str, kibibytes: int) -> None:
    """Capacity as reported by kubelets of such nodes."""
    assert visible_memory(known(name)) <= kibibytes / 1024
    assert visible_memory(known(name)) > kibibytes / 1024 * 0.9, (
        "memory would be paid for and not used"
    )


def test_the_overhead_of_small_instances_is_larger() -> None:
    assert visible_memory(known("t3.micro")) <= 938840 / 1024


@pytest.mark.parametrize(
    ("vcpus", "reserved"), [(1, 60), (2, 70), (4, 80), (8, 90), (16, 110), (48, 190), (96, 310)]
)
def test_less_cpu_is_reserved_of_each_further_core(vcpus: int, reserved: int) -> None:
    assert kube_reserved_cpu(vcpus) == reserved


def test_bottlerocket_reserves_memory_by_max_pods_and_al2023_by_addresses() -> None:
    instance = known("m7i.large")
    al2023 = [allocatable(instance, pods=pods, disk_gib=20).memory for pods in (29, 110)]
    bottlerocket = [
        allocatable(instance, pods=pods, disk_gib=20, bottlerocket=True).memory
        for pods in (29, 110)
    ]
    assert al2023 == [6903, 6903]
    assert bottlerocket == [6903, 6903 - 11 * 81]


def test_reserved_resources_of_the_stack_file_are_subtracted() -> None:
    instance = known("m7i.large")
    default = allocatable(instance, pods=29, disk_gib=20)
    kube = allocatable(instance, pods=29, disk_gib=20, kube_reserved=(500, None))
    both = allocatable(
        instance, pods=29, disk_gib=20, kube_reserved=(0, 1000), system_reserved=(100, 200)
    )
    assert (default.cpu - kube.cpu, default.memory - kube.memory) == (430, 0)
    assert both == Resources(cpu=1900, memory=7577 - 1000 - 200 - 100, storage=17039, pods=29)


def test_all_general_compute_and_memory_families_have_data() -> None:
    families = {name.partition(".")[0] for name in table().types}
    for letter in "mcr":
        for kind in ("5", "5a", "6i", "6a", "6g", "7i", "7a", "7g", "8i", "8a", "8g"):
            assert letter + kind in families, f"no data for {letter}{kind}"


def test_every_type_has_allocatable_resources() -> None:
    for instance in table().types.values():
        node = allocatable(instance, pods=max_pods_per_node([instance]), disk_gib=20)
        assert node.cpu > 0
        assert node.memory > 0 or instance.memory_mib <= 1024, instance.name


@pytest.mark.parametrize("reported", [18181869946, 17933882132])
def test_a_node_has_at_least_the_storage_that_packing_relies_on(reported: int) -> None:
    """Allocatable bytes that kubelets of AL2023 and of Bottlerocket report, with 20 GiB.

    https://github.com/eksctl-io/eksctl/issues/4434
    """
    assert allocatable_storage(20) * 2**20 <= reported
    assert allocatable_storage(20) * 2**20 > reported * 0.98, (
        "storage would be paid for and not used"
    )


def test_a_node_offers_its_accelerators() -> None:
    for name, count in (("m7i.large", 0), ("g6.12xlarge", 4), ("inf2.24xlarge", 6)):
        found = instance_type(name)
        assert found
        assert allocatable(found, pods=29, disk_gib=20).accelerators == count
