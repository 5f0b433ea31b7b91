"""Workloads that receive requests through a Service: apps, and singletons with a port."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from core.availability.termination import Termination, termination
from settings.reading.names import MAIN_PORT
from settings.workload.connections import Expose
from settings.workload.deployed import Deployed
from settings.workload.probes import Liveness, Readiness

_GRPC_CHECK = "/grpc.health.v1.Health/Check"
"""Method of the gRPC health checking protocol.
https://github.com/grpc/grpc/blob/master/doc/health-checking.md"""


@dataclass(frozen=True, kw_only=True)
class TargetCheck:
    """Health check of a target group."""

    path: str
    """URL path, or gRPC method."""
    port: str
    """Name of the port."""
    codes: str
    """Status codes of a healthy pod."""


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
    def health_check(self) -> TargetCheck | None:
        """The health check of the load balancer; None if the pods are not exposed, or the path is
        missing."""
        if self.expose is None:
            return None
        written, readiness = self.expose.health_check, self.readiness
        grpc = self.expose.protocol == "grpc"
        path = written.path or (_GRPC_CHECK if grpc else readiness and readiness.path)
        if path is None:
            return None
        return TargetCheck(
            path=path,
            port=written.port or (readiness.port if readiness else MAIN_PORT),
            codes=written.codes or ("0" if grpc else "200"),
        )

    @property
    def balanced_ports(self) -> dict[str, int]:
        """Ports on which the load balancer connects to the pods, by name: the main port, and the
        port of its health check."""
        check = self.health_check
        names = dict.fromkeys([MAIN_PORT, *([check.port] if check else ())])
        return {name: self.ports[name] for name in names} if check else {}

    @property
    def dns_health_path(self) -> str | None:
        """URL path that Route 53 requests on the main port; None if no path is known."""
        check = self.health_check
        if self.expose is None or self.expose.protocol == "grpc":
            return None
        if self.expose.dns_health_path:
            return self.expose.dns_health_path
        return check.path if check and check.port == MAIN_PORT else None

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
            sidecars=self.sidecar_shutdown,
            load_balancer_deregistration=(
                self.expose.deregistration_seconds if self.expose else None
            ),
            pre_stop=self.pre_stop.seconds if self.pre_stop else None,
        )
