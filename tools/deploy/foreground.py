"""Runs a program in the foreground, to its end."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType


def run_to_completion(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> int:
    """Runs a command without ever killing it, and returns its exit status.

    Ctrl-C also reaches Pulumi, which then completes the current operations and saves the state;
    TERM is passed on. Then KeyboardInterrupt is raised after the end of Pulumi. A killed Pulumi
    would leave the stack locked, and resources that are not in the state.
    """
    terminated = False
    with subprocess.Popen(command, cwd=folder, env=environment) as program:

        def pass_on(number: int, frame: FrameType | None) -> None:
            nonlocal terminated
            terminated = True
            program.send_signal(number)

        former = signal.signal(signal.SIGTERM, pass_on)
        try:
            status = program.wait()
        except KeyboardInterrupt:
            program.wait()
            raise
        finally:
            signal.signal(signal.SIGTERM, former)
    if terminated:
        raise KeyboardInterrupt
    return status
