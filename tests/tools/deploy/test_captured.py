"""Programs whose output is read end after a signal, instead of being killed."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.deploy.captured import captured, threads
from tools.entry_point import status_of
from tools.recording.record import ROOT

ENDS_ON_TERM = """
trap 'sleep 0.1; touch ended; exit 3' TERM
touch started
while :; do sleep 0.05; done
"""


def test_output_and_status_of_a_program_are_returned(tmp_path: Path) -> None:
    done = captured(["/bin/sh", "-c", "pwd; echo $A >&2; exit 3"], tmp_path, {"A": "error"})
    assert (done.returncode, done.stdout, done.stderr) == (3, f"{tmp_path}\n".encode(), b"error\n")
    with pytest.raises(subprocess.CalledProcessError):
        done.check_returncode()


def in_this_thread(run: Callable[[], object]) -> None:
    run()


def in_a_pool(run: Callable[[], object]) -> None:
    with threads(1) as pool:
        running, waiting = pool.submit(run), pool.submit(run)
    assert running.result() is waiting.result()


@pytest.mark.parametrize("where", [in_this_thread, in_a_pool])
def test_a_signal_ends_a_program_which_ends_its_own_programs(
    where: Callable[[Callable[[], object]], None], tmp_path: Path
) -> None:
    def send() -> None:
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    def main() -> int:
        where(lambda: captured(["/bin/sh", "-c", ENDS_ON_TERM], tmp_path, os.environ))
        return 0

    former = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    thread = threading.Thread(target=send)
    thread.start()
    began = time.monotonic()
    assert status_of(main) == 143
    assert (tmp_path / "ended").exists(), "plug-ins of Pulumi would run on"
    assert time.monotonic() - began < 5
    thread.join()
    signal.signal(signal.SIGTERM, former)


def test_all_programs_run_in_one_of_two_ways() -> None:
    """`subprocess.run` would kill a program that changes the cell, and leave the stack locked."""
    for folder in ("deploy", "fleet"):
        for file in (ROOT / "tools" / folder).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            runs = any(f"subprocess.{name}(" in text for name in ("run", "check_output", "Popen"))
            assert runs == (file.name in {"captured.py", "foreground.py"}), file
