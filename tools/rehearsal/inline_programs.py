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
from pulumi.runtime._grpc_settings import (
    _GRPC_CHANNEL_OPTIONS,  # pyright: ignore[reportPrivateUsage]  # the SDK has no setting for them
)

from tools.recording.garbage_collector import paused_collector

_LANGUAGE_SERVER = str(Path(auto.__file__).with_name("_server.py"))
"""Module of the SDK that runs inline programs."""

_SECONDS_TO_END = 60
"""Limit for a program to notice that its engine has ended."""

_OWN_CONNECTIONS = ("grpc.use_local_subchannel_pool", 1)
"""Option of a channel: connects by itself, instead of sharing connections with other channels of
this process to the same address:
https://github.com/grpc/grpc/blob/v1.76.0/include/grpc/impl/channel_arg_names.h"""


@contextmanager
def one_program() -> Generator[None]:
    """Runs a program alone: waits for those before it, deletes their coroutines, and shares no
    connection with them. Otherwise the program can fail with "Resource monitor has terminated":

    - Channels of an ended program keep trying to connect to their engine. If the next engine
      listens on the same port, gRPC gives the next program their last failure instead of
      connecting again.
    - Python ends a suspended coroutine when the collector finds it, in whichever thread runs at
      that time. In the thread of the next program, a coroutine of the SDK stops that program's
      server for transforms.
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
    _GRPC_CHANNEL_OPTIONS.append(_OWN_CONNECTIONS)
    try:
        with paused_collector():
            yield
    finally:
        _GRPC_CHANNEL_OPTIONS.remove(_OWN_CONNECTIONS)


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
