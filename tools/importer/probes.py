"""Probes of a container."""

from typing import Any

from settings.reading.names import MAIN_PORT
from settings.workload.probes import Liveness, Probe, Probes, Readiness
from tools.importer.fields import Fields
from tools.importer.ports import Ports
from tools.importer.report import SubjectReport

Settings = dict[str, Any]  # Any: a section of the stack file
_PERIOD, _TIMEOUT, _FAILURES = 10, 1, 3
"""Defaults of Kubernetes.
https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/"""
_SHORTEST_STARTUP, _LONGEST_STARTUP = 5, 1800


def probes(container: Fields, ports: Ports, report: SubjectReport) -> Settings:
    """Returns the section `probes` of a container of a pod."""
    found: Settings = {}
    liveness = container.section("livenessProbe")
    readiness = container.section("readinessProbe")
    startup = container.section("startupProbe")
    for name, probe, default in (
        ("liveness", liveness, Liveness()),
        ("readiness", readiness, Readiness()),
    ):
        if probe:
            found[name] = _probe(probe, default, ports, report)
    seconds = _startup_seconds(startup, liveness, report)
    if seconds != Probes().startup_seconds:
        found["startupSeconds"] = seconds
    served = ports.main is not None
    readiness_fails_first(found, served, report, "livenessProbe.failureThreshold")
    return found


def _probe(probe: Fields, default: Probe, ports: Ports, report: SubjectReport) -> Settings:
    probe.skip_if("successThreshold", "1")
    probe.skip("initialDelaySeconds")  # the startup time covers it
    http, tcp, grpc = (probe.section(key) for key in ("httpGet", "tcpSocket", "grpc"))
    found: Settings = {}
    port = next((each.text("port") for each in (http, tcp, grpc) if "port" in each), None)
    if http:
        http.skip_if("scheme", "HTTP")
        found["path"] = _path(http, report)
    elif grpc:
        found["grpc"] = grpc.text("service") or ""
    elif "exec" in probe:
        found["command"] = probe.section("exec").texts("command")
    name = _port_name(probe, port, ports, report)
    if name != MAIN_PORT:
        found["port"] = name
    period = probe.number("periodSeconds") or _PERIOD
    timeout = probe.number("timeoutSeconds") or _TIMEOUT
    if timeout > period:
        text = f"{timeout}s is more than periodSeconds; {period}s is written"
        report.changed(probe.path_of("timeoutSeconds"), text)
        timeout = period
    figures = {
        "periodSeconds": (period, default.period_seconds),
        "timeoutSeconds": (timeout, default.timeout_seconds),
        "failures": (probe.number("failureThreshold") or _FAILURES, default.failures),
    }
    return {
        **found,
        **{key: value for key, (value, usual) in figures.items() if value != usual},
    }


def _path(http: Fields, report: SubjectReport) -> str:
    path, query, parameters = (http.text("path") or "/").partition("?")
    if query:
        text = f"paths have no query; {path} is written without ?{parameters}"
        report.changed(http.path_of("path"), text)
    return path if path.startswith("/") else f"/{path}"


def _port_name(probe: Fields, port: str | None, ports: Ports, report: SubjectReport) -> str:
    if port is None:
        return MAIN_PORT
    number = ports.number_of(port)
    if number is None:
        report.lost(f"{probe.path}.port", f"no container has a port named {port}; write the port")
        return MAIN_PORT
    return ports.name_of(number)


def _startup_seconds(startup: Fields, liveness: Fields, report: SubjectReport) -> int:
    """Returns the time that a container has to start before it is restarted."""
    startup.skip("httpGet", "tcpSocket", "grpc", "exec", "timeoutSeconds", "successThreshold")
    seconds = sum(
        (probe.number("initialDelaySeconds") or 0)
        + (probe.number("periodSeconds") or _PERIOD)
        * (probe.number("failureThreshold") or _FAILURES)
        for probe in (startup or liveness,)
        if probe
    )
    if startup:
        nearest = min(max(seconds, _SHORTEST_STARTUP), _LONGEST_STARTUP)
        if nearest != seconds:
            text = f"{seconds}s to start; the nearest possible value, {nearest}s, is written"
            report.changed(startup.path, text)
        if not liveness:
            report.changed(startup.path, "the startup probe checks what the liveness probe checks")
        return nearest
    return min(max(seconds, Probes().startup_seconds), _LONGEST_STARTUP)


def readiness_fails_first(found: Settings, served: bool, report: SubjectReport, path: str) -> None:
    """Raises the failures of the liveness probe until the readiness probe fails before it: requests
    must stop before the container restarts. `path` is that of the failures in the report."""
    written = found.get("liveness"), found.get("readiness")
    if None in written and not served:
        return
    liveness = Liveness.model_validate(_strict(written[0]))
    readiness = Readiness.model_validate(_strict(written[1]))
    if liveness.detection_seconds > readiness.detection_seconds:
        return
    longer = readiness.detection_seconds - liveness.timeout_seconds
    failures = longer // liveness.period_seconds + 1
    found["liveness"] = {**(written[0] or {}), "failures": failures}
    report.changed(
        path,
        f"{liveness.failures} became {failures}: the readiness probe fails after "
        f"{readiness.detection_seconds}s, and must fail before the liveness probe does",
    )


def _strict(written: Settings | None) -> Settings:
    """Returns the figures of a probe, without what it checks."""
    figures = ("periodSeconds", "timeoutSeconds", "failures")
    return {key: value for key, value in (written or {}).items() if key in figures}
