"""Rules for GPUs and Neuron devices that workloads request: a pool has them."""

from collections.abc import Iterator

from core.facts.accelerators import NAMES, Device
from settings.reading.problem import Problem
from settings.reading.wording import listed
from settings.stack import Settings

_EXAMPLES: dict[Device, str] = {"gpu": "g6.xlarge", "neuron": "inf2.xlarge"}
"""Small instance types with each device, for messages."""


def _one_kind(settings: Settings) -> Iterator[Problem]:
    for name, workload in settings.workloads.items():
        if workload.requests.gpu and workload.requests.neuron:
            yield Problem(
                key=settings.key_of(name, "requests.neuron"),
                message="no instance type has both GPUs and Neuron devices; remove gpu or neuron",
            )


def _pools_with_devices(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each workload whose pods run in no pool with the device they request."""
    pools = settings.pools
    for name, workload in settings.workloads.items():
        device = workload.requests.device
        if device is None or (workload.pool and workload.pool not in pools):
            continue  # other rules refuse a pool that does not exist
        having = sorted(pool for pool, each in pools.items() if each.device == device)
        if workload.pool in having:
            continue
        if workload.pool is None and any(pools[pool].is_open_to(device) for pool in having):
            continue
        key, devices = f"requests.{device}", f"{NAMES[device]}s"
        if not having:
            message = (
                f"no pool has {devices}; write a pool with them in ha-eks:pools, such as "
                f"instanceTypes: [{_EXAMPLES[device]}]"
            )
        elif workload.pool:
            key, message = "pool", f"the nodes have no {devices}; write {listed(having, 'or')}"
        else:
            message = (
                f"every pool with {devices} has taints; write pool: {having[0]}, whose taints the "
                "pods then tolerate"
            )
        yield Problem(key=settings.key_of(name, key), message=message)


RULES = (_one_kind, _pools_with_devices)
