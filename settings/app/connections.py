"""Who reaches an app, and whom it reaches."""

from typing import Annotated, Literal

from pydantic import Field

from core.availability.termination import LOAD_BALANCER_LETS_GO
from settings.network.network import Cidr
from settings.reading.names import MAIN_PORT, Port, UrlPath
from settings.reading.section import Section


class Metrics(Section):
    """Where an app shows its metrics, in Prometheus' format."""

    port: str = MAIN_PORT
    """Name of the port: one of `otherPorts`; default: the main one."""
    path: UrlPath = "/metrics"
    """Path."""


class Objective(Section):
    """What users of an app are to see; alarms tell when they do not."""

    error_percent: Annotated[float, Field(gt=0, lt=100)] = 1
    """Answers with a status of 500 and above, in percent of all, at most: below 100."""
    p99_milliseconds: Annotated[int, Field(ge=1, le=3_500_000)] = 1000
    """Milliseconds within which 99 of 100 requests are answered, from the load balancer's view."""


class Expose(Section):
    """What the load balancer sends to an app."""

    path: UrlPath = "/"
    """Requests for this path and all below it; "/" gets what no other app does."""
    keep_alive_seconds: Annotated[int, Field(ge=2, le=3600)] = 60
    """How long the app itself keeps an idle connection open. It has to outlive the load
    balancer's idle timeout, or requests meet a connection that is being closed."""
    deregistration_seconds: Annotated[int, Field(ge=5, le=300)] = LOAD_BALANCER_LETS_GO
    """Until the load balancer sends a deleted pod nothing more, 5 to 300 s: as measured."""
    algorithm: Literal["roundRobin", "leastOutstandingRequests"] = "roundRobin"
    """Which pod gets a request: the next, or the one with the fewest under way."""
    slow_start_seconds: Annotated[int, Field(ge=30, le=900)] | None = None
    """How long a new pod's share of requests grows, 30 to 900 s, with round robin only; default:
    it has its whole share at once."""
    objective: Objective = Objective()


class Reach(Section):
    """Addresses that an app talks to, beyond the cell's other apps."""

    cidr: Cidr
    """A network, in CIDR notation; 0.0.0.0/0 is everywhere."""
    port: Port
    """TCP port."""
