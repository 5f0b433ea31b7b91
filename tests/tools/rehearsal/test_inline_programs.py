"""Tests of programs that run one after another in this process."""

import gc
from collections.abc import Coroutine, Generator
from threading import Event, Thread
from types import coroutine

from pulumi.automation import _server

from tools.rehearsal.inline_programs import one_program, program_is_running


def test_an_inline_program_is_found_in_its_thread_until_it_ends() -> None:
    started, end = Event(), Event()
    code = compile("started.set(); end.wait()", _server.__file__, "exec")
    thread = Thread(target=exec, args=(code, {"started": started, "end": end}))
    assert not program_is_running()
    thread.start()
    started.wait()
    assert program_is_running(), "the next program would lose its server for transforms"
    end.set()
    thread.join()
    assert not program_is_running()


def test_coroutines_of_ended_programs_are_deleted_before_the_next_program_and_not_during_it() -> (
    None
):
    ended: list[str] = []
    _leave_suspended("the program before", ended)
    with one_program():
        assert ended == ["the program before"]
        _leave_suspended("the program", ended)
        _allocate()
        assert ended == ["the program before"], "the SDK would stop the server for transforms"
    assert gc.isenabled()
    _allocate()
    assert ended == ["the program before", "the program"]


def _leave_suspended(name: str, ended: list[str]) -> None:
    """Leaves a suspended coroutine that the collector deletes, which adds its name to `ended`."""

    @coroutine
    def suspend() -> Generator[None]:
        yield

    async def program(references: list[Coroutine[None, None, None]]) -> None:
        try:
            await suspend()
        finally:
            ended.append(name)

    references: list[Coroutine[None, None, None]] = []
    references.append(program(references))
    references[0].send(None)


def _allocate() -> None:
    """Creates as many objects as make the collector run several times."""
    objects = [object() for _ in range(10_000)]
    assert [[each] for each in objects]
