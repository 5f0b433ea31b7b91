"""How many nodes a managed node group has at least, at most and at first."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from core.availability.replicas import redistributed
from core.tags import SPANNING
from settings.pool.pools import Pool


@dataclass(frozen=True, kw_only=True)
class Size:
    """The size of a node group."""

    min: int
    """Nodes at least."""
    max: int
    """Nodes at most."""
    initial: int
    """Nodes when it is made."""

    def nearest(self, nodes: int) -> int:
        """The size that is allowed, and nearest to another one."""
        return max(self.min, min(nodes, self.max))


@dataclass(frozen=True, kw_only=True)
class ScalingGroup:
    """The Auto Scaling group of a node group."""

    name: pulumi.Output[str]
    """Its name, which EKS makes up."""
    size: Size
    """How many nodes it may have."""


def size_of(pool: Pool, part: str, zones: Sequence[str], zones_in: Sequence[str]) -> Size:
    """The size of a pool's group for `part`: a zone, or SPANNING for one over all `zones`.

    What zones that are out would hold at least, the groups of those that are in do. A group over
    all zones stays as it is: where its nodes are is up to EC2. What else a zone has, reserved
    capacity and a warm pool, is there for its return.
    """
    each = pool.per_zone
    initial = each.min if each.initial is None else each.initial
    if part == SPANNING:
        return Size(
            min=each.min * len(zones), max=each.max * len(zones), initial=initial * len(zones)
        )
    if part not in zones_in:
        return Size(min=0, max=each.max, initial=0)
    least = redistributed(each.min, len(zones), len(zones_in))
    return Size(min=least, max=each.max, initial=max(initial, least))
