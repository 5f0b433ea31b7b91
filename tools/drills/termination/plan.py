"""The pods, target groups and load of a drill of terminations, which follow from the settings."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.availability.dropped_requests import (
    DEFAULTS,
    Timing,
    interrupted_seconds,
    refused_seconds,
)
from core.availability.termination import Termination

DERIVED, BY_DEFAULT, EARLY_KILL, EARLY_CLOSE = "derived", "defaults", "early-kill", "early-close"
KEPT_ALIVE, CLOSED_EARLY = "kept-alive", "closed-early"
"""Names of the target groups."""

REQUESTS = 1_000_000
"""Number of requests with the derived timing."""

_RATE = 15_000
"""Requests per second with the derived timing. A slow machine sends fewer."""

_SLOW_RATE, _DEFAULT_RATE = 15.0, 300.0
_CONTROL_SLOW_RATE = 5.0
"""Requests per second of the other loads."""

_LONGEST_TIMELINE = 50
"""Seconds that a termination may take; longer timelines are compressed."""

_MOST_PODS = 6

_WAVES = (2.0, 7.0, 12.0, 17.0)
"""Seconds from the start of the load to each wave of the rolling updates."""

_UNCERTAIN_SECONDS = 0.75
"""Seconds by which a step of a termination may be early or late."""

_IDLE_TIMEOUT = 5.0
"""Idle timeout of the load balancer in the drill of keep-alive times, in seconds."""

_SHORT = 0.1
"""Keep-alive time that is too short, as a part of the idle timeout."""


@dataclass(frozen=True, kw_only=True)
class Rollouts:
    """Rolling updates of an app: pods are replaced in waves."""

    timing: Timing
    pods: int
    """Pods of the app."""
    per_wave: int
    """Number of pods that are replaced in a wave."""
    waves: Sequence[float] = _WAVES
    rate: float = 0.0
    """Short requests per second."""
    slow_rate: float = 0.0
    """Requests per second that take the longest."""

    @property
    def terminated(self) -> int:
        """Number of pods that are terminated."""
        return self.per_wave * len(self.waves)

    @property
    def servers(self) -> int:
        """Number of pods, with those that are started later."""
        return self.pods + self.terminated


@dataclass(frozen=True, kw_only=True)
class KeepAlive:
    """Requests on connections that have been idle for the keep-alive time of the app."""

    seconds: float
    """Keep-alive time of the app."""
    rate: float
    """Requests per second."""

    @property
    def connections(self) -> int:
        """Number of connections; each has one request per keep-alive time."""
        return round(self.rate * self.seconds)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A drill of terminations."""

    app: Termination
    idle_timeout: float
    """Idle timeout of the load balancer, in seconds."""
    rollouts: Mapping[str, Rollouts]
    """Rolling updates by target group."""
    keep_alive: Mapping[str, KeepAlive]
    """Keep-alive times by target group."""
    keep_alive_idle_timeout: float = _IDLE_TIMEOUT

    @property
    def factor(self) -> float:
        """Seconds of the drill for each second of the timeline; at most 1."""
        longest = max(each.timing.grace for each in self.rollouts.values())
        return min(1.0, _LONGEST_TIMELINE / longest)

    @property
    def seconds(self) -> float:
        """Seconds from the start of the load until all pods have terminated."""
        return max(
            each.waves[-1] + each.timing.grace * self.factor for each in self.rollouts.values()
        )

    def least_dropped(self, group: str) -> int:
        """Returns the number of requests that rolling updates drop at least."""
        rollouts = self.rollouts[group]
        dropped = 0.0
        for seconds, rate in (
            (refused_seconds(self.app, rollouts.timing), rollouts.rate + rollouts.slow_rate),
            (interrupted_seconds(self.app, rollouts.timing), rollouts.slow_rate),
        ):
            certain = max(0.0, seconds * self.factor - _UNCERTAIN_SECONDS)
            dropped += certain * rate / rollouts.servers * rollouts.terminated
        return math.floor(dropped)


def plan(
    app: Termination, deployed: Timing, *, pods: int, keep_alive: int, idle_timeout: int
) -> Plan:
    """Returns the plan for an app.

    `deployed` is the recorded timing, `pods` the number of pods, `keep_alive` the keep-alive time
    of the app and `idle_timeout` the idle timeout of the load balancer, in seconds.
    """
    pods = min(pods, _MOST_PODS)
    half = app.longest_request // 2
    per_wave = max(1, pods // 2)
    early_kill = Timing(
        pre_stop=deployed.pre_stop,
        grace=app.deregistered + half,
        deregistration_delay=deployed.deregistration_delay,
    )
    early_close = Timing(
        pre_stop=deployed.pre_stop, grace=deployed.grace, deregistration_delay=half
    )
    # More requests if they are short, so that enough are in flight.
    slow_rate = max(_CONTROL_SLOW_RATE, 3 * _CONTROL_SLOW_RATE / app.longest_request)
    return Plan(
        app=app,
        idle_timeout=idle_timeout,
        rollouts={
            DERIVED: Rollouts(
                timing=deployed, pods=pods, per_wave=per_wave, rate=_RATE, slow_rate=_SLOW_RATE
            ),
            BY_DEFAULT: Rollouts(timing=DEFAULTS, pods=pods, per_wave=per_wave, rate=_DEFAULT_RATE),
            EARLY_KILL: Rollouts(
                timing=early_kill, pods=2, per_wave=1, waves=_WAVES[:2], slow_rate=slow_rate
            ),
            EARLY_CLOSE: Rollouts(
                timing=early_close, pods=2, per_wave=1, waves=_WAVES[:2], slow_rate=slow_rate
            ),
        },
        keep_alive={
            KEPT_ALIVE: KeepAlive(seconds=_IDLE_TIMEOUT * keep_alive / idle_timeout, rate=50.0),
            CLOSED_EARLY: KeepAlive(seconds=_IDLE_TIMEOUT * _SHORT, rate=100.0),
        },
    )
