"""Requests that an app receives and sends."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from core.availability.termination import LOAD_BALANCER_DEREGISTRATION
from settings.network.network import Cidr
from settings.reading.names import MAIN_PORT, Port, PortReference, RequestPath, UrlPath
from settings.reading.section import Section, Unique, refuse
from settings.reading.source_ranges import SourceRange
from settings.workload.route import Route

_CODES = re.compile(r"[0-9]{1,3}(?:-[0-9]{1,3})?(?:,[0-9]{1,3}(?:-[0-9]{1,3})?)*")


def _codes(value: str) -> str:
    if not _CODES.fullmatch(value):
        raise refuse("must be status codes such as 200, 200,204 or 200-399")
    return value


class Metrics(Section):
    """Endpoint with an app's metrics, in the Prometheus format."""

    port: PortReference = MAIN_PORT
    """Name of the port: `app` or a name in `otherPorts`."""
    path: UrlPath = "/metrics"
    """URL path of the metrics."""


class Objective(Section):
    """Service level objective of an app. Alarms report an app that misses its objective."""

    error_percent: Annotated[float, Field(gt=0, lt=100)] = 1
    """Highest percentage of responses with status 500 or above."""
    p99_milliseconds: Annotated[int, Field(ge=1, le=3_500_000)] = 1000
    """Time within which 99% of requests receive a response, as the load balancer measures it."""


class HealthCheck(Section):
    """Health check of the load balancer."""

    path: RequestPath | None = None
    """URL path of the check. Default: the path of the readiness probe; with `protocol: grpc`, the
    method `Check` of the gRPC health checking protocol."""
    port: PortReference | None = None
    """Name of the port that is checked. Default: the port of the readiness probe."""
    codes: Annotated[str, AfterValidator(_codes)] | None = None
    """Status codes of a healthy pod: single codes, lists and ranges such as `200`, `200,204` and
    `200-399`; with `protocol: grpc`, gRPC codes from 0 to 99. Default: `"200"`; with `protocol:
    grpc`, `"0"`.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Matcher.html"""


class Expose(Section):
    """Requests that the load balancer sends to an app."""

    path: UrlPath = "/"
    """URL path; the app receives requests for this path and all paths below it, for all hosts. `/`
    receives the requests that match no other app. The longest path receives a request. Short form
    of `routes: [{path: …}]`; not with `routes`."""
    routes: Annotated[tuple[Route, ...], Field(min_length=1)] | None = None
    """Hosts and paths of the requests, for several of them, for hosts other than `traffic.domain`,
    and for exact paths. Default: the route of `path`."""
    internal: bool = False
    """True: the app receives requests from the internal load balancer, to which only the VPC and
    connected networks have access. A route can have another value, so that one app can be reached
    from both. Default: false, the public load balancer."""
    source_ranges: Annotated[tuple[SourceRange, ...], Field(min_length=1), Unique] | None = None
    """Networks of the clients, such as `[203.0.113.0/24]`; requests from other addresses receive
    status 403. The address is that of the client or proxy that connects to the load balancer. Each
    network needs a rule for each route. Health checks pass: the path that Route 53 requests is open
    to all addresses at the DNS name of the load balancer. Default: all addresses."""
    keep_alive_seconds: Annotated[int, Field(ge=2, le=3600)] = 60
    """Time that the app itself keeps an idle connection open. Must be more than
    `loadBalancing.idleTimeoutSeconds`; otherwise the app may close a connection on which the load
    balancer is sending a request, and the request fails with status 502."""
    deregistration_seconds: Annotated[int, Field(ge=5, le=300)] = LOAD_BALANCER_DEREGISTRATION
    """Time from a pod's deletion until the load balancer sends it no new requests. The pod serves
    for this time before TERM. Raise the value if you have measured a
    longer time."""
    protocol: Literal["http1", "http2", "grpc"] = "http1"
    """Protocol between load balancer and pods. `http2` and `grpc` need HTTPS: a certificate or a
    domain. Clients use HTTP/1.1 and HTTP/2 in any case, and only HTTP/2 with `grpc`. A change
    replaces the target group, and requests fail until the pods are registered in the new one; to
    avoid this, add an app with the other protocol, and move the routes to it.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-protocol-version"""
    health_check: HealthCheck = HealthCheck()
    """Health check of the load balancer. Default: the path and port of the readiness probe."""
    dns_health_path: RequestPath | None = None
    """URL path on `port` that Route 53 requests to find the health of the cell; a healthy app
    answers with a status below 400. Default: the path of the load balancer's health check, if that
    check uses `port`."""
    sticky_seconds: Annotated[int, Field(ge=1, le=604_800)] | None = None
    """Time for which the requests of a client go to the same pod, by a cookie of the load balancer.
    A pod that fails or terminates loses its clients to the others. Default: each request goes to
    any pod."""
    algorithm: Literal["roundRobin", "leastOutstandingRequests"] = "roundRobin"
    """Choice of the pod for a request: the next pod, or the pod with the fewest in-flight
    requests."""
    slow_start_seconds: Annotated[int, Field(ge=30, le=900)] | None = None
    """Time over which a new pod's share of requests grows from zero to its full share. Only with
    `algorithm: roundRobin`. Default: a new pod receives its full share at once."""
    objective: Objective = Objective()
    """Error rate and response time that alarms watch."""

    @property
    def all_routes(self) -> tuple[Route, ...]:
        """`routes`, or the route of `path`; each with `internal`."""
        written = self.routes or (Route.model_validate({"path": self.path}),)
        return tuple(
            each.model_copy(update={"internal": self.internal}) if each.internal is None else each
            for each in written
        )

    def only(self, *, internal: bool) -> "Expose | None":
        """Returns the settings with only the routes of one load balancer; None: no route."""
        routes = tuple(each for each in self.all_routes if each.internal is internal)
        return self.model_copy(update={"routes": routes}) if routes else None

    @property
    def serves_every_host(self) -> bool:
        """True if the app receives requests for all hosts."""
        return any(each.host is None for each in self.all_routes)

    @property
    def is_default(self) -> bool:
        """True if the app receives the requests that match no other route."""
        return any(each.match.every_request for each in self.all_routes)


class Peers(Section):
    """Connections between the pods of one workload, which form a cluster."""

    ports: Annotated[tuple[PortReference, ...], Field(min_length=1), Unique]
    """Names of ports of the pods, from `otherPorts`, on which each pod reaches all others."""


class Reach(Section):
    """IP addresses that an app sends requests to."""

    cidr: Cidr
    """IPv4 network in CIDR notation. `0.0.0.0/0`: all addresses."""
    port: Port
    """TCP port."""
