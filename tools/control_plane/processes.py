"""Starts processes that are stopped with their owner, and finds free ports for them."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

import requests

_HEALTHY_SECONDS = 60.0
"""Seconds within which a program must answer its health check."""

Process = subprocess.Popen[bytes]


class ProcessError(Exception):
    """A process has ended although its owner still needed it."""


def start(
    processes: ExitStack,
    log: Path,
    *command: object,
    variables: Mapping[str, str | None] | None = None,
) -> Process:
    """Starts a process with its output in `log`; it is stopped when `processes` is closed.

    `variables` replace environment variables of this process; None removes a variable.

    Then ProcessError is raised if the process has already ended for an unknown reason. An interrupt
    of the terminal does not reach the process: its owner stops it.
    """
    file = processes.enter_context(log.open("ab"))
    every = {**os.environ, **(variables or {})}
    environment = {name: value for name, value in every.items() if value is not None}
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=file,
        stderr=file,
        start_new_session=True,
        env=environment,
    )
    processes.callback(_end, process, log)
    return process


def stop(process: Process) -> None:
    """Ends a process: SIGTERM, and SIGKILL after ten seconds."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end(process: Process, log: Path) -> None:
    """Stops a process. Raises ProcessError if it ended earlier and its status was not read."""
    status = process.returncode
    ended_before = status is None and (status := process.poll()) is not None
    stop(process)
    if status is not None and ended_before:
        how = "ended" if status >= 0 else f"was killed ({signal.Signals(-status).name})"
        raise ProcessError(f"{log.stem}: the process {how} before the end: {last_line(log)}")


def wait_until_healthy(process: Process, url: str, log: Path) -> None:
    """Waits until a program answers its health check; `log` is the log of the program.

    Raises ProcessError if the program ends, or does not answer within a minute.
    """
    deadline = time.monotonic() + _HEALTHY_SECONDS
    with requests.Session() as session:
        session.trust_env = False  # no proxy for the loopback interface
        while True:
            with suppress(requests.RequestException):
                if session.get(url, timeout=2).ok:
                    return
            if process.poll() is not None or time.monotonic() > deadline:
                raise ProcessError(f"{log.stem} does not start: {last_line(log)}")
            time.sleep(0.1)


def last_line(log: Path) -> str:
    """Returns the last line of a log, for messages."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "its log is empty"


def free_ports(count: int) -> list[int]:
    """Returns unused ports of the loopback interface."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
