"""The control plane: who reaches it."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from settings.cell import NAMESPACE, Settings
from settings.problem import Problem

_WORLD = 8
"""Networks shorter than this are nobody's own: no registry ever gave out more than a /8."""


def _endpoint_not_open(settings: Settings) -> Iterator[Problem]:
    cluster = settings.cluster
    for index, cidr in enumerate(cluster.public_access_cidrs):
        if IPv4Network(cidr).prefixlen < _WORLD and not cluster.public_access_from_anywhere:
            yield Problem(
                key=f"{NAMESPACE}:cluster.publicAccessCidrs[{index}]",
                value=cidr,
                allowed="your own networks, or publicAccessFromAnywhere: true beside it",
            )


RULES = (_endpoint_not_open,)
