"""Impaired zones: pods of one zone respond late, lose packets or do not respond."""

import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tools.control_plane.processes import Process, free_ports
from tools.drills.termination.load import Load, Response
from tools.drills.termination.load_balancer import TargetGroup, load_balancer
from tools.drills.termination.pods import start_pods

LATENCY, LOSS = 1.0, 0.2
"""Seconds by which requests to the impaired zone are slower, and share of lost packets."""

SLOW = 0.19
"""Seconds from which a response is slow; TCP sends a lost packet again after 0.2 seconds."""

SLOWER, LOSSY, UNRESPONSIVE = "slower", "lossy", "unresponsive"
"""Names of the target groups."""

_RATE = 60.0
"""Requests per second to each target group."""

_LEAD = 2.0
"""Seconds until the pods of a zone do not respond any more."""

_OUT, _END = 22.0, 34.0
"""Seconds until the zone is taken out, and until the end."""

_IDLE_TIMEOUT = 60.0
"""Idle timeout of the load balancer, in seconds; longer than the drill."""


@dataclass(frozen=True, kw_only=True)
class Impaired:
    """Responses of the impaired zone and the others, and what health checks noticed."""

    before: Mapping[str, Sequence[Response]]
    """Responses to requests before the zone is taken out, by target group."""
    after: Mapping[str, Sequence[Response]]
    """Responses to requests after the zone was taken out."""
    unhealthy: Mapping[str, int]
    """Number of pods that failed their health checks, before the zone is taken out."""
    stopped: float
    """Time at which the pods stopped to respond, in seconds since the epoch."""


def run_impaired(
    zones: Sequence[int],
    *,
    failed_check: float,
    algorithm: str,
    haproxy: Path,
    vegeta: Path,
    folder: Path,
) -> Impaired:
    """Impairs the first zone; `zones` are the numbers of pods in each zone.

    `failed_check` is the timeout of a health check. After some time, the pods of the zone are
    deregistered, as a zonal shift does.
    """
    options = {SLOWER: {"latency": LATENCY}, LOSSY: {"loss": LOSS}, UNRESPONSIVE: {}}
    groups = [
        TargetGroup(
            name=name,
            port=port,
            targets=[folder / f"{name}-{number}.sock" for number in range(sum(zones))],
            registered=sum(zones),
            idle_timeout=_IDLE_TIMEOUT,
            algorithm=algorithm,
            failed_check=failed_check,
        )
        for name, port in zip(options, free_ports(len(options)), strict=True)
    ]
    with ExitStack() as processes:
        impaired: dict[str, Mapping[Path, Process]] = {}
        for group in groups:
            sockets = [[path] for path in group.targets]
            impaired[group.name] = start_pods(processes, sockets[: zones[0]], **options[group.name])
            start_pods(processes, sockets[zones[0] :])
        stopping = impaired[UNRESPONSIVE].values()
        balancer = processes.enter_context(load_balancer(haproxy, groups, folder))
        loads = {group.name: Load(vegeta, folder / group.name) for group in groups}
        for group in groups:
            loads[group.name].start(processes, port=group.port, path="/", rate=_RATE, longest=_OUT)
        began = time.monotonic()
        time.sleep(_LEAD)
        stopped = time.time()
        try:
            for process in stopping:
                process.send_signal(signal.SIGSTOP)
            time.sleep(began + _OUT - time.monotonic())
        finally:
            for process in stopping:
                process.send_signal(signal.SIGCONT)
        unhealthy = {group.name: balancer.unhealthy(group.name) for group in groups}
        for group in groups:
            balancer.deregister(group.name, group.targets[: zones[0]])
        out = time.time()
        time.sleep(began + _END - time.monotonic())
        for load in loads.values():
            load.stop()
        responses = {name: [*load.responses()] for name, load in loads.items()}
    return Impaired(
        before={
            name: [each for each in found if each.sent <= out] for name, found in responses.items()
        },
        after={
            name: [each for each in found if each.sent > out + 1]
            for name, found in responses.items()
        },
        unhealthy=unhealthy,
        stopped=stopped,
    )
