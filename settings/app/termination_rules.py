"""Rules for the termination of pods: no request is dropped, and KILL comes before the node ends."""

from collections.abc import Iterator

from core.availability.termination import MARGIN, SPOT_GRACE, UPDATE_GRACE, EarlyExit, EarlyTerm
from settings.app.apps import App
from settings.app.keys import app_key
from settings.availability import pools_of
from settings.reading.problem import Problem
from settings.stack import Settings


def _no_request_is_dropped(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.apps.items():
        match app.termination.shortfall:
            case EarlyTerm(deregistered=deregistered, pre_stop=pre_stop):
                yield Problem(
                    key=app_key(name, "preStop.seconds"),
                    message=f"must be at least {deregistered}: a deleted pod receives new requests "
                    f"for {deregistered}s, but TERM comes after {pre_stop}s",
                )
            case EarlyExit(longest_request=longest, shutdown=shutdown):
                yield Problem(
                    key=app_key(name, "shutdownSeconds"),
                    message=f"must be at least longestRequestSeconds, {longest}: a request that "
                    f"arrives right before TERM takes up to {longest}s, but the app exits "
                    f"{shutdown}s after TERM",
                )
            case None:
                yield from _grace_period(settings, name, app)


def _grace_period(settings: Settings, name: str, app: App) -> Iterator[Problem]:
    pools = pools_of(settings, app)
    spot = [name for name, pool in pools.items() if pool.capacity_type == "SPOT"]
    limit, reason = UPDATE_GRACE, "EKS drains a node within 15 minutes during an update"
    if spot:
        limit = SPOT_GRACE
        reason = f"spot instances of pool {spot[0]} terminate 2 minutes after their notice"
    if app.termination.grace > limit:
        field, limited = _field_to_lower(app, limit)
        yield Problem(
            key=app_key(name, field),
            message=f"{limited}: {app.termination} from deletion to KILL, but at most {limit}s are "
            f"possible because {reason}",
        )


def _field_to_lower(app: App, limit: int) -> tuple[str, str]:
    """Returns the field to lower for a grace period of `limit` seconds, and the message with its
    highest value."""
    highest = limit - MARGIN - app.termination.pre_stop
    shutdown = "longestRequestSeconds" if app.shutdown_seconds is None else "shutdownSeconds"
    if highest >= app.longest_request_seconds:
        return "shutdownSeconds", f"must be at most {highest}"
    if highest >= 1:
        also = "" if app.shutdown_seconds is None else ", and so must shutdownSeconds"
        return "longestRequestSeconds", f"must be at most {highest}{also}"
    field = "preStop.seconds" if app.pre_stop else "expose.deregistrationSeconds"
    return field, f"must be at most {limit - MARGIN} together with {shutdown}"


def _load_balancer(settings: Settings) -> Iterator[Problem]:
    idle = settings.load_balancing.idle_timeout_seconds
    for name, app in settings.apps.items():
        expose, longest = app.expose, app.longest_request_seconds
        if expose is None:
            continue
        if longest >= idle:
            yield Problem(
                key=app_key(name, "longestRequestSeconds"),
                message=f"must be less than loadBalancing.idleTimeoutSeconds, {idle}: the load "
                f"balancer closes a connection on which no data was sent for {idle}s",
            )
        if expose.keep_alive_seconds <= idle:
            yield Problem(
                key=app_key(name, "expose.keepAliveSeconds"),
                message=f"must be more than loadBalancing.idleTimeoutSeconds, {idle}: if the app "
                "closes an idle connection before the load balancer does, requests fail with "
                "status 502; raise the keep-alive time of the app and write it here",
            )
        if expose.slow_start_seconds and expose.algorithm != "roundRobin":
            yield Problem(
                key=app_key(name, "expose.slowStartSeconds"),
                message="the load balancer supports slow start only with algorithm: roundRobin; "
                "write algorithm: roundRobin or remove slowStartSeconds",
            )


RULES = (_no_request_is_dropped, _load_balancer)
