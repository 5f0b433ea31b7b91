"""Rules for the connections of workloads: nodes can enforce the network policies."""

from collections.abc import Iterator

from settings.reading.problem import Problem
from settings.stack import Settings

MAX_PORTS = 24
"""Number of ports and protocols per IP address that the VPC CNI's network policy agent supports.
The agent ignores further ports.
https://github.com/aws/aws-network-policy-agent/blob/v1.4.1/pkg/ebpf/c/tc.v4egress.bpf.c"""

_SYSTEM_PORTS = {("UDP", 53), ("TCP", 53), ("TCP", 80), ("TCP", 443)}
"""Ports of DNS, EKS Pod Identity and the Kubernetes API."""


def _ports_of_callees(settings: Settings) -> Iterator[Problem]:
    """Adds up all ports, because networks in `reaches` may contain each other and an app's pods."""
    apps = settings.served
    for name, app in settings.workloads.items():
        other = _SYSTEM_PORTS | {("TCP", each.port) for each in app.reaches}
        callees = {each: len(apps[each].ports) for each in app.talks_to if each in apps}
        if name in settings.replicated and (peers := settings.replicated[name].peers):
            callees["peers"] = len(peers.ports)
        callee = max(callees, key=callees.__getitem__, default=None)
        excess = len(other) + (callees[callee] if callee else 0) - MAX_PORTS
        if excess > 0:
            further = f" and {_ports(callees[callee])} of {callee}" if callee else ""
            yield Problem(
                key=settings.key_of(name, "reaches"),
                message=f"network policies support {MAX_PORTS} ports per address, but the pods "
                f"need {MAX_PORTS + excess}: DNS over UDP and TCP, 80, 443, "
                f"{_ports(len(other) - len(_SYSTEM_PORTS))} of reaches{further}; remove at least "
                f"{_ports(excess)}",
            )


def _ports_of_an_app(settings: Settings) -> Iterator[Problem]:
    available = MAX_PORTS - len(_SYSTEM_PORTS)
    for name, app in settings.deployments.items():
        if len(app.ports) > available:
            yield Problem(
                key=settings.key_of(name, "otherPorts"),
                message=f"must have at most {available - 1} ports, but has "
                f"{len(app.other_ports)}: network policies support {MAX_PORTS} ports per address, "
                f"of which {len(_SYSTEM_PORTS)} are for DNS over UDP and TCP, 80 and 443, and 1 is "
                "the main port",
            )


def _ports(number: int) -> str:
    return f"{number} port{'' if number == 1 else 's'}"


def _ports_of_peers(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.replicated.items():
        for index, port in enumerate(app.peers.ports if app.peers else ()):
            if port not in app.ports:
                names = ", ".join(app.ports)
                yield Problem(
                    key=settings.key_of(name, f"peers.ports[{index}]"),
                    message=f"must be the name of a port of the pods: {names}"
                    if names
                    else "there is no port; add the port to otherPorts",
                )


RULES = (_ports_of_callees, _ports_of_an_app, _ports_of_peers)
