"""How a pod goes without dropping a request: the timeline from its deletion to its end.

deletion ──────── preStop sleep ────────▸ TERM ──── shutdown ────▸ exit ─ 5 s ─▸ KILL
endpoints and load balancer let go ──▸      requests under way end
         deregistration ───────────── longest request + 5 s ──▸ connections closed
"""

from dataclasses import dataclass

LOAD_BALANCER_LETS_GO = 20
"""Seconds until a load balancer sends a deleted pod nothing more: the controller's reaction and
the propagation in the load balancer."""

ENDPOINTS_LET_GO = 5
"""Seconds until no node sends a deleted pod anything more by its Service."""

_MARGIN = 5


@dataclass(frozen=True, kw_only=True)
class Drain:
    """The timeline, in seconds."""

    pre_stop: int
    """Sleep before TERM: the pod serves on until nobody sends it anything."""
    shutdown: int
    """What the app has between TERM and its exit."""
    deregistration_delay: int | None
    """What the load balancer gives to requests under way on a deregistered target; None without
    one."""
    grace: int
    """The pod's terminationGracePeriodSeconds, from deletion to KILL."""

    def __str__(self) -> str:
        """The sum, for people."""
        delay = self.deregistration_delay
        return (
            f"preStop {self.pre_stop} s + shutdown {self.shutdown} s + {_MARGIN} s "
            f"= grace {self.grace} s" + (f"; deregistration {delay} s" if delay else "")
        )


def drain(*, longest_request: int, shutdown: int, load_balanced: bool) -> Drain:
    """The timeline of an app whose longest request takes `longest_request` seconds.

    `shutdown` is what the app needs from TERM to its exit; ValueError if that is less than its
    longest request, which could begin right before.
    """
    if shutdown < longest_request:
        raise ValueError(f"shutdown of {shutdown} s is shorter than a request of {longest_request}")
    pre_stop = LOAD_BALANCER_LETS_GO if load_balanced else ENDPOINTS_LET_GO
    return Drain(
        pre_stop=pre_stop,
        shutdown=shutdown,
        deregistration_delay=longest_request + _MARGIN if load_balanced else None,
        grace=pre_stop + shutdown + _MARGIN,
    )
