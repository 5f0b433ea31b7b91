"""How a pod goes without dropping a request: the timeline from its deletion to its end.

deletion ── let go ──▸ nothing new comes
         ────── preStop ─────▸ TERM ──── shutdown ────▸ exit ─ 5 s ─▸ KILL
            let go + longest request ──▸ the last answer is out
            let go + deregistration ───────▸ the load balancer closes what is open
"""

from collections.abc import Sequence
from dataclasses import dataclass

LOAD_BALANCER_LETS_GO = 20
"""Seconds until a load balancer sends a deleted pod nothing more, unless measured: the
controller's reaction and the propagation in the load balancer."""

ENDPOINTS_LET_GO = 5
"""Seconds until no node sends a deleted pod anything more by its Service."""

MARGIN = 5
"""Seconds between the exit of an app and KILL, and between the last answer and the load balancer's
end of a connection."""

SPOT_GRACE = 100
"""Seconds of grace that fit into the two minutes' notice of a spot instance.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html"""

UPDATE_GRACE = 840
"""Seconds of grace that fit into the 15 minutes in which EKS drains a node for an update, with a
minute for what comes before the eviction.
https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html"""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A point of the timeline."""

    at: int
    """Seconds after the deletion."""
    what: str
    """What happens then."""


@dataclass(frozen=True, kw_only=True)
class Drain:
    """The timeline, in seconds."""

    let_go: int
    """From the deletion until nobody sends it anything new."""
    pre_stop: int
    """From the deletion to TERM, in which the pod serves on: `let_go`, or what a command takes."""
    longest_request: int
    """The longest request that is waited for."""
    shutdown: int
    """What the app has between TERM and its exit."""
    load_balanced: bool
    """Whether a load balancer sends it requests."""

    @property
    def deregistration_delay(self) -> int | None:
        """What the load balancer gives to requests under way on a deregistered target; None
        without one."""
        return self.longest_request + MARGIN if self.load_balanced else None

    @property
    def grace(self) -> int:
        """The pod's terminationGracePeriodSeconds, from its deletion to KILL."""
        return self.pre_stop + self.shutdown + MARGIN

    @property
    def moments(self) -> Sequence[Moment]:
        """All that happens, in order."""
        who = "load balancer and endpoints have" if self.load_balanced else "endpoints have"
        found = [
            Moment(at=0, what="deleted"),
            Moment(at=self.let_go, what=f"{who} let go"),
            Moment(at=self.pre_stop, what="TERM"),
            Moment(at=self.let_go + self.longest_request, what="last answer"),
            Moment(at=self.pre_stop + self.shutdown, what="exit"),
        ]
        if self.deregistration_delay:
            closes = self.let_go + self.deregistration_delay
            found.append(Moment(at=closes, what="load balancer closes"))
        found.append(Moment(at=self.grace, what="KILL"))
        return sorted(found, key=lambda moment: moment.at)

    def __str__(self) -> str:
        """The sum, for people."""
        delay = self.deregistration_delay
        return (
            f"preStop {self.pre_stop} s + shutdown {self.shutdown} s + {MARGIN} s "
            f"= grace {self.grace} s" + (f"; deregistration {delay} s" if delay else "")
        )


def drain(
    *, longest_request: int, shutdown: int, let_go: int | None, pre_stop: int | None = None
) -> Drain:
    """The timeline of an app whose longest request takes `longest_request` seconds.

    `shutdown` is what the app needs from TERM to its exit, `let_go` what its load balancer takes
    to let a pod go (None: it has none), `pre_stop` what a command of its own takes before TERM.
    ValueError with the sum if a request could still begin after TERM, or end after the exit.
    """
    lets_go = max(let_go or 0, ENDPOINTS_LET_GO)
    before_term = lets_go if pre_stop is None else pre_stop
    if before_term < lets_go:
        raise ValueError(
            f"{lets_go} or more: a deleted pod is sent requests for {lets_go} s, and TERM would "
            f"come after {before_term} s"
        )
    if shutdown < longest_request:
        raise ValueError(
            f"{longest_request} or more: a request that begins right before TERM takes up to "
            f"{longest_request} s, longestRequestSeconds: let go {lets_go} s + {longest_request} s "
            f"= {lets_go + longest_request} s after the deletion, and the app would be gone after "
            f"preStop {before_term} s + shutdown {shutdown} s = {before_term + shutdown} s"
        )
    return Drain(
        let_go=lets_go,
        pre_stop=before_term,
        longest_request=longest_request,
        shutdown=shutdown,
        load_balanced=let_go is not None,
    )
