"""What apps reach: as much as whatever keeps to network policies remembers."""

from collections.abc import Iterator

from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

MOST_PORTS = 24
"""Ports and protocols that the VPC CNI's agent keeps for an address; more are lost.
https://github.com/aws/aws-network-policy-agent/blob/v1.4.1/pkg/ebpf/c/tc.v4egress.bpf.c"""

_OWN = {("UDP", 53), ("TCP", 53), ("TCP", 80), ("TCP", 443)}
"""DNS, credentials, the Kubernetes API."""


def _ports(settings: Settings) -> Iterator[Problem]:
    """Networks may hold one another, and an app's pods: all ports count as one address's."""
    apps = settings.apps
    for name, app in apps.items():
        reached = _OWN | {("TCP", each.port) for each in app.reaches}
        most = max((len(apps[each].ports) for each in app.talks_to if each in apps), default=0)
        if len(reached) + most > MOST_PORTS:
            yield Problem(
                key=f"{NAMESPACE}:apps.{name}.reaches",
                value=f"{len(reached)} ports, DNS, 80 and 443 among them",
                message=f"at most {MOST_PORTS - most}: nodes keep {MOST_PORTS} ports of an address,"
                f" and {most} are of an app that it talks to",
            )
    for name, app in apps.items():
        if len(app.ports) > MOST_PORTS - len(_OWN):
            yield Problem(
                key=f"{NAMESPACE}:apps.{name}.otherPorts",
                value=f"{len(app.ports)} ports",
                message=f"at most {MOST_PORTS - len(_OWN)} in all: nodes keep {MOST_PORTS} ports "
                "of an address",
            )


RULES = (_ports,)
