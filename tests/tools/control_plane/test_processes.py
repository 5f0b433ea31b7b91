"""Processes of a control plane: they end with their owner, and their failures are named."""

import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tools.control_plane.processes import ProcessError, start, stop

RUNS = (sys.executable, "-c", "import time; time.sleep(60)")


def test_a_process_ends_with_its_owner(tmp_path: Path) -> None:
    with ExitStack() as processes:
        running = start(processes, tmp_path / "log", *RUNS)
        assert running.poll() is None
    assert running.returncode == -signal.SIGTERM


def test_an_interrupt_of_the_terminal_does_not_reach_a_process(tmp_path: Path) -> None:
    with ExitStack() as processes:
        running = start(processes, tmp_path / "log", *RUNS)
        assert os.getpgid(running.pid) != os.getpgid(0), (
            "Ctrl-C would end etcd before the programs that use it"
        )


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("print('bind: address already in use'); raise SystemExit(1)", "ended"),
        (
            "import os, signal; print('bind: address already in use', flush=True);"
            "os.kill(os.getpid(), signal.SIGKILL)",
            "was killed (SIGKILL)",
        ),
    ],
    ids=["a port is taken", "memory is short"],
)
def test_a_process_that_ends_before_its_owner_is_named_with_its_last_line(
    code: str, how: str, tmp_path: Path
) -> None:
    log = tmp_path / "scheduler.log"
    processes = ExitStack()
    process = start(processes, log, sys.executable, "-c", code)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(ProcessError) as raised:
        processes.close()
    assert str(raised.value) == (
        f"scheduler: the process {how} before the end: bind: address already in use"
    )


def test_a_process_that_its_owner_has_stopped_is_no_failure(tmp_path: Path) -> None:
    with ExitStack() as processes:
        stop(start(processes, tmp_path / "log", *RUNS))
