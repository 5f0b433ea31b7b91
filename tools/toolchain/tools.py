"""Gets a tool: named by a variable, on PATH if its version fits, or built from a pinned module.

What is built goes to the user's cache, under a name that holds the module's contents: another
version is another file, and one that was cut off never bears the name of a finished one.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_VERSION = re.compile(r"v?([0-9]+)\.([0-9]+)\.([0-9]+)")
_PATIENCE = 60.0
"""Seconds in which a program has to tell its version."""

Version = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A program, and the Go package that it is built from."""

    name: str
    """Its file name."""
    module: str
    """Folder of its go.mod and go.sum, beside this file."""
    package: str
    """Go package of its main."""
    version: Version
    """The version that the module pins."""
    below: Version
    """Versions from the pinned one up to below this fit as well."""
    ask: tuple[str, ...]
    """Arguments with which it tells its version."""
    stamp: tuple[str, ...] = ()
    """Variables that hold the version, which the linker sets."""

    @property
    def variable(self) -> str:
        """The environment variable that names the program."""
        return f"HA_EKS_{self.name.upper().replace('-', '_')}"


class ToolError(Exception):
    """A tool that cannot be had; one line that says the ways to get it."""


PULUMI = Tool(
    name="pulumi",
    module="pulumi",
    package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    version=(3, 259, 0),
    below=(4, 0, 0),
    ask=("version",),
    stamp=("github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",),
)
ETCD = Tool(
    name="etcd",
    module="etcd",
    package="go.etcd.io/etcd/server/v3",
    version=(3, 6, 8),
    below=(3, 7, 0),
    ask=("--version",),
)


def _kube_apiserver(version: Version) -> Tool:
    """The API server of a Kubernetes minor."""
    major, minor, _ = version
    return Tool(
        name="kube-apiserver",
        module=f"kubernetes-{major}.{minor}",
        package="k8s.io/kubernetes/cmd/kube-apiserver",
        version=version,
        below=(major, minor + 1, 0),
        ask=("--version",),
        stamp=(
            "k8s.io/component-base/version.gitVersion",
            "k8s.io/client-go/pkg/version.gitVersion",
        ),
    )


KUBE_APISERVER = {
    "1.34": _kube_apiserver((1, 34, 4)),
    "1.35": _kube_apiserver((1, 35, 4)),
    "1.36": _kube_apiserver((1, 36, 2)),
}
"""The API server by the cluster's minor."""

KUBECTL = Tool(
    name="kubectl",
    module="kubectl",
    package="k8s.io/kubernetes/cmd/kubectl",
    version=(1, 36, 2),
    below=(1, 38, 0),
    ask=("version", "--client"),
    stamp=(
        "k8s.io/component-base/version.gitVersion",
        "k8s.io/client-go/pkg/version.gitVersion",
    ),
)
"""kubectl is at home with servers of its own minor, one before it and one after."""


def find(tool: Tool, say: Callable[[str], None], cache: Path | None = None) -> Path:
    """The program of a tool, from the root; `say` is told what takes long.

    Raises ToolError if it is nowhere and cannot be built, or if the variable names another
    version than fits.
    """
    named = os.environ.get(tool.variable)
    if named:
        program = Path(named).absolute()
        version = _version_of(program, tool)
        if not _fits(tool, version):
            told = _told(version) if program.exists() else "is not there"
            raise ToolError(f"{tool.variable}={named}: {told}; {_wanted(tool)}")
        return program
    on_path = shutil.which(tool.name)
    if on_path and _fits(tool, _version_of(Path(on_path).absolute(), tool)):
        return Path(on_path).absolute()
    return _cached(tool, say, (cache or cache_folder()).absolute())


def cache_folder() -> Path:
    """Where built tools are kept: below XDG_CACHE_HOME, or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ha-eks" / "tools"


def _cached(tool: Tool, say: Callable[[str], None], cache: Path) -> Path:
    module = _HERE / tool.module
    digest = hashlib.sha256((module / "go.mod").read_bytes() + (module / "go.sum").read_bytes())
    program = cache / f"{tool.name}-{_text(tool.version)}-{digest.hexdigest()[:12]}"
    if _fits(tool, _version_of(program, tool)):
        return program
    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = program.with_name(f"{program.name}.lock")
        with _alone(lock, lambda: say(f"waiting: {tool.name} is being built …")):
            if not _fits(tool, _version_of(program, tool)):  # nobody built it meanwhile
                _build(tool, module, program, say)
    except OSError as error:
        raise ToolError(
            f"{tool.name}: cannot be kept in {cache}: {error.strerror}; {_wanted(tool)}"
        ) from error
    return program


@contextmanager
def _alone(lock: Path, wait: Callable[[], None]) -> Generator[None]:
    """Holds a lock that ends with this process, however it ends."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wait()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(tool: Tool, module: Path, program: Path, say: Callable[[str], None]) -> None:
    go = shutil.which("go")
    if go is None:
        raise ToolError(f"{tool.name}: there is no Go to build it with; {_wanted(tool)}")
    version = f"v{_text(tool.version)}"
    stamps = " ".join(f"-X {variable}={version}" for variable in tool.stamp)
    for abandoned in program.parent.glob(f"{program.name}.*.part"):
        abandoned.unlink()
    unfinished = program.with_name(f"{program.name}.{os.getpid()}.part")
    say(f"building {tool.name} {_text(tool.version)} (once, some minutes) …")
    try:
        built = subprocess.run(
            [go, "build", "-trimpath", "-ldflags", f"-s -w {stamps}", "-o", unfinished,
             tool.package],
            cwd=module,
            env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )  # fmt: skip
        if built.returncode:
            last = (built.stderr.strip().splitlines() or ["go build failed"])[-1]
            raise ToolError(f"{tool.name}: cannot be built: {last}; {_wanted(tool)}")
        if not _fits(tool, _version_of(unfinished, tool)):
            raise ToolError(f"{tool.name}: what was built tells no version; {_wanted(tool)}")
        unfinished.replace(program)
    except OSError as error:
        raise ToolError(
            f"{tool.name}: cannot be built with {go}: {error.strerror}; {_wanted(tool)}"
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _version_of(program: Path, tool: Tool) -> Version | None:
    """What a program tells of its version; None if it is not there, or tells none."""
    try:
        told = subprocess.run(
            [program, *tool.ask],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = None if told.returncode else _VERSION.search(told.stdout + told.stderr)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _fits(tool: Tool, version: Version | None) -> bool:
    return version is not None and tool.version <= version < tool.below


def _wanted(tool: Tool) -> str:
    """The ways to get a tool."""
    versions = f"{_text(tool.version)} or later, below {_text(tool.below)}"
    go = (_HERE / tool.module / "go.mod").read_text(encoding="utf-8").split("\ngo ")[1].split()[0]
    return (
        f"install {tool.name} ({versions}) on PATH, name one by {tool.variable}, "
        f"or install Go {go} or later (https://go.dev/dl) to have it built"
    )


def _told(version: Version | None) -> str:
    return f"is version {_text(version)}" if version else "tells no version"


def _text(version: Version) -> str:
    return ".".join(map(str, version))
