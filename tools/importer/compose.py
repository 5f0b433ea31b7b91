"""Services of a compose file as apps, workers and singletons.

https://docs.docker.com/reference/compose-file/services/
"""

import re
import shlex
from collections.abc import Sequence
from typing import Any

from tools.importer import quantities
from tools.importer.compose_check import health_check
from tools.importer.compose_mounts import mounts, shared_volumes
from tools.importer.container import CPU, MEMORY, PINNED, is_pinned
from tools.importer.deployment import Entry
from tools.importer.environment import report_secrets
from tools.importer.fields import Fields
from tools.importer.interpolation import as_written, missing, unresolved
from tools.importer.names import entry_name
from tools.importer.objects import Objects
from tools.importer.ports import Ports
from tools.importer.probes import readiness_fails_first
from tools.importer.read_files import COMPLETE, SERVICE, Manifest
from tools.importer.replicas import fixed_replicas
from tools.importer.report import Report, SubjectReport
from tools.importer.security import DEFAULT_USER

Settings = dict[str, Any]  # Any: a section of the stack file

_PORT = re.compile(r"(?:.*:)?(?P<first>[0-9]+)(?:-(?P<last>[0-9]+))?(?:/(?P<protocol>[a-z]+))?")
_LONGEST_RANGE = 20
"""Ports after the first one that a range of ports adds: more than a stack file accepts, so that the
workload is refused."""
_STOP_SECONDS = 10
"""Grace period without stop_grace_period."""


def compose_entries(objects: Objects, report: Report) -> list[Entry]:
    """Returns the workloads of the compose services."""
    services = [*objects.of_kind(SERVICE)]
    entries = [_entry(each, services, objects, report.of(each.subject)) for each in services]
    served = {each.subject.partition("/")[2]: each for each in entries if each.settings["port"]}
    for manifest, entry in zip(services, entries, strict=True):
        dependencies = _dependencies(manifest.fields)
        names = [name for name in dependencies if name in served]
        for name in (each for each in dependencies if each not in served):
            report.of(manifest.subject).lost(
                f"depends_on.{name}",
                f"no port of {name} is known; write its port, and its name in talksTo",
            )
            if isinstance(manifest.fields.get("depends_on"), dict):
                manifest.fields.section("depends_on").skip(name)
        entry.settings["talksTo"] = [served[name].name for name in names]
    return entries


def _entry(
    manifest: Manifest, services: Sequence[Manifest], objects: Objects, report: SubjectReport
) -> Entry:
    service = objects.use(manifest)
    service.skip("container_name", "hostname", "restart", "networks", "init", "tty", "stdin_open")
    service.skip_if("read_only", "false")
    image = service.text("image") or ""
    if "extends" in service:
        service.skip("extends")
        report.refuse("extends", COMPLETE)
    elif not image or missing(image) or not is_pinned(image):
        _refuse_image(service, image, report)
    ports = _ports(service, report)
    if ports.main is None:
        _find_port(manifest.name, ports, services)
    found = mounts(service, shared_volumes(services), objects, report)
    probes: Settings = health_check(service.section("healthcheck"), ports, report)
    readiness_fails_first(probes, ports.main is not None, report, "probes.liveness.failures")
    replicas = service.section("deploy").number("replicas") or service.number("scale") or 1
    kind = "singletons" if found.volume else "workers" if ports.main is None else "apps"
    service.section("deploy").skip_if("mode", "replicated")
    settings: Settings = {
        "image": image,
        "command": _words(service, "entrypoint"),
        "args": _words(service, "command"),
        "env": _environment(service, report),
        "port": ports.main,
        "otherPorts": ports.numbers,
        "requests": _requests(service, report),
        **found.settings,
        **_user(service, report),
        "probes": probes,
        **_grace(service, kind),
    }
    if kind == "singletons":
        settings["volume"] = found.volume
    else:
        settings["replicas"] = fixed_replicas(replicas, "deploy.replicas", report)
    for key, name in unresolved(settings):
        report.lost(key, f"the variable {name} has no value; write it in place of ${{{name}}}")
    return Entry(
        kind=kind,
        name=entry_name(manifest.name),
        settings=as_written(settings),
        subject=manifest.subject,
        services={manifest.name: {port: port for port in _all(ports)}} if ports.main else {},
    )


def _refuse_image(service: Fields, image: str, report: SubjectReport) -> None:
    if not image:
        reason = "required: build the image in CI, push it, and write its name"
    elif missing(image):
        reason = f"the variable {missing(image)[0]} has no value; write the name of the image"
    else:
        reason = f"{image} {PINNED}"
    service.skip("build")
    report.refuse("image", reason)


