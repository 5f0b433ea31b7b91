"""Changes of load balancers in which requests fail until an update is complete.

All other changes of routes, rules, ports and certificates interrupt no request: the program creates
the new part first, and deletes the old one last.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from core.availability.health_checks import INTERVAL, SECONDS_UNTIL_UNHEALTHY, TIMEOUT
from core.availability.zone_failure import DNS_TTL
from core.load_balancers import KINDS, resource_name

_GROUP = "aws:lb/targetGroup:TargetGroup"
_ACTIONS = {
    "aws:lb/listener:Listener": "defaultActions",
    "aws:lb/listenerRule:ListenerRule": "actions",
}
"""Input with the actions, by the type of a resource that forwards requests."""

_BALANCERS = {resource_name(kind): kind for kind in KINDS}
"""Kind of a load balancer, by the beginning of the names of its resources."""

_HEALTH_CHECK = ("port", "path", "matcher")
"""Inputs of a health check that a running pod may not answer after a change."""


class Registered(Protocol):
    """A resource of a recording or of a state."""

    @property
    def type(self) -> str:
        """Type token."""
        ...

    @property
    def urn(self) -> str:
        """URN."""
        ...

    @property
    def inputs(self) -> Mapping[str, Any]:  # Any: JSON of any shape
        """Inputs by their camelCase names."""
        ...

    @property
    def sources(self) -> Mapping[str, Sequence[str]]:
        """URNs of the resources whose outputs an input contains, by the name of the input."""
        ...


@dataclass(frozen=True, kw_only=True)
class Interruption:
    """A change in which requests fail."""

    app: str
    """App whose requests fail."""
    text: str
    """Effect of the change, its duration, and what to deploy instead; no period at the end."""
    moves_app: bool = False
    """True if all routes of the app move to the other load balancer: live/load_balancers.py warns
    of it in a running cell."""

    def __str__(self) -> str:
        """Returns app and text as one line."""
        return f"{self.app}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class _Routes:
    """Routes and target groups of the load balancers of a cell."""

    routes: Mapping[tuple[str, str], str]
    """URN of the target group, by load balancer and route."""
    groups: Mapping[str, Mapping[str, Any]]
    """Inputs of each target group, by URN."""

    def of_app(self, kind: str, app: str) -> bool:
        """True if a load balancer has a target group of an app."""
        return (kind, app) in map(_app_of, self.groups)


def interruptions(
    before: Sequence[Registered], after: Sequence[Registered]
) -> Iterator[Interruption]:
    """Yields the changes between two recordings, or a state and a recording, that fail requests."""
    old, new = _routes_of(before), _routes_of(after)
    yield from _new_groups(old, new)
    yield from _moved_routes(old, new)
    yield from _health_checks(old, new)


def _new_groups(old: _Routes, new: _Routes) -> Iterator[Interruption]:
    """Yields the target groups that begin empty, although requests are sent to them before."""
    replaced: dict[str, list[str]] = {}
    moved: dict[str, list[str]] = {}
    for key, urn in new.routes.items():
        if key in old.routes and urn not in old.groups:
            moved.setdefault(urn, []).append(key[1])
        elif key in old.routes and _version(old.groups[urn]) != _version(new.groups[urn]):
            replaced.setdefault(urn, []).append(key[1])
    for urn, routes in replaced.items():
        yield Interruption(
            app=_app_of(urn)[1],
            text=f"another protocol needs a new target group, so that requests for "
            f"{_shown(routes)} fail with status 503 until pods with this protocol are registered "
            f"and healthy, at least {INTERVAL + TIMEOUT}s; deploy an app with the other protocol "
            "first, then move the routes to it",
        )
    for urn, routes in moved.items():
        app = _app_of(urn)[1]
        yield Interruption(
            app=app,
            text=f"requests for {_shown(routes)} move to this app before it has pods there, and "
            "fail with status 503 until its first pods are ready; deploy it with another route "
            "first, then move the route",
        )


def _moved_routes(old: _Routes, new: _Routes) -> Iterator[Interruption]:
    """Yields the routes that move from one load balancer to the other."""
    moved: dict[tuple[str, str], list[str]] = {}
    for (kind, route), urn in old.routes.items():
        other = _other(kind)
        if (
            (kind, route) not in new.routes
            and (other, route) in new.routes
            and (other, route) not in old.routes
        ):
            moved.setdefault((kind, _app_of(urn)[1]), []).append(route)
    for (kind, app), routes in moved.items():
        other = _other(kind)
        yield Interruption(
            app=app,
            text=f"requests for {_shown(routes)} move from the {kind} to the {other} load balancer "
            f"in one step, and fail until clients use the new address, up to {DNS_TTL}s after the "
            "update for clients that can reach it; deploy the routes of both first "
            "(docs/requests.md#internal-load-balancer)",
            moves_app=not old.of_app(other, app) and not new.of_app(kind, app),
        )


def _health_checks(old: _Routes, new: _Routes) -> Iterator[Interruption]:
    """Yields the target groups whose running pods get another health check."""
    for urn, inputs in new.groups.items():
        former = old.groups.get(urn)
        if former is None or _version(former) != _version(inputs):
            continue
        checks = [
            cast("Mapping[str, Any]", each.get("healthCheck") or {}) for each in (former, inputs)
        ]
        changed = [key for key in _HEALTH_CHECK if checks[0].get(key) != checks[1].get(key)]
        if changed and urn in old.routes.values():
            kind, app = _app_of(urn)
            yield Interruption(
                app=app,
                text=f"the {kind} load balancer checks the running pods by another "
                f"{' and '.join(changed)} before new pods exist; if they do not answer it, they "
                f"are unhealthy after {SECONDS_UNTIL_UNHEALTHY}s, and the first new pods get all "
                "requests; deploy a version that answers both checks first",
            )


def _routes_of(resources: Sequence[Registered]) -> _Routes:
    groups = {
        each.urn: each.inputs for each in resources if each.type == _GROUP and _app_of(each.urn)[0]
    }
    routes: dict[tuple[str, str], str] = {}
    for each in resources:
        if each.type in _ACTIONS:
            urns = [urn for urn in each.sources.get(_ACTIONS[each.type], ()) if urn in groups]
            for urn in urns:
                routes[_app_of(urn)[0], _route(each.inputs)] = urn
    return _Routes(routes=routes, groups=groups)


def _route(inputs: Mapping[str, Any]) -> str:
    """Returns host and path of the requests of a rule, or of the default action of a listener."""
    host, path = "", ""
    for each in cast("Sequence[Mapping[str, Any]]", inputs.get("conditions") or ()):
        host = (each.get("hostHeader") or {"values": [host]})["values"][0]
        path = " ".join((each.get("pathPattern") or {"values": [path]})["values"])
    return f"{host}{path or '/'}"


def _shown(routes: Sequence[str]) -> str:
    """Returns routes for a message: of the paths of a rule, the first."""
    return ", ".join(dict.fromkeys(each.split()[0] for each in routes))


def _version(inputs: Mapping[str, Any]) -> str:
    return str(inputs.get("protocolVersion") or "HTTP1")


def _app_of(urn: str) -> tuple[str, str]:
    """Returns load balancer and app of a target group; without the former for one of others."""
    prefix, _, app = urn.rpartition("::")[2].partition("-")
    return _BALANCERS.get(prefix, ""), app


def _other(kind: str) -> str:
    return "internal" if kind == "public" else "public"
