"""Lists the processes of this machine."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def processes() -> Iterator[tuple[int, str]]:
    """Yields ID and command line of all processes, from /proc or, without /proc, from `ps`."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # the process has ended
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
            yield int(folder.name), command.decode(errors="replace")
    if not Path("/proc").exists():
        output = subprocess.run(
            ["ps", "-axwwo", "pid=,args="], capture_output=True, text=True, check=True
        )
        for line in output.stdout.splitlines():
            pid, _, command = line.strip().partition(" ")
            yield int(pid), command.strip()
