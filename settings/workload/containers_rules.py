"""Rules for init containers and sidecars: names and ports are unique in a pod."""

from collections.abc import Iterator

from settings.reading.names import MAIN_PORT
from settings.reading.problem import Problem
from settings.stack import Settings


def _names(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.workloads.items():
        owners = {name: "the container of the workload"}
        lists = {"initContainers": app.init_containers, "sidecars": app.sidecars}
        for field, containers in lists.items():
            for index, container in enumerate(containers):
                path = f"{field}[{index}]"
                if container.name in owners:
                    yield Problem(
                        key=settings.key_of(name, f"{path}.name"),
                        message=f"{owners[container.name]} has the same name; write another name",
                    )
                owners.setdefault(container.name, path)


def _ports(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each port of a sidecar that another container of the pod has: all
    containers share the address of the pod."""
    for name, app in settings.workloads.items():
        deployed = settings.deployments.get(name)
        ports = deployed.ports if deployed else {}
        names = {each: "port" if each == MAIN_PORT else f"otherPorts.{each}" for each in ports}
        numbers = {port: names[each] for each, port in ports.items()}
        for index, sidecar in enumerate(app.sidecars):
            for port_name, port in sidecar.ports.items():
                path = f"sidecars[{index}].ports.{port_name}"
                key = settings.key_of(name, path)
                if port_name in names:
                    message = f"{names[port_name]} has the same name; write another name"
                    yield Problem(key=key, message=message)
                elif port in numbers:
                    message = f"has the same value as {numbers[port]}; write another port number"
                    yield Problem(key=key, message=message)
                names.setdefault(port_name, path)
                numbers.setdefault(port, path)


RULES = (_names, _ports)
