"""The nodes: their sizes, how EKS keeps them, and what the system needs of them."""

from collections.abc import Iterator

from pydantic.alias_generators import to_camel

from settings.pool.kubelet import Kubelet
from settings.pool.pools import Pool
from settings.reading.problem import Problem
from settings.reading.section import Section
from settings.stack import NAMESPACE, Settings

_LARGEST = 450
"""Nodes that EKS takes in a managed node group.
https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html"""


def _pools(settings: Settings) -> Iterator[tuple[str, Pool]]:
    """Key and settings of each pool."""
    for name, pool in settings.pools.items():
        yield f"{NAMESPACE}:pools.{name}", pool


def _sizes(settings: Settings) -> Iterator[Problem]:
    zones = len(settings.network.zones)
    for pool_key, pool in _pools(settings):
        size, key = pool.per_zone, f"{pool_key}.perZone"
        if size.min > size.max:
            message = f"at most max, which is {size.max}"
            yield Problem(key=f"{key}.min", value=size.min, message=message)
        if size.initial is not None and not size.min <= size.initial <= size.max:
            message = f"{size.min} to {size.max} (min to max)"
            yield Problem(key=f"{key}.initial", value=size.initial, message=message)
        if pool.layout == "spanning" and size.max * zones > _LARGEST:
            yield Problem(
                key=f"{key}.max",
                value=size.max,
                message=f"at most {_LARGEST // zones}: of a spanning pool the {zones} zones are "
                f"one node group, and EKS takes {_LARGEST} nodes in one",
            )


def _spot_variety(settings: Settings) -> Iterator[Problem]:
    for key, pool in _pools(settings):
        if pool.capacity_type == "SPOT" and not pool.mixed:
            yield Problem(
                key=f"{key}.instanceTypes",
                value=list(pool.instance_types),
                message="two types or more: one type's spot capacity can be gone in a whole zone",
            )


def _room_for_the_system(settings: Settings) -> Iterator[Problem]:
    pools = settings.pools
    if all(pool.tainted for pool in pools.values()):
        yield Problem(
            key=f"{NAMESPACE}:pools",
            value=sorted(pools),
            message="one pool without NO_SCHEDULE and NO_EXECUTE taints: DNS, autoscaler and "
            "controllers tolerate none",
        )


def _numbers_or_shares(settings: Settings) -> Iterator[Problem]:
    for key, pool in _pools(settings):
        for at, section, what in (
            ("update", pool.update, "max_unavailable"),
            ("repair", pool.repair, "max_parallel"),
            ("repair", pool.repair, "max_unhealthy"),
        ):
            number = what if at == "update" else f"{what}_count"
            yield from _one_of(f"{key}.{at}", section, number, f"{what}_percentage")


def _one_of(key: str, section: Section, number: str, share: str) -> Iterator[Problem]:
    value = getattr(section, number)
    if value is not None and getattr(section, share) is not None:
        message = f"nothing beside {to_camel(share)}: EKS takes one of the two"
        yield Problem(key=f"{key}.{to_camel(number)}", value=value, message=message)


def _repair_thresholds(settings: Settings) -> Iterator[Problem]:
    for key, pool in _pools(settings):
        if pool.repair.enabled:
            continue
        for name, value in pool.repair.model_dump(exclude={"enabled"}, exclude_none=True).items():
            message = "nothing while enabled is false: it would do nothing"
            yield Problem(key=f"{key}.repair.{to_camel(name)}", value=value, message=message)


def _warm_pools(settings: Settings) -> Iterator[Problem]:
    for pool_key, pool in _pools(settings):
        warm, size, key = pool.warm_pool, pool.per_zone, f"{pool_key}.warmPool"
        if warm is None:
            continue
        if pool.capacity_type == "SPOT":
            message = "nothing on a SPOT pool: Auto Scaling keeps no spot instances ready"
            yield Problem(key=key, value=warm.model_dump(by_alias=True), message=message)
        if pool.bottlerocket and warm.reuse_on_scale_in:
            message = "false: EKS does not support it for Bottlerocket"
            yield Problem(key=f"{key}.reuseOnScaleIn", value=True, message=message)
        if warm.max_prepared is not None and not size.min <= warm.max_prepared <= size.max:
            yield Problem(
                key=f"{key}.maxPrepared",
                value=warm.max_prepared,
                message=f"{size.min} to {size.max} (perZone min to max): nodes count in it",
            )
        most = size.max if warm.max_prepared is None else warm.max_prepared
        if warm.min > most:
            yield Problem(
                key=f"{key}.min",
                value=warm.min,
                message=f"at most {most}: no more are prepared, nodes among them",
            )


def _kubelets(settings: Settings) -> Iterator[Problem]:
    for pool_key, pool in _pools(settings):
        kubelet, key = pool.kubelet, f"{pool_key}.kubelet"
        if pool.bottlerocket and kubelet != Kubelet():
            yield Problem(
                key=key,
                value=kubelet.model_dump(by_alias=True, exclude_defaults=True),
                message="nothing on Bottlerocket: it takes other user data than AL2023's nodeadm",
            )
        whole, critical = kubelet.shutdown_grace_seconds, kubelet.shutdown_grace_critical_seconds
        if critical >= whole:
            yield Problem(
                key=f"{key}.shutdownGraceCriticalSeconds",
                value=critical,
                message=f"less than shutdownGraceSeconds, {whole}: it is the last part of it",
            )


def _reservations(settings: Settings) -> Iterator[Problem]:
    for pool_key, pool in _pools(settings):
        size, key = pool.per_zone, f"{pool_key}.perZone.reserved"
        if size.reserved > size.max:
            message = f"at most max, which is {size.max}"
            yield Problem(key=key, value=size.reserved, message=message)
        if size.reserved and pool.capacity_type == "SPOT":
            message = "0 on a SPOT pool: spot instances do not use reservations"
            yield Problem(key=key, value=size.reserved, message=message)
        elif size.reserved and pool.mixed:
            message = "0 with several instanceTypes: a reservation is of one type"
            yield Problem(key=key, value=size.reserved, message=message)


RULES = (
    _sizes,
    _spot_variety,
    _room_for_the_system,
    _numbers_or_shares,
    _repair_thresholds,
    _warm_pools,
    _kubelets,
    _reservations,
)
