"""Rules for exposed paths: the load balancer sends every request to one workload."""

from collections.abc import Iterator

from settings.reading.problem import Problem
from settings.stack import Settings
from settings.workload.served import Served


def _exposed_paths(settings: Settings) -> Iterator[Problem]:
    apps_by_path: dict[str, str] = {}
    distinct = True
    for name, expose in settings.exposed.items():
        path = expose.path
        nested = [other for other in apps_by_path if path != "/" != other and _nest(path, other)]
        if path in apps_by_path:
            distinct = False
            message = f"{apps_by_path[path]} has the same path; write another path"
            yield Problem(key=settings.key_of(name, "expose.path"), message=message)
        elif nested:
            distinct, other = False, nested[0]
            yield Problem(
                key=settings.key_of(name, "expose.path"),
                message=f"must not be above or below {other}, the path of "
                f"{apps_by_path[other]}; write another path",
            )
        apps_by_path.setdefault(path, name)
    if distinct:
        yield from _health_check_paths(settings, apps_by_path)


def _health_check_paths(settings: Settings, apps_by_path: dict[str, str]) -> Iterator[Problem]:
    """Yields a problem for each health check path that the load balancer sends to another app."""
    for name in settings.health_check_apps:
        health_path = settings.served[name].dns_health_path
        if health_path is None:
            continue
        matches = [path for path in apps_by_path if _contains(path, health_path)]
        receiver = apps_by_path[max(matches, key=len)] if matches else None
        if receiver != name:
            yield Problem(
                key=settings.key_of(name, _key_of_path(settings.served[name])),
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
    for name in settings.health_check_apps if settings.traffic else ():
        served = settings.served[name]
        if served.expose and served.expose.protocol == "grpc":
            yield Problem(
                key=settings.key_of(name, "expose.protocol"),
                message="Route 53 cannot check a gRPC app, but the health of the cell depends on "
                "this one; write critical: true for another exposed app",
            )
        elif served.health_check and served.dns_health_path is None:
            yield Problem(
                key=settings.key_of(name, "expose.dnsHealthPath"),
                message="required, because the load balancer checks another port: Route 53 checks "
                "the health of the cell at this path of the main port",
            )


def _protocols(settings: Settings) -> Iterator[Problem]:
    for name, expose in settings.exposed.items():
        if expose.protocol != "http1" and not settings.https:
            yield Problem(
                key=settings.key_of(name, "expose.protocol"),
                message=f"{expose.protocol} needs HTTPS; write http1, a domain in traffic, or the "
                "ARN of a certificate in loadBalancing.certificate",
            )


def _sends(receiver: str | None) -> str:
    return f"sends the path to {receiver}" if receiver else "answers the path with status 404"


def _nest(one: str, other: str) -> bool:
    """True if two URL paths are equal, or one is below the other."""
    return _contains(one, other) or _contains(other, one)


def _contains(path: str, request: str) -> bool:
    """True if the URL path of a request is a path or below the path."""
    return f"{request}/".startswith(f"{path.rstrip('/')}/")


RULES = (_exposed_paths, _cell_health, _protocols)
