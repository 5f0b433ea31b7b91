"""What pods can have of a node is never more than nodes were seen to have."""

import pytest

from core.availability.allocatable import allocatable, kube_reserved_cpu, seen
from core.availability.resources import Resources
from core.facts.instance_types import InstanceType, instance_type, table
from core.network.subnet_capacity import max_pods_per_node


def of(name: str) -> InstanceType:
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
def test_the_figures_are_those_of_karpenter_s_reference(
    name: str, cpu: int, memory: int, pods: int
) -> None:
    """https://karpenter.sh/preview/reference/instance-types/ (read November 2026)"""
    instance = of(name)
    expected = Resources(cpu=cpu, memory=memory, pods=pods)
    assert allocatable(instance, pods=max_pods_per_node([instance])) == expected


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
def test_a_node_has_at_least_the_memory_that_is_counted_on(name: str, kibibytes: int) -> None:
    """What kubelets of such nodes told as their capacity."""
    assert seen(of(name)) <= kibibytes / 1024
    assert seen(of(name)) > kibibytes / 1024 * 0.9, "so much less would be paid for and not used"


def test_the_smallest_lose_more_than_their_share() -> None:
    assert seen(of("t3.micro")) <= 938840 / 1024


@pytest.mark.parametrize(
    ("vcpus", "reserved"), [(1, 60), (2, 70), (4, 80), (8, 90), (16, 110), (48, 190), (96, 310)]
)
def test_each_further_core_gives_up_less(vcpus: int, reserved: int) -> None:
    assert kube_reserved_cpu(vcpus) == reserved


def test_bottlerocket_reserves_memory_by_the_limit_and_al2023_by_the_addresses() -> None:
    instance = of("m7i.large")
    of_al2023 = [allocatable(instance, pods=pods).memory for pods in (29, 110)]
    of_bottlerocket = [
        allocatable(instance, pods=pods, bottlerocket=True).memory for pods in (29, 110)
    ]
    assert of_al2023 == [6903, 6903]
    assert of_bottlerocket == [6903, 6903 - 11 * 81]


def test_what_the_stack_file_reserves_is_taken_off() -> None:
    instance = of("m7i.large")
    usual = allocatable(instance, pods=29)
    kube = allocatable(instance, pods=29, kube_reserved=(500, None))
    both = allocatable(instance, pods=29, kube_reserved=(0, 1000), system_reserved=(100, 200))
    assert (usual.cpu - kube.cpu, usual.memory - kube.memory) == (430, 0)
    assert both == Resources(cpu=1900, memory=7577 - 1000 - 200 - 100, pods=29)


def test_every_type_of_the_families_that_cells_are_made_of_is_known() -> None:
    families = {name.partition(".")[0] for name in table().types}
    for letter in "mcr":
        for kind in ("5", "5a", "6i", "6a", "6g", "7i", "7a", "7g", "8i", "8a", "8g"):
            assert letter + kind in families, f"no figures of {letter}{kind}"


def test_no_type_has_less_than_nothing() -> None:
    for instance in table().types.values():
        has = allocatable(instance, pods=max_pods_per_node([instance]))
        assert has.cpu > 0
        assert has.memory > 0 or instance.memory_mib <= 1024, instance.name
