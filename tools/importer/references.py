"""Addresses of other workloads in environment variables, arguments and files.

In a cell, each workload has a namespace of its name, and its Service has the ports of the pods:
`catalog:80` becomes `catalog.catalog:8080`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from tools.importer.deployment import Entry
from tools.importer.report import Report, SubjectReport

_ADDRESS = re.compile(r"HOST|ADDR|SERVER|URL|URI|ENDPOINT|UPSTREAM|BACKEND|DSN", re.IGNORECASE)
"""Names of variables whose whole value can be the name of a host."""


@dataclass(frozen=True, kw_only=True)
class _Host:
    entry: str
    service: str
    pattern: re.Pattern[str]
    ports: Mapping[int, int]


def connect(entries: Sequence[Entry], report: Report) -> None:
    """Writes the addresses that the Services of other workloads have in a cell, and `talksTo`."""
    hosts = [*_hosts(entries)]
    for entry in entries:
        found: dict[str, None] = {}
        for host in hosts:
            subject = report.of(entry.subject)
            if _replace(entry.settings, host, subject) and host.entry != entry.name:
                found[host.entry] = None
        known = cast("list[str]", entry.settings.get("talksTo") or [])
        entry.settings["talksTo"] = [*dict.fromkeys([*known, *found])]


def _hosts(entries: Sequence[Entry]) -> Iterator[_Host]:
    for entry in entries:
        for service, ports in entry.services.items():
            namespace = rf"(?:\.{re.escape(entry.namespace or entry.name)})"
            domain = rf"(?P<domain>{namespace}(?:\.svc(?:\.cluster\.local)?)?)?"
            pattern = re.compile(
                rf"(?P<before>^|[\s\"'=,;(\[]|(?P<scheme>[a-z0-9+]+)://|@)"
                rf"{re.escape(service)}{domain}(?::(?P<port>[0-9]+))?(?=$|[/\s\"',;?)\]])",
                re.MULTILINE,
            )
            yield _Host(entry=entry.name, service=service, pattern=pattern, ports=ports)


def _replace(settings: dict[str, Any], host: _Host, report: SubjectReport) -> bool:
    """Replaces the addresses of a host in the texts of a workload; true if there are any.

    Any: settings of the stack file.
    """
    found = False
    for key in ("env", "files"):
        for name, text in settings.get(key, {}).items():
            bare = key == "env" and _ADDRESS.search(name) is not None
            new, changes = _replaced(text, host, bare=bare)
            settings[key][name] = new
            found |= _report(new, changes, f"{key}.{name}", host, report)
    for key in ("command", "args"):
        words = cast("list[str]", settings.get(key) or [])
        for index, word in enumerate(words):
            words[index], changes = _replaced(word, host, bare=False)
            found |= _report(words[index], changes, f"{key}[{index}]", host, report)
    return found


def _replaced(text: str, host: _Host, *, bare: bool) -> tuple[str, list[str]]:
    changes: list[str] = []
    return host.pattern.sub(_replacement(text, host, bare, changes), text), changes


def _replacement(
    text: str, host: _Host, bare: bool, changes: list[str]
) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        before, scheme = match["before"], match["scheme"]
        port = int(match["port"]) if match["port"] else None
        certain = scheme or before == "@" or match["domain"] or port in host.ports
        if not certain and not (bare and match[0] == text):
            return match[0]
        if port is None and scheme in ("http", "https"):
            port = {"http": 80, "https": 443}[scheme]
        target = host.ports.get(port, port) if port else None
        written = match["port"] or (target and target != port)
        address = f"{host.entry}.{host.entry}" + (f":{target}" if written else "")
        old = match[0].removeprefix(before)
        moved = "" if port else _moved(host.ports)
        if old != address:
            changes.append(f"{old} became {address}{moved}")
        return f"{before}{address}"

    return replace


def _moved(ports: Mapping[int, int]) -> str:
    """Returns a clause about the ports of a Service that are other ports of the pods."""
    moved = [f"{port} is now {target}" for port, target in ports.items() if port != target]
    return f" (port {', '.join(moved)})" if moved else ""


def _report(
    text: str, changes: Sequence[str], path: str, host: _Host, report: SubjectReport
) -> bool:
    """Reports the addresses that have changed, and a text that may be an address."""
    for change in changes:
        report.changed(path, f"{change}, the address in the cell")
    if text == host.service:
        report.lost(
            path,
            f"{text} may be an address; if so, write {host.entry}.{host.entry}, and "
            f"{host.entry} in talksTo",
        )
    return bool(changes)
