"""What a pool's kubelets are told beyond what EKS tells them."""

from typing import Annotated

from pydantic import Field

from settings.reading.quantities import Bytes, Cpu
from settings.reading.section import Section


class Reserved(Section):
    """Resources of a node that pods do not get; what is left out stays with the AMI's default."""

    cpu: Cpu | None = None
    """CPU, as 250m or "1"."""
    memory: Bytes | None = None
    """Memory, Mi or Gi."""


class Kubelet(Section):
    """Settings of the kubelet; their defaults are those of the AMI for Kubernetes 1.34 and newer.

    EC2 gives an instance a few minutes to shut down, of which the AMI takes three to be safe, and
    leaves the last half minute to the rest of the system.
    https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go
    https://github.com/awslabs/amazon-eks-ami/pull/2390
    """

    shutdown_grace_seconds: Annotated[int, Field(ge=2, le=150)] = 150
    """For all pods of a node that shuts down without having been drained, 2 to 150 s."""
    shutdown_grace_critical_seconds: Annotated[int, Field(ge=1, le=149)] = 30
    """The last part of it, for system-critical pods only; less than the whole."""
    system_reserved: Reserved = Reserved()
    """For the operating system; the AMI reserves nothing."""
    kube_reserved: Reserved = Reserved()
    """For kubelet and container runtime; the AMI reserves by the size of the instance."""

    @property
    def app_grace(self) -> int:
        """Seconds that pods of apps get when their node shuts down."""
        return self.shutdown_grace_seconds - self.shutdown_grace_critical_seconds
