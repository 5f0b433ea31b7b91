"""How Kubernetes asks for an app's health."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from settings.reading.names import MAIN_PORT, UrlPath
from settings.reading.section import Section, refuse

_SERVICE = re.compile(r"[A-Za-z0-9_.-]{0,200}")


def _service(value: str) -> str:
    if not _SERVICE.fullmatch(value):
        raise refuse('the name of a gRPC service such as shop.v1.Cart, or "" for the whole server')
    return value


class Probe(Section):
    """A question, and how often it is asked. Of `path`, `grpc` and `command` at most one; without
    any, whether the port takes a TCP connection."""

    path: UrlPath | None = None
    """HTTP: a GET of it answers 200 to 399."""
    grpc: Annotated[str, AfterValidator(_service)] | None = None
    """gRPC: the service that the health protocol is asked for, "" for the whole server.
    https://github.com/grpc/grpc/blob/master/doc/health-checking.md"""
    command: tuple[str, ...] = ()
    """A command in the container that exits with 0."""
    port: str = MAIN_PORT
    """Name of the port that is asked: one of `otherPorts`; default: the main one."""
    period_seconds: Annotated[int, Field(ge=1, le=300)]
    """Between two questions, 1 to 300 s."""
    timeout_seconds: Annotated[int, Field(ge=1, le=300)] = 2
    """For an answer, 1 to 300 s."""
    failures: Annotated[int, Field(ge=1, le=100)]
    """Failures in a row after which it acts, 1 to 100."""

    @property
    def acts_after(self) -> int:
        """Seconds after which it acts at the latest, once the app answers no more."""
        return self.period_seconds * self.failures + self.timeout_seconds

    @property
    def sum(self) -> str:
        """Those seconds, for people."""
        return (
            f"{self.failures} × {self.period_seconds} s + {self.timeout_seconds} s "
            f"= {self.acts_after} s"
        )


class Readiness(Probe):
    """Whether a pod can serve: while it fails, nobody sends it anything."""

    period_seconds: Annotated[int, Field(ge=1, le=300)] = 5
    failures: Annotated[int, Field(ge=1, le=100)] = 2


class Liveness(Probe):
    """Whether a restart would help: nothing shared may be asked behind it, or all pods restart at
    once when that is down. It is asked later than readiness, and not before the app has started."""

    period_seconds: Annotated[int, Field(ge=1, le=300)] = 10
    failures: Annotated[int, Field(ge=1, le=100)] = 3


class Probes(Section):
    """What the app is asked."""

    liveness: Liveness = Liveness()
    readiness: Readiness = Readiness()
    startup_seconds: Annotated[int, Field(ge=5, le=1800)] = 60
    """How long a pod may take to start before it is restarted, 5 to 1800 s: until then it is
    asked what liveness asks, every 2 s."""
