"""The server of the drill, in this process: responses, keep-alive time, and shutdown."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tools.drills.termination.server import Options, Server, serve

REQUEST = b"POST / HTTP/1.1\r\nHost: a\r\n\r\n"
SLOW = b"POST /slow HTTP/1.1\r\nHost: a\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
LAST_RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

Test = Callable[[str], Awaitable[None]]


def run(test: Test, path: Path, **options: float) -> None:
    """Runs a test beside a server, which must end when the test has sent TERM."""

    async def both() -> None:
        server = asyncio.ensure_future(serve(Options(sockets=[str(path)], **options)))
        while not path.exists():
            await asyncio.sleep(0.001)
        await test(str(path))
        await asyncio.wait_for(server, 5)

    asyncio.run(both())


async def connect_again_and_again(path: str) -> None:
    while True:
        _, writer = await asyncio.open_unix_connection(path)
        writer.close()


def term() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_a_request_that_arrives_in_parts_is_answered_once(tmp_path: Path) -> None:
    async def test(path: str) -> None:
        reader, writer = await asyncio.open_unix_connection(path)
        for part in (REQUEST[:10], REQUEST[10:], REQUEST):
            writer.write(part)
            await asyncio.sleep(0.01)
        term()
        assert await reader.read() == 2 * RESPONSE
        writer.close()

    run(test, tmp_path / "s", shutdown=1)


def test_after_term_requests_in_flight_are_answered_and_new_connections_refused(
    tmp_path: Path,
) -> None:
    async def test(path: str) -> None:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(SLOW)
        await asyncio.sleep(0.02)
        term()
        with pytest.raises(ConnectionRefusedError):
            await connect_again_and_again(path)
        assert await reader.read() == LAST_RESPONSE
        writer.close()

    run(test, tmp_path / "s", longest=0.3, shutdown=2)


def test_a_request_that_takes_longer_than_the_shutdown_is_dropped(tmp_path: Path) -> None:
    async def test(path: str) -> None:
        _, writer = await asyncio.open_unix_connection(path)
        writer.write(SLOW)
        await asyncio.sleep(0.02)
        term()
        writer.close()

    run(test, tmp_path / "s", longest=30, shutdown=0.05)


def test_an_idle_connection_is_closed_after_the_keep_alive_time(tmp_path: Path) -> None:
    async def test(path: str) -> None:
        reader, writer = await asyncio.open_unix_connection(path)
        assert await asyncio.wait_for(reader.read(), 1) == b""
        writer.close()
        term()

    run(test, tmp_path / "s", keep_alive=0.05, shutdown=1)


def test_a_request_between_the_end_and_its_arrival_at_the_load_balancer_is_lost(
    tmp_path: Path,
) -> None:
    async def test(path: str) -> None:
        reader, writer = await asyncio.open_unix_connection(path)
        await asyncio.sleep(0.1)
        writer.write(REQUEST)
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), 1)
        term()

    run(test, tmp_path / "s", keep_alive=0.05, network_delay=0.2, shutdown=1)


@pytest.mark.parametrize(
    ("lost", "seconds"), [([1, 1], 0.0), ([0, 1, 1], 0.2), ([0, 0, 1, 0, 1], 0.2 + 0.4 + 0.2)]
)
def test_a_lost_packet_is_sent_again_after_a_doubled_time(
    lost: list[float], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws = iter(lost)
    monkeypatch.setattr("random.random", lambda: next(draws))

    async def delay() -> float:
        return Server(Options(sockets=[], loss=0.5)).delay(b"/")

    assert asyncio.run(delay()) == pytest.approx(seconds)
