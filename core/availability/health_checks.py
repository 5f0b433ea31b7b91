"""Load balancer health checks, and the time until a new pod receives traffic.

All figures are seconds.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

INTERVAL = 5
"""Time between two health checks of a target; the minimum of the load balancer."""

TIMEOUT = 4
"""Timeout of a health check; less than the interval."""

HEALTHY_THRESHOLD = 2
"""Consecutive successful checks before an unhealthy target is healthy; a new target needs one."""

UNHEALTHY_THRESHOLD = 2
"""Consecutive failed checks before a healthy target is unhealthy."""

_CONTROLLER_POLL = 15
"""Interval in which the AWS Load Balancer Controller polls a target that is not healthy yet.
https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/pkg/config/controller_config.go"""

POD_CREATION = 120
"""Time to pull the image, mount the volumes and assign an address to a new pod."""

VOLUME_DETACH = 300
"""Time after the exit of a pod until its volume is detached."""

SECONDS_UNTIL_UNHEALTHY = INTERVAL * UNHEALTHY_THRESHOLD + TIMEOUT
"""Time until an unresponsive target receives no new requests, if no controller deregisters the
target."""


def seconds_until_ready(startup: int) -> int:
    """Returns the seconds from a container's start until its pod is ready and receives traffic: the
    app has started, one health check has passed, and the controller has set the readiness gate."""
    return startup + INTERVAL + TIMEOUT + _CONTROLLER_POLL


def progress_deadline(*, startup: int, node: int) -> int:
    """Returns the seconds without progress after which a rolling update has failed.

    A pod may have to wait `node` seconds for a new node.
    """
    return node + POD_CREATION + seconds_until_ready(startup)


def rollout_seconds(*, pods: int, surge: int, startup: int, termination: int, node: int) -> int:
    """Returns the longest duration of a rolling update of `pods` pods.

    Each wave starts `surge` new pods, and ends when as many old pods have terminated. Only the
    first wave may wait `node` seconds for new nodes: the next waves use the capacity of the
    terminated pods.
    """
    waves = -(-pods // surge)
    return node + waves * (POD_CREATION + seconds_until_ready(startup) + termination)
