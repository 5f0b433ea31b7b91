"""Rules for probes: one check each, on a port of the pods, and readiness fails before liveness."""

from collections.abc import Iterator

from settings.reading.problem import Problem
from settings.stack import Settings
from settings.workload.deployed import Deployed
from settings.workload.probes import Probe


def _checks(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.deployments.items():
        for field, probe in (
            ("probes.liveness", app.liveness),
            ("probes.readiness", app.readiness),
        ):
            if probe is None:
                continue
            key = settings.key_of(name, field)
            checks = _fields(probe)
            if len(checks) > 1:
                yield Problem(
                    key=key,
                    message=f"has {', '.join(checks[:-1])} and {checks[-1]}; write only one of "
                    "path, grpc and command",
                )
            if not probe.command and probe.port not in app.ports:
                yield Problem(key=f"{key}.port", message=_a_port(app))
            if probe.timeout_seconds > probe.period_seconds:
                yield Problem(
                    key=f"{key}.timeoutSeconds",
                    message=f"must be at most periodSeconds, {probe.period_seconds}: the next "
                    "check would start before the response to the previous check",
                )


def _a_port(app: Deployed) -> str:
    if not app.ports:
        return "there is no port; write a command, or add the port that is checked to otherPorts"
    return f"must be the name of a port of the pods: {', '.join(app.ports)}"


def _fields(probe: Probe) -> list[str]:
    """Returns the fields of a probe that choose the kind of check."""
    fields = {"path": probe.path, "grpc": probe.grpc, "command": probe.command or None}
    return [field for field, value in fields.items() if value is not None]


def _readiness_fails_first(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.deployments.items():
        liveness, readiness = app.liveness, app.readiness
        if liveness is None or readiness is None:
            continue
        if liveness.detection_seconds <= readiness.detection_seconds:
            yield Problem(
                key=settings.key_of(name, "probes.liveness"),
                message=f"must take longer to fail than the readiness probe, but fails after "
                f"{liveness.detection_sum}, and readiness after {readiness.detection_sum}: "
                "requests must stop before the container restarts; raise periodSeconds or "
                "failures, or lower these values of the readiness probe",
            )


def _load_balancer_checks(settings: Settings) -> Iterator[Problem]:
    for name, expose in settings.exposed.items():
        app = settings.served[name]
        port = expose.health_check.port
        if app.health_check is None:
            yield Problem(
                key=settings.key_of(name, "probes.readiness.path"),
                message="required with expose: the load balancer checks the health of pods with an "
                "HTTP request to this path, or to expose.healthCheck.path",
            )
        elif port is not None and port not in app.ports:
            yield Problem(
                key=settings.key_of(name, "expose.healthCheck.port"),
                message=f"must be the name of a port of the pods: {', '.join(app.ports)}",
            )


RULES = (_checks, _readiness_fails_first, _load_balancer_checks)
