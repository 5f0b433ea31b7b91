"""Constant load by vegeta. https://github.com/tsenart/vegeta"""

import csv
import json
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tools.control_plane.processes import Process, start
from tools.drills.drill import DrillError

_WAIT = 60.0
"""Seconds for a response after the load has ended."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """The response to a request, or its failure."""

    sent: float
    """Seconds since the epoch."""
    ok: bool
    seconds: float
    """Time until the response or failure."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Number of requests, and of those without a response with status 200."""

    requests: int = 0
    dropped: int = 0
    errors: frozenset[str] = frozenset()
    """Kinds of failures."""

    def __add__(self, other: "Summary") -> "Summary":
        """Returns the summary of both loads."""
        return Summary(
            requests=self.requests + other.requests,
            dropped=self.dropped + other.dropped,
            errors=self.errors | other.errors,
        )


class Load:
    """Requests to a port at a constant rate, until `stop`.

    All requests are POST requests: no client or proxy may send them twice, so that each failure is
    seen.
    """

    def __init__(self, vegeta: Path, file: Path) -> None:
        self._vegeta, self._file = vegeta, file
        self._process: Process | None = None

    def start(
        self, processes: ExitStack, *, port: int, path: str, rate: float, longest: float
    ) -> None:
        """Begins to send requests; a response may take `longest` seconds.

        `rate` is the number of requests per second.
        """
        targets = self._file.with_suffix(".target")
        targets.write_text(f"POST http://127.0.0.1:{port}{path}\n", encoding="utf-8")
        self._process = start(
            processes, self._file.with_suffix(".log"), self._vegeta, "attack",
            "-targets", targets,
            "-rate", f"{round(rate * 1000)}/1000s",
            "-duration", "0",
            "-max-workers", 64 + round(2 * rate * longest),
            "-timeout", f"{longest + _WAIT}s",
            "-max-body", "0",
            "-output", self._file,
        )  # fmt: skip

    def stop(self) -> None:
        """Ends the load, without a wait for the responses."""
        if self._process:
            self._process.send_signal(signal.SIGINT)

    def summary(self) -> Summary:
        """Returns the summary, after all responses have come."""
        self._wait()
        found = json.loads(self._run("report", "-type", "json"))
        requests = int(found["requests"])
        return Summary(
            requests=requests,
            dropped=requests - int(found["status_codes"].get("200", 0)),
            errors=_kinds(found["errors"]),
        )

    def responses(self) -> Iterator[Response]:
        """Yields all responses, after they have come."""
        self._wait()
        for sent, status, nanoseconds, *_ in csv.reader(
            self._run("encode", "-to", "csv").splitlines()
        ):
            yield Response(sent=int(sent) / 1e9, ok=status == "200", seconds=int(nanoseconds) / 1e9)

    def _wait(self) -> None:
        assert self._process
        try:
            status = self._process.wait(2 * _WAIT)
        except subprocess.TimeoutExpired:
            status = None
        if status != 0:
            raise DrillError(f"vegeta does not end as expected: status {status}")

    def _run(self, *arguments: str) -> str:
        return subprocess.run(
            [self._vegeta, *arguments, self._file], capture_output=True, text=True, check=True
        ).stdout


def _kinds(errors: Iterable[str]) -> frozenset[str]:
    """Returns the kinds of errors, without the addresses of connections."""
    return frozenset(each.rsplit(": ", 1)[-1] for each in errors)
