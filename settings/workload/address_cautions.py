"""Caution about addresses of other workloads in environment variables and arguments."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date

from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.stack import Settings
from settings.workload.container import Container

_HOST_VARIABLE = re.compile(
    r"HOST|ADDR|SERVER|URL|URI|ENDPOINT|UPSTREAM|BACKEND|DSN", re.IGNORECASE
)
"""Names of variables whose whole value can be the name of a host."""
_NOT_OF_HOSTS = {"file", "gs", "s3", "s3a"}
"""Schemes of URLs that begin with no host."""


def _addresses(settings: Settings, today: date) -> Iterator[Caution]:
    """Yields a caution for each address of another workload that is not found or not allowed."""
    for name, workload in settings.workloads.items():
        others = {each: served for each, served in settings.served.items() if each != name}
        for prefix, container in workload.containers.items():
            for key, text in _texts(container).items():
                host_only = _HOST_VARIABLE.search(key) is not None
                for other, served in others.items():
                    found = _found(text, other, served.ports.values(), host_only=host_only)
                    advice = _advice(other, found, allowed=other in workload.talks_to)
                    if advice:
                        yield Caution(key=settings.key_of(name, f"{prefix}{key}"), text=advice)


def _texts(container: Container) -> Mapping[str, str]:
    """Returns the texts that can contain addresses, by key below the container."""
    return {
        **{f"env.{variable}": value for variable, value in container.env.items()},
        **{f"command[{index}]": word for index, word in enumerate(container.command)},
        **{f"args[{index}]": word for index, word in enumerate(container.args)},
    }


def _found(text: str, name: str, ports: Collection[int], *, host_only: bool) -> set[bool]:
    """Returns for each address of a workload in a text whether it has the namespace.

    A name is an address if it is qualified, in a URL, before a port of the workload, or the whole
    value of a variable for hosts.
    """
    if name not in text:
        return set()
    host = re.escape(name)
    pattern = (
        rf"(?:^|[\s\"'=,;(\[@]|(?P<scheme>[a-z0-9+]+)://){host}"
        rf"(?P<namespace>\.{host}(?:\.svc(?:\.cluster\.local)?)?)?(?::(?P<port>[0-9]+))?"
        r"(?=$|[/\s\"',;?)\]])"
    )
    return {
        bool(each["namespace"])
        for each in re.finditer(pattern, text)
        if each["namespace"]
        or (each["scheme"] and each["scheme"] not in _NOT_OF_HOSTS)
        or (each["port"] and int(each["port"]) in ports)
        or (host_only and text == name)
    }


def _advice(name: str, found: Collection[bool], *, allowed: bool) -> str | None:
    """Returns the text of the caution; None without an address, and if all are right."""
    if False in found:
        denied = f", and network policies deny connections to {name}" if not allowed else ""
        add = f", and add {name} to talksTo" if not allowed else ""
        return (
            f"the pods do not find {name}, because it is in another namespace{denied}; write "
            f"{name}.{name}{add}"
        )
    if found and not allowed:
        return f"network policies deny connections to {name}; add {name} to talksTo"
    return None


CAUTIONS = (
    CautionRule(
        "HA973", "Pods find the other workloads that they name, and reach them.", _addresses
    ),
)
