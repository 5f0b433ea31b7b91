"""Ingresses that lead to a workload: its routes, and the health check of the load balancer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from settings.reading.names import is_url_path
from tools.importer.fields import Fields
from tools.importer.ingress_annotations import annotated
from tools.importer.objects import Objects
from tools.importer.ports import Ports
from tools.importer.read_files import Manifest
from tools.importer.report import SubjectReport


@dataclass(frozen=True, kw_only=True)
class Backend:
    """A path of an Ingress that leads to a Service."""

    ingress: Manifest
    host: str
    path: str
    exact: bool
    """True if the path does not include paths below it."""
    port: str
    """Name or number of the port of the Service; empty if the Service has one port."""
    service: str
    """Name of the Service."""

    @property
    def route(self) -> dict[str, Any]:
        """Route of the stack file. Any: values of a section."""
        host = {"host": self.host} if self.host else {}
        return {**host, "path": self.path, **({"exact": True} if self.exact else {})}


def backends(services: Sequence[Manifest], objects: Objects) -> list[Backend]:
    """Returns the paths of Ingresses that lead to Services, in the order of the files."""
    names = {each.name for each in services}
    return [each for each in all_backends(objects) if each.service in names]


def all_backends(objects: Objects) -> Iterator[Backend]:
    """Yields the paths of all Ingresses."""
    for ingress in objects.of_kind("Ingress"):
        spec = ingress.fields.section("spec")
        spec.skip("ingressClassName")
        default = spec.section("defaultBackend")
        if default:
            yield _backend(ingress, default, "", "/", exact=False)
        for rule in spec.sections("rules"):
            host = rule.text("host") or ""
            for path in rule.section("http").sections("paths"):
                exact = path.text("pathType") == "Exact"
                backend = path.section("backend")
                yield _backend(ingress, backend, host, path.text("path") or "/", exact=exact)


def _backend(ingress: Manifest, backend: Fields, host: str, path: str, *, exact: bool) -> Backend:
    service = backend.section("service")
    port = service.section("port")
    old_port, old_name = backend.text("servicePort"), backend.text("serviceName")  # of v1beta1
    return Backend(
        ingress=ingress,
        host=host,
        path=path.rstrip("*").rstrip("/") or "/",
        exact=exact,
        port=port.text("name") or port.text("number") or old_port or "",
        service=service.text("name") or old_name or "",
    )


def expose(
    found: Sequence[Backend],
    probes: Mapping[str, Any],
    ports: Ports,
    objects: Objects,
    report: SubjectReport,
) -> dict[str, Any] | None:
    """Returns the section `expose` with all routes, in the form with hosts; None if no Ingress
    leads to the workload. Any: sections of the stack file."""
    routes: list[dict[str, Any]] = []
    section: dict[str, Any] = {}
    for each in found:
        objects.use(each.ingress)
        written = annotated(each.ingress, ports, report.of(each.ingress.subject))
        internal = {"internal": True} if written.pop("internal", False) else {}
        _merge(section, written, report.of(each.ingress.subject))
        route = {**each.route, **internal}
        if not is_url_path(each.path):
            report.of(each.ingress.subject).lost(
                "spec.rules.http.paths",
                f"{each.path} is a pattern; write a path that includes its requests in "
                "expose.routes",
            )
        elif route not in routes:
            routes.append(route)
    if not routes:
        return None
    check = section.get("healthCheck", {})
    checked = "path" in check or "path" in probes.get("readiness", {})
    if not checked and section.get("protocol") != "grpc":
        section["healthCheck"] = {"path": "/", "codes": "200-399", **check}
        report.of(found[0].ingress.subject).changed(
            "",
            "the readiness probe has no path, so the load balancer checks /; write the path of a "
            "health check in expose.healthCheck.path",
        )
    return {"routes": routes, **section}


def _merge(section: dict[str, Any], written: Mapping[str, Any], report: SubjectReport) -> None:
    """Adds the settings of an Ingress; those of the first Ingress with a setting remain."""
    for key, value in written.items():
        if section.setdefault(key, value) != value:
            report.lost(
                "metadata.annotations",
                f"another Ingress of the app has another value of expose.{key}, which applies to "
                "all its routes",
            )
