"""The instance types of the pools: that there are such, of the AMI's kind, where the cell is.

A type that AWS announced after the data was written is refused until the data is renewed:
`python -m core.facts.instance_types.extract` tells how.
"""

from collections.abc import Iterator

from core.facts.instance_types import InstanceType, instance_type, nearest, zones_of
from settings.pool.pools import Pool
from settings.reading.problem import Problem
from settings.reading.quantities import mebibytes, millicores
from settings.stack import NAMESPACE, Settings


def _types(settings: Settings) -> Iterator[tuple[str, str, Pool]]:
    """Key and name of each instance type that is named, and the pool that names it."""
    for pool_name, pool in settings.pools.items():
        for index, name in enumerate(pool.instance_types):
            yield f"{NAMESPACE}:pools.{pool_name}.instanceTypes[{index}]", name, pool


def _exist(settings: Settings) -> Iterator[Problem]:
    region = settings.aws.region
    for key, name, pool in _types(settings):
        found = instance_type(name)
        if found is None:
            known = ", ".join(nearest(name))
            message = f"an instance type that there is{known and f', such as {known}'}"
            yield Problem(
                key=key,
                value=name,
                message=f"{message}; a newer one once core/facts/instance_types is renewed",
            )
            continue
        if found.architecture != pool.architecture:
            yield Problem(
                key=key,
                value=name,
                message=f"a type of {pool.architecture}, the architecture of amiType "
                f"{pool.ami_type}: it is {found.architecture}",
            )
        if zones_of(region) is not None and not found.zones[region]:
            message = f"a type that EC2 offers in aws:region {region}"
            yield Problem(key=key, value=name, message=message)


def _room_beside_what_is_reserved(settings: Settings) -> Iterator[Problem]:
    for name, pool in settings.pools.items():
        types = [found for each in pool.instance_types if (found := instance_type(each))]
        if not types:
            continue
        key = f"{NAMESPACE}:pools.{name}.kubelet"
        yield from _too_much(key, pool, min(types, key=lambda each: each.vcpus), "cpu")
        yield from _too_much(key, pool, min(types, key=lambda each: each.memory_mib), "memory")


def _too_much(key: str, pool: Pool, smallest: InstanceType, what: str) -> Iterator[Problem]:
    """A problem if the smallest type has no more of a resource than is reserved."""
    measure, has, unit = {
        "cpu": (millicores, smallest.vcpus * 1000, "m"),
        "memory": (mebibytes, smallest.memory_mib, "Mi"),
    }[what]
    given = {
        "systemReserved": getattr(pool.kubelet.system_reserved, what),
        "kubeReserved": getattr(pool.kubelet.kube_reserved, what),
    }
    written = {at: value for at, value in given.items() if value}
    if sum(measure(value) for value in written.values()) >= has:
        at, value = next(iter(written.items()))
        yield Problem(
            key=f"{key}.{at}.{what}",
            value=value,
            message=f"less than the {has}{unit} of {smallest.name}, systemReserved and "
            "kubeReserved together",
        )


RULES = (_exist, _room_beside_what_is_reserved)
