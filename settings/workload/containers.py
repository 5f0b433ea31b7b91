"""Further containers of a pod: init containers and sidecars."""

from typing import Annotated

from pydantic import Field

from settings.reading.names import ContainerName, Port, PortName
from settings.workload.container import Container, ContainerRequests
from settings.workload.probes import Liveness, Probes, Readiness


class InitContainer(Container):
    """A container that runs to its end before the program of the workload starts. It has the user,
    the files and the directories of the pod.
    https://kubernetes.io/docs/concepts/workloads/pods/init-containers/"""

    name: ContainerName
    """Name of the container."""
    requests: ContainerRequests
    """CPU and memory of the container. While it runs, the program does not: the pod requests the
    larger of both."""
    longest_seconds: Annotated[int, Field(ge=1, le=1800)] = 30
    """Duration of the longest run. A rollout waits that much longer for each new pod."""


class Sidecar(Container):
    """A container that runs beside the program: it starts before the program, and receives TERM
    after the exit of the program. It has the user, the files and the directories of the pod.
    https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/"""

    name: ContainerName
    """Name of the container."""
    requests: ContainerRequests
    """CPU and memory of the container, which the pod requests in addition."""
    ports: dict[PortName, Port] = Field(default_factory=dict[str, int])
    """Ports that the probes of the sidecar check, by name. Other pods cannot reach them: a port for
    other pods belongs to the workload, in `port` or `otherPorts`, also if the sidecar listens on
    it."""
    probes: Probes = Probes()
    """Liveness, readiness and startup probes, each with a `command` or with a `port`: a name in
    `ports`, or a port of the workload on which the sidecar listens. A pod is ready only if its
    sidecars are. Without liveness, a sidecar has started as soon as its process runs. Default: no
    probes."""
    before_init_containers: bool = False
    """True: the sidecar starts before the init containers, for a proxy that they need. False: the
    sidecar starts after them, and can use the files that they write."""
    shutdown_seconds: Annotated[int, Field(ge=1, le=3600)] = 5
    """Time from TERM to the exit of the sidecar. Sidecars exit one after the other, after the
    program: the grace period is longer by the sum of these times."""

    @property
    def liveness(self) -> Liveness | None:
        """The liveness probe; None: no probe."""
        return self.probes.liveness

    @property
    def readiness(self) -> Readiness | None:
        """The readiness probe; None: no probe."""
        return self.probes.readiness

    @property
    def longest_start(self) -> int:
        """Seconds until the next container starts, at most."""
        return self.probes.startup_seconds if self.probes.liveness else 0
