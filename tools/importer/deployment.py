"""A Deployment as an app, a worker or a singleton."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tools.importer.container import program, requests
from tools.importer.fields import Fields
from tools.importer.further_containers import containers_of, further_containers, learn_ports
from tools.importer.ingresses import backends, expose
from tools.importer.lifecycle import termination
from tools.importer.names import entry_name
from tools.importer.objects import Objects
from tools.importer.probes import probes
from tools.importer.read_files import Manifest
from tools.importer.replicas import replicas, spread
from tools.importer.report import SubjectReport
from tools.importer.security import security
from tools.importer.services import add_services, container_ports
from tools.importer.volumes import volumes

Settings = dict[str, Any]  # Any: a section of the stack file
Kind = Literal["apps", "workers", "singletons", "cronJobs"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A workload of the stack file."""

    kind: Kind
    name: str
    settings: Settings
    subject: str
    """Kind and name of the object that it was."""
    services: Mapping[str, Mapping[int, int]]
    """Port of the pods for each port of each Service, by the name of the Service."""
    namespace: str = ""
    """Namespace that the object had."""


def deployment(manifest: Manifest, objects: Objects, report: SubjectReport) -> Entry:
    """Returns the workload of a Deployment, and reports what it lacks."""
    spec = objects.use(manifest).section("spec")
    spec.skip("selector")
    template = spec.section("template")
    labels = template.section("metadata").mapping("labels")
    pod = template.section("spec")
    containers = containers_of(pod, manifest.name, report)
    main = containers.main
    ports = container_ports([main], report)
    learn_ports(containers, ports, report)
    services = objects.selecting("Service", labels)
    paths = backends(services, objects)
    targets, paths = add_services(ports, services, paths, objects, report)
    checks = probes(main, ports, report)
    mounts = volumes(pod, [main, *containers.further], objects, report)
    kind = _kind(spec, ports.main, mounts.volume, report)
    balanced = expose(paths, checks, ports, objects, report)
    settings: Settings = {
        **program(main, objects, report),
        "port": ports.main,
        "otherPorts": ports.numbers,
        **further_containers(containers, ports, objects, report),
        **requests(main, report),
        **mounts.settings,
        **security(pod, main, containers.further, report),
        "probes": checks,
        **termination(pod, main, kind, report),
        "metrics": _metrics(template, ports.name_of if ports.main else None),
        "imagePullSecrets": _pull_secrets(pod, objects, report),
        "serviceAccountToken": pod.flag("automountServiceAccountToken") or None,
        "expose": balanced,
    }
    if kind == "singletons":
        spec.skip("replicas")
        spec.section("strategy").skip("type")
        settings["volume"] = mounts.volume
    else:
        settings |= replicas(manifest.name, spec, labels, objects, report)
        settings |= spread(pod, report)
    pod.skip_if("restartPolicy", "Always")
    pod.skip_if("dnsPolicy", "ClusterFirst")
    pod.skip_if("schedulerName", "default-scheduler")
    pod.skip_if("serviceAccountName", "default", manifest.name)
    pod.skip_if("enableServiceLinks", "false")
    return Entry(
        kind=kind,
        name=entry_name(manifest.name),
        settings=settings,
        subject=manifest.subject,
        services=targets,
        namespace=manifest.namespace,
    )


def _kind(spec: Fields, port: int | None, volume: Settings | None, report: SubjectReport) -> Kind:
    written = spec.number("replicas")
    one = written is None or written == 1
    recreate = spec.section("strategy").text("type") == "Recreate"
    if one and (recreate or volume):
        return "singletons"
    if volume:
        report.refuse(
            "spec.template.spec.volumes",
            f"{written} pods cannot share a volume of one zone; use sharedVolume or a managed "
            "service (docs/stateful.md)",
        )
    return "workers" if port is None else "apps"


def _metrics(template: Fields, name_of: Any) -> Settings | None:
    """Returns the section `metrics` by the annotations of Prometheus. Any: a method of Ports."""
    annotations = template.section("metadata").section("annotations")
    scraped = annotations.text("prometheus.io/scrape") == "true"
    port, path = annotations.text("prometheus.io/port"), annotations.text("prometheus.io/path")
    if not scraped or name_of is None:
        return None
    found = {"path": path} if path and path != "/metrics" else {}
    name = name_of(int(port)) if port and port.isdecimal() else "app"
    return {**({"port": name} if name != "app" else {}), **found}


def _pull_secrets(pod: Fields, objects: Objects, report: SubjectReport) -> list[str]:
    names = [each.text("name") or "" for each in pod.sections("imagePullSecrets")]
    for name in names:
        objects.needs_secret(name, report)
    return names
