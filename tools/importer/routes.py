"""Routes of all exposed workloads: each leads to one workload, and one host is the domain of the
cell."""

from collections.abc import Iterable, Sequence
from typing import Any

from core.listener_rules import LOAD_BALANCER, Match
from settings.workload.route import EVERY_HOST
from tools.importer.deployment import Entry
from tools.importer.report import Report, SubjectReport

Settings = dict[str, Any]  # Any: a section of the stack file


def write_routes(entries: Sequence[Entry], report: Report) -> None:
    """Completes `expose` of each workload, whose routes have the hosts of the Ingresses."""
    exposed = [each for each in entries if each.settings.get("expose")]
    found = [route for each in exposed for route in each.settings["expose"]["routes"]]
    domains = {
        internal: _domain([each for each in found if _is_internal(each) is internal])
        for internal in (False, True)
    }
    receivers: dict[tuple[bool, Match], str] = {}
    for each in exposed:
        subject = report.of(each.subject)
        routes: list[Settings] = []
        for written in each.settings["expose"]["routes"]:
            internal = _is_internal(written)
            route = _without_domain(written, domains[internal], subject)
            receiver = receivers.setdefault((internal, _match(route)), each.name)
            if receiver != each.name:
                host = f" of {route['host']}" if "host" in route else ""
                subject.lost(
                    "expose.routes",
                    f"{receiver} has the path {route['path']}{host} too; write another path",
                )
            elif route not in routes:
                routes.append(route)
        each.settings["expose"] = _section(each.settings, routes, subject) if routes else None


def _is_internal(route: Settings) -> bool:
    return route.get("internal", False)


def _domain(routes: Sequence[Settings]) -> str | None:
    """Returns the host that becomes the domain of the cell: the first one with the path /, or else
    the first one; None if a route applies to all hosts, because the domain has such routes too."""
    if any("host" not in each for each in routes):
        return None
    names = [each for each in routes if not each["host"].startswith("*")]
    at_root = [each for each in names if each["path"] == "/"]
    return next((str(each["host"]) for each in [*at_root, *names]), None)


def _without_domain(route: Settings, domain: str | None, report: SubjectReport) -> Settings:
    if domain is None or route["host"] != domain:
        return route
    key = "ha-eks:traffic.internal" if _is_internal(route) else "ha-eks:traffic"
    report.lost(
        "expose",
        f"{domain} is assumed to be the domain of the cell; write it in {key}, or as host in "
        "expose.routes",
    )
    return {key: value for key, value in route.items() if key != "host"}


def _section(settings: Settings, routes: Sequence[Settings], report: SubjectReport) -> Settings:
    """Returns `expose` in its shortest form, with a path for the health check of Route 53."""
    written = {key: value for key, value in settings["expose"].items() if key != "routes"}
    public = [each for each in routes if not _is_internal(each)]
    if not public:
        routes = [{k: v for k, v in each.items() if k != "internal"} for each in routes]
        written = {"internal": True, **written}
    short = len(routes) == 1 and routes[0].keys() == {"path"}
    section = {**(routes[0] if short else {"routes": [*routes]}), **written}
    paths = [each["path"] for each in public if "host" not in each]
    readiness = settings["probes"].get("readiness", {})
    checked = section.get("healthCheck", readiness).get("path", "/")
    if paths and not _any_matches(public, checked):
        section["dnsHealthPath"] = paths[0]
        report.changed(
            "expose",
            f"Route 53 checks {paths[0]}, because {checked} is not below it; write another path "
            "in expose.dnsHealthPath if the app answers with an error",
        )
    return section


def _any_matches(routes: Iterable[Settings], path: str) -> bool:
    """True if a route includes requests for the DNS name of the load balancer at a path."""
    return any(_match(each).matches(LOAD_BALANCER, path) for each in routes)


def _match(route: Settings) -> Match:
    host, exact = route.get("host", EVERY_HOST), route.get("exact", False)
    return Match(host=host, path=route["path"], exact=exact)
