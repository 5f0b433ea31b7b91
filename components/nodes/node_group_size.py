"""Minimum, maximum and initial size of a managed node group."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.availability.replicas import redistributed
from core.tags import SPANNING
from settings.pool.pools import Pool


@dataclass(frozen=True, kw_only=True)
class Size:
    """The size of a node group."""

    min: int
    """Minimum number of nodes."""
    max: int
    """Maximum number of nodes."""
    initial: int
    """Number of nodes when the group is created."""

    def nearest(self, nodes: int) -> int:
        """Returns the number of nodes within the limits that is nearest to `nodes`."""
        return max(self.min, min(nodes, self.max))


def size_of(pool: Pool, part: str, zones: Sequence[str], zones_in: Sequence[str]) -> Size:
    """Returns the size of a node group: of the zone `part`, or of all zones if `part` is SPANNING.

    The minimum nodes of zones that are out are added to the other zones. A spanning group keeps
    its size, because EC2 chooses the zones of its nodes. Reserved capacity and warm pools of a zone
    that is out remain until the zone is in use again.
    docs/decisions/0027-a-zone-that-is-out-keeps-its-infrastructure.md
    """
    per_zone = pool.per_zone
    initial = per_zone.min if per_zone.initial is None else per_zone.initial
    if part == SPANNING:
        return Size(
            min=per_zone.min * len(zones),
            max=per_zone.max * len(zones),
            initial=initial * len(zones),
        )
    if part not in zones_in:
        return Size(min=0, max=per_zone.max, initial=0)
    minimum = redistributed(per_zone.min, len(zones), len(zones_in))
    return Size(min=minimum, max=per_zone.max, initial=max(initial, minimum))
