"""Devices of accelerated nodes that pods can request, and AMIs with drivers for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.facts.instance_types import InstanceType

Device = Literal["gpu", "neuron"]
"""An NVIDIA GPU, or an AWS Neuron device: an Inferentia or Trainium chip."""

_KINDS: Mapping[str, Device] = {"GPU": "gpu", "Neuron device": "neuron"}
"""Devices by the accelerator of an instance type. Other accelerators have no EKS AMI."""

NAMES: Mapping[Device, str] = {"gpu": "GPU", "neuron": "Neuron device"}
"""Names of one device in messages."""

RESOURCES: Mapping[Device, str] = {"gpu": "nvidia.com/gpu", "neuron": "aws.amazon.com/neuron"}
"""Resource that pods request, and key of the taint that keeps other pods off the nodes. The device
plugins advertise these resources and tolerate these taints.
https://docs.aws.amazon.com/eks/latest/userguide/ml-eks-k8s-device-plugin.html
https://awsdocs-neuron.readthedocs-hosted.com/en/latest/containers/tutorials/k8s-neuron-device-plugin.html
"""

TAINT_VALUE = "present"
"""Value of the taint of accelerated nodes."""

GPU_LABEL = "k8s.amazonaws.com/accelerator"
"""Label of nodes with GPUs. The Cluster Autoscaler treats a new node with this label as not ready
until its device plugin advertises the GPUs. Otherwise it would add further nodes.
https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/cloudprovider/aws/README.md#special-note-on-gpu-instances
"""

GPU_PRESENT_LABEL = "nvidia.com/gpu.present"
"""Label of nodes on which the chart of the NVIDIA device plugin runs its pods.
https://github.com/NVIDIA/k8s-device-plugin/blob/v0.20.0/deployments/helm/nvidia-device-plugin/values.yaml
"""

_UNSUPPORTED_FAMILIES = ("g7",)
"""Families with GPUs for which the drivers of the AMIs are too old (read November 2026).
https://docs.aws.amazon.com/eks/latest/userguide/ml-eks-optimized-ami.html
https://docs.aws.amazon.com/eks/latest/userguide/bottlerocket-custom-variant.html"""


@dataclass(frozen=True, kw_only=True)
class Ami:
    """An AMI type of EKS."""

    architecture: Literal["x86_64", "arm64"]
    """Architecture of the instance types."""
    devices: tuple[Device | None, ...]
    """Devices for which the AMI has drivers; None: instance types without accelerator."""


AmiType = Literal[
    "AL2023_x86_64_STANDARD",
    "AL2023_ARM_64_STANDARD",
    "AL2023_x86_64_NVIDIA",
    "AL2023_ARM_64_NVIDIA",
    "AL2023_x86_64_NEURON",
    "BOTTLEROCKET_x86_64",
    "BOTTLEROCKET_ARM_64",
    "BOTTLEROCKET_x86_64_NVIDIA",
    "BOTTLEROCKET_ARM_64_NVIDIA",
]
"""AMI types of managed node groups with Linux that this program supports.
https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html"""

AMIS: Mapping[AmiType, Ami] = {
    "AL2023_x86_64_STANDARD": Ami(architecture="x86_64", devices=(None,)),
    "AL2023_ARM_64_STANDARD": Ami(architecture="arm64", devices=(None,)),
    "AL2023_x86_64_NVIDIA": Ami(architecture="x86_64", devices=("gpu",)),
    "AL2023_ARM_64_NVIDIA": Ami(architecture="arm64", devices=("gpu",)),
    "AL2023_x86_64_NEURON": Ami(architecture="x86_64", devices=("neuron",)),
    "BOTTLEROCKET_x86_64": Ami(architecture="x86_64", devices=(None, "neuron")),
    "BOTTLEROCKET_ARM_64": Ami(architecture="arm64", devices=(None,)),
    "BOTTLEROCKET_x86_64_NVIDIA": Ami(architecture="x86_64", devices=("gpu",)),
    "BOTTLEROCKET_ARM_64_NVIDIA": Ami(architecture="arm64", devices=("gpu",)),
}
"""AMI types, Amazon Linux before Bottlerocket.
https://docs.aws.amazon.com/eks/latest/userguide/ml-eks-optimized-ami.html"""


def device_of(instance: InstanceType) -> Device | None:
    """Returns the device of an instance type that pods can request; None without one."""
    return _KINDS.get(instance.accelerator or "")


def amis_for(instance: InstanceType) -> Sequence[AmiType]:
    """Returns the AMI types with drivers for an instance type, Amazon Linux first; none if EKS has
    no such AMI."""
    device = device_of(instance)
    if instance.name.split(".")[0] in _UNSUPPORTED_FAMILIES or (
        instance.accelerator and not device
    ):
        return ()
    return [
        name
        for name, ami in AMIS.items()
        if ami.architecture == instance.architecture and device in ami.devices
    ]


def default_ami(instance: InstanceType | None) -> AmiType:
    """Returns the Amazon Linux AMI type for an instance type; for a type that no AMI supports, or
    that is unknown, the AMI type without drivers."""
    found = amis_for(instance) if instance else ()
    return found[0] if found else "AL2023_x86_64_STANDARD"
