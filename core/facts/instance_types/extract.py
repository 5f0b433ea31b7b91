"""Writes types.csv: `python -m core.facts.instance_types.extract`; needs moto==5.2.5.

AWS tells instance types and their offerings only to who has credentials. moto, which stands in for
AWS in tests, ships the API's answers for most regions, and renews them every month. For newer data
set MOTO and RELEASED to another release. The same release gives the same bytes.
"""

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TypedDict

from core.facts.instance_types import TABLE, Architecture, InstanceType, Table

MOTO = "5.2.5"
"""Release of moto on PyPI."""

RELEASED = "2026-10-27"
"""Day on which it was built. AWS's answers in it bear no date and are of the weeks before."""

OLDEST = 5
"""Generation from which types stay that AWS calls previous ones: they exist, and most regions
offer them. m5, c5, r5, m6i, r6i, r7g and g5 are among them; a1, m4, c4 and r4 are left out."""

_COLUMNS = (
    "type,architecture,vcpus,memory MiB,interfaces,IPv4 addresses per interface,zones by region"
)


class _Processor(TypedDict):
    SupportedArchitectures: list[str]


class _VCpus(TypedDict):
    DefaultVCpus: int


class _Memory(TypedDict):
    SizeInMiB: int


class _Card(TypedDict):
    NetworkCardIndex: int
    MaximumNetworkInterfaces: int


class _Network(TypedDict):
    DefaultNetworkCardIndex: int
    NetworkCards: list[_Card]
    Ipv4AddressesPerInterface: int


class Description(TypedDict):
    """What is read of a type in the answer of DescribeInstanceTypes."""

    InstanceType: str
    CurrentGeneration: bool
    ProcessorInfo: _Processor
    VCpuInfo: _VCpus
    MemoryInfo: _Memory
    NetworkInfo: _Network


class Offering(TypedDict):
    """A type that a zone offers, in the answer of DescribeInstanceTypeOfferings."""

    InstanceType: str
    Location: str


def generation(name: str) -> int:
    """The generation that a type's name tells, its first number: 7 of m7i.large."""
    number = re.search("[0-9]+", name)
    return int(number[0]) if number else 0


def _architecture(supported: Sequence[str]) -> Architecture | None:
    """That of EKS's AMIs among those that a processor supports."""
    if "x86_64" in supported:
        return "x86_64"
    return "arm64" if "arm64" in supported else None


def extract(
    descriptions: Iterable[Description], offerings: Mapping[str, Sequence[Offering]]
) -> Table:
    """The table of AWS's answers: types, and by region a type and zone for every offering.

    Types of HPC and of another architecture (macs) are left out, and previous ones before OLDEST.
    """
    offered = {
        region: Counter(
            name for name, _ in {(o["InstanceType"], o["Location"]) for o in offerings[region]}
        )
        for region in offerings
    }
    types: dict[str, InstanceType] = {}
    for description in descriptions:
        name, network = description["InstanceType"], description["NetworkInfo"]
        architecture = _architecture(description["ProcessorInfo"]["SupportedArchitectures"])
        old = not description["CurrentGeneration"] and generation(name) < OLDEST
        if architecture is None or old or name.startswith("hpc"):
            continue
        interfaces = {
            card["NetworkCardIndex"]: card["MaximumNetworkInterfaces"]
            for card in network["NetworkCards"]
        }
        types[name] = InstanceType(
            name=name,
            architecture=architecture,
            vcpus=description["VCpuInfo"]["DefaultVCpus"],
            memory_mib=description["MemoryInfo"]["SizeInMiB"],
            network_interfaces=interfaces[network["DefaultNetworkCardIndex"]],
            addresses_per_interface=network["Ipv4AddressesPerInterface"],
            zones={region: offered[region][name] for region in offerings},
        )
    zones = {region: len({o["Location"] for o in offerings[region]}) for region in offerings}
    return Table(types=types, zones=zones)


def _digits(zones: Mapping[str, int]) -> str:
    """A digit a region, sorted by region."""
    if max(zones.values()) > 9:
        raise ValueError(f"more than 9 zones do not fit into a digit: {dict(zones)}")
    return "".join(str(zones[region]) for region in sorted(zones))


def render(table: Table) -> str:
    """The text of types.csv."""
    lines = [
        f"# AWS's API answers as in moto {MOTO} (PyPI, {RELEASED}); written by extract.py",
        ",".join(["regions", *sorted(table.zones)]),
        f"zones,{_digits(table.zones)}",
        _COLUMNS,
    ]
    for _, kind in sorted(table.types.items()):
        lines.append(
            f"{kind.name},{kind.architecture},{kind.vcpus},{kind.memory_mib},"
            f"{kind.network_interfaces},{kind.addresses_per_interface},{_digits(kind.zones)}"
        )
    return "\n".join(lines) + "\n"


def _load(resources: Path) -> Table:
    """The table of moto's `resources` for EC2."""
    described: dict[str, Description] = json.loads(
        gzip.decompress((resources / "instance_types.json.gz").read_bytes())
    )
    offerings: dict[str, list[Offering]] = {
        file.name.removesuffix(".json.gz"): json.loads(gzip.decompress(file.read_bytes()))
        for file in (resources / "instance_type_offerings/availability-zone-id").glob("*.json.gz")
    }
    return extract(described.values(), offerings)


def main(to: Path = TABLE) -> None:
    """Writes the table of the installed moto; SystemExit with a line if it is not MOTO."""
    try:
        moto = metadata.distribution("moto")
    except metadata.PackageNotFoundError:
        sys.exit(f"moto is not installed: pip install moto=={MOTO}")
    if moto.version != MOTO:
        sys.exit(f"moto {moto.version} is installed, not {MOTO}: pip install moto=={MOTO}")
    table = _load(Path(str(moto.locate_file("moto/ec2/resources"))))
    to.write_text(render(table), encoding="utf-8", newline="\n")
    print(f"{to.name}: {len(table.types)} types, {len(table.zones)} regions, moto {MOTO}")


if __name__ == "__main__":
    main()
