"""Runs a program in the foreground, to its end."""

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from tools.entry_point import Interrupted

_POLL = 0.5
"""Seconds between two looks at the event that stops a command."""


def report(line: str) -> None:
    """Prints a line in a way that the progress display of Pulumi does not overwrite.

    In a terminal, the display moves the cursor up by its height before it draws itself again.
    """
    below = shutil.get_terminal_size().lines - 1 if sys.stdout.isatty() else 0
    print(line, end="\r\n" * below or "\n", file=sys.stderr, flush=True)


def run_to_completion(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    stop: threading.Event | None = None,
    errors: Callable[[str], None] | None = None,
) -> int:
    """Runs a command without ever killing it, and returns its exit status.

    Ctrl-C also reaches Pulumi, which then completes the current operations and saves the state;
    TERM is passed on. Then KeyboardInterrupt is raised after the end of Pulumi. A killed Pulumi
    would leave the stack locked, and resources that are not in the state. The event `stop` sends
    TERM too, without a KeyboardInterrupt.

    With `errors`, all output goes to standard error, and the function gets each line of the error
    output.
    """
    program: subprocess.Popen[bytes] | None = None
    terminated = passed_on = False

    def pass_on() -> None:
        nonlocal passed_on
        stopped = terminated or (stop is not None and stop.is_set())
        if program and stopped and not passed_on:
            passed_on = True  # a second signal would kill Pulumi
            program.terminate()

    def receive(number: int, frame: FrameType | None) -> None:
        nonlocal terminated
        terminated = True
        pass_on()

    former = signal.signal(signal.SIGTERM, receive)
    try:
        program = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=sys.stderr if errors else None,
            stderr=subprocess.PIPE if errors else None,
        )
        reader = threading.Thread(target=_read_errors, args=(program, errors), daemon=True)
        reader.start()
        pass_on()
        status = None if stop else program.wait()
        while status is None:
            with suppress(subprocess.TimeoutExpired):
                status = program.wait(_POLL)
            pass_on()
        reader.join()
    except KeyboardInterrupt:
        if program:
            program.wait()
        raise
    finally:
        signal.signal(signal.SIGTERM, former)
    if terminated:
        raise Interrupted(signal.SIGTERM)
    return status


def _read_errors(program: subprocess.Popen[bytes], errors: Callable[[str], None] | None) -> None:
    """Prints the error output of a program, and passes each line on."""
    for line in program.stderr or ():
        text = line.decode(errors="replace")
        print(text, end="", file=sys.stderr, flush=True)
        if errors:
            errors(text.rstrip())
