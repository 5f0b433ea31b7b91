"""Pulumi is never killed: TERM and Ctrl-C reach it, and the command waits for its end."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tools.deploy.foreground import run_to_completion

ENDS_ON_TERM = """
trap 'sleep 0.4; touch saved; exit 3' TERM
sleep 0.2; touch started
while :; do sleep 0.05; done
"""
ENDS_LATER = """
touch started
while ! test -e sent; do sleep 0.05; done
sleep 0.3
touch saved
"""


@pytest.mark.parametrize(
    ("number", "script"),
    [(signal.SIGTERM, ENDS_ON_TERM), (signal.SIGINT, ENDS_LATER)],
    ids=["TERM", "Ctrl-C"],
)
def test_a_signal_ends_the_command_only_after_the_program(
    number: signal.Signals, script: str, tmp_path: Path
) -> None:
    def send() -> None:
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), number)
        (tmp_path / "sent").touch()

    thread = threading.Thread(target=send)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        run_to_completion(["/bin/sh", "-c", script], tmp_path, os.environ)
    thread.join()
    assert (tmp_path / "saved").exists(), "Pulumi could not save the state"
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_signal_during_the_start_of_the_program_is_passed_on_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = subprocess.Popen

    def interrupted_start(*args: Any, **options: Any) -> Any:
        program = start(*args, **options)
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        return program

    monkeypatch.setattr(subprocess, "Popen", interrupted_start)
    with pytest.raises(KeyboardInterrupt):
        run_to_completion(["/bin/sh", "-c", ENDS_ON_TERM], tmp_path, os.environ)
    assert (tmp_path / "saved").exists(), "Pulumi would run on, or could not save the state"


def test_the_status_of_the_program_is_returned(tmp_path: Path) -> None:
    assert run_to_completion(["/bin/sh", "-c", "exit 3"], tmp_path, os.environ) == 3


def test_an_event_stops_the_program_once_and_returns_its_status(tmp_path: Path) -> None:
    stop = threading.Event()

    def send() -> None:
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        stop.set()

    thread = threading.Thread(target=send)
    thread.start()
    status = run_to_completion(["/bin/sh", "-c", ENDS_ON_TERM], tmp_path, os.environ, stop)
    thread.join()
    assert status == 3
    assert (tmp_path / "saved").exists(), "Pulumi could not save the state"


def test_a_program_that_no_event_stops_ends_by_itself(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", "exit 4"]
    assert run_to_completion(command, tmp_path, os.environ, threading.Event()) == 4
