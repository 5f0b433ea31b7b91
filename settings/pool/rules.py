"""Rules for ha-eks:pools: sizes, maintenance by EKS, and nodes for the pods of the system."""

from collections.abc import Iterator

from pydantic.alias_generators import to_camel

from settings.pool.kubelet import Kubelet
from settings.pool.pools import Pool
from settings.reading.problem import Problem
from settings.reading.section import Section
from settings.stack import NAMESPACE, Settings

_MAX_GROUP_SIZE = 450
"""Nodes that EKS allows in a managed node group.
https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html"""


def _pools(settings: Settings) -> Iterator[tuple[str, Pool]]:
    """Yields key and settings of each pool."""
    for name, pool in settings.pools.items():
        yield f"{NAMESPACE}:pools.{name}", pool


def _sizes(settings: Settings) -> Iterator[Problem]:
    zones = len(settings.network.zones)
    for pool_key, pool in _pools(settings):
        size, key = pool.per_zone, f"{pool_key}.perZone"
        if size.min > size.max:
            yield Problem(
                key=f"{key}.min",
                message=f"{size.min} is more than max, {size.max}; write {size.max} or less, or a "
                "larger max",
            )
        if size.initial is not None and not size.min <= size.initial <= size.max:
            yield Problem(
                key=f"{key}.initial",
                message=f"{size.initial} is outside the range from min to max; write {size.min} to "
                f"{size.max}",
            )
        if pool.layout == "spanning" and size.max * zones > _MAX_GROUP_SIZE:
            yield Problem(
                key=f"{key}.max",
                message=f"{size.max} × {zones} zones = {size.max * zones} nodes, but a spanning "
                f"pool is one node group, and EKS allows {_MAX_GROUP_SIZE} nodes in a node group; "
                f"write {_MAX_GROUP_SIZE // zones} or less, or layout: perZone",
            )


def _spot_instance_types(settings: Settings) -> Iterator[Problem]:
    for key, pool in _pools(settings):
        if pool.capacity_type == "SPOT" and not pool.mixed:
            yield Problem(
                key=f"{key}.instanceTypes",
                message="a SPOT pool needs two or more instance types, because a zone can run out "
                "of spot capacity of one type; write another type of the same size too",
            )


def _untainted_pool(settings: Settings) -> Iterator[Problem]:
    if all(pool.tainted for pool in settings.pools.values()):
        accelerated = any(pool.device for pool in settings.pools.values())
        always = ", as pools with accelerators always have" if accelerated else ""
        yield Problem(
            key=f"{NAMESPACE}:pools",
            message=f"every pool has a NO_SCHEDULE or NO_EXECUTE taint{always}, but DNS, the "
            "autoscaler and the controllers need a pool without one; remove these taints from a "
            "pool, or write another pool",
        )


def _count_or_percentage(settings: Settings) -> Iterator[Problem]:
    for key, pool in _pools(settings):
        for name, section, limit in (
            ("update", pool.update, "max_unavailable"),
            ("repair", pool.repair, "max_parallel"),
            ("repair", pool.repair, "max_unhealthy"),
        ):
            count = limit if name == "update" else f"{limit}_count"
            yield from _one_of(f"{key}.{name}", section, count, f"{limit}_percentage")


def _one_of(key: str, section: Section, count: str, percentage: str) -> Iterator[Problem]:
    if getattr(section, count) is not None and getattr(section, percentage) is not None:
        other = to_camel(percentage)
        message = f"EKS does not allow {to_camel(count)} together with {other}; remove one of them"
        yield Problem(key=f"{key}.{to_camel(count)}", message=message)


def _repair_limits(settings: Settings) -> Iterator[Problem]:
    for key, pool in _pools(settings):
        if pool.repair.enabled:
            continue
        for name in pool.repair.model_dump(exclude={"enabled"}, exclude_none=True):
            yield Problem(
                key=f"{key}.repair.{to_camel(name)}",
                message=f"has no effect with enabled: false; remove {to_camel(name)}, or write "
                "enabled: true",
            )


