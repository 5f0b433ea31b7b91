"""Keys and values of the tags that identify the AWS resources of a cell."""

CELL = "ha-eks:cell"
"""Tag of every resource: the name of the cell."""

POOL = "ha-eks:pool"
"""Tag of node groups: the name of the pool."""

ZONE = "ha-eks:zone"
"""Tag of node groups: the name of the zone, or SPANNING."""

SPANNING = "spanning"
"""Value of ZONE for a node group over all zones."""
