"""An HTTP server that stands for a pod: `python server.py --sockets PATH …`. Runs as a process.

`POST /slow` takes `--longest` seconds, all other requests are answered at once. After TERM, the
server closes its sockets and idle connections, answers the requests in flight, and exits, at the
latest after `--shutdown` seconds.
"""

import argparse
import asyncio
import random
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

_BACKLOG = 1024
"""Connections that wait for the server."""

_RETRANSMISSION = 0.2
"""Seconds after which TCP sends a lost packet again; doubled with each further loss."""

_JITTER = 0.01
"""Largest deviation of the keep-alive time of a connection, in seconds."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """Behavior of the server; all times are seconds."""

    sockets: Sequence[str]
    """Paths of Unix domain sockets."""
    longest: float = 0.0
    """Duration of `/slow`."""
    shutdown: float = 0.0
    """Longest time from TERM to the exit."""
    keep_alive: float = 3600.0
    """Time after which an idle connection is closed."""
    network_delay: float = 0.0
    """Time that the end of a connection takes to reach the load balancer."""
    latency: float = 0.0
    """Additional duration of each request."""
    loss: float = 0.0
    """Probability with which a request or a response is lost and sent again."""


@dataclass
class Server:
    """State that all connections share."""

    options: Options
    connections: set["Connection"] = field(default_factory=set["Connection"])
    stopping: bool = False
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    def stop(self) -> None:
        """Closes idle connections; others are closed after their response."""
        self.stopping = True
        for each in [*self.connections]:
            each.close_if_idle()
        self.stop_if_unused()

    def stop_if_unused(self) -> None:
        """Ends the server if it is stopping and no connection is open."""
        if self.stopping and not self.connections:
            self.stopped.set()

    def delay(self, path: bytes) -> float:
        """Returns the seconds until the response to a request."""
        seconds = self.options.latency + (self.options.longest if path == b"/slow" else 0.0)
        for _ in ("request", "response"):
            wait = _RETRANSMISSION
            while random.random() < self.options.loss:
                seconds, wait = seconds + wait, 2 * wait
        return seconds


class Connection(asyncio.Protocol):
    """A connection of the load balancer. Requests have no body and are not pipelined."""

    _transport: asyncio.Transport

    def __init__(self, server: Server) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self._busy = False
        self._idle_since = self._loop.time()
        self._keep_alive = server.options.keep_alive + random.uniform(-_JITTER, _JITTER)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Starts the keep-alive time."""
        self._transport = cast(asyncio.Transport, transport)
        self._server.connections.add(self)
        self._loop.call_later(self._keep_alive, self._end_if_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the connection."""
        self._server.connections.discard(self)
        self._server.stop_if_unused()

    def data_received(self, data: bytes) -> None:
        """Answers a complete request, at once or later."""
        self._received += data
        if not self._received.endswith(b"\r\n\r\n"):
            return
        seconds = self._server.delay(self._received.split(b" ", 2)[1])
        self._received, self._busy = b"", True
        if seconds:
            self._loop.call_later(seconds, self._respond)
        else:
            self._respond()

    def _respond(self) -> None:
        if self._transport.is_closing():
            return
        last = b"Connection: close\r\n" if self._server.stopping else b""
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + last + b"\r\n")
        self._busy, self._idle_since = False, self._loop.time()
        if self._server.stopping:
            self._transport.close()

    def close_if_idle(self) -> None:
        """Closes the connection unless a request is in flight."""
        if not self._busy:
            self._transport.close()

    def _end_if_idle(self) -> None:
        """Closes the connection at the end of the keep-alive time.

        The load balancer sees the end after the network delay. A request that it sends meanwhile is
        not read, and the connection is reset.
        """
        left = self._idle_since + self._keep_alive - self._loop.time()
        if self._busy or left > 0:
            self._loop.call_later(max(left, self._keep_alive / 10), self._end_if_idle)
        elif not self._transport.is_closing():
            self._transport.pause_reading()
            self._loop.call_later(self._server.options.network_delay, self._transport.close)


async def serve(options: Options) -> None:
    """Serves until TERM, and then until all requests in flight are answered."""
    loop = asyncio.get_running_loop()
    server = Server(options)
    listeners = [
        await loop.create_unix_server(lambda: Connection(server), path, backlog=_BACKLOG)
        for path in options.sockets
    ]
    term = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, term.set)
    await term.wait()
    for each in listeners:
        each.close()
    server.stop()
    await asyncio.wait([asyncio.ensure_future(server.stopped.wait())], timeout=options.shutdown)


def _options() -> Options:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sockets", nargs="+", required=True)
    for name in ("longest", "shutdown", "keep-alive", "network-delay", "latency", "loss"):
        parser.add_argument(f"--{name}", type=float, default=argparse.SUPPRESS)
    return Options(**vars(parser.parse_args()))


if __name__ == "__main__":
    asyncio.run(serve(_options()))
