"""What a node has for pods: its instance's CPU and memory, less what the node itself takes."""

from core.availability.resources import Resources
from core.facts.instance_types import InstanceType

_EVICTED_BELOW = 100
"""MiB that the kubelet keeps free by evicting pods (evictionHard, memory.available)."""

_OF_SMALL = 160
"""MiB that an instance of less than 2 GiB loses; 107 were seen of 1024."""

_ARM_CMA = 64
"""MiB that Linux keeps on arm64."""

Reserved = tuple[int | None, int | None]
"""CPU in millicores and memory in MiB; None where the AMI decides."""


def allocatable(
    instance: InstanceType,
    *,
    pods: int,
    bottlerocket: bool = False,
    kube_reserved: Reserved = (None, None),
    system_reserved: Reserved = (None, None),
) -> Resources:
    """What pods, at most `pods`, can have of a node; never more than the kubelet says it is.

    AL2023 reserves memory by the pods for which there are addresses, whatever the limit is, and
    Bottlerocket by the limit.
    https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go
    https://github.com/bottlerocket-os/bottlerocket-core-kit/blob/develop/sources/api/schnauzer/src/helpers/mod.rs
    """
    cpu, memory = kube_reserved
    counted = pods if bottlerocket else instance.max_pods
    cpu = kube_reserved_cpu(instance.vcpus) if cpu is None else cpu
    memory = kube_reserved_memory(counted) if memory is None else memory
    return Resources(
        cpu=instance.vcpus * 1000 - cpu - (system_reserved[0] or 0),
        memory=seen(instance) - memory - (system_reserved[1] or 0) - _EVICTED_BELOW,
        pods=pods,
    )


def kube_reserved_cpu(vcpus: int) -> int:
    """Millicores for kubelet and container runtime: of the first core 60, of further ones less."""
    return sum((60, 10, 5, 5)[:vcpus]) + max(0, vcpus - 4) * 5 // 2


def kube_reserved_memory(pods: int) -> int:
    """MiB for kubelet and container runtime."""
    return 255 + 11 * pods


def seen(instance: InstanceType) -> int:
    """MiB that the operating system sees, at the least; hypervisor and kernel keep the rest.

    The 7.5 % by which Karpenter is never above a node of a known type:
    https://karpenter.sh/docs/reference/settings/ (vmMemoryOverheadPercent), and
    https://github.com/aws/karpenter-provider-aws/blob/main/pkg/providers/instancetype/types.go
    """
    memory = instance.memory_mib
    if memory < 2048:
        return memory - _OF_SMALL
    memory -= _ARM_CMA if instance.architecture == "arm64" else 0
    return memory - -(-memory * 75 // 1000)
