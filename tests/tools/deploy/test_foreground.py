"""Pulumi is never killed: TERM and Ctrl-C reach it, and the command waits for its end."""

import os
import signal
import threading
from pathlib import Path

import pytest

from tools.deploy.foreground import run_to_completion


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_command_only_after_the_program(
    number: signal.Signals, tmp_path: Path
) -> None:
    started, saved = tmp_path / "started", tmp_path / "saved"
    end = f"sleep 0.2; touch '{saved}'; exit 3"
    wait = "while :; do sleep 0.05; done"
    # Ctrl-C in a terminal reaches the program too; here only TERM is passed on.
    script = f"trap '{end}' TERM; touch '{started}'; {wait}"
    if number == signal.SIGINT:
        script = f"touch '{started}'; {end}"

    def send() -> None:
        while not started.exists():
            pass
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=send)
    thread.start()
    command = ["/bin/sh", "-c", script.replace("'" + end + "'", '"' + end + '"')]
    if number == signal.SIGINT:
        with pytest.raises(KeyboardInterrupt):
            run_to_completion(command, tmp_path, os.environ)
    else:
        assert run_to_completion(command, tmp_path, os.environ) == 3
    thread.join()
    assert saved.exists(), "the state would not be saved"
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
