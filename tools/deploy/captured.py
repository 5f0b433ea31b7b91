"""Runs programs and returns their output. After a signal, they end early, and by themselves."""

import subprocess
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

_SECONDS_TO_END = 10
_running: set[subprocess.Popen[bytes]] = set()


def captured(
    command: Sequence[str], folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Runs a program to its end and returns its output and its exit status.

    After a signal, the program gets TERM and the time to end the programs that it started, such as
    plug-ins of Pulumi. `subprocess.run` kills a program a quarter of a second after Ctrl-C.
    """
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        _running.add(program)
        try:
            output, error = program.communicate()
        except BaseException:
            _end([program])
            raise
        finally:
            _running.discard(program)
    return subprocess.CompletedProcess(command, program.returncode, output, error)


@contextmanager
def threads(number: int) -> Generator[ThreadPoolExecutor]:
    """Opens a pool of threads that run programs; after a signal, these programs end early.

    A plain pool waits until the programs of all threads have ended.
    """
    with ThreadPoolExecutor(number) as pool:
        try:
            yield pool
            pool.shutdown()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            _end([*_running])
            raise


def _end(programs: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ends programs: TERM, and KILL for a program that does not end in time."""
    for program in programs:
        program.terminate()
    for program in programs:
        try:
            program.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            program.kill()
