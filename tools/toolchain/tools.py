"""Finds a program, or builds the program from a pinned Go module.

The first match is used: the path in an environment variable, a program on PATH with a supported
version, an earlier build in the user's cache, or a new build. The file name of a build contains the
version and a digest of the module. A build gets this name only when it is complete.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_VERSION = re.compile(r"v?([0-9]+)\.([0-9]+)\.([0-9]+)")
_TIMEOUT = 60.0
"""Seconds for a program to print its version."""

Version = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A program and the Go package that it is built from."""

    name: str
    """File name of the program."""
    module: str
    """Folder with go.mod and go.sum, beside this file."""
    package: str
    """Go package of the main function."""
    version: Version
    """Version that the module pins, and the lowest supported version."""
    below: Version
    """Lowest version that is not supported."""
    version_arguments: tuple[str, ...]
    """Arguments with which the program prints its version."""
    version_variables: tuple[str, ...] = ()
    """Go variables that the linker sets to the version."""

    @property
    def variable(self) -> str:
        """Name of the environment variable with the path of the program."""
        return f"HA_EKS_{self.name.upper().replace('-', '_')}"


class ToolError(Exception):
    """A program cannot be found or built; the message is one line with the remedies."""


PULUMI = Tool(
    name="pulumi",
    module="pulumi",
    package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    version=(3, 259, 0),
    below=(4, 0, 0),
    version_arguments=("version",),
    version_variables=("github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",),
)
PULUMI_KUBERNETES = Tool(
    name="pulumi-resource-kubernetes",
    module="pulumi-kubernetes",
    package="ha-eks/toolchain/pulumi-kubernetes",
    version=(4, 25, 0),
    below=(5, 0, 0),
    version_arguments=(),
    version_variables=("github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version",),
)
ETCD = Tool(
    name="etcd",
    module="etcd",
    package="go.etcd.io/etcd/server/v3",
    version=(3, 6, 8),
    below=(3, 7, 0),
    version_arguments=("--version",),
)


_KUBERNETES_VERSIONS = ("k8s.io/component-base/version.gitVersion",
                        "k8s.io/client-go/pkg/version.gitVersion")  # fmt: skip


def _of_control_plane(name: str) -> Mapping[str, Tool]:
    """Returns a program of the Kubernetes control plane, by minor version of the cluster."""
    return {
        minor: Tool(
            name=name,
            module=f"kubernetes-{minor}",
            package=f"k8s.io/kubernetes/cmd/{name}",
            version=version,
            below=(version[0], version[1] + 1, 0),
            version_arguments=("--version",),
            version_variables=_KUBERNETES_VERSIONS,
        )
        for minor, version in (("1.34", (1, 34, 4)), ("1.35", (1, 35, 4)), ("1.36", (1, 36, 2)))
    }


KUBE_APISERVER = _of_control_plane("kube-apiserver")
KUBE_CONTROLLER_MANAGER = _of_control_plane("kube-controller-manager")
KUBE_SCHEDULER = _of_control_plane("kube-scheduler")

KUBECTL = Tool(
    name="kubectl",
    module="kubectl",
    package="k8s.io/kubernetes/cmd/kubectl",
    version=(1, 36, 2),
    below=(1, 38, 0),
    version_arguments=("version", "--client"),
    version_variables=_KUBERNETES_VERSIONS,
)
"""kubectl, which supports API servers of the same minor version, the previous and the next.

https://kubernetes.io/releases/version-skew-policy/#kubectl
"""

KWOK = Tool(
    name="kwok",
    module="kwok",
    package="sigs.k8s.io/kwok/cmd/kwok",
    version=(0, 8, 0),
    below=(0, 9, 0),
    version_arguments=("--version",),
)
"""KWOK, which simulates kubelets. https://kwok.sigs.k8s.io"""

METRICS_SERVER = Tool(
    name="metrics-server",
    module="metrics-server",
    package="sigs.k8s.io/metrics-server/cmd/metrics-server",
    version=(0, 9, 0),
    below=(0, 10, 0),
    version_arguments=("--version",),
    version_variables=("k8s.io/client-go/pkg/version.gitVersion",),
)
"""metrics-server, which reads the CPU usage of pods from kubelets for the pod autoscaler."""


def find(tool: Tool, report: Callable[[str], None], cache: Path | None = None) -> Path:
    """Returns the absolute path of a program, which is built if necessary.

    Calls `report` with a line before a build and before a wait. Raises ToolError if the program is
    not found and cannot be built, or if the environment variable names an unsupported version.
    """
    path = os.environ.get(tool.variable)
    if path:
        program = Path(path).absolute()
        version = _version_of(program, tool)
        if not _is_supported(tool, version):
            problem = _problem(version) if program.exists() else "the file does not exist"
            raise ToolError(f"{tool.variable}={path}: {problem}; {_remedies(tool)}")
        return program
    on_path = shutil.which(tool.name)
    if on_path and _is_supported(tool, _version_of(Path(on_path).absolute(), tool)):
        return Path(on_path).absolute()
    return _cached(tool, report, (cache or cache_folder()).absolute())


def cache_folder() -> Path:
    """Returns the folder of builds, below XDG_CACHE_HOME or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ha-eks" / "tools"


def _cached(tool: Tool, report: Callable[[str], None], cache: Path) -> Path:
    """Returns the path of a build, which is built unless the cache has it."""
    module = _HERE / tool.module
    digest = hashlib.sha256((module / "go.mod").read_bytes() + (module / "go.sum").read_bytes())
    program = cache / f"{tool.name}-{_text(tool.version)}-{digest.hexdigest()[:12]}"
    if _is_supported(tool, _version_of(program, tool)):
        return program
    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = program.with_name(f"{program.name}.lock")
        with _locked(lock, lambda: report(f"waiting for another build of {tool.name} …")):
            if not _is_supported(tool, _version_of(program, tool)):
                _build(tool, module, program, report)
    except OSError as error:
        raise ToolError(
            f"{tool.name}: cannot write to {cache}: {error.strerror}; {_remedies(tool)}"
        ) from error
    return program


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
    report(f"building {tool.name} {_text(tool.version)} (once, takes some minutes) …")
    try:
        built = subprocess.run(
            [go, "build", "-trimpath", "-ldflags", f"-s -w {variables}", "-o", unfinished,
             tool.package],
            cwd=module,
            env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )  # fmt: skip
        if built.returncode:
            last = (built.stderr.strip().splitlines() or ["no output"])[-1]
            raise ToolError(f"{tool.name}: go build failed: {last}; {_remedies(tool)}")
        if not _is_supported(tool, _version_of(unfinished, tool)):
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


def _is_supported(tool: Tool, version: Version | None) -> bool:
    return version is not None and tool.version <= version < tool.below


def _remedies(tool: Tool) -> str:
    """Returns the ways to get a program, for messages."""
    versions = f"{_text(tool.version)} or later, below {_text(tool.below)}"
    go = (_HERE / tool.module / "go.mod").read_text(encoding="utf-8").split("\ngo ")[1].split()[0]
    return (
        f"install {tool.name} ({versions}) on PATH, set {tool.variable} to its path, "
        f"or install Go {go} or later (https://go.dev/dl), which builds it"
    )


def _problem(version: Version | None) -> str:
    if version is None:
        return "the program does not print a version"
    return f"version {_text(version)} is not supported"


def _text(version: Version) -> str:
    return ".".join(map(str, version))
