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
            case EarlyExit(longest_request=longest_request, shutdown=shutdown):
                yield Problem(
                    key=app_key(name, "shutdownSeconds"),
                    message=f"must be at least longestRequestSeconds, {longest_request}: a request "
                    f"that arrives right before TERM takes up to {longest_request}s, but the app "
                    f"exits {shutdown}s after TERM",
                )
            case None:
                yield from _grace_period(settings, name, app)


def _grace_period(settings: Settings, name: str, app: App) -> Iterator[Problem]:
    pools = pools_of(settings, app)
    spot_pools = [name for name, pool in pools.items() if pool.capacity_type == "SPOT"]
    limit, reason = UPDATE_GRACE, "EKS drains a node within 15 minutes during an update"
    if spot_pools:
        limit = SPOT_GRACE
        reason = f"spot instances of pool {spot_pools[0]} terminate 2 minutes after their notice"
    if app.termination.grace > limit:
        field, remedy = _field_to_lower(app, limit)
        yield Problem(
            key=app_key(name, field),
            message=f"{remedy}: {app.termination} from deletion to KILL, but at most {limit}s are "
            f"possible because {reason}",
        )


def _field_to_lower(app: App, limit: int) -> tuple[str, str]:
    """Returns the key to lower for a grace period of at most `limit` seconds, and the message."""
    after_term = limit - MARGIN - app.termination.pre_stop
    shutdown_key = "longestRequestSeconds" if app.shutdown_seconds is None else "shutdownSeconds"
    if after_term >= app.longest_request_seconds:
        return "shutdownSeconds", f"must be at most {after_term}"
    if after_term >= 1:
        and_shutdown = "" if app.shutdown_seconds is None else ", and so must shutdownSeconds"
        return "longestRequestSeconds", f"must be at most {after_term}{and_shutdown}"
    field = "preStop.seconds" if app.pre_stop else "expose.deregistrationSeconds"
    return field, f"must be at most {limit - MARGIN} together with {shutdown_key}"


def _load_balancer(settings: Settings) -> Iterator[Problem]:
    idle_timeout = settings.load_balancing.idle_timeout_seconds
    for name, app in settings.apps.items():
        expose, longest_request = app.expose, app.longest_request_seconds
        if expose is None:
            continue
        if longest_request >= idle_timeout:
            yield Problem(
                key=app_key(name, "longestRequestSeconds"),
                message=f"must be less than loadBalancing.idleTimeoutSeconds, {idle_timeout}: the "
                f"load balancer closes a connection on which no data was sent for {idle_timeout}s",
            )
        if expose.keep_alive_seconds <= idle_timeout:
            yield Problem(
                key=app_key(name, "expose.keepAliveSeconds"),
                message=f"must be more than loadBalancing.idleTimeoutSeconds, {idle_timeout}: if "
                "the app closes an idle connection before the load balancer does, requests fail "
                "with status 502; raise the keep-alive time of the app and write it here",
            )
        if expose.slow_start_seconds and expose.algorithm != "roundRobin":
            yield Problem(
                key=app_key(name, "expose.slowStartSeconds"),
                message="the load balancer supports slow start only with algorithm: roundRobin; "
                "write algorithm: roundRobin or remove slowStartSeconds",
            )


RULES = (_no_request_is_dropped, _load_balancer)
