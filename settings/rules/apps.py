"""Apps: what they refer to, how many they are, how they go, and what reaches them."""

from collections.abc import Iterator

from settings.apps import App
from settings.capacity import pools_of
from settings.cell import NAMESPACE, Settings
from settings.problem import Problem

_SPOT_GRACE = 100
"""Seconds of grace that fit into the two minutes' notice of a spot instance."""


def _apps(settings: Settings) -> Iterator[tuple[str, str, App]]:
    """Key, name and settings of each app."""
    for name, app in settings.apps.root.items():
        yield f"{NAMESPACE}:apps.{name}", name, app


def _ports(settings: Settings) -> Iterator[Problem]:
    for key, _, app in _apps(settings):
        taken = {app.port}
        for name, port in app.other_ports.items():
            if port in taken:
                yield Problem(
                    key=f"{key}.otherPorts.{name}",
                    value=port,
                    allowed="a port that the app has not named already",
                )
            taken.add(port)


def _references(settings: Settings) -> Iterator[Problem]:
    pools = settings.pools.root
    for key, name, app in _apps(settings):
        others = sorted(set(settings.apps.root) - {name})
        if app.near is not None and app.near not in others:
            allowed = f"another app: {', '.join(others) or 'there is none'}"
            yield Problem(key=f"{key}.near", value=app.near, allowed=allowed)
        if app.pool is not None and app.pool not in pools:
            allowed = f"a pool: {', '.join(sorted(pools))}"
            yield Problem(key=f"{key}.pool", value=app.pool, allowed=allowed)


def _drain(settings: Settings) -> Iterator[Problem]:
    idle = settings.load_balancing.idle_timeout_seconds
    for key, _, app in _apps(settings):
        longest = app.longest_request_seconds
        if app.shutdown < longest:
            yield Problem(
                key=f"{key}.shutdownSeconds",
                value=app.shutdown,
                allowed=f"{longest} or more: a request that begins right before TERM takes up to "
                f"longestRequestSeconds, {longest} s",
            )
            continue
        timeline = app.drain
        spot = [name for name, p in pools_of(settings, app).items() if p.capacity_type == "SPOT"]
        if spot and timeline.grace > _SPOT_GRACE:
            yield Problem(
                key=f"{key}.shutdownSeconds",
                value=app.shutdown_seconds,
                allowed=f"a grace of at most {_SPOT_GRACE} s on the spot pool {spot[0]}: it goes "
                f"at two minutes' notice, not {timeline}",
            )
        if app.expose is None:
            continue
        if longest >= idle:
            yield Problem(
                key=f"{key}.longestRequestSeconds",
                value=longest,
                allowed=f"less than loadBalancing.idleTimeoutSeconds, {idle} s, at which a silent "
                "request is cut off",
            )
        if app.expose.keep_alive_seconds <= idle:
            yield Problem(
                key=f"{key}.expose.keepAliveSeconds",
                value=app.expose.keep_alive_seconds,
                allowed=f"more than loadBalancing.idleTimeoutSeconds, {idle} s: the load balancer "
                "has to be the first to close a connection",
            )


def _exposed(settings: Settings) -> Iterator[Problem]:
    paths: dict[str, str] = {}
    for key, name, app in _apps(settings):
        if app.expose is None:
            continue
        if app.probes.readiness is None:
            yield Problem(
                key=f"{key}.probes.readiness",
                value=None,
                allowed="a path: the load balancer asks there whether a pod can serve",
            )
        path = app.expose.path
        clash = [other for other in paths if _within(path, other)]
        if path in paths or clash:
            other = path if path in paths else clash[0]
            yield Problem(
                key=f"{key}.expose.path",
                value=path,
                allowed=f"a path apart from {other}, which {paths[other]} has",
            )
        paths.setdefault(path, name)
    if "/" not in paths:
        yield Problem(
            key=f"{NAMESPACE}:apps",
            value=sorted(settings.apps.root),
            allowed='one app with expose: {path: "/"}: it gets what no other app does',
        )


def _within(one: str, other: str) -> bool:
    """Whether one path is the other, or below it."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


RULES = (_ports, _references, _drain, _exposed)
