"""Workloads that receive requests through a Service: apps, and singletons with a port."""

from abc import abstractmethod
from typing import Annotated

from pydantic import Field

from core.availability.termination import Termination, termination
from settings.reading.names import MAIN_PORT
from settings.workload.connections import Expose
from settings.workload.deployed import Deployed
from settings.workload.probes import Liveness, Readiness


class Served(Deployed):
    """Pods that receive requests."""

    longest_request_seconds: Annotated[int, Field(ge=1, le=3500)] = 30
    """Duration of the longest request. A terminating pod has this time to respond to in-flight
    requests. Must be less than `loadBalancing.idleTimeoutSeconds` if the workload is exposed."""
    expose: Expose | None = None
    """Requests that the load balancer sends to the pods. `{}`: path `/`. Default: not exposed."""

    @property
    @abstractmethod
    def main_port(self) -> int | None:
        """`port`, whose name is `app`; None: no port."""

    @property
    def ports(self) -> dict[str, int]:
        """All ports of the pods, by name."""
        main = {} if self.main_port is None else {MAIN_PORT: self.main_port}
        return {**main, **self.other_ports}

    @property
    def liveness(self) -> Liveness | None:
        """The liveness probe. Default: a TCP connection to the port."""
        return self.probes.liveness or (Liveness() if self.main_port else None)

    @property
    def readiness(self) -> Readiness | None:
        """The readiness probe. Default: a TCP connection to the port."""
        return self.probes.readiness or (Readiness() if self.main_port else None)

    @property
    def longest_work(self) -> int:
        """Seconds that the longest request takes."""
        return self.longest_request_seconds

    @property
    def termination(self) -> Termination:
        """Timeline of the termination of the pods."""
        return termination(
            longest_request=self.longest_request_seconds,
            shutdown=self.shutdown,
            receives_requests=self.main_port is not None,
            load_balancer_deregistration=(
                self.expose.deregistration_seconds if self.expose else None
            ),
            pre_stop=self.pre_stop.seconds if self.pre_stop else None,
        )
