"""haproxy as the load balancer: its configuration, and commands while haproxy runs.

https://docs.haproxy.org/2.6/configuration.html
https://docs.haproxy.org/2.6/management.html
"""

import csv
import io
import socket
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.availability.health_checks import (
    HEALTHY_THRESHOLD,
    INTERVAL,
    TIMEOUT,
    UNHEALTHY_THRESHOLD,
)
from tools.control_plane.processes import last_line, start
from tools.drills.drill import DrillError

CONNECT_TIMEOUT = 10
"""Seconds for a connection to a target, as of an Application Load Balancer.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html"""

_UNUSED = 0.5
"""Seconds between two times at which haproxy looks for unused connections. haproxy closes the only
connection to a target the third time, which is earlier than each derived keep-alive time. haproxy
has one timer for all targets, so that the figure must be the same for all."""

_START_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """Targets that share the requests to one port of the load balancer."""

    name: str
    port: int
    """Port that receives the requests."""
    targets: Sequence[Path]
    """Unix domain sockets of all targets, with those that are registered later."""
    registered: int
    """Number of targets that are registered at the start, the first in `targets`."""
    idle_timeout: float
    """Seconds after which the load balancer closes a connection without data."""
    time_factor: float = 1.0
    """Factor of the times of health checks."""
    algorithm: str = "roundRobin"
    """`expose.algorithm` of the app."""
    health_checks: bool = True
    failed_check: float = 0.0
    """Seconds that a failed health check takes. haproxy waits from the end of a check, an
    Application Load Balancer from its start."""


_ALGORITHMS = {"roundRobin": "roundrobin", "leastOutstandingRequests": "leastconn"}


def configuration(groups: Sequence[TargetGroup], control: Path) -> str:
    """Returns the configuration of haproxy, whose commands are read from the socket `control`.

    haproxy sends no request twice and does not count errors of requests as failed health checks,
    like an Application Load Balancer.
    """
    return "\n".join(
        (
            "global",
            "  nbthread 1",
            "  maxconn 1900",
            # By default, haproxy closes idle connections when a quarter of the files is in use.
            "  tune.pool-low-fd-ratio 90",
            "  tune.pool-high-fd-ratio 95",
            f"  stats socket {control} mode 600 level admin",
            "defaults",
            "  mode http",
            "  retries 0",
            f"  timeout connect {CONNECT_TIMEOUT}s",
            "  timeout client 1h",
            "  http-reuse always",
            *(line for group in groups for line in _group(group)),
            "",
        )
    )


def _group(group: TargetGroup) -> Sequence[str]:
    interval, factor = INTERVAL * group.time_factor, group.time_factor
    check = (
        f"check inter {_ms(interval)} fastinter {_ms(interval - group.failed_check)} "
        f"rise {HEALTHY_THRESHOLD} fall {UNHEALTHY_THRESHOLD} "
        if group.health_checks
        else ""
    )
    return (
        f"frontend {group.name}-port",
        f"  bind 127.0.0.1:{group.port}",
        f"  default_backend {group.name}",
        f"backend {group.name}",
        f"  balance {_ALGORITHMS[group.algorithm]}",
        f"  timeout server {_ms(group.idle_timeout)}",
        f"  timeout check {_ms(TIMEOUT * factor)}",
        "  option httpchk GET /readyz",
        f"  default-server {check}pool-purge-delay {_ms(_UNUSED)}",
        *(
            f"  server {path.stem} unix@{path}{'' if number < group.registered else ' disabled'}"
            for number, path in enumerate(group.targets)
        ),
    )


def _ms(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"


class LoadBalancer:
    """A running haproxy."""

    def __init__(self, control: Path) -> None:
        self._control = control

    def register(self, group: str, targets: Collection[Path]) -> None:
        """Sends requests to targets, too."""
        self._each(targets, lambda path: f"set server {group}/{path.stem} state ready")

    def deregister(self, group: str, targets: Collection[Path]) -> None:
        """Sends no new requests to targets; requests in flight continue."""
        self._each(targets, lambda path: f"set server {group}/{path.stem} state maint")

    def close_connections(self, group: str, targets: Collection[Path]) -> None:
        """Closes the connections to targets, with requests in flight."""
        self._each(targets, lambda path: f"shutdown sessions server {group}/{path.stem}")

    def requests(self, group: str) -> int:
        """Returns the number of requests to a target group so far."""
        [row] = [
            row
            for row in self._statistics()
            if (row["# pxname"], row["svname"]) == (f"{group}-port", "FRONTEND")
        ]
        return int(row["req_tot"])

    def unhealthy(self, group: str) -> int:
        """Returns how often health checks have taken a registered target out."""
        return sum(
            int(row["chkdown"])
            for row in self._statistics()
            if row["# pxname"] == group and row["svname"] not in {"FRONTEND", "BACKEND"}
        )

    def _statistics(self) -> Sequence[dict[str, str]]:
        return [*csv.DictReader(io.StringIO(self._send("show stat")))]

    def _each(self, targets: Collection[Path], command: Callable[[Path], str]) -> None:
        answer = self._send("; ".join(map(command, targets))).strip()
        if answer:
            raise DrillError(f"haproxy: {answer}")

    def _send(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self._control))
            connection.sendall(f"{command}\n".encode())
            with connection.makefile(encoding="utf-8") as answer:
                return answer.read()


@contextmanager
def load_balancer(
    haproxy: Path, groups: Sequence[TargetGroup], folder: Path
) -> Generator[LoadBalancer]:
    """Runs haproxy until the block ends. Raises DrillError if haproxy does not start."""
    control, log, file = folder / "haproxy.sock", folder / "haproxy.log", folder / "haproxy.cfg"
    file.write_text(configuration(groups, control), encoding="utf-8")
    with ExitStack() as processes:
        process = start(processes, log, haproxy, "-db", "-f", file)
        deadline = time.monotonic() + _START_SECONDS
        while not control.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise DrillError(f"haproxy does not start: {last_line(log)}")
            time.sleep(0.05)
        yield LoadBalancer(control)
