"""Finds a program, or builds the program from a pinned Go module.

The first match is used: the path in an environment variable, a program on PATH with a supported
version, an earlier build in the user's cache, or a new build. The file name of a build contains the
version and a digest of the module. A build gets this name only when it is complete.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from tools.toolchain.tools import Tool, Version

_HERE = Path(__file__).resolve().parent
_VERSION = re.compile(r"v?([0-9]+)\.([0-9]+)\.([0-9]+)")
_TIMEOUT = 60.0
"""Seconds for a program to print its version."""


class ToolError(Exception):
    """A program cannot be found or built; the message is one line with the remedies."""


def find(tool: Tool, report: Callable[[str], None], cache: Path | None = None) -> Path:
    """Returns the absolute path of a program, which is built if necessary.

    Calls `report` with a line before a build and before a wait. Raises ToolError if the program is
    not found and cannot be built, or if the environment variable names an unsupported version.
    """
    path = os.environ.get(tool.variable)
    if path:
        program = Path(path).absolute()
        problem = _problem(program, tool)
        if problem:
            raise ToolError(f"{tool.variable}={path}: {problem}; {_remedies(tool)}")
        return program
    on_path = _on_path(tool)
    if on_path:
        return on_path
    if not tool.module:
        raise ToolError(f"{tool.name}: not found; {_remedies(tool)}")
    return _cached(tool, report, (cache or cache_folder()).absolute())


def is_present(tool: Tool, cache: Path | None = None) -> bool:
    """True if a program is found without a build."""
    if os.environ.get(tool.variable) or _on_path(tool):
        return True
    return not _problem(_build_of(tool, (cache or cache_folder()).absolute()), tool)


def _on_path(tool: Tool) -> Path | None:
    """Returns the path of a supported program on PATH.

    Distributions install haproxy in /usr/sbin, which is not on the PATH of every user.
    """
    found = shutil.which(tool.name) or shutil.which(tool.name, path="/usr/sbin:/usr/local/sbin")
    program = Path(found).absolute() if found else None
    return program if program and not _problem(program, tool) else None


def cache_folder() -> Path:
    """Returns the folder of builds, below XDG_CACHE_HOME or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ha-eks" / "tools"


def _cached(tool: Tool, report: Callable[[str], None], cache: Path) -> Path:
    """Returns the path of a build, which is built unless the cache has it."""
    program = _build_of(tool, cache)
    if not _problem(program, tool):
        return program
    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = program.with_name(f"{program.name}.lock")
        with _locked(lock, lambda: report(f"waiting for another build of {tool.name} …")):
            if _problem(program, tool):
                _build(tool, _HERE / tool.module, program, report)
    except OSError as error:
        raise ToolError(
            f"{tool.name}: cannot write to {cache}: {error.strerror}; {_remedies(tool)}"
        ) from error
    return program


def _build_of(tool: Tool, cache: Path) -> Path:
    """Returns the path that a build of a program has."""
    files = sorted((_HERE / tool.module).glob("*.*"))
    digest = hashlib.sha256(b"".join(map(Path.read_bytes, files)))
    return cache / f"{tool.name}-{_text(tool.version)}-{digest.hexdigest()[:12]}"


@contextmanager
def _locked(lock: Path, before_wait: Callable[[], None]) -> Generator[None]:
    """Holds a file lock, which the kernel releases when this process ends."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            before_wait()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(tool: Tool, module: Path, program: Path, report: Callable[[str], None]) -> None:
    """Builds a program under a temporary name, checks its version and renames it."""
    go = shutil.which("go")
    if go is None:
        raise ToolError(
            f"{tool.name}: Go is not on PATH, so the program cannot be built; {_remedies(tool)}"
        )
    version = f"v{_text(tool.version)}"
    variables = " ".join(f"-X {variable}={version}" for variable in tool.version_variables)
    for killed_build in program.parent.glob(f"{program.name}.*.part"):
        killed_build.unlink()
    unfinished = program.with_name(f"{program.name}.{os.getpid()}.part")
    report(f"building {tool.name} {_text(tool.version)} (once, takes {tool.build_time}) …")
    try:
        with tempfile.TemporaryDirectory(prefix="ha-eks-build-") as folder:
            overlay = _overlay(tool, go, module, Path(folder))
            _run(
                tool, module, go, "build", *overlay, "-trimpath",
                "-ldflags", f"-s -w {variables}", "-o", str(unfinished), tool.package,
            )  # fmt: skip
        if _problem(unfinished, tool):
            raise ToolError(
                f"{tool.name}: the build does not print version {_text(tool.version)}; "
                f"{_remedies(tool)}"
            )
        unfinished.replace(program)
    except OSError as error:
        raise ToolError(
            f"{tool.name}: cannot run {go}: {error.strerror}; {_remedies(tool)}"
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _overlay(tool: Tool, go: str, module: Path, folder: Path) -> tuple[str, ...]:
    """Returns the option of `go build` with which the embedded files are found in their module."""
    if tool.embedded is None:
        return ()
    answer = json.loads(_run(tool, module, go, "mod", "download", "-json", tool.embedded.module))
    files = [Path(answer["Dir"]) / each for each in tool.embedded.files]
    file = folder / "overlay.json"
    replaced = {str(module / each.name): str(each) for each in files}
    file.write_text(json.dumps({"Replace": replaced}), encoding="utf-8")
    return ("-overlay", str(file))


def _run(tool: Tool, module: Path, go: str, *arguments: str) -> str:
    """Runs Go in the folder of a module; returns its output."""
    done = subprocess.run(
        [go, *arguments],
        cwd=module,
        env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise ToolError(f"{tool.name}: go {arguments[0]} failed: {last}; {_remedies(tool)}")
    return done.stdout


def _version_of(program: Path, tool: Tool) -> Version | None:
    """Returns the version that a program prints; None if it does not exist or prints none."""
    try:
        done = subprocess.run(
            [program, *tool.version_arguments],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_TIMEOUT,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = None if done.returncode else _VERSION.search(done.stdout + done.stderr)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _problem(program: Path, tool: Tool) -> str | None:
    """Returns the reason why a file is not the program; None if it is the program."""
    if not program.exists():
        return "the file does not exist"
    if not tool.version_arguments:
        return None if os.access(program, os.X_OK) else "the file is not executable"
    version = _version_of(program, tool)
    if version is None:
        return "the program does not print a version"
    if not tool.version <= version < tool.below:
        return f"version {_text(version)} is not supported"
    return None


def _remedies(tool: Tool) -> str:
    """Returns the ways to get a program, for messages."""
    versions = f"{_text(tool.version)} or later, below {_text(tool.below)}"
    if not tool.module:
        return (
            f"install package {tool.package} of your distribution ({versions}), "
            f"or set {tool.variable} to the path of the program"
        )
    go = (_HERE / tool.module / "go.mod").read_text(encoding="utf-8").split("\ngo ")[1].split()[0]
    return (
        f"install {tool.name} ({versions}) on PATH, set {tool.variable} to its path, "
        f"or install Go {go} or later (https://go.dev/dl), which builds it"
    )


def _text(version: Version) -> str:
    return ".".join(map(str, version))
