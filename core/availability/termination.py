"""Timeline of a pod's termination, computed so that no request is dropped.

deletion ── deregistered ──▸ no new requests
         ────── preStop ─────▸ TERM ── shutdown ──▸ exit ── sidecars ──▸ last exit ─ 5 s ─▸ KILL
            deregistered + longest request ──▸ last in-flight response
            deregistered + deregistration delay ─▸ load balancer closes open connections
"""

from dataclasses import dataclass

LOAD_BALANCER_DEREGISTRATION = 20
"""Default seconds from a pod's deletion until the load balancer sends it no new requests: the
controller's reaction and the propagation within the load balancer."""

ENDPOINT_DEREGISTRATION = 5
"""Seconds from a pod's deletion until no node routes new requests to it through its Service."""

MARGIN = 5
"""Seconds between the last exit of a container and KILL, and between the last in-flight response
and the end of the deregistration delay."""

SPOT_GRACE = 100
"""Longest grace period, in seconds, that fits into the 2-minute notice of a spot instance.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html"""

UPDATE_GRACE = 840
"""Longest grace period, in seconds, that fits into the 15 minutes in which EKS drains a node during
an update. One minute remains for what precedes the eviction.
https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html"""


@dataclass(frozen=True, kw_only=True)
class EarlyTerm:
    """Shortfall: the pod receives TERM while it still receives new requests."""

    deregistered: int
    """Seconds from the deletion until the pod receives no new requests."""
    pre_stop: int
    """Seconds from the deletion to TERM."""


@dataclass(frozen=True, kw_only=True)
class EarlyExit:
    """Shortfall: the app exits before it has responded to a request that arrives right before TERM,
    or before it has finished a job that it took right before TERM."""

    longest_request: int
    """Seconds that the longest request or job takes."""
    shutdown: int
    """Seconds from TERM to the exit of the app."""


@dataclass(frozen=True, kw_only=True)
class Termination:
    """Timeline of a pod's termination, in seconds."""

    deregistered: int
    """Seconds from the deletion until the pod receives no new requests."""
    pre_stop: int
    """Seconds from the deletion to TERM, while the pod continues to serve."""
    longest_request: int
    """Seconds that the longest request or job takes."""
    shutdown: int
    """Seconds from TERM to the exit of the app."""
    sidecars: int = 0
    """Seconds from the exit of the app to the exit of the last sidecar."""
    load_balanced: bool
    """True if a load balancer sends requests to the pod."""

    @property
    def last_response(self) -> int:
        """Seconds from the deletion to the last in-flight response."""
        return self.deregistered + self.longest_request

    @property
    def exit(self) -> int:
        """Seconds from the deletion to the exit of the app."""
        return self.pre_stop + self.shutdown

    @property
    def sidecars_exit(self) -> int:
        """Seconds from the deletion to the exit of the last sidecar; without sidecars, to the exit
        of the app."""
        return self.exit + self.sidecars

    @property
    def grace(self) -> int:
        """Seconds from the deletion to KILL: the pod's terminationGracePeriodSeconds."""
        return self.sidecars_exit + MARGIN

    @property
    def deregistration_delay(self) -> int | None:
        """Seconds that a deregistered target has for in-flight requests; None without a load
        balancer."""
        return self.longest_request + MARGIN if self.load_balanced else None

    @property
    def connections_closed(self) -> int:
        """Seconds from the deletion until the load balancer closes open connections; without a
        load balancer, to the last in-flight response."""
        return self.deregistered + (self.deregistration_delay or self.longest_request)

    @property
    def shortfall(self) -> EarlyTerm | EarlyExit | None:
        """Reason why this timeline drops requests; None if no request is dropped."""
        if self.pre_stop < self.deregistered:
            return EarlyTerm(deregistered=self.deregistered, pre_stop=self.pre_stop)
        if self.shutdown < self.longest_request:
            return EarlyExit(longest_request=self.longest_request, shutdown=self.shutdown)
        return None

    def __str__(self) -> str:
        """Returns the calculation of the grace period."""
        sidecars = f" + sidecars {self.sidecars}s" if self.sidecars else ""
        return (
            f"preStop {self.pre_stop}s + shutdown {self.shutdown}s{sidecars} + {MARGIN}s = "
            f"{self.grace}s"
        )


def termination(
    *,
    longest_request: int,
    shutdown: int,
    load_balancer_deregistration: int | None,
    pre_stop: int | None = None,
    receives_requests: bool = True,
    sidecars: int = 0,
) -> Termination:
    """Returns the termination timeline of an app's pods. All arguments are seconds.

    `longest_request` is the duration of the longest request or job. `shutdown` is the time from
    TERM to the exit of the app. `load_balancer_deregistration` is the time until the load balancer
    sends a deleted pod no new requests; None without a load balancer. `pre_stop` is the duration of
    the app's preStop command; None without a command, so that the pod serves until it is
    deregistered. `sidecars` is the time from the exit of the app to the exit of its last sidecar.
    A pod that receives no requests has nothing to be deregistered from.
    """
    endpoints = ENDPOINT_DEREGISTRATION if receives_requests else 0
    deregistered = max(load_balancer_deregistration or 0, endpoints)
    return Termination(
        deregistered=deregistered,
        pre_stop=deregistered if pre_stop is None else pre_stop,
        longest_request=longest_request,
        shutdown=shutdown,
        sidecars=sidecars,
        load_balanced=load_balancer_deregistration is not None,
    )
