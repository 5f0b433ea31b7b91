"""Warm pools: instances that booted in advance."""


def warm_instances(*, minimum: int, max_prepared: int, max_size: int, nodes: int) -> int:
    """Returns the number of instances in the warm pool of a node group beside some nodes.

    `max_prepared` is the maximum number of nodes and warm instances together; a negative number
    means `max_size`, the maximum size of the node group.
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html
    """
    return max(minimum, (max_size if max_prepared < 0 else max_prepared) - nodes)
