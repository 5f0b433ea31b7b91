"""Runs `python -m MODULE` in forks of a process that has imported the Pulumi SDKs before.

A command of this project spends most of its time importing the SDKs, and a test waits for that
each time. A fork has them at once, and is otherwise what `python -m` is: a process with its own
folder, environment, streams, signals and exit status, which imports the project's modules anew
from the folder in which it runs.

The process that is forked has one thread and no gRPC channel: forking anything else is unsafe, and
from Python 3.12 on a warning.
"""

import functools
import gc
import json
import os
import runpy
import socket
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
_LONGEST = 1 << 20
"""Bytes of a request, at most."""


class WarmProcess:
    """Starts the process that is forked, and asks it for commands."""

    def __init__(self) -> None:
        self._socket, other = socket.socketpair()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(other.fileno())],
                cwd=ROOT,
                env={"PATH": os.defpath},
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )

    def run(
        self, module: str, arguments: Sequence[str], cwd: Path, env: Mapping[str, str], say: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs a module as `subprocess.run([python, "-m", module, …])` would."""
        with tempfile.TemporaryFile() as said, _file() as out, _file() as err:
            said.write(say.encode())
            said.seek(0)
            request = json.dumps([module, [*arguments], str(cwd), {**env}]).encode()
            socket.send_fds(self._socket, [request], [each.fileno() for each in (said, out, err)])
            answer = self._socket.recv(_LONGEST)
            assert answer, "the process that commands are forked from has ended"
            texts = [_text(each) for each in (out, err)]
        return subprocess.CompletedProcess([module, *arguments], json.loads(answer), *texts)

    def close(self) -> None:
        """Ends the process."""
        self._socket.close()
        self._process.wait()


@functools.cache
def _process() -> WarmProcess:
    return WarmProcess()


def run_warm(
    module: str, *arguments: str, cwd: Path, env: Mapping[str, str], say: str = ""
) -> subprocess.CompletedProcess[str]:
    """Runs a module in a fork of the one warm process of this test process."""
    return _process().run(module, arguments, cwd, env, say)


def end_warm_process() -> None:
    """Ends the warm process, if there is one."""
    if _process.cache_info().currsize:
        _process().close()
        _process.cache_clear()


def _file() -> IO[bytes]:
    return tempfile.TemporaryFile()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _serve(link: socket.socket) -> tuple[str, list[str], str, dict[str, str]]:
    """Forks for each request; returns in the forks, with what they are to run."""
    while True:
        request, fds, _, _ = socket.recv_fds(link, _LONGEST, 3)
        if not request:
            sys.exit()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            process = os.fork()
        if not process:
            link.close()
            for number, fd in enumerate(fds):
                os.dup2(fd, number)
                os.close(fd)
            return json.loads(request)
        for fd in fds:
            os.close(fd)
        _, status = os.waitpid(process, 0)
        link.send(json.dumps(os.waitstatus_to_exitcode(status)).encode())


def _import_sdks() -> None:
    """Imports everything that a recording imports, and forgets what is the project's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tools.recording import record

        record("dev")
    for name in [*sys.modules]:
        file = getattr(sys.modules[name], "__file__", None)
        ours = file and Path(file).is_relative_to(ROOT) and ".venv" not in Path(file).parts
        if ours and name != "__main__":
            del sys.modules[name]


def main() -> None:
    """Serves until the other end of the socket is closed."""
    link = socket.socket(fileno=int(sys.argv[1]))
    sys.path[0] = str(ROOT)
    _import_sdks()
    gc.collect()
    gc.freeze()
    threads = Path("/proc/self/task")
    assert not threads.exists() or len([*threads.iterdir()]) == 1, "a fork would lack threads"
    locale = {name: os.environ[name] for name in ("LC_CTYPE",) if name in os.environ}
    module, arguments, folder, env = _serve(link)
    os.chdir(folder)
    os.environ.clear()
    if not {"LC_ALL", "LC_CTYPE", "LANG"} & {*env}:
        os.environ.update(locale)  # as Python sets it for itself: https://peps.python.org/pep-0538/
    os.environ.update(env)
    sys.path[0], sys.argv = folder, [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is not None and not isinstance(end.code, int):
            raise
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code or 0)  # taking the SDKs apart would copy all of their memory first


if __name__ == "__main__":
    main()
