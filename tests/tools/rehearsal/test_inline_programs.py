"""Tests of the wait for programs of killed engines."""

from threading import Event, Thread

from pulumi.automation import _server

from tools.rehearsal.inline_programs import program_is_running


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
