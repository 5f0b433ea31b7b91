"""Rolling updates of HTTP servers, whose old pods terminate by a timing.

A new pod is registered with the load balancer before an old pod is deleted, as in a Deployment with
`maxUnavailable: 0`. From the deletion, the AWS Load Balancer Controller and the kubelet act at the
same time: the controller deregisters the pod, and the kubelet runs preStop.
"""

import sched
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal

from core.availability.dropped_requests import Timing
from core.availability.termination import Termination
from tools.control_plane.processes import Process
from tools.drills.termination.load_balancer import LoadBalancer
from tools.drills.termination.plan import Plan

_PROPAGATION = 0.5
"""Seconds before the deregistration at which the load balancer sends the last request, so that the
request reaches the pod in time."""

_LEAST_PROPAGATION = 0.2
"""Lowest number of seconds from the last request to TERM, if the drill is behind its timeline."""

Step = Literal["deregister", "TERM", "close connections", "KILL"]


def timeline(app: Termination, timing: Timing) -> Sequence[tuple[float, Step]]:
    """Returns the steps of a pod's termination, with the seconds from the deletion."""
    steps: tuple[tuple[float, Step], ...] = (
        (app.deregistered, "deregister"),
        (timing.pre_stop, "TERM"),
        (app.deregistered + timing.deregistration_delay, "close connections"),
        (timing.grace, "KILL"),
    )
    return sorted((step for step in steps if step[0] <= timing.grace), key=lambda step: step[0])


class Pods:
    """The pods of a target group: processes, of which some are registered."""

    def __init__(
        self, group: str, balancer: LoadBalancer, processes: Mapping[Path, Process]
    ) -> None:
        self._group, self._balancer, self._processes = group, balancer, processes
        self._last_request: dict[Path, float] = {}

    def register(self, sockets: Collection[Path]) -> None:
        """Registers pods with the load balancer."""
        self._balancer.register(self._group, sockets)

    def take(self, step: Step, sockets: Collection[Path]) -> None:
        """Takes a step of the termination of pods."""
        match step:
            case "deregister":
                self._balancer.deregister(self._group, sockets)
                self._last_request |= dict.fromkeys(sockets, time.monotonic())
            case "TERM":
                last = max(self._last_request.get(path, 0.0) for path in sockets)
                time.sleep(max(0.0, last + _LEAST_PROPAGATION - time.monotonic()))
                for path in sockets:
                    self._processes[path].terminate()
            case "close connections":
                self._balancer.close_connections(self._group, sockets)
            case "KILL":
                for path in sockets:
                    self._processes[path].kill()
                    self._processes[path].wait()  # read the status: this end is expected


def schedule(
    scheduler: sched.scheduler, plan: Plan, group: str, sockets: Sequence[Path], pods: Pods
) -> None:
    """Enters the rolling updates of a target group into a scheduler.

    `pods` has all pods, `sockets` their sockets in the order in which they are registered.
    """
    rollouts = plan.rollouts[group]
    for number, wave in enumerate(rollouts.waves):
        first = number * rollouts.per_wave
        old = sockets[first : first + rollouts.per_wave]
        new = sockets[first + rollouts.pods : first + rollouts.pods + rollouts.per_wave]
        scheduler.enter(wave, 0, pods.register, (new,))
        for second, step in timeline(plan.app, rollouts.timing):
            early = _PROPAGATION if step == "deregister" else 0.0
            scheduler.enter(wave + second * plan.factor - early, 1, pods.take, (step, old))
