"""Probes of an app's container."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from settings.reading.names import MAIN_PORT, PortReference, RequestPath
from settings.reading.section import Section, refuse

_SERVICE = re.compile(r"[A-Za-z0-9_.-]{0,200}")


def _service(value: object) -> object:
    if isinstance(value, bool) or (isinstance(value, str) and not _SERVICE.fullmatch(value)):
        raise refuse(
            'must be the name of a gRPC service such as shop.v1.Cart, or "" for the whole server'
        )
    return value


class Probe(Section):
    """A periodic check of a container, with at most one of `path`, `grpc` and `command`. Without
    any of them, the check is a TCP connection to the port."""

    path: RequestPath | None = None
    """URL path of an HTTP GET request, which succeeds with status 200 to 399. Default: no HTTP
    request. The load balancer checks the same path by default."""
    grpc: Annotated[str, BeforeValidator(_service)] | None = None
    """gRPC service that the gRPC health checking protocol checks; `""`: the whole server. Default:
    no gRPC request. https://github.com/grpc/grpc/blob/master/doc/health-checking.md"""
    command: tuple[str, ...] = ()
    """Program and arguments to run in the container; exit status 0 is success. Default: no
    command."""
    port: PortReference = MAIN_PORT
    """Name of the port that is checked: `app` or a name in `otherPorts`; for a sidecar, also a name
    in its `ports`, without a default."""
    period_seconds: Annotated[int, Field(ge=1, le=300)]
    """Time between two checks."""
    timeout_seconds: Annotated[int, Field(ge=1, le=300)] = 2
    """Time for the response; at most `periodSeconds`."""
    failures: Annotated[int, Field(ge=1, le=100)]
    """Number of consecutive failures after which the probe has failed."""

    @property
    def detection_seconds(self) -> int:
        """Seconds from the first unanswered check until the probe has failed, at the latest."""
        return self.period_seconds * self.failures + self.timeout_seconds

    @property
    def detection_sum(self) -> str:
        """Calculation of `detection_seconds`, for messages."""
        return (
            f"{self.failures} × {self.period_seconds}s + {self.timeout_seconds}s "
            f"= {self.detection_seconds}s"
        )


class Readiness(Probe):
    """Check that a pod can serve. While the probe fails, the pod receives no requests."""

    period_seconds: Annotated[int, Field(ge=1, le=300)] = 5
    """Time between two checks."""
    failures: Annotated[int, Field(ge=1, le=100)] = 2
    """Number of consecutive failures after which the pod receives no requests."""


class Liveness(Probe):
    """Check that a pod does not need a restart. When the probe fails, the container is restarted.
    The check must not depend on a shared resource, such as a database: if that resource failed, all
    pods would restart at once. The liveness probe must take longer to fail than the readiness
    probe."""

    period_seconds: Annotated[int, Field(ge=1, le=300)] = 10
    """Time between two checks."""
    failures: Annotated[int, Field(ge=1, le=100)] = 3
    """Number of consecutive failures after which the container is restarted."""


class Probes(Section):
    """Probes of the container."""

    liveness: Liveness | None = None
    """Check that a pod does not need a restart. Default: a TCP connection to `port`, which fails
    only if the process no longer accepts connections; without a `port`, no check."""
    readiness: Readiness | None = None
    """Check that a pod can serve. Default: a TCP connection to `port`; without a `port`, a pod is
    ready as soon as its container has started. Exposed workloads need a `path`."""
    startup_seconds: Annotated[int, Field(ge=5, le=1800)] = 60
    """Time that a container has to start before it is restarted. Until then, the liveness check
    runs every 2 seconds, and the other probes do not run."""
