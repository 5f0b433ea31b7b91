"""vCPUs that the nodes of a stack need: at rest, and during an update at the maximum size."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.availability.warm_pool import warm_instances
from core.availability.zone_loss import nodes_at_rest
from core.facts.instance_types import instance_type
from core.facts.service_quotas import Quota, vcpu_quota
from core.tags import POOL, SPANNING, ZONE
from settings.availability import zone_model_of
from settings.pool.pools import Pool
from tools.recording import Recording

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"

Inputs = Mapping[str, Any]  # Any: inputs are JSON of any shape


@dataclass(frozen=True, kw_only=True)
class PoolInstances:
    """Instances of a pool, or of the part of a pool that counts against one quota."""

    pool: str
    """Name of the pool."""
    at_rest: int
    """Instances at rest, when the cell starts: nodes, running warm pools, reservations."""
    at_maximum: int
    """Instances when all node groups have their maximum size."""
    surge: int
    """Nodes that an update adds. EKS updates the node groups of a pool one after the other."""
    fewest_vcpus: int
    """vCPUs of the smallest instance type."""
    most_vcpus: int
    """vCPUs of the largest instance type."""


def pool_instances(recording: Recording) -> Mapping[Quota, tuple[PoolInstances, ...]]:
    """Returns the instances that count against each quota of vCPUs.

    EKS chooses the type of a node of a pool with several types. If the types count against several
    quotas, all nodes count against each of them at the maximum, and none at rest. Pools with an
    unknown type are not in the result.
    """
    found: defaultdict[Quota, list[PoolInstances]] = defaultdict(list)
    at_rest = nodes_at_rest(zone_model_of(recording.settings))
    for name, pool in recording.settings.pools.items():
        vcpus = _vcpus(pool)
        groups = [
            each.inputs
            for each in recording.of_type(NODE_GROUP)
            if each.inputs["tags"][POOL] == name
        ]
        zones_in = recording.settings.network.zones_in
        for quota, counts in vcpus.items():
            found[quota].append(
                PoolInstances(
                    pool=name,
                    at_rest=sum(_at_rest(pool, group, at_rest[name], zones_in) for group in groups)
                    if len(vcpus) == 1
                    else 0,
                    at_maximum=sum(_at_maximum(pool, group) for group in groups),
                    surge=max((_surge(pool, group) for group in groups), default=0),
                    fewest_vcpus=min(counts),
                    most_vcpus=max(counts),
                )
            )
    return {quota: tuple(pools) for quota, pools in found.items()}


def unknown_types(recording: Recording) -> Iterator[str]:
    """Yields the instance types whose vCPUs or quota are unknown."""
    for pool in recording.settings.pools.values():
        yield from (each for each in pool.instance_types if not _known(pool, each))


def _known(pool: Pool, type_: str) -> tuple[Quota, int] | None:
    """Returns the quota and the vCPUs of an instance type of a pool; None if unknown."""
    quota = vcpu_quota(type_, spot=pool.capacity_type == "SPOT")
    found = instance_type(type_)
    return (quota, found.vcpus) if quota and found else None


def _vcpus(pool: Pool) -> Mapping[Quota, list[int]]:
    """Returns the vCPUs of the types of a pool by quota; nothing if a type is unknown."""
    known = [_known(pool, each) for each in pool.instance_types]
    counts: defaultdict[Quota, list[int]] = defaultdict(list)
    for each in known:
        if each is None:
            return {}
        quota, vcpus = each
        counts[quota].append(vcpus)
    return counts


def _at_rest(pool: Pool, group: Inputs, nodes_per_zone: int, zones_in: Sequence[str]) -> int:
    """Returns the running instances of a node group at rest, or its reservation if larger.

    Unused capacity reservations count against the quota.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-reservations.html
    """
    zone = group["tags"][ZONE]
    zones = len(zones_in) if zone == SPANNING else [*zones_in].count(zone)
    nodes = max(group["scalingConfig"]["desiredSize"], nodes_per_zone * zones)
    return max(nodes + _running_warm(group, nodes), _reserved(pool, group))


def _at_maximum(pool: Pool, group: Inputs) -> int:
    nodes = int(group["scalingConfig"]["maxSize"])
    return max(nodes + _running_warm(group, nodes), _reserved(pool, group))


def _reserved(pool: Pool, group: Inputs) -> int:
    return pool.per_zone.reserved * len(group["subnetIds"])


def _running_warm(group: Inputs, nodes: int) -> int:
    """Returns the running instances of the warm pool of a node group."""
    warm: Inputs = group.get("warmPoolConfig") or {}
    if warm.get("poolState") != "RUNNING":
        return 0
    return warm_instances(
        minimum=warm["minSize"],
        max_prepared=warm["maxGroupPreparedCapacity"],
        max_size=group["scalingConfig"]["maxSize"],
        nodes=nodes,
    )


def _surge(pool: Pool, group: Inputs) -> int:
    """Returns the nodes that EKS adds to a node group of the maximum size during an update.

    https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
    """
    at_once = pool.update.at_once(group["scalingConfig"]["maxSize"])
    return max(2 * len(group["subnetIds"]), at_once)
