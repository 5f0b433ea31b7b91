"""Rules for instance types: the types exist, match the AMI and each other, and are available in the
region.

A type that AWS announced after the data was generated is refused until the data is updated with
`python -m core.facts.instance_types.extract`.
"""

from collections.abc import Iterator

from core.facts.accelerators import NAMES, Device, amis_for, device_of
from core.facts.instance_types import InstanceType, instance_type, nearest, zones_of
from settings.availability import zone_model_of
from settings.pool.pools import Pool
from settings.reading.problem import Problem
from settings.reading.quantities import mebibytes, millicores
from settings.reading.wording import listed
from settings.stack import NAMESPACE, Settings


def _types(settings: Settings) -> Iterator[tuple[str, str, Pool]]:
    """Yields key and name of each instance type, and the pool that lists the type."""
    for pool_name, pool in settings.pools.items():
        for index, name in enumerate(pool.instance_types):
            yield f"{NAMESPACE}:pools.{pool_name}.instanceTypes[{index}]", name, pool


def _known_types(settings: Settings) -> Iterator[Problem]:
    region, pods = settings.aws.region, settings.network.pods
    for key, name, pool in _types(settings):
        found = instance_type(name)
        if found is None:
            yield Problem(key=key, message=_unknown_type(name))
            continue
        if problem := _ami_problem(found, pool):
            yield Problem(key=key, message=problem)
        if pods.prefix_delegation and not found.nitro:
            yield Problem(
                key=key,
                message=f"{name} is not a Nitro type, but network.pods.prefixDelegation is for "
                "Nitro types only; write another instance type, or prefixDelegation: false",
            )
        if zones_of(region) is not None and not found.zones[region]:
            yield Problem(
                key=key,
                message=f"EC2 does not offer {name} in {region}; write another instance type",
            )


def _ami_problem(found: InstanceType, pool: Pool) -> str | None:
    """Returns the message for an instance type that the AMI of its pool does not support, or whose
    accelerator is not that of the first type; None without a problem."""
    name, amis = found.name, amis_for(found)
    first = pool.instance_types[0]
    if not amis:
        return (
            f"no AMI of EKS has a driver for the {found.accelerator} of {name}; write another "
            "instance type"
        )
    if found.architecture != pool.architecture:
        ami, remedy = f"amiType {pool.ami}", "another amiType"
        if pool.ami_type is None:
            ami, remedy = f"{pool.ami}, the default amiType for {first},", "another pool"
        return (
            f"{name} is an {found.architecture} type, but {ami} is for {pool.architecture}; write "
            f"an {pool.architecture} type or {remedy}"
        )
    if device_of(found) != pool.device:
        return (
            f"{name} has {_accelerators(device_of(found))}, but {first} has "
            f"{_accelerators(pool.device)}; write types with the same accelerators, or another pool"
        )
    if pool.ami not in amis:
        return (
            f"{name} has {_accelerators(pool.device)}, for which amiType {pool.ami} is not made; "
            f"remove amiType, or write {' or '.join(amis)}"
        )
    return None


def _accelerators(device: Device | None) -> str:
    return f"{NAMES[device]}s" if device else "no accelerators"


def _unknown_type(name: str) -> str:
    similar = nearest(name)
    meant = f"did you mean {similar[0]}? I" if similar else "i"
    return (
        f"unknown instance type {name}; {meant}f the type is newer than the data of this program, "
        "update the data: python -m core.facts.instance_types.extract"
    )


def _reserved_resources(settings: Settings) -> Iterator[Problem]:
    for name, pool in settings.pools.items():
        types = [found for each in pool.instance_types if (found := instance_type(each))]
        if not types:
            continue
        key = f"{NAMESPACE}:pools.{name}.kubelet"
        yield from _all_reserved(key, pool, min(types, key=lambda each: each.vcpus), "cpu")
        yield from _all_reserved(key, pool, min(types, key=lambda each: each.memory_mib), "memory")


def _all_reserved(key: str, pool: Pool, smallest: InstanceType, what: str) -> Iterator[Problem]:
    """Yields a problem if `kubelet` reserves all of a resource of the smallest type."""
    measure, total, unit, name = {
        "cpu": (millicores, smallest.vcpus * 1000, "m", "CPU"),
        "memory": (mebibytes, smallest.memory_mib, "Mi", "memory"),
    }[what]
    written = {
        section: quantity
        for section, quantity in {
            "systemReserved": getattr(pool.kubelet.system_reserved, what),
            "kubeReserved": getattr(pool.kubelet.kube_reserved, what),
        }.items()
        if quantity
    }
    reserved = sum(map(measure, written.values()))
    if reserved >= total:
        terms = " + ".join(f"{section} {quantity}" for section, quantity in written.items())
        total_of_terms = f" = {reserved}{unit}" if len(written) > 1 else ""
        yield Problem(
            key=f"{key}.{next(iter(written))}.{what}",
            message=f"{terms}{total_of_terms} reserves all {name} of {smallest.name}, which has "
            f"{total}{unit}; write less, or a larger instance type",
        )


def _room_for_pods(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each pool whose nodes have no capacity left for pods."""
    if not settings.network.zones_in or any(True for _ in _reserved_resources(settings)):
        return
    for name, node in zone_model_of(settings).pools.items():
        left = [f"{node.free.cpu}m CPU"] if node.free.cpu <= 0 else []
        left += [f"{node.free.memory}Mi memory"] if node.free.memory <= 0 else []
        left += [f"{node.free.pods} pods"] if node.free.pods <= 0 else []
        if left:
            yield Problem(
                key=f"{NAMESPACE}:pools.{name}.instanceTypes",
                message=f"{node.name} nodes have {listed(left)} left after the system pods of "
                "every node; write larger instance types",
            )


RULES = (_known_types, _reserved_resources, _room_for_pods)
