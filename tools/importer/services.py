"""Services and Ingresses of a workload: its ports, and the requests that it receives."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.importer.fields import Fields
from tools.importer.objects import Objects
from tools.importer.ports import Ports
from tools.importer.read_files import Manifest
from tools.importer.report import SubjectReport

_CHECK_PATH = "alb.ingress.kubernetes.io/healthcheck-path"


@dataclass(frozen=True, kw_only=True)
class Backend:
    """A path of an Ingress that leads to a Service."""

    ingress: Manifest
    host: str
    path: str
    port: str
    """Name or number of the port of the Service; empty if the Service has one port."""
    service: str
    """Name of the Service."""


def container_ports(containers: Sequence[Fields], report: SubjectReport) -> Ports:
    """Returns the TCP ports of containers, without a main port."""
    found = Ports()
    for container in containers:
        for port in container.sections("ports"):
            name, number = port.text("name"), port.number("containerPort")
            if (port.text("protocol") or "TCP") != "TCP":
                report.lost(port.path, "ports are TCP ports; write an extension for UDP")
            elif number:
                found.add(number, name)
    return found


def add_services(
    ports: Ports,
    services: Sequence[Manifest],
    backends: Sequence[Backend],
    objects: Objects,
    report: SubjectReport,
) -> Mapping[str, dict[int, int]]:
    """Adds the ports of the Services of a workload, and chooses the main port: that of the Ingress,
    otherwise the first port of the first Service, otherwise the first port of the container.

    Returns the port of the pods for each port of each Service, by the name of the Service.
    """
    targets = {each.name: _targets(each, ports, objects, report) for each in services}
    exposed = [
        target
        for backend in backends
        for (name, number), target in targets.get(backend.service, {}).items()
        if backend.port in ("", name, str(number))
    ]
    first = [target for by_port in targets.values() for target in by_port.values()]
    for number in [*exposed, *first, *ports.numbers.values()][:1]:
        ports.choose(number)
    return {
        name: {number: target for (_, number), target in by_port.items()}
        for name, by_port in targets.items()
    }


def _targets(
    service: Manifest, ports: Ports, objects: Objects, report: SubjectReport
) -> dict[tuple[str, int], int]:
    """Returns the port of the pods for each port of a Service, by its name and number."""
    spec = objects.use(service).section("spec")
    spec.skip_if("type", "ClusterIP")
    spec.skip_if("clusterIP", "None")
    spec.skip_if("sessionAffinity", "None")
    spec.skip("publishNotReadyAddresses", "ipFamilies", "ipFamilyPolicy", "clusterIPs")
    spec.skip("internalTrafficPolicy", "externalTrafficPolicy", "trafficDistribution")
    found: dict[tuple[str, int], int] = {}
    subject = report.of(service.subject)
    for port in spec.sections("ports"):
        number, name = port.number("port") or 0, port.text("name") or ""
        port.skip("nodePort", "appProtocol")
        if (port.text("protocol") or "TCP") != "TCP":
            subject.lost(port.path, "ports are TCP ports; write an extension for UDP")
            continue
        target = ports.number_of(port.text("targetPort") or str(number))
        if target is None:
            subject.lost(port.path_of("targetPort"), "no container has a port of this name")
            continue
        ports.add(target, name)
        found[name, number] = target
    return found


def backends(services: Sequence[Manifest], objects: Objects) -> list[Backend]:
    """Returns the paths of Ingresses that lead to Services, in the order of the files."""
    names = {each.name for each in services}
    return [
        backend
        for ingress in objects.of_kind("Ingress")
        for backend in _backends(ingress)
        if backend.service in names
    ]


def _backends(ingress: Manifest) -> Iterator[Backend]:
    spec = ingress.fields.section("spec")
    spec.skip("ingressClassName")
    default = spec.section("defaultBackend")
    if default:
        yield _backend(ingress, default, "", "/")
    for rule in spec.sections("rules"):
        host = rule.text("host") or ""
        for path in rule.section("http").sections("paths"):
            path.skip_if("pathType", "Prefix", "ImplementationSpecific")
            yield _backend(ingress, path.section("backend"), host, path.text("path") or "/")


def _backend(ingress: Manifest, backend: Fields, host: str, path: str) -> Backend:
    service = backend.section("service")
    port = service.section("port")
    return Backend(
        ingress=ingress,
        host=host,
        path=path.rstrip("*").rstrip("/") or "/",
        port=port.text("name") or port.text("number") or "",
        service=service.text("name") or "",
    )


def expose(
    found: Sequence[Backend], probes: Mapping[str, Any], objects: Objects, report: SubjectReport
) -> dict[str, Any] | None:
    """Returns the section `expose`; None if no Ingress leads to the workload.

    Any: sections of the stack file.
    """
    if not found:
        return None
    for each in found:
        objects.use(each.ingress)
    first = found[0]
    subject = report.of(first.ingress.subject)
    annotations = first.ingress.fields.section("metadata").section("annotations")
    section: dict[str, Any] = {"path": first.path}
    if first.host:
        subject.lost(
            "spec.rules.host", f"write the domain of the cell in ha-eks:traffic; found {first.host}"
        )
    for other in found[1:]:
        if other.path != first.path:
            subject.lost("spec.rules.http.paths", f"an app has one path; {other.path} is missing")
        elif other.host != first.host:
            subject.lost("spec.rules.host", f"the cell has one domain; found {other.host}")
    path = annotations.text(_CHECK_PATH)
    annotations.skip(*(key for key in annotations if key.startswith("kubernetes.io/")))
    if path:
        section["healthCheck"] = {"path": path}
    elif "path" not in probes.get("readiness", {}):
        section["healthCheck"] = {"path": "/", "codes": "200-399"}
        subject.changed(
            "",
            "the readiness probe has no path, so the load balancer checks /; write the path of a "
            "health check in expose.healthCheck.path",
        )
    checked = section.get("healthCheck", probes.get("readiness", {})).get("path", "/")
    if not f"{checked}/".startswith(f"{first.path.rstrip('/')}/"):
        section["dnsHealthPath"] = first.path
        subject.changed(
            "",
            f"Route 53 checks {first.path}, because {checked} is not below it; write another path "
            "in expose.dnsHealthPath if the app answers with an error",
        )
    return section
