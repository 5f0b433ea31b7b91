"""Runs `python -m MODULE` in forks of a process that has already imported the Pulumi SDKs.

The commands of this project spend most of their time importing the SDKs. A fork inherits the
imported SDKs. Otherwise a fork behaves like `python -m`: the process has a separate working
directory, environment, streams, signals and exit status, and imports the modules of the project
from its working directory.

A copy of the project gets a second warm process, which has also imported the modules of the copy.
Forks of this process run while the modules of the copy are unchanged. They record each stack once:
later forks read the recording of the same program and stack files from a folder.

The forked process has one thread and no gRPC channel. Forking a process with several threads is
unsafe, and Python 3.12 and later warn about it.
"""

import functools
import gc
import hashlib
import json
import os
import pickle
import pkgutil
import runpy
import socket
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("core", "settings", "components", "live", "extensions", "tools")
_MAX_BYTES = 1 << 20
"""Largest size of a request."""


class WarmProcess:
    """Starts the warm process and sends requests to the process."""

    def __init__(self) -> None:
        self._socket, remote = socket.socketpair()
        with remote:
            self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
                [sys.executable, __file__, str(remote.fileno())],
                cwd=ROOT,
                env={"PATH": os.defpath},
                pass_fds=[remote.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )

    def run(
        self,
        module: str,
        arguments: Sequence[str],
        cwd: Path,
        env: Mapping[str, str],
        stdin: str | int,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a module like `subprocess.run([python, "-m", module, …])`, with input or stdin."""
        with _file() as text, _file() as out, _file() as err:
            if isinstance(stdin, str):
                text.write(stdin.encode())
                text.seek(0)
                stdin = text.fileno()
            request = json.dumps([module, [*arguments], str(cwd), {**env}]).encode()
            socket.send_fds(self._socket, [request], [stdin, out.fileno(), err.fileno()])
            answer = self._socket.recv(_MAX_BYTES)
            assert answer, "the warm process has exited"
            texts = [_text(each) for each in (out, err)]
        return subprocess.CompletedProcess([module, *arguments], json.loads(answer), *texts)

    def with_project(self, folder: Path) -> "WarmProcess":
        """Starts a fork that imports the modules of a copy of the project, and then also forks."""
        fork = WarmProcess.__new__(WarmProcess)
        fork._process = None
        fork._socket, remote = socket.socketpair()
        with remote:
            request = json.dumps([None, [], str(folder), {}]).encode()
            socket.send_fds(self._socket, [request], [remote.fileno()])
        return fork

    def close(self) -> None:
        """Stops the process."""
        self._socket.close()
        if self._process:
            self._process.wait()


@functools.cache
def _process() -> WarmProcess:
    return WarmProcess()


FileStates = dict[str, tuple[int, int]]
"""Time of change and size of files, by path."""

_with_project: dict[Path, tuple[FileStates, WarmProcess]] = {}
"""Warm processes by the folder of a copy of the project, with the files that they imported."""


def _process_for(folder: Path) -> WarmProcess:
    """Returns the process that has imported the modules of a folder as they are now."""
    if not (folder / "settings" / "__init__.py").exists():
        return _process()
    files = file_states(*(folder / package for package in PACKAGES))
    if folder not in _with_project:
        _with_project[folder] = files, _process().with_project(folder)
    imported, process = _with_project[folder]
    return process if imported == files else _process()


def run_warm(
    module: str, *arguments: str, cwd: Path, env: Mapping[str, str], stdin: str | int = ""
) -> subprocess.CompletedProcess[str]:
    """Runs a module in a fork of the warm process, with a text or the file of a number as input.

    Each test process has one warm process.
    """
    process = _process() if "PYTHONPATH" in env else _process_for(cwd)
    return process.run(module, arguments, cwd, env, stdin)


def end_warm_process() -> None:
    """Stops the warm process if it runs."""
    if _process.cache_info().currsize:
        while _with_project:
            _with_project.popitem()[1][1].close()
        _process().close()
        _process.cache_clear()


def file_states(*folders: Path) -> FileStates:
    """Returns the states of all files below folders, without compiled files."""
    states: FileStates = {}
    waiting = [*map(str, folders)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    state = entry.stat(follow_symlinks=False)
                    states[entry.path] = state.st_mtime_ns, state.st_size
                elif entry.name != "__pycache__":
                    waiting.append(entry.path)
    return states


def _file() -> IO[bytes]:
    return tempfile.TemporaryFile()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _serve(connection: socket.socket) -> tuple[str, list[str], str, dict[str, str]]:
    """Forks for each request. In each fork, returns module, arguments, folder and environment."""
    servers: list[int] = []
    while True:
        request, fds, _, _ = socket.recv_fds(connection, _MAX_BYTES, 3)
        if not request:
            for each in servers:
                os.waitpid(each, 0)
            os._exit(0)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            process = os.fork()
        module, arguments, folder, env = json.loads(request)
        if not process:
            connection.close()
            if module is None:
                connection, servers = socket.socket(fileno=fds[0]), []
                _import_project(folder)
                continue
            for number, fd in enumerate(fds):
                os.dup2(fd, number)
                os.close(fd)
            return module, arguments, folder, env
        for fd in fds:
            os.close(fd)
        if module is None:
            servers.append(process)
            continue
        _, status = os.waitpid(process, 0)
        connection.send(json.dumps(os.waitstatus_to_exitcode(status)).encode())


def _import_sdks() -> None:
    """Imports all modules that a recording imports, and unloads the modules of the project."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tools.recording import record

        record("dev")
    for name in [*sys.modules]:
        file = getattr(sys.modules[name], "__file__", None)
        of_project = file and Path(file).is_relative_to(ROOT) and ".venv" not in Path(file).parts
        if of_project and name != "__main__":
            del sys.modules[name]


def _import_project(folder: str) -> None:
    """Imports the modules of the program and of most commands from a folder.

    Also records a stack, after which the models of the settings and the tables of facts are built.
    """
    sys.path[0] = folder
    _share_recordings(Path(folder))
    import_module("tools.deploy.up")
    import_module("tools.preview.__main__")
    for _, name, _ in pkgutil.walk_packages([f"{folder}/components"], "components."):
        import_module(name)
    import_module("tools.recording").record("dev", root=ROOT)
    gc.collect()
    gc.freeze()


def _share_recordings(folder: Path) -> None:
    """Makes forks share the recordings of the stacks of a folder.

    The key is the content of all files that a recording reads, other than the modules. A recording
    does not depend on the environment.
    """
    module = import_module("tools.recording")
    record = module.record
    shared = folder.with_name(f"{folder.name}-recordings")
    shared.mkdir(exist_ok=True)

    def shared_record(stack: str, *, root: Path = folder, **program: Any) -> object:
        if program:
            return record(stack, root=root, **program)
        files = [folder / "__main__.py", folder / "Pulumi.yaml", *sorted(root.glob("*.yaml"))]
        content = repr([stack, *((each.name, each.read_bytes()) for each in files)])
        file = shared / hashlib.sha256(content.encode()).hexdigest()
        if file.exists():
            return pickle.loads(file.read_bytes())
        recording = record(stack, root=root)
        new = shared / f"new-{os.getpid()}"
        new.write_bytes(pickle.dumps(recording))
        new.rename(file)
        return recording

    module.record = shared_record


def main() -> None:
    """Serves requests until the other end of the socket is closed."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    sys.path[0] = str(ROOT)
    _import_sdks()
    gc.collect()
    gc.freeze()
    threads = Path("/proc/self/task")
    assert not threads.exists() or len([*threads.iterdir()]) == 1, (
        "a fork would have only one of several threads"
    )
    locale = {name: os.environ[name] for name in ("LC_CTYPE",) if name in os.environ}
    module, arguments, folder, env = _serve(connection)
    os.chdir(folder)
    os.environ.clear()
    if not {"LC_ALL", "LC_CTYPE", "LANG"} & {*env}:
        os.environ.update(
            locale
        )  # Python sets LC_CTYPE at startup: https://peps.python.org/pep-0538/
    os.environ.update(env)
    sys.path[0], sys.argv = folder, [module, *arguments]
    for name in (module, f"{module}.__main__"):
        if not hasattr(sys.modules.get(name), "__path__"):
            sys.modules.pop(name, None)  # runpy warns about a module that is already imported
    if "PYTHONPATH" in env:
        sys.path[1:1] = env["PYTHONPATH"].split(os.pathsep)
        sys.modules.pop("sitecustomize", None)
        with suppress(ModuleNotFoundError):
            import_module("sitecustomize")
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as exit_:
        if exit_.code is not None and not isinstance(exit_.code, int):
            raise
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_.code or 0)  # a normal exit would copy the memory of all SDK objects


if __name__ == "__main__":
    main()
