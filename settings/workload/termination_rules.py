"""Rules for the termination of pods: no request or job is lost, and KILL comes before the node
ends."""

from collections.abc import Iterator

from core.availability.termination import (
    MARGIN,
    SPOT_GRACE,
    UPDATE_GRACE,
    EarlyExit,
    EarlyTerm,
)
from settings.availability import pools_of
from settings.reading.problem import Problem
from settings.stack import Settings
from settings.workload.deployed import Deployed
from settings.workload.served import Served
from settings.workload.workload import Workload


def allowed_grace(settings: Settings, workload: Workload) -> tuple[int, str]:
    """Returns the longest grace period of the pods in seconds, and the reason."""
    for name, pool in pools_of(settings, workload).items():
        if pool.capacity_type == "SPOT":
            reason = f"spot instances of pool {name} terminate 2 minutes after their notice"
            return SPOT_GRACE, reason
    return UPDATE_GRACE, "EKS drains a node within 15 minutes during an update"


def _no_work_is_lost(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.deployments.items():
        match app.termination.shortfall:
            case EarlyTerm(deregistered=deregistered, pre_stop=pre_stop):
                yield Problem(
                    key=settings.key_of(name, "preStop.seconds"),
                    message=f"must be at least {deregistered}: a deleted pod receives new requests "
                    f"for {deregistered}s, but TERM comes after {pre_stop}s",
                )
            case EarlyExit(longest_request=longest_request, shutdown=shutdown):
                work = "request that arrives" if isinstance(app, Served) else "job that starts"
                yield Problem(
                    key=settings.key_of(name, "shutdownSeconds"),
                    message=f"must be at least {_longest_key(app)}, {longest_request}: a {work} "
                    f"right before TERM takes up to {longest_request}s, but the program exits "
                    f"{shutdown}s after TERM",
                )
            case None:
                yield from _grace_period(settings, name, app)


def _longest_key(app: Deployed) -> str:
    return "longestRequestSeconds" if isinstance(app, Served) else "longestJobSeconds"


def _grace_period(settings: Settings, name: str, app: Deployed) -> Iterator[Problem]:
    limit, reason = allowed_grace(settings, app)
    if app.termination.grace > limit:
        field, remedy = _field_to_lower(app, limit)
        yield Problem(
            key=settings.key_of(name, field),
            message=f"{remedy}: {app.termination} from deletion to KILL, but at most {limit}s are "
            f"possible because {reason}",
        )


def _field_to_lower(app: Deployed, limit: int) -> tuple[str, str]:
    """Returns the key to lower for a grace period of at most `limit` seconds, and the message."""
    sidecars = app.termination.sidecars
    after_term = limit - MARGIN - app.termination.pre_stop - sidecars
    if sidecars and app.termination.grace - sidecars + len(app.sidecars) <= limit:
        seconds = [each.shutdown_seconds for each in app.sidecars]
        field = f"sidecars[{seconds.index(max(seconds))}].shutdownSeconds"
        left = limit - app.termination.grace + max(seconds)
        if left >= 1:
            return field, f"must be at most {left}"
        together = limit - app.termination.grace + sidecars
        return field, f"must be at most {together} together with the other sidecars"
    longest_key = _longest_key(app)
    shutdown_key = longest_key if app.shutdown_seconds is None else "shutdownSeconds"
    if after_term >= app.longest_work:
        return "shutdownSeconds", f"must be at most {after_term}"
    if after_term >= 1:
        and_shutdown = "" if app.shutdown_seconds is None else ", and so must shutdownSeconds"
        return longest_key, f"must be at most {after_term}{and_shutdown}"
    field = "preStop.seconds" if app.pre_stop else "expose.deregistrationSeconds"
    return field, f"must be at most {limit - MARGIN - sidecars} together with {shutdown_key}"


def _load_balancer(settings: Settings) -> Iterator[Problem]:
    for balancer in settings.load_balancers.values():
        idle_timeout = balancer.idle_timeout_seconds
        setting = f"{balancer.key.partition(':')[2]}.idleTimeoutSeconds, {idle_timeout}"
        for name, expose in balancer.exposed.items():
            if settings.served[name].longest_request_seconds >= idle_timeout:
                yield Problem(
                    key=settings.key_of(name, "longestRequestSeconds"),
                    message=f"must be less than {setting}: the load balancer closes a connection "
                    f"on which no data was sent for {idle_timeout}s",
                )
            if expose.keep_alive_seconds <= idle_timeout:
                yield Problem(
                    key=settings.key_of(name, "expose.keepAliveSeconds"),
                    message=f"must be more than {setting}: if the app closes an idle connection "
                    "before the load balancer does, requests fail with status 502; raise the "
                    "keep-alive time of the app and write it here",
                )


def _slow_start(settings: Settings) -> Iterator[Problem]:
    for name, expose in settings.exposed.items():
        if expose.slow_start_seconds and expose.algorithm != "roundRobin":
            yield Problem(
                key=settings.key_of(name, "expose.slowStartSeconds"),
                message="the load balancer supports slow start only with algorithm: roundRobin; "
                "write algorithm: roundRobin or remove slowStartSeconds",
            )


RULES = (_no_work_is_lost, _load_balancer, _slow_start)
