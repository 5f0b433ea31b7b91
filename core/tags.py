"""Keys and values of the tags that identify the AWS resources of a cell, and their limits."""

CELL = "ha-eks:cell"
"""Tag of every resource: the name of the cell."""

POOL = "ha-eks:pool"
"""Tag of node groups: the name of the pool."""

ZONE = "ha-eks:zone"
"""Tag of node groups: the name of the zone, or SPANNING."""

SPANNING = "spanning"
"""Value of ZONE for a node group over all zones."""

RESOURCE = "k8s.io/cluster-autoscaler/node-template/resources/"
"""Beginning of a tag of node groups: the amount of a resource on a node, whose name follows. The
Cluster Autoscaler reads it for node groups without nodes, and itself knows CPU, memory and whole
GPUs only.
https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/cloudprovider/aws/aws_manager.go"""

STORAGE = f"{RESOURCE}ephemeral-storage"
"""Tag of node groups: the allocatable ephemeral storage of a node. Without it, the Cluster
Autoscaler assumes that the first node of a node group would have none, and adds no node.
docs/decisions/0054-pods-request-ephemeral-storage-without-a-limit.md
https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/aws_manager.go"""

MAX_TAG_VALUE = 256
"""Maximum number of characters in the value of a tag.
https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""

DEPLOYER = "ha-eks:deployer"
"""Tag of the cluster: the ARN of the deployer, a cluster administrator, if the cell has one."""
