"""A process that runs scenarios in no cell, without the imports of the real one."""

import os
import signal
import time
from multiprocessing.connection import Connection
from multiprocessing.queues import SimpleQueue
from typing import Any

from tools.drills.events import Failure


def run(
    stack: str, programs: object, waiting: "SimpleQueue[str | None]", events: "Connection[Any, Any]"
) -> None:
    """Sends the name of each scenario; some names have a meaning."""
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    assert ignored, "Ctrl-C during the imports prints a stack trace"
    for name in iter(waiting.get, None):
        match name:
            case "fails":
                events.send(Failure("no memory"))
            case "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "long":
                time.sleep(60)
            case _:
                events.send((stack, name))
                time.sleep(0.1)
