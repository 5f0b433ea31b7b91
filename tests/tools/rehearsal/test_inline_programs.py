"""Tests of programs that run one after another in this process."""

import gc
from collections.abc import Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from socket import socket
from threading import Event, Thread
from types import coroutine

import grpc
import pytest
from pulumi.automation import _server
from pulumi.runtime.proto.resource_pb2 import SupportsFeatureRequest, SupportsFeatureResponse
from pulumi.runtime.proto.resource_pb2_grpc import (
    ResourceMonitorServicer,
    ResourceMonitorStub,
    add_ResourceMonitorServicer_to_server,
)
from pulumi.runtime.settings import Settings

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


def test_a_program_connects_although_a_program_before_it_could_not_reach_the_same_port() -> None:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    before = _program_of(address)
    with pytest.raises(grpc.RpcError, match="Connection refused"):
        before.SupportsFeature(SupportsFeatureRequest())
    server = grpc.server(ThreadPoolExecutor(1))
    add_ResourceMonitorServicer_to_server(_Engine(), server)
    server.add_insecure_port(address)
    server.start()
    try:
        with one_program():
            answer = _program_of(address).SupportsFeature(SupportsFeatureRequest())
    finally:
        server.stop(None)
    assert answer.hasSupport


class _Engine(ResourceMonitorServicer):
    def SupportsFeature(  # noqa: N802  # the name in the protocol
        self, request: SupportsFeatureRequest, context: grpc.ServicerContext
    ) -> SupportsFeatureResponse:
        return SupportsFeatureResponse(hasSupport=True)


def _program_of(address: str) -> ResourceMonitorStub:
    """Returns the client of a program whose engine listens at an address."""
    return Settings("ha-eks", "dev", address).monitor


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
