"""EC2 instance types that EKS nodes can be: their size, and the zones that offer them.

AWS's own answers, in `types.csv` beside this file, which `extract.py` writes; its first line names
source, version and date. What AWS announced after that date is not in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Literal, cast

Architecture = Literal["x86_64", "arm64"]

TABLE = Path(__file__).with_name("types.csv")
"""The data: a comment, the regions, the zones of each, the columns' names, then a type a line."""

HOST_NETWORK_PODS = 2
"""Pods of every node that use its own address: VPC CNI and kube-proxy."""


@dataclass(frozen=True, kw_only=True)
class InstanceType:
    """An instance type: its size, and where it is offered."""

    name: str
    """Such as m7i.large."""
    architecture: Architecture
    """That of the AMIs it boots."""
    vcpus: int
    """At its default of cores and threads, 1 or more."""
    memory_mib: int
    """What the machine has, in MiB; a node can allocate less."""
    network_interfaces: int
    """Those of its default network card: VPC CNI gives pods addresses of no other."""
    addresses_per_interface: int
    """IPv4 addresses, the interface's own among them."""
    zones: Mapping[str, int] = field(hash=False)
    """Zones that offer it, 0 for none, by region; of every region in the data."""

    @property
    def max_pods(self) -> int:
        """Pods that get an address without prefix delegation, and HOST_NETWORK_PODS.

        `pod_cap` is not applied here.
        https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
        """
        return self.network_interfaces * (self.addresses_per_interface - 1) + HOST_NETWORK_PODS

    @property
    def pod_cap(self) -> int:
        """Pods that EKS lets onto a node of a managed group, whatever addresses there are."""
        return 110 if self.vcpus < 30 else 250


@dataclass(frozen=True, kw_only=True)
class Table:
    """All that the data tells."""

    types: Mapping[str, InstanceType]
    """By name."""
    zones: Mapping[str, int]
    """Zones of each region, 1 to 9."""


def parse(text: str) -> Table:
    """The table that `text` is, in the form of types.csv."""
    _, regions_line, zones_line, _, *lines = text.splitlines()
    regions = regions_line.split(",")[1:]

    @cache
    def by_region(digits: str) -> Mapping[str, int]:
        return dict(zip(regions, map(int, digits), strict=True))

    types: dict[str, InstanceType] = {}
    for line in lines:
        name, architecture, vcpus, memory, interfaces, addresses, digits = line.split(",")
        types[name] = InstanceType(
            name=name,
            architecture=cast(Architecture, architecture),
            vcpus=int(vcpus),
            memory_mib=int(memory),
            network_interfaces=int(interfaces),
            addresses_per_interface=int(addresses),
            zones=by_region(digits),
        )
    return Table(types=types, zones=by_region(zones_line.split(",")[1]))


@cache
def table() -> Table:
    """The data, read when it is first asked for."""
    return parse(TABLE.read_text(encoding="utf-8"))


def instance_type(name: str) -> InstanceType | None:
    """The type of that name, or None if the data has none."""
    return table().types.get(name)


def zones_of(region: str) -> int | None:
    """Zones that the data knows in `region`, local ones not among them; None: not that region."""
    return table().zones.get(region)


def nearest(name: str) -> list[str]:
    """Up to three types whose names are like `name`, the likest first, for an error message."""
    return get_close_matches(name.lower(), table().types)
