"""The nodes: their sizes, and what the system needs of them."""

from collections.abc import Iterator

from settings.cell import NAMESPACE, Settings
from settings.problem import Problem


def _sizes(settings: Settings) -> Iterator[Problem]:
    for name, pool in settings.pools.root.items():
        size, key = pool.per_zone, f"{NAMESPACE}:pools.{name}.perZone"
        if size.min > size.max:
            allowed = f"at most max, which is {size.max}"
            yield Problem(key=f"{key}.min", value=size.min, allowed=allowed)
        if size.initial is not None and not size.min <= size.initial <= size.max:
            allowed = f"{size.min} to {size.max} (min to max)"
            yield Problem(key=f"{key}.initial", value=size.initial, allowed=allowed)


def _spot_variety(settings: Settings) -> Iterator[Problem]:
    for name, pool in settings.pools.root.items():
        if pool.capacity_type == "SPOT" and len(pool.instance_types) < 2:
            yield Problem(
                key=f"{NAMESPACE}:pools.{name}.instanceTypes",
                value=list(pool.instance_types),
                allowed="two types or more: one type's spot capacity can be gone in a whole zone",
            )


def _room_for_the_system(settings: Settings) -> Iterator[Problem]:
    pools = settings.pools.root
    if all(pool.repels for pool in pools.values()):
        yield Problem(
            key=f"{NAMESPACE}:pools",
            value=sorted(pools),
            allowed="one pool without NO_SCHEDULE and NO_EXECUTE taints: DNS, autoscaler and "
            "controllers tolerate none",
        )


RULES = (_sizes, _spot_variety, _room_for_the_system)
