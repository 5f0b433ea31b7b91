"""Programs that the Automation API runs in threads of this process."""

import gc
import sys
import time
import traceback
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from pulumi import automation as auto

from tools.recording.garbage_collector import paused_collector

_LANGUAGE_SERVER = str(Path(auto.__file__).with_name("_server.py"))
"""Module of the SDK that runs inline programs."""

_SECONDS_TO_END = 60
"""Limit for a program to notice that its engine has ended."""


@contextmanager
def one_program() -> Generator[None]:
    """Runs a program alone: waits for those before it, and deletes their coroutines.

    Python ends a suspended coroutine when the collector finds it, in whichever thread runs at that
    time. In the thread of the next program, a coroutine of the SDK would stop that program's
    server for transforms, and the program would fail with "Resource monitor has terminated".
    """
    deadline = time.monotonic() + _SECONDS_TO_END
    while program_is_running():
        if time.monotonic() > deadline:
            raise TimeoutError(f"a program runs {_SECONDS_TO_END} seconds after its engine's end")
        time.sleep(0.02)
    hook, sys.unraisablehook = sys.unraisablehook, _ignore
    try:
        gc.collect()
    finally:
        sys.unraisablehook = hook
    with paused_collector():
        yield


def program_is_running() -> bool:
    """True if a thread runs an inline program in the Automation API's language server."""
    return any(
        frame.f_code.co_filename == _LANGUAGE_SERVER
        for top in _frames().values()
        for frame, _ in traceback.walk_stack(top)
    )


def _frames() -> Mapping[int, FrameType]:
    """Returns the current frame of each thread."""
    return sys._current_frames()  # pyright: ignore[reportPrivateUsage]  # documented all the same


def _ignore(_: object) -> None:
    """Ignores errors of coroutines whose event loop is closed."""
