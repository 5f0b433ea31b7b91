"""Runs scenarios in several cells at once, each in a process of its own."""

import multiprocessing
import os
import signal
import warnings
from collections.abc import Generator, Iterator, Mapping, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from types import FrameType

from tools.drills.events import Failure
from tools.drills.runner import Event, run_scenarios
from tools.entry_point import Interrupted, ignored
from tools.recording import record

_MAXIMUM_CELLS = 6
"""More cells than this would not end sooner: the longest scenarios take as long as all others."""


def run_in_cells(
    stack: str, programs: Mapping[str, Path], names: Sequence[str]
) -> Generator[Event]:
    """Runs scenarios in several cells, and yields their outcomes in the order in which they end.

    A failure in one cell ends the others.
    """
    context = multiprocessing.get_context("spawn")
    waiting: SimpleQueue[str | None] = context.SimpleQueue()
    cells = min(cells_on(os.cpu_count() or 1), len(names))
    for name in (*names, *[None] * cells):
        waiting.put(name)
    processes: dict[Connection, SpawnProcess] = {}
    try:
        for _ in range(cells):
            events, sender = context.Pipe(duplex=False)
            process = context.Process(target=_run, args=(stack, programs, waiting, sender))
            _start(process)
            sender.close()  # so that the end of the process ends the connection
            processes[events] = process
        yield from _events(dict(processes))
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            process.join()


def _start(process: SpawnProcess) -> None:
    """Starts a process that ignores Ctrl-C until `_run` begins: its parent ends the process."""
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)  # which the process inherits
    try:
        process.start()
    finally:
        signal.signal(signal.SIGINT, former)


def cells_on(cores: int) -> int:
    """Returns the number of cells that run at once on a machine with some CPU cores.

    A cell with its baseline uses half of a core on average. With three cells on two cores, the
    times of all scenarios of prod stay as computed.
    """
    return min(cores * 3 // 2, _MAXIMUM_CELLS)


def _events(processes: dict[Connection, SpawnProcess]) -> Iterator[Event]:
    """Yields the events of all processes until they end, or one fails."""
    while processes:
        for events in wait([*processes]):
            assert isinstance(events, Connection)
            try:
                event = events.recv()
            except EOFError:
                process = processes.pop(events)
                process.join()
                if process.exitcode:
                    yield Failure(f"a process of the drill ended with status {process.exitcode}")
                    return
                continue
            yield event
            if isinstance(event, Failure):
                return


def interrupt(number: int, frame: FrameType | None) -> None:
    """Ends the drill. Further signals do not interrupt the end of its processes."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, ignored)
    raise Interrupted(number)


def _run(
    stack: str,
    programs: Mapping[str, Path],
    waiting: "SimpleQueue[str | None]",
    events: Connection,
) -> None:
    """Runs scenarios in a cell until none waits."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    warnings.simplefilter("ignore")  # the provider SDKs use deprecated names
    try:
        for event in run_scenarios(record(stack), programs, iter(waiting.get, None)):
            events.send(event)
    except KeyboardInterrupt:
        events.send(Failure("interrupted"))
