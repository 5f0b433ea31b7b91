"""EC2 instance types for EKS nodes: size, and the number of zones in which EC2 offers each type.

The data is in `types.csv`, which `extract.py` generates from responses of the EC2 API. The first
line of the file states the source, its version and its date. Types that AWS announced after that
date are missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Literal, cast

Architecture = Literal["x86_64", "arm64"]
Accelerator = Literal["GPU", "Neuron device", "AI accelerator", "FPGA", "media accelerator"]

TABLE = Path(__file__).with_name("types.csv")
"""The data file: a comment, the regions, the zones per region, the column names, then one type per
line."""

NITRO, XEN = "nitro", "xen"
"""Hypervisors in the data file."""

HOST_NETWORK_PODS = 2
"""Pods per node that use the address of the node: VPC CNI and kube-proxy."""


@dataclass(frozen=True, kw_only=True)
class InstanceType:
    """An instance type: size, and the number of zones that offer the type."""

    name: str
    """Name of the type, such as m7i.large."""
    architecture: Architecture
    """Architecture of the AMIs for the type."""
    vcpus: int
    """Number of vCPUs with the default CPU options, 1 or more."""
    memory_mib: int
    """Memory of the instance in MiB; pods can use less."""
    network_interfaces: int
    """Network interfaces of the default network card. VPC CNI uses no other card for pods."""
    addresses_per_interface: int
    """IPv4 addresses per network interface, including the primary address."""
    nitro: bool
    """True for types of the Nitro System and for bare metal; false for older types (Xen)."""
    accelerator: Accelerator | None
    """Accelerator of the type, whose driver is not in the standard AMIs; None without one."""
    accelerators: int
    """Number of GPUs or Neuron devices, 1 or more; a part of a GPU counts as one. 0 for types with
    another accelerator or none."""
    zones: Mapping[str, int] = field(hash=False)
    """Number of zones that offer the type, 0 or more, for each region in the data."""

    @property
    def max_pods(self) -> int:
        """Number of pods without prefix delegation: the addresses for pods, plus HOST_NETWORK_PODS.

        The number can exceed `pod_cap`.
        https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
        """
        return self.network_interfaces * (self.addresses_per_interface - 1) + HOST_NETWORK_PODS

    @property
    def pod_cap(self) -> int:
        """Maximum number of pods that EKS sets on a node of a managed node group."""
        return 110 if self.vcpus < 30 else 250


@dataclass(frozen=True, kw_only=True)
class Table:
    """The content of the data file."""

    types: Mapping[str, InstanceType]
    """Instance types, by name."""
    zones: Mapping[str, int]
    """Number of zones of each region, 1 to 9."""


def parse(text: str) -> Table:
    """Returns the table for a text in the format of types.csv."""
    _, regions_line, zones_line, _, *lines = text.splitlines()
    regions = regions_line.split(",")[1:]

    @cache
    def by_region(digits: str) -> Mapping[str, int]:
        return dict(zip(regions, map(int, digits), strict=True))

    types: dict[str, InstanceType] = {}
    for line in lines:
        name, architecture, vcpus, memory, interfaces, addresses, *more = line.split(",")
        hypervisor, accelerator, count, digits = more
        types[name] = InstanceType(
            name=name,
            architecture=cast(Architecture, architecture),
            vcpus=int(vcpus),
            memory_mib=int(memory),
            network_interfaces=int(interfaces),
            addresses_per_interface=int(addresses),
            nitro=hypervisor == NITRO,
            accelerator=cast(Accelerator, accelerator) if accelerator else None,
            accelerators=int(count or 0),
            zones=by_region(digits),
        )
    return Table(types=types, zones=by_region(zones_line.split(",")[1]))


@cache
def table() -> Table:
    """Returns the table of types.csv. The first call reads the file."""
    return parse(TABLE.read_text(encoding="utf-8"))


def instance_type(name: str) -> InstanceType | None:
    """Returns the instance type with a name; None if the type is not in the data."""
    return table().types.get(name)


def zones_of(region: str) -> int | None:
    """Returns the number of zones of a region, without Local Zones; None for an unknown region."""
    return table().zones.get(region)


def nearest(name: str) -> list[str]:
    """Returns up to three similar type names, the most similar first, for an error message."""
    return get_close_matches(name.lower(), table().types)
