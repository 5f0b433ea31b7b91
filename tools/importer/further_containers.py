"""Init containers and sidecars of a pod."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from settings.reading.names import MAIN_PORT
from tools.importer.container import program, requests
from tools.importer.fields import Fields
from tools.importer.objects import Objects
from tools.importer.ports import Ports
from tools.importer.probes import probes
from tools.importer.report import SubjectReport
from tools.importer.services import container_ports

Settings = dict[str, Any]  # Any: a section of the stack file


@dataclass(frozen=True, kw_only=True)
class Containers:
    """Containers of a pod, by what they become."""

    main: Fields
    """The program of the workload."""
    init: Sequence[Fields]
    """Init containers, in their order."""
    sidecars: Sequence[Fields]
    """Sidecars: the native ones, and all other containers."""
    first: Sequence[Fields]
    """Sidecars that start before an init container."""

    @property
    def further(self) -> Sequence[Fields]:
        """All containers except for the main one."""
        return [*self.init, *self.sidecars]


def containers_of(pod: Fields, name: str, report: SubjectReport) -> Containers:
    """Returns the containers of a pod. The main one has the name of the workload, or is the first
    one."""
    running = pod.sections("containers") or [Fields({})]
    main = next((each for each in running if each.text("name") == name), running[0])
    others = [each for each in running if each is not main]
    for other in others:
        report.changed(
            other.path,
            f"{other.text('name')} became a sidecar, which starts before the program and ends "
            "after it",
        )
    listed = pod.sections("initContainers")
    native = [each for each in listed if each.text("restartPolicy") == "Always"]
    init = [each for each in listed if each not in native]
    last = max((listed.index(each) for each in init), default=-1)
    return Containers(
        main=main,
        init=init,
        sidecars=[*native, *others],
        first=[each for each in native if listed.index(each) < last],
    )


def further_containers(
    containers: Containers, ports: Ports, objects: Objects, report: SubjectReport
) -> Settings:
    """Returns the keys `initContainers` and `sidecars`. `ports` are those of the workload."""
    return {
        "initContainers": [
            {**_container(each, objects, report), **_requests(each, report)}
            for each in containers.init
        ],
        "sidecars": [
            _sidecar(each, each in containers.first, ports, objects, report)
            for each in containers.sidecars
        ],
    }


def learn_ports(containers: Containers, ports: Ports, report: SubjectReport) -> None:
    """Makes the names of the ports of sidecars known, so that Services can refer to them."""
    for name, number in container_ports(containers.sidecars, report).numbers.items():
        ports.learn(number, name)


def _container(container: Fields, objects: Objects, report: SubjectReport) -> Settings:
    found = program(container, objects, report)
    return {
        "name": container.text("name") or "",
        **{key: value for key, value in found.items() if value},
    }


def _requests(container: Fields, report: SubjectReport) -> Settings:
    """Returns the key `requests`: each container has 64 MiB of storage for logs."""
    found = requests(container, report)
    if {*found["requests"]} - {"cpu", "memory"} or "limits" in found:
        message = "further containers have storage for logs only, and no devices"
        report.lost(container.path_of("resources"), message)
    return {"requests": {key: found["requests"][key] for key in ("cpu", "memory")}}


def _sidecar(
    container: Fields, first: bool, outer: Ports, objects: Objects, report: SubjectReport
) -> Settings:
    ports = Ports(outer=outer)
    for name, number in container_ports([container], report).numbers.items():
        ports.add(number, name)
    checks = probes(container, ports, report)
    for probe in (checks[key] for key in ("liveness", "readiness") if key in checks):
        if "command" not in probe:
            probe.setdefault("port", MAIN_PORT)  # required, because a sidecar has no main port
    return {
        **_container(container, objects, report),
        **_requests(container, report),
        **({"ports": ports.numbers} if ports.numbers else {}),
        **({"probes": checks} if checks else {}),
        **({"beforeInitContainers": True} if first else {}),
    }
