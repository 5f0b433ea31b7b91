"""The journal of a fleet: a file to which each command appends what it has done."""

import fcntl
import getpass
import json
import os
import socket
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from tools.fleet.interfaces import FleetError

Record = Mapping[str, Any]  # Any: JSON of any shape
"""A line of the journal: `time`, `by`, `event`, and the facts of the event."""


def operator() -> str:
    """Returns user and host of this process."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


class Journal:
    """The file journal.jsonl in a folder. Records are only appended."""

    def __init__(
        self,
        folder: Path,
        written: Callable[[Record], None] = lambda record: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Calls `written` with each record that is on the disk."""
        self.file = folder / "journal.jsonl"
        self._written, self._now = written, now
        folder.mkdir(parents=True, exist_ok=True)

    def append(self, event: str, **facts: object) -> None:
        """Appends a record, and returns when the record is on the disk."""
        time = self._now().isoformat("T", "seconds")
        record = {"time": time, "by": operator(), "event": event, **facts}
        with self.file.open("ab+") as file:
            file.write(f"{'' if _ends_a_line(file) else chr(10)}{json.dumps(record)}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        self._written(record)

    def records(self) -> Sequence[Record]:
        """Returns all records, without lines that a kill has cut off."""
        text = self.file.read_text(encoding="utf-8") if self.file.exists() else ""
        found: list[Record] = []
        for line in text.splitlines():
            with suppress(ValueError):
                found.append(json.loads(line))
        return found

    @contextmanager
    def locked(self) -> Generator[None]:
        """Locks the journal for a run; raises FleetError, with the holder, if it is locked."""
        with self.file.with_name("lock").open("a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.seek(0)
                raise FleetError(
                    f"another run is in progress: {file.read().strip() or 'just started'}; wait "
                    "until it ends"
                ) from error
            file.truncate(0)
            since = self._now().isoformat("T", "seconds")
            file.write(f"{operator()} (pid {os.getpid()}) since {since}")
            file.flush()
            yield


def _ends_a_line(file: BinaryIO) -> bool:
    """True if a file is empty or ends with a line break."""
    if not file.seek(0, os.SEEK_END):
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
