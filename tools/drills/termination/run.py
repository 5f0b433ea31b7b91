"""Runs a drill of terminations: servers, load balancer, load and rolling updates."""

import sched
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from tools.control_plane.processes import free_ports
from tools.drills.termination.load import Load, Summary
from tools.drills.termination.load_balancer import TargetGroup, load_balancer
from tools.drills.termination.plan import DERIVED, REQUESTS, Plan
from tools.drills.termination.pods import start_pods
from tools.drills.termination.rollout import Pods, schedule

_LIMIT = 240.0
"""Seconds for all requests with the derived timing."""

_NETWORK_DELAY = 0.001
"""Seconds from the end of an idle connection in the app until the load balancer sees the end."""


def run(plan: Plan, *, haproxy: Path, vegeta: Path, folder: Path) -> Mapping[str, Summary]:
    """Runs the plan; returns the requests by target group.

    Ends when all pods have terminated and all requests are sent.
    """
    groups = {group.name: group for group in _groups(plan, folder)}
    longest = plan.app.longest_request * plan.factor
    with ExitStack() as processes:
        servers = {
            name: start_pods(
                processes,
                [[path] for path in groups[name].targets],
                longest=longest,
                shutdown=plan.app.shutdown * plan.factor,
            )
            for name in plan.rollouts
        }
        for name, keep_alive in plan.keep_alive.items():
            start_pods(
                processes,
                [groups[name].targets],
                keep_alive=keep_alive.seconds,
                network_delay=_NETWORK_DELAY,
            )
        balancer = processes.enter_context(load_balancer(haproxy, [*groups.values()], folder))
        loads: list[tuple[str, Load]] = []
        for name, path, rate in _rates(plan):
            load = Load(vegeta, folder / f"{name}{path.replace('/', '-')}")
            load.start(
                processes,
                port=groups[name].port,
                path=path,
                rate=rate,
                longest=longest if path == "/slow" else 0.0,
            )
            loads.append((name, load))
        deadline = time.monotonic() + _LIMIT
        scheduler = sched.scheduler(time.monotonic, time.sleep)
        for name in plan.rollouts:
            pods = Pods(name, balancer, servers[name])
            schedule(scheduler, plan, name, groups[name].targets, pods)
        scheduler.run()
        while balancer.requests(DERIVED) < REQUESTS and time.monotonic() < deadline:
            time.sleep(0.2)
        for _, load in loads:
            load.stop()
        return {
            name: sum((load.summary() for of, load in loads if of == name), Summary())
            for name in groups
        }


def _groups(plan: Plan, folder: Path) -> Iterator[TargetGroup]:
    targets = {
        **{name: each.servers for name, each in plan.rollouts.items()},
        **{name: each.connections for name, each in plan.keep_alive.items()},
    }
    ports = free_ports(len(targets))
    for port, (name, count) in zip(ports, targets.items(), strict=True):
        rollouts = plan.rollouts.get(name)
        yield TargetGroup(
            name=name,
            port=port,
            targets=[folder / f"{name}-{number}.sock" for number in range(count)],
            registered=rollouts.pods if rollouts else count,
            idle_timeout=(
                plan.idle_timeout * plan.factor if rollouts else plan.keep_alive_idle_timeout
            ),
            time_factor=plan.factor,
            health_checks=rollouts is not None,
        )


def _rates(plan: Plan) -> Iterator[tuple[str, str, float]]:
    """Yields target group, path and requests per second of each load."""
    for name, rollouts in plan.rollouts.items():
        if rollouts.rate:
            yield name, "/", rollouts.rate
        if rollouts.slow_rate:
            yield name, "/slow", rollouts.slow_rate
    for name, keep_alive in plan.keep_alive.items():
        yield name, "/", keep_alive.rate
