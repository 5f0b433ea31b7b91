"""Rules for probes: one check each, on a port of the pods, and readiness fails before liveness."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from settings.reading.problem import Problem
from settings.stack import Settings
from settings.workload.containers import Sidecar
from settings.workload.deployed import Deployed
from settings.workload.probes import Probe


def _checks(settings: Settings) -> Iterator[Problem]:
    for prefix, each in _probed(settings):
        for field, probe in (
            ("probes.liveness", each.container.liveness),
            ("probes.readiness", each.container.readiness),
        ):
            if probe is None:
                continue
            key = f"{prefix}.{field}"
            checks = _fields(probe)
            if len(checks) > 1:
                yield Problem(
                    key=key,
                    message=f"has {', '.join(checks[:-1])} and {checks[-1]}; write only one of "
                    "path, grpc and command",
                )
            if not probe.command and (message := _port_problem(each, probe)):
                yield Problem(key=f"{key}.port", message=message)
            if probe.timeout_seconds > probe.period_seconds:
                yield Problem(
                    key=f"{key}.timeoutSeconds",
                    message=f"must be at most periodSeconds, {probe.period_seconds}: the next "
                    "check would start before the response to the previous check",
                )


@dataclass(frozen=True, kw_only=True)
class _Probed:
    """A container with probes."""

    container: Deployed | Sidecar
    """The workload, or one of its sidecars."""
    ports: Collection[str]
    """Names of the ports that the probes can check."""


def _probed(settings: Settings) -> Iterator[tuple[str, _Probed]]:
    """Yields workloads and sidecars, each after its key."""
    for name, app in settings.workloads.items():
        deployed = settings.deployments.get(name)
        ports = deployed.ports if deployed else {}
        if deployed:
            yield settings.key_of(name), _Probed(container=deployed, ports=ports)
        for index, sidecar in enumerate(app.sidecars):
            key = settings.key_of(name, f"sidecars[{index}]")
            yield key, _Probed(container=sidecar, ports={**sidecar.ports, **ports})


def _port_problem(probed: _Probed, probe: Probe) -> str | None:
    """Returns the message about the port of a probe without a command; None without a problem.

    A sidecar has no default port: a probe of the program's port fails until the program runs, but
    the program starts after the sidecar.
    """
    sidecar, names = isinstance(probed.container, Sidecar), ", ".join(probed.ports)
    if not probed.ports:
        key = "ports" if sidecar else "otherPorts"
        return f"there is no port; write a command, or add the port that is checked to {key}"
    if sidecar and "port" not in probe.model_fields_set:
        return f"required without command; write the port on which the sidecar listens: {names}"
    if probe.port not in probed.ports:
        owner = "sidecar or the workload" if sidecar else "pods"
        return f"must be the name of a port of the {owner}: {names}"
    return None


def _fields(probe: Probe) -> list[str]:
    """Returns the fields of a probe that choose the kind of check."""
    fields = {"path": probe.path, "grpc": probe.grpc, "command": probe.command or None}
    return [field for field, value in fields.items() if value is not None]


def _readiness_fails_first(settings: Settings) -> Iterator[Problem]:
    for prefix, each in _probed(settings):
        liveness, readiness = each.container.liveness, each.container.readiness
        if liveness is None or readiness is None:
            continue
        if liveness.detection_seconds <= readiness.detection_seconds:
            yield Problem(
                key=f"{prefix}.probes.liveness",
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


def _codes(settings: Settings) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Matcher.html"""
    for name, expose in settings.exposed.items():
        low, high = (0, 99) if expose.protocol == "grpc" else (200, 499)
        written = expose.health_check.codes
        for part in written.split(",") if written else ():
            first, _, last = part.partition("-")
            if not low <= int(first) <= int(last or first) <= high:
                yield Problem(
                    key=settings.key_of(name, "expose.healthCheck.codes"),
                    message=f"{part} is refused by AWS; write codes from {low} to {high}, and the "
                    "lower one first in a range",
                )
                break


RULES = (_checks, _readiness_fails_first, _load_balancer_checks, _codes)
