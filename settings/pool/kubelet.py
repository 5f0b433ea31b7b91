"""`ha-eks:pools.*.kubelet`: kubelet settings of the nodes of a pool."""

from typing import Annotated

from pydantic import Field

from settings.reading.quantities import Bytes, Cpu
from settings.reading.section import Section


class Reserved(Section):
    """Resources of each node that pods cannot use."""

    cpu: Cpu | None = None
    """Reserved CPU per node, such as `250m` or `"1"`. Default: the reservation of the AMI."""
    memory: Bytes | None = None
    """Reserved memory per node, such as `512Mi` or `1Gi`. Default: the reservation of the AMI."""


class Kubelet(Section):
    """Kubelet settings: graceful node shutdown and reserved resources.

    Graceful node shutdown applies if a node shuts down without having been drained. The defaults
    are those of the AMI for Kubernetes 1.34 and later. EC2 gives an instance a few minutes to shut
    down. The AMI uses three of them and leaves the last 30 seconds to the operating system.
    https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go
    https://github.com/awslabs/amazon-eks-ami/pull/2390
    """

    shutdown_grace_seconds: Annotated[int, Field(ge=2, le=150)] = 150
    """Seconds for the termination of all pods of a node that shuts down, 2 to 150.
    Default: 150."""
    shutdown_grace_critical_seconds: Annotated[int, Field(ge=1, le=149)] = 30
    """Seconds at the end of `shutdownGraceSeconds` that are for system-critical pods only, 1 to
    149 and less than `shutdownGraceSeconds`. Pods of apps have the difference. Default: 30."""
    system_reserved: Reserved = Reserved()
    """CPU and memory reserved for the operating system. Default: nothing, as in the AMI."""
    kube_reserved: Reserved = Reserved()
    """CPU and memory reserved for the kubelet and the container runtime. Default: the reservation
    of the AMI, which depends on the size of the instance."""

    @property
    def app_grace(self) -> int:
        """Seconds for the termination of the pods of apps on a node that shuts down."""
        return self.shutdown_grace_seconds - self.shutdown_grace_critical_seconds
