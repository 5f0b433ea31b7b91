"""Rules for routes of exposed workloads: the load balancer sends every request to one workload."""

from collections.abc import Iterator

from core.listener_rules import LOAD_BALANCER, Match, most_specific
from settings.app.routes import WrittenRoute, receivers, written_routes
from settings.reading.problem import Problem
from settings.stack import Settings
from settings.workload.served import Served


def _forms(settings: Settings) -> Iterator[Problem]:
    for name, expose in settings.exposed.items():
        if expose.routes and "path" in expose.model_fields_set:
            yield Problem(
                key=settings.key_of(name, "expose.path"),
                message="path is the short form of a single route; remove path, and write it as "
                f"{{path: {expose.path}}} in routes",
            )


def _routes(settings: Settings) -> Iterator[Problem]:
    distinct = True
    for internal in (False, True):
        first: dict[Match, WrittenRoute] = {}
        for route in written_routes(settings, internal=internal):
            other = first.setdefault(route.match, route)
            if other is not route:
                distinct = False
                yield Problem(key=route.key, message=_same_requests(route, other))
    if distinct:
        yield from _health_check_paths(settings)


def _same_requests(route: WrittenRoute, other: WrittenRoute) -> str:
    host = route.match.host
    what = "path" if route.match.every_host else f"path for {host}"
    if other.workload == route.workload:
        return f"{other.key.rpartition('.')[2]} has the same {what}; remove one of the two routes"
    return f"{other.workload} has the same {what}; write another path"


def _health_check_paths(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each health check path that the load balancer sends to another app.

    Route 53 requests the public load balancer only.
    """
    public = settings.load_balancer("public")
    served = {name: settings.served[name] for name in public.health_check_apps}
    paths = {name: path for name, each in served.items() if (path := each.dns_health_path)}
    received = receivers(public.exposed, paths)
    for name, path in paths.items():
        match = most_specific(received, LOAD_BALANCER, path)
        receiver = received[match] if match else None
        if receiver != name:
            yield Problem(
                key=settings.key_of(name, _key_of_path(served[name])),
                message="Route 53 checks the health of the cell at this path, but the load "
                f"balancer {_sends(receiver)}; write a path that the load balancer sends to "
                f"{name}",
            )


def _key_of_path(served: Served) -> str:
    """Returns the key that gives the path of Route 53."""
    expose = served.expose
    if expose and expose.dns_health_path:
        return "expose.dnsHealthPath"
    if expose and expose.health_check.path:
        return "expose.healthCheck.path"
    return "probes.readiness.path"


def _cell_health(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each workload that decides on the health of the cell, and that Route 53
    cannot check."""
    for name in settings.load_balancer("public").health_paths:
        served = settings.served[name]
        if served.health_check and served.dns_health_path is None:
            yield Problem(
                key=settings.key_of(name, "expose.dnsHealthPath"),
                message="required, because the load balancer checks another port: Route 53 checks "
                "the health of the cell at this path of the main port",
            )


def _protocols(settings: Settings) -> Iterator[Problem]:
    for balancer in settings.load_balancers.values():
        for name, expose in balancer.exposed.items():
            if expose.protocol != "http1" and not balancer.https:
                domain = "" if balancer.internal else "a domain in traffic, "
                key = balancer.key.partition(":")[2]
                yield Problem(
                    key=settings.key_of(name, "expose.protocol"),
                    message=f"{expose.protocol} needs HTTPS; write http1, {domain}or the ARN of a "
                    f"certificate in {key}.certificate",
                )


def _zones(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each host for which no hosted zone is known."""
    for balancer in settings.load_balancers.values():
        routes = written_routes(settings, internal=balancer.internal)
        hosts = {route.key: route.match.host for route in routes if not route.match.every_host}
        hosts |= {f"{balancer.key}.redirects.{host}": host for host in balancer.settings.redirects}
        for key, host in hosts.items():
            if balancer.names and balancer.names.zone_name_of(host) is None:
                yield Problem(
                    key=key,
                    message=f"no hosted zone is known for {host}; write the zone that contains it "
                    f"in {balancer.names_key}.zones, such as "
                    f"{{{_parent(host)}: Z0123456789ABCDEFGHIJ}}",
                )


def _parent(host: str) -> str:
    """Returns the domain above a host, or a host of two labels itself."""
    parent = host.partition(".")[2]
    return parent if "." in parent else host


def _sends(receiver: str | None) -> str:
    return f"sends the path to {receiver}" if receiver else "answers the path with status 404"


RULES = (_forms, _routes, _cell_health, _protocols, _zones)
