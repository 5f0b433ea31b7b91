"""Keys and values of the tags that identify the AWS resources of a cell, and their limits."""

CELL = "ha-eks:cell"
"""Tag of every resource: the name of the cell."""

POOL = "ha-eks:pool"
"""Tag of node groups: the name of the pool."""

ZONE = "ha-eks:zone"
"""Tag of node groups: the name of the zone, or SPANNING."""

SPANNING = "spanning"
"""Value of ZONE for a node group over all zones."""

MAX_TAG_VALUE = 256
"""Maximum number of characters in the value of a tag.
https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""

DEPLOYER = "ha-eks:deployer"
"""Tag of the cluster: the ARN of the deployer, a cluster administrator, if the cell has one."""
