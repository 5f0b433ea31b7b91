"""Generates types.csv: `python -m core.facts.instance_types.extract`; needs moto==5.2.5.

The EC2 API requires credentials. The Python package moto, an AWS mock, contains the responses of
the EC2 API for most regions, and updates the responses every month. To update the data, set MOTO
and RELEASED to another release. Each release always generates the same file.
"""

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import NotRequired, TypedDict

from core.facts.instance_types import (
    NITRO,
    TABLE,
    XEN,
    Accelerator,
    Architecture,
    InstanceType,
    Table,
)

MOTO = "5.2.5"
"""Release of moto on PyPI that the data is from."""

RELEASED = "2026-10-27"
"""Day on which the release was built. The API responses in the release have no date; they are some
weeks older."""

OLDEST = 5
"""Oldest generation of the previous-generation types in the data. Most regions still offer them.
The data includes m5, c5, r5, m6i, r6i, r7g and g5, but not a1, m4, c4 and r4."""

_COLUMNS = (
    "type,architecture,vcpus,memory MiB,interfaces,IPv4 addresses per interface,hypervisor,"
    "accelerator,GPUs or Neuron devices,zones by region"
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


class _Gpu(TypedDict):
    LogicalGpuCount: int


class _Gpus(TypedDict):
    Gpus: list[_Gpu]


class _NeuronDevice(TypedDict):
    Count: int


class _NeuronDevices(TypedDict):
    NeuronDevices: list[_NeuronDevice]


class Description(TypedDict):
    """Fields of a type in the response of DescribeInstanceTypes that the table uses."""

    InstanceType: str
    CurrentGeneration: bool
    ProcessorInfo: _Processor
    VCpuInfo: _VCpus
    MemoryInfo: _Memory
    NetworkInfo: _Network
    Hypervisor: NotRequired[str]
    GpuInfo: NotRequired[_Gpus]
    NeuronInfo: NotRequired[_NeuronDevices]


_ACCELERATORS: Mapping[str, Accelerator] = {
    "GpuInfo": "GPU",
    "NeuronInfo": "Neuron device",
    "InferenceAcceleratorInfo": "AI accelerator",
    "FpgaInfo": "FPGA",
    "MediaAcceleratorInfo": "media accelerator",
}
"""Accelerators, by the field of a type that describes them. Types with Neuron devices also have the
older field InferenceAcceleratorInfo."""


class Offering(TypedDict):
    """A type and a zone that offers the type, in the response of DescribeInstanceTypeOfferings."""

    InstanceType: str
    Location: str


def generation(name: str) -> int:
    """Returns the generation in the name of a type, its first number: 7 for m7i.large."""
    number = re.search("[0-9]+", name)
    return int(number[0]) if number else 0


def _architecture(supported: Sequence[str]) -> Architecture | None:
    """Returns the supported architecture for which EKS has AMIs, or None if there is none."""
    if "x86_64" in supported:
        return "x86_64"
    return "arm64" if "arm64" in supported else None


def _devices(description: Description) -> int:
    """Returns the number of GPUs or Neuron devices."""
    if "GpuInfo" in description:
        return sum(each["LogicalGpuCount"] for each in description["GpuInfo"]["Gpus"])
    if "NeuronInfo" in description:
        return sum(each["Count"] for each in description["NeuronInfo"]["NeuronDevices"])
    return 0


def extract(
    descriptions: Iterable[Description], offerings: Mapping[str, Sequence[Offering]]
) -> Table:
    """Returns the table for descriptions of types, and for the offerings of each region.

    The table has no HPC types, no types of other architectures (Mac), and no previous-generation
    types older than OLDEST.
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
            nitro=description.get("Hypervisor") != XEN,  # bare metal has no hypervisor
            accelerator=next(
                (kind for field, kind in _ACCELERATORS.items() if field in description), None
            ),
            accelerators=_devices(description),
            zones={region: offered[region][name] for region in offerings},
        )
    zones = {region: len({o["Location"] for o in offerings[region]}) for region in offerings}
    return Table(types=types, zones=zones)


def _digits(zones: Mapping[str, int]) -> str:
    """Returns one digit per region, sorted by region."""
    if max(zones.values()) > 9:
        raise ValueError(f"the table has one digit per region, up to 9 zones: {dict(zones)}")
    return "".join(str(zones[region]) for region in sorted(zones))


def render(table: Table) -> str:
    """Returns the text of types.csv for a table."""
    lines = [
        f"# EC2 API responses from moto {MOTO} (PyPI, {RELEASED}); generated by extract.py",
        ",".join(["regions", *sorted(table.zones)]),
        f"zones,{_digits(table.zones)}",
        _COLUMNS,
    ]
    for _, kind in sorted(table.types.items()):
        lines.append(
            f"{kind.name},{kind.architecture},{kind.vcpus},{kind.memory_mib},"
            f"{kind.network_interfaces},{kind.addresses_per_interface},"
            f"{NITRO if kind.nitro else XEN},{kind.accelerator or ''},"
            f"{kind.accelerators or ''},{_digits(kind.zones)}"
        )
    return "\n".join(lines) + "\n"


def _load(resources: Path) -> Table:
    """Returns the table for the EC2 resource files of moto."""
    described: dict[str, Description] = json.loads(
        gzip.decompress((resources / "instance_types.json.gz").read_bytes())
    )
    offerings: dict[str, list[Offering]] = {
        file.name.removesuffix(".json.gz"): json.loads(gzip.decompress(file.read_bytes()))
        for file in (resources / "instance_type_offerings/availability-zone-id").glob("*.json.gz")
    }
    return extract(described.values(), offerings)


def main(to: Path = TABLE) -> None:
    """Writes the table of the installed moto. Exits with a message if the release is not MOTO."""
    try:
        moto = metadata.distribution("moto")
    except metadata.PackageNotFoundError:
        sys.exit(f"moto is not installed: pip install moto=={MOTO}")
    if moto.version != MOTO:
        sys.exit(
            f"moto {moto.version} is installed, but {MOTO} is required: pip install moto=={MOTO}"
        )
    table = _load(Path(str(moto.locate_file("moto/ec2/resources"))))
    to.write_text(render(table), encoding="utf-8", newline="\n")
    print(f"{to.name}: {len(table.types)} types, {len(table.zones)} regions, moto {MOTO}")


if __name__ == "__main__":
    main()
