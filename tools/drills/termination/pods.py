"""Servers as processes."""

import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from tools.control_plane.processes import Process, last_line, start
from tools.drills.drill import DrillError

_SERVER = Path(__file__).with_name("server.py")

_START_SECONDS = 60.0
"""Seconds within which the servers must accept connections."""


def start_pods(
    processes: ExitStack, sockets: Sequence[Sequence[Path]], **options: float
) -> Mapping[Path, Process]:
    """Starts servers, each on its sockets, and waits until all accept connections.

    Returns the processes by the first socket. `options` are further fields of `server.Options`.
    Raises DrillError if a server does not start.
    """
    arguments = [
        part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", value)
    ]
    started = {
        each[0]: start(
            processes, each[0].with_suffix(".log"),
            sys.executable, "-I", "-S", _SERVER, "--sockets", *each, *arguments,
        )
        for each in sockets
    }  # fmt: skip
    deadline = time.monotonic() + _START_SECONDS
    for each in sockets:
        while not _accepts(each[-1]):
            if started[each[0]].poll() is not None or time.monotonic() > deadline:
                log = each[0].with_suffix(".log")
                raise DrillError(f"a server does not start: {last_line(log)}")
            time.sleep(0.02)
    return started


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(str(path)) == 0
