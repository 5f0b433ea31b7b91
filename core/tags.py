"""Tags that the cell's parts in AWS are found by."""

CELL = "ha-eks:cell"
"""Of everything: the cell's name."""

POOL = "ha-eks:pool"
"""Of node groups: the pool's name."""

ZONE = "ha-eks:zone"
"""Of node groups: the zone, or SPANNING."""

SPANNING = "spanning"
"""In place of the zone of a node group that is over all of them."""
