"""Repeats an action in a thread."""

import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import requests


@contextmanager
def repeated(action: Callable[[], object], seconds: float) -> Generator[None]:
    """Calls `action` at an interval while the block runs; raises the error of the action.

    This error comes before an error of the block.

    An action to which a server does not respond is tried again.
    """
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(seconds):
            with suppress(requests.Timeout):
                action()

    with ThreadPoolExecutor(1) as executor:
        calls = executor.submit(run)
        try:
            yield
        except Exception:
            ended.set()
            calls.result()  # its error is often the reason
            raise
        finally:
            ended.set()
        calls.result()
