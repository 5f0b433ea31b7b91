"""The health check of a compose service as a readiness probe."""

import re
import shlex
from typing import Any

from settings.reading.names import MAIN_PORT
from settings.workload.probes import Readiness
from tools.importer import quantities
from tools.importer.fields import Fields
from tools.importer.ports import Ports
from tools.importer.report import SubjectReport

Settings = dict[str, Any]  # Any: a section of the stack file

_INTERVAL, _TIMEOUT, _RETRIES = 30, 30, 3
"""Defaults of a health check.
https://docs.docker.com/reference/dockerfile/#healthcheck"""
_LONGEST_INTERVAL, _SHORTEST_STARTUP, _STARTUP = 300, 5, 60
_HOST = r"\b(?:curl|wget)\b.*[\s\"']{scheme}(?:localhost|127\.0\.0\.1|0\.0\.0\.0)"
_PORT = r":(?P<port>[0-9]+)"
_PATH = r"(?P<path>/[A-Za-z0-9._~/-]*)?(?P<query>\?[^\s\"'|;&)]*)?(?=[\s\"'|;&)]|$)"
_REQUESTS = (
    re.compile(f"{_HOST.format(scheme='http://')}(?:{_PORT})?{_PATH}"),
    re.compile(f"{_HOST.format(scheme='')}{_PORT}{_PATH}"),
)
"""Requests to the container itself; without http:// only with a port, because a header such as
`Host: localhost` looks the same."""


def health_check(check: Fields, ports: Ports, report: SubjectReport) -> Settings:
    """Returns the section `probes` of a service. An HTTP request of curl or wget becomes a request
    of the kubelet, because many images have neither program."""
    check.skip("start_interval")
    command = _command(check)
    figures = [check.text(key) for key in ("interval", "timeout", "start_period")]
    retries = check.number("retries") or _RETRIES
    if check.flag("disable") or not command:
        return {}
    interval, timeout, start = (quantities.seconds(text) if text else None for text in figures)
    period = min(interval or _INTERVAL, _LONGEST_INTERVAL)
    readiness: Settings = _check(command, ports, report)
    default = Readiness()
    values = {
        "periodSeconds": (period, default.period_seconds),
        "timeoutSeconds": (min(timeout or _TIMEOUT, period), default.timeout_seconds),
        "failures": (retries, default.failures),
    }
    readiness |= {key: value for key, (value, usual) in values.items() if value != usual}
    startup = max(start or 0, _SHORTEST_STARTUP)
    longer = {"startupSeconds": startup} if startup > _STARTUP else {}
    return {"readiness": readiness, **longer}


def _command(check: Fields) -> list[str]:
    """Returns program and arguments; empty if there is no check."""
    value = check.get("test")
    if isinstance(value, str):
        return ["sh", "-c", value]
    kind, *words = check.texts("test") or [""]
    if kind == "CMD-SHELL":
        return ["sh", "-c", *words]
    return words if kind == "CMD" else []


def _check(command: list[str], ports: Ports, report: SubjectReport) -> Settings:
    found = (each.search(" ".join(command)) for each in _REQUESTS)
    match = next(filter(None, found), None)
    if match is None:
        return {"command": command}
    number = int(match["port"] or 80)
    name = ports.name_of(number)
    without = f" without {match['query']}: paths have no query" if match["query"] else ""
    report.changed("healthcheck.test", f"{shlex.join(command)} became an HTTP request{without}")
    return {
        "path": match["path"] or "/",
        **({"port": name} if name != MAIN_PORT else {}),
    }
