"""Rules for probes: one check each, on a port of the app, and readiness fails before liveness."""

from collections.abc import Iterator

from settings.app.keys import app_key
from settings.app.probes import Probe
from settings.reading.names import MAIN_PORT
from settings.reading.problem import Problem
from settings.stack import Settings


def _checks(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.apps.items():
        for field, probe in (
            ("probes.liveness", app.probes.liveness),
            ("probes.readiness", app.probes.readiness),
        ):
            key = app_key(name, field)
            checks = _fields(probe)
            if len(checks) > 1:
                yield Problem(
                    key=key,
                    message=f"has {', '.join(checks[:-1])} and {checks[-1]}; write only one of "
                    "path, grpc and command",
                )
            if probe.port not in app.ports:
                yield Problem(
                    key=f"{key}.port",
                    message=f"must be the name of a port of the app: {', '.join(app.ports)}",
                )
            if probe.timeout_seconds > probe.period_seconds:
                yield Problem(
                    key=f"{key}.timeoutSeconds",
                    message=f"must be at most periodSeconds, {probe.period_seconds}: the next "
                    "check would start before the response to the previous check",
                )


def _fields(probe: Probe) -> list[str]:
    """Returns the fields of a probe that choose the kind of check."""
    fields = {"path": probe.path, "grpc": probe.grpc, "command": probe.command or None}
    return [field for field, value in fields.items() if value is not None]


def _readiness_fails_first(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.apps.items():
        liveness, readiness = app.probes.liveness, app.probes.readiness
        if liveness.detection_seconds <= readiness.detection_seconds:
            yield Problem(
                key=app_key(name, "probes.liveness"),
                message=f"must take longer to fail than the readiness probe, but fails after "
                f"{liveness.detection_sum}, and readiness after {readiness.detection_sum}: "
                "requests must stop before the container restarts; raise periodSeconds or "
                "failures, or lower these values of the readiness probe",
            )


def _load_balancer_checks(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.apps.items():
        probe = app.probes.readiness
        if app.expose is None:
            continue
        if probe.path is None:
            yield Problem(
                key=app_key(name, "probes.readiness.path"),
                message="required for an exposed app: the load balancer checks the health of pods "
                "with an HTTP request to this path",
            )
        elif probe.port in app.ports and probe.port != MAIN_PORT:
            yield Problem(
                key=app_key(name, "probes.readiness.port"),
                message=f"must be {MAIN_PORT} for an exposed app: the load balancer sends requests "
                "and health checks only to that port",
            )


RULES = (_checks, _readiness_fails_first, _load_balancer_checks)
