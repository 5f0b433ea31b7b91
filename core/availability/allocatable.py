"""Allocatable resources of a node: the capacity of its instance and volume minus reserved
resources."""

from core.availability.resources import Resources
from core.facts.instance_types import InstanceType

_EVICTION_THRESHOLD = 100
"""MiB that the kubelet keeps free by evicting pods (evictionHard, memory.available)."""

_SMALL_INSTANCE_OVERHEAD = 160
"""MiB that hypervisor and kernel use on an instance of less than 2 GiB; measured: 107 of 1024."""

_ARM_CMA = 64
"""MiB that Linux reserves for its contiguous memory allocator on arm64."""

_FILE_SYSTEM_OVERHEAD = 2
"""Percentage of the volume that partitions and the file system use. Measured on 20 GiB: 0.4% with
AL2023, 1.7% with Bottlerocket (https://github.com/eksctl-io/eksctl/issues/4434)."""

_STORAGE_RESERVED = 1024
"""MiB of ephemeral storage that AL2023 and Bottlerocket reserve for kubelet and container
runtime."""

_STORAGE_EVICTION_PERCENTAGE = 10
"""Percentage of the volume that the kubelet keeps free by evicting pods (evictionHard,
nodefs.available): set by AL2023, and the default of the kubelet that Bottlerocket does not
change."""

Reserved = tuple[int | None, int | None]
"""Reserved CPU in millicores and memory in MiB; None: the default of the AMI."""


def allocatable(
    instance: InstanceType,
    *,
    pods: int,
    disk_gib: int,
    bottlerocket: bool = False,
    kube_reserved: Reserved = (None, None),
    system_reserved: Reserved = (None, None),
) -> Resources:
    """Returns the allocatable resources of a node, at most the resources that its kubelet reports.

    `pods` is the kubelet's maximum number of pods. `disk_gib` is the size of the volume in GiB that
    has the images and the data of containers. AL2023 reserves memory by the number of pods
    for which the instance type has addresses, Bottlerocket by the kubelet's maximum.
    https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go
    https://github.com/bottlerocket-os/bottlerocket-core-kit/blob/develop/sources/api/schnauzer/src/helpers/mod.rs
    """
    cpu, memory = kube_reserved
    pods_to_reserve_for = pods if bottlerocket else instance.max_pods
    cpu = kube_reserved_cpu(instance.vcpus) if cpu is None else cpu
    memory = kube_reserved_memory(pods_to_reserve_for) if memory is None else memory
    return Resources(
        cpu=instance.vcpus * 1000 - cpu - (system_reserved[0] or 0),
        memory=visible_memory(instance) - memory - (system_reserved[1] or 0) - _EVICTION_THRESHOLD,
        storage=allocatable_storage(disk_gib),
        accelerators=instance.accelerators,
        pods=pods,
    )


def allocatable_storage(disk_gib: int) -> int:
    """Returns the allocatable ephemeral storage of a node in MiB, at most what its kubelet reports.

    The volume of AL2023 also has the operating system. Bottlerocket has its own volume for it. In
    both cases, the allocatable storage includes the space that images use.
    https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go
    https://github.com/bottlerocket-os/bottlerocket-core-kit/blob/develop/packages/kubernetes-1.33/kubelet-config
    https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#hard-eviction-thresholds
    """
    file_system = disk_gib * 1024 * (100 - _FILE_SYSTEM_OVERHEAD) // 100
    return file_system * (100 - _STORAGE_EVICTION_PERCENTAGE) // 100 - _STORAGE_RESERVED


def kube_reserved_cpu(vcpus: int) -> int:
    """Returns the millicores reserved for kubelet and container runtime: 60 of the first core,
    fewer of each further core."""
    return sum((60, 10, 5, 5)[:vcpus]) + max(0, vcpus - 4) * 5 // 2


def kube_reserved_memory(pods: int) -> int:
    """Returns the MiB reserved for kubelet and container runtime of a node with `pods` pods."""
    return 255 + 11 * pods


def visible_memory(instance: InstanceType) -> int:
    """Returns the MiB that the operating system reports at least.

    Hypervisor and kernel use the rest. The overhead of 7.5% is Karpenter's: with it, Karpenter's
    estimate exceeds the memory of no known instance type.
    https://karpenter.sh/docs/reference/settings/ (vmMemoryOverheadPercent), and
    https://github.com/aws/karpenter-provider-aws/blob/main/pkg/providers/instancetype/types.go
    """
    memory = instance.memory_mib
    if memory < 2048:
        return memory - _SMALL_INSTANCE_OVERHEAD
    memory -= _ARM_CMA if instance.architecture == "arm64" else 0
    return memory - -(-memory * 75 // 1000)
