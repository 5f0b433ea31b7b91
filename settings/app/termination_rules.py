"""How pods go: no request dropped, and all of it over before somebody else ends it."""

from collections.abc import Iterator

from core.availability.termination import SPOT_GRACE, UPDATE_GRACE
from settings.app.apps import App
from settings.availability import pools_of
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings


def _timeline(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.apps.items():
        key = f"{NAMESPACE}:apps.{name}"
        try:
            grace = app.drain.grace
        except ValueError as error:
            early = app.shutdown >= app.longest_request_seconds
            yield Problem(
                key=f"{key}.preStop.seconds" if early else f"{key}.shutdownSeconds",
                value=app.pre_stop.seconds if early and app.pre_stop else app.shutdown_seconds,
                message=str(error),
            )
            continue
        pools = pools_of(settings, app)
        spot = [name for name, pool in pools.items() if pool.capacity_type == "SPOT"]
        if spot and grace > SPOT_GRACE:
            yield Problem(
                key=f"{key}.shutdownSeconds",
                value=app.shutdown_seconds,
                message=f"a grace of at most {SPOT_GRACE} s on the spot pool {spot[0]}: it goes "
                f"at two minutes' notice, not {app.drain}",
            )
        elif grace > UPDATE_GRACE:
            yield Problem(
                key=f"{key}.shutdownSeconds",
                value=app.shutdown_seconds,
                message=f"a grace of at most {UPDATE_GRACE} s: EKS gives a node 15 minutes to be "
                f"drained when it is updated, not {app.drain}",
            )


def _load_balancer(settings: Settings) -> Iterator[Problem]:
    idle = settings.load_balancing.idle_timeout_seconds
    for key, app in _apps(settings):
        expose, longest = app.expose, app.longest_request_seconds
        if expose is None:
            continue
        if longest >= idle:
            yield Problem(
                key=f"{key}.longestRequestSeconds",
                value=longest,
                message=f"less than loadBalancing.idleTimeoutSeconds, {idle} s, at which a silent "
                "request is cut off",
            )
        if expose.keep_alive_seconds <= idle:
            yield Problem(
                key=f"{key}.expose.keepAliveSeconds",
                value=expose.keep_alive_seconds,
                message=f"more than loadBalancing.idleTimeoutSeconds, {idle} s: the load balancer "
                "has to be the first to close a connection",
            )
        if expose.slow_start_seconds and expose.algorithm != "roundRobin":
            yield Problem(
                key=f"{key}.expose.slowStartSeconds",
                value=expose.slow_start_seconds,
                message=f"nothing with algorithm {expose.algorithm}: a share that grows is one of "
                "roundRobin",
            )


def _apps(settings: Settings) -> Iterator[tuple[str, App]]:
    for name, app in settings.apps.items():
        yield f"{NAMESPACE}:apps.{name}", app


RULES = (_timeline, _load_balancer)