def _warm_pools(settings: Settings) -> Iterator[Problem]:
    for pool_key, pool in _pools(settings):
        warm, size, key = pool.warm_pool, pool.per_zone, f"{pool_key}.warmPool"
        if warm is None:
            continue
        if pool.capacity_type == "SPOT":
            yield Problem(
                key=key,
                message="Auto Scaling does not support warm pools of spot instances; remove "
                "warmPool, or write capacityType: ON_DEMAND",
            )
        if pool.bottlerocket and warm.reuse_on_scale_in:
            yield Problem(
                key=f"{key}.reuseOnScaleIn",
                message="EKS does not support reuseOnScaleIn with Bottlerocket; write false",
            )
        if warm.max_prepared is not None and not size.min <= warm.max_prepared <= size.max:
            yield Problem(
                key=f"{key}.maxPrepared",
                message=f"{warm.max_prepared} is outside the range from perZone.min to perZone.max "
                f"(maxPrepared includes the nodes); write {size.min} to {size.max}",
            )
        prepared, limit = size.max, "perZone.max"
        if warm.max_prepared is not None:
            prepared, limit = warm.max_prepared, "maxPrepared"
        if warm.min > prepared:
            yield Problem(
                key=f"{key}.min",
                message=f"must be at most {prepared}: {limit} limits nodes and warm instances "
                "together",
            )


def _kubelets(settings: Settings) -> Iterator[Problem]:
    for pool_key, pool in _pools(settings):
        kubelet, key = pool.kubelet, f"{pool_key}.kubelet"
        if pool.bottlerocket and kubelet != Kubelet():
            yield Problem(
                key=key,
                message="Bottlerocket does not support these settings, because its user data is "
                "not that of AL2023; remove kubelet, or write an AL2023 amiType",
            )
        total, critical = kubelet.shutdown_grace_seconds, kubelet.shutdown_grace_critical_seconds
        if critical >= total:
            yield from _critical_grace(key, kubelet)


def _critical_grace(key: str, kubelet: Kubelet) -> Iterator[Problem]:
    """Yields the problem at the key that the stack file contains."""
    total, critical = kubelet.shutdown_grace_seconds, kubelet.shutdown_grace_critical_seconds
    if "shutdown_grace_critical_seconds" in kubelet.model_fields_set:
        yield Problem(
            key=f"{key}.shutdownGraceCriticalSeconds",
            message=f"takes all of shutdownGraceSeconds ({total}s), so pods of apps have no time "
            f"to terminate; write less than {total}",
        )
    else:
        yield Problem(
            key=f"{key}.shutdownGraceSeconds",
            message=f"shutdownGraceCriticalSeconds ({critical}s by default) takes all of it, so "
            f"pods of apps have no time to terminate; write more than {critical}, or a smaller "
            "shutdownGraceCriticalSeconds",
        )


def _reservations(settings: Settings) -> Iterator[Problem]:
    for pool_key, pool in _pools(settings):
        size, key = pool.per_zone, f"{pool_key}.perZone.reserved"
        if size.reserved > size.max:
            yield Problem(
                key=key,
                message=f"{size.reserved} is more than max, {size.max}; write {size.max} or less, "
                "or a larger max",
            )
        if size.reserved and pool.capacity_type == "SPOT":
            message = "spot instances do not use capacity reservations; write 0 or remove reserved"
            yield Problem(key=key, message=message)
        elif size.reserved and pool.mixed:
            yield Problem(
                key=key,
                message="a capacity reservation has one instance type, but the pool has several; "
                "write 0 or a single type",
            )


RULES = (
    _sizes,
    _spot_instance_types,
    _untainted_pool,
    _count_or_percentage,
    _repair_limits,
    _warm_pools,
    _kubelets,
    _reservations,
)