def _words(service: Fields, key: str) -> list[str]:
    value = service.get(key)
    try:
        words = shlex.split(value) if isinstance(value, str) else service.texts(key)
    except ValueError as error:
        raise service.wrong(key, "a command with a closing quotation mark") from error
    return [each.replace("$(", "$$(") for each in words]  # Kubernetes would replace $(NAME)


def _environment(service: Fields, report: SubjectReport) -> dict[str, str]:
    value = service.get("environment")
    if isinstance(value, list):
        pairs = [each.partition("=") for each in service.texts("environment")]
        found = {name: text if equals else None for name, equals, text in pairs}
    else:
        variables = service.section("environment")
        found = {name: variables.text(name) for name in variables}
    written: dict[str, str] = {}
    for name, text in found.items():
        if text is None or missing(text):
            source = name if text is None else missing(text)[0]
            report.lost(
                f"environment.{name}",
                f"the variable {source} has no value; write it in env, or in secretEnv",
            )
        else:
            written[name] = text.replace("$(", "$$(")
    report_secrets(written, "environment", report)
    return written


def _ports(service: Fields, report: SubjectReport) -> Ports:
    """Returns the ports of a container; the first one is the main port."""
    found = Ports()
    for port in service.items("ports"):
        if isinstance(port, str):
            _add(found, port, report)
            continue
        port.skip("published", "mode", "name", "app_protocol", "host_ip")
        _add(found, f"{port.text('target')}/{port.text('protocol') or 'tcp'}", report)
    for text in service.texts("expose"):
        _add(found, text, report)
    for number in [*found.numbers.values()][:1]:
        found.choose(number)
    return found


def _add(ports: Ports, text: str, report: SubjectReport) -> None:
    match = _PORT.fullmatch(text)
    if not match:
        report.lost("ports", f"{text} is no port; write port")
    elif match["protocol"] not in (None, "tcp"):
        report.lost("ports", f"{text}: ports are TCP ports; write an extension for UDP")
    else:
        first = int(match["first"])
        for number in range(first, min(int(match["last"] or first), first + _LONGEST_RANGE) + 1):
            ports.add(number)


def _find_port(name: str, ports: Ports, services: Sequence[Manifest]) -> None:
    """Chooses the port that other services connect to: compose needs no declaration for it."""
    address = re.compile(rf"(?:^|[^\w.-]){re.escape(name)}:([0-9]+)\b")
    for other in services:
        for key in ("environment", "command", "entrypoint"):
            for number in address.findall(str(other.fields.get(key))):
                ports.add(int(number))
    for number in [*ports.numbers.values()][:1]:
        ports.choose(number)


def _all(ports: Ports) -> list[int]:
    return [*([ports.main] if ports.main else []), *ports.numbers.values()]


def _dependencies(service: Fields) -> list[str]:
    """Returns the names of the services that a service depends on."""
    value = service.get("depends_on")
    return (
        [*service.section("depends_on")] if isinstance(value, dict) else service.texts("depends_on")
    )


def _requests(service: Fields, report: SubjectReport) -> Settings:
    resources = service.section("deploy").section("resources")
    reserved, limits = resources.section("reservations"), resources.section("limits")
    cpus = reserved.text("cpus") or limits.text("cpus") or service.text("cpus")
    cpu = quantities.cpu(cpus) if cpus else None
    texts = (
        limits.text("memory"), service.text("mem_limit"),
        reserved.text("memory"), service.text("mem_reservation"),
    )  # fmt: skip
    text = next((each for each in texts if each), None)
    memory = quantities.compose_size(text) if text else None
    if cpu is None:
        report.changed("cpus", f"{CPU} is assumed; measure and write requests.cpu")
    if memory is None:
        report.changed("mem_limit", f"{MEMORY} is assumed; measure and write requests.memory")
    return {
        "cpu": cpu or CPU,
        "memory": quantities.at_least_minimum(memory) if memory else MEMORY,
    }


def _user(service: Fields, report: SubjectReport) -> Settings:
    user, _, group = (service.text("user") or "").partition(":")
    if service.flag("read_only") is not True:
        report.changed(
            "read_only",
            "the file system is read-only; write each directory that the program writes to, such "
            "as /tmp, in scratch",
        )
    if user.isdecimal() and int(user):
        ids = {"runAsUser": int(user)}
        return {**ids, "runAsGroup": int(group)} if group.isdecimal() and int(group) else ids
    report.changed(
        "user",
        f"pods run as the user {DEFAULT_USER}, never as root or by a name; write the user of "
        "the image in runAsUser and runAsGroup",
    )
    return {}


def _grace(service: Fields, kind: str) -> Settings:
    text = service.text("stop_grace_period")
    seconds = quantities.seconds(text) if text else None
    if not seconds or seconds <= _STOP_SECONDS:
        return {}
    if kind == "workers":
        return {"longestJobSeconds": seconds}
    return {"shutdownSeconds" if seconds >= 30 else "longestRequestSeconds": seconds}
