"""Requests that terminating pods drop, for any timing of the termination."""

from dataclasses import dataclass

from core.availability.health_checks import INTERVAL, UNHEALTHY_THRESHOLD
from core.availability.termination import Termination

DEFAULT_GRACE = 30
"""Default terminationGracePeriodSeconds of Kubernetes.
https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination"""

DEFAULT_DEREGISTRATION_DELAY = 300
"""Default deregistration delay of a target group, in seconds.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html"""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Settings of a pod and its target group that decide the termination, in seconds."""

    pre_stop: int
    """Time from the deletion to TERM."""
    grace: int
    """Time from the deletion to KILL."""
    deregistration_delay: int
    """Time from the deregistration until the load balancer closes open connections."""


DEFAULTS = Timing(
    pre_stop=0, grace=DEFAULT_GRACE, deregistration_delay=DEFAULT_DEREGISTRATION_DELAY
)
"""Timing of a Deployment and a target group with the defaults of Kubernetes and AWS."""


def refused_seconds(app: Termination, timing: Timing) -> int:
    """Returns the seconds in which a terminating pod receives requests that it refuses.

    The app accepts no requests after TERM. The load balancer sends requests until the pod is
    deregistered, or until two health checks have failed; this takes at least one interval.
    """
    unhealthy = INTERVAL * (UNHEALTHY_THRESHOLD - 1)
    return min(max(0, app.deregistered - timing.pre_stop), unhealthy)


def interrupted_seconds(app: Termination, timing: Timing) -> int:
    """Returns the seconds in which a terminating pod accepts requests, but responds to none of
    those that take the longest.

    A response is lost if the app exits, KILL comes, or the load balancer closes the connection
    before the response is complete.
    """
    accepted = min(timing.pre_stop, app.deregistered)
    end = min(
        timing.pre_stop + app.shutdown,
        timing.grace,
        app.deregistered + timing.deregistration_delay,
    )
    return max(0, accepted - max(0, end - app.longest_request))
