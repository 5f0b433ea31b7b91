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
    program: subprocess.Popen[bytes] | None = None
    terminated = passed_on = False

    def pass_on() -> None:
        nonlocal passed_on
        if program and terminated and not passed_on:
            passed_on = True  # a second signal would kill Pulumi
            program.terminate()

    def receive(number: int, frame: FrameType | None) -> None:
        nonlocal terminated
        terminated = True
        pass_on()

    former = signal.signal(signal.SIGTERM, receive)
    try:
        program = subprocess.Popen(command, cwd=folder, env=environment)
        pass_on()
        status = program.wait()
    except KeyboardInterrupt:
        if program:
            program.wait()
        raise
    finally:
        signal.signal(signal.SIGTERM, former)
    if terminated:
        raise KeyboardInterrupt
    return status
