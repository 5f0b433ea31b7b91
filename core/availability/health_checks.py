"""How soon a load balancer and Kubernetes agree on a pod: with figures in seconds.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

INTERVAL = 5
"""Between two checks of a target; the load balancer's least."""

TIMEOUT = 4
"""Of a check; less than the interval."""

PASSED = 2
"""Checks in a row that a target passes to count again; a new one passes one."""

FAILED = 2
"""Checks in a row that a target fails to count no more."""

_GATE = 15
"""Between two looks of the controller at a target that is not healthy yet.
https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/pkg/config/controller_config.go"""

_START = 120
"""For a pod's image, its volumes and its address."""

DEAD = INTERVAL * FAILED + TIMEOUT
"""Until a target that does not answer gets nothing more, with nobody there to deregister it."""


def counted(startup: int) -> int:
    """Until a pod counts in a rolling update: the app has started, a check of the load balancer has
    passed, and the controller has seen that."""
    return startup + INTERVAL + TIMEOUT + _GATE


def progress_deadline(*, startup: int, node: int) -> int:
    """After which a rolling update without progress has failed: a pod may wait for a `node`."""
    return node + _START + counted(startup)


def rollout(*, pods: int, at_once: int, startup: int, drain: int, node: int) -> int:
    """How long a rolling update may take in all, `at_once` new pods at a time, each old one gone
    before the next."""
    rounds = -(-pods // at_once)
    return progress_deadline(startup=startup, node=node) + rounds * (
        _START + counted(startup) + drain
    )
