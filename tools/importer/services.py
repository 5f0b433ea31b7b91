"""Services of a workload: its ports, and their numbers in the pods."""

from collections.abc import Mapping, Sequence

from tools.importer.fields import Fields
from tools.importer.ingresses import Backend
from tools.importer.objects import Objects
from tools.importer.ports import Ports
from tools.importer.read_files import Manifest
from tools.importer.report import SubjectReport


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
) -> tuple[Mapping[str, dict[int, int]], list[Backend]]:
    """Adds the ports of the Services of a workload, and chooses the main port: that of the Ingress,
    otherwise the first port of the first Service, otherwise the first port of the container.

    Returns the port of the pods for each port of each Service, by the name of the Service, and the
    backends that lead to the main port.
    """
    targets = {each.name: _targets(each, ports, objects, report) for each in services}
    exposed = [
        (backend, target)
        for backend in backends
        for (name, number), target in targets.get(backend.service, {}).items()
        if backend.port in ("", name, str(number))
    ]
    first = [target for by_port in targets.values() for target in by_port.values()]
    for number in [*(target for _, target in exposed), *first, *ports.numbers.values()][:1]:
        ports.choose(number)
    for backend, target in exposed:
        if target != ports.main:
            report.of(backend.ingress.subject).lost(
                "spec.rules.http.paths",
                f"{backend.host}{backend.path} leads to port {target}; the load balancer sends "
                f"requests to port {ports.main} only",
            )
    others = [backend for backend, target in exposed if target != ports.main]
    return {
        name: {number: target for (_, number), target in by_port.items()}
        for name, by_port in targets.items()
    }, [each for each in backends if each not in others]


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
