"""Repeats an action in a thread."""

import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def repeated(action: Callable[[], object], seconds: float) -> Generator[None]:
    """Calls `action` at an interval while the block runs; raises the error of the action."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(seconds):
            action()

    with ThreadPoolExecutor(1) as executor:
        calls = executor.submit(run)
        try:
            yield
        finally:
            ended.set()
        calls.result()
