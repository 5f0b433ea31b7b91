"""The real Pulumi engine with the real program, over a cloud, in a temporary folder."""

import gc
import os
import runpy
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation as auto

from settings.node_replacement import Replacement
from tools.recording.record import ROOT, clean_environment
from tools.rehearsal.edits.edit import Config
from tools.rehearsal.fake_cloud.cloud import Cloud
from tools.rehearsal.fake_cloud.servicer import PACKAGES, serving


class Engine:
    """One stack, with a copy of its file and a state of its own."""

    def __init__(self, stack: str, root: Path, folder: Path, cli: Path, port: int) -> None:
        self.stack = stack
        self.folder = folder
        self._file = folder / f"Pulumi.{stack}.yaml"
        state = folder / "state"
        state.mkdir()
        shutil.copy(ROOT / "Pulumi.yaml", folder)
        shutil.copy(root / f"Pulumi.{stack}.yaml", folder)
        (folder / "bin").mkdir()
        (folder / "bin" / "pulumi").symlink_to(cli)
        self._stack = auto.create_stack(
            stack,
            project_name="ha-eks",
            program=_program,
            opts=auto.LocalWorkspaceOptions(
                work_dir=str(folder),
                pulumi_command=auto.PulumiCommand(root=str(folder)),
                env_vars={
                    "PULUMI_HOME": str(folder / "home"),
                    # Metadata is a second file: a kill between the two writes loses the state.
                    "PULUMI_BACKEND_URL": f"{state.as_uri()}?metadata=skip",
                    "PULUMI_CONFIG_PASSPHRASE": "rehearsal",
                    "PULUMI_SKIP_UPDATE_CHECK": "1",
                    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
                    "PULUMI_DISABLE_REGISTRY_RESOLVE": "1",
                    "PULUMI_DEBUG_PROVIDERS": ",".join(f"{each}:{port}" for each in PACKAGES),
                },
            ),
        )

    def preview(self) -> Mapping[str, int]:
        """How many resources an `up` would touch, by operation."""
        _forget()
        return _counts(self._stack.preview().change_summary)

    def up(
        self, targets: Sequence[str] | None = None, replacing: Replacement | None = None
    ) -> Mapping[str, int]:
        """Brings the stack up, or some URNs of it; how many were touched, by operation."""
        _forget()
        with _told(replacing):
            done = self._stack.up(target=list(targets) if targets else None)
        return _counts(done.summary.resource_changes)

    def refresh(self) -> Mapping[str, int]:
        """Reads everything anew; how many resources differ, by operation."""
        _forget()
        return _counts(self._stack.refresh().summary.resource_changes)

    def destroy(self) -> Mapping[str, int]:
        """Takes the stack down."""
        _forget()
        return _counts(self._stack.destroy().summary.resource_changes)

    def cancel(self) -> None:
        """Takes away the lock that a killed engine leaves."""
        self._stack.cancel()

    def edit(self, change: Callable[[Config], None]) -> None:
        """Changes the copy of the stack file."""
        document = self._document()
        change(document["config"])
        self._file.write_text(yaml.safe_dump(document), encoding="utf-8")

    @property
    def config(self) -> Config:
        """What the copy of the stack file has."""
        return self._document()["config"]

    def _document(self) -> Config:
        return yaml.safe_load(self._file.read_text(encoding="utf-8"))

    def resources(self) -> list[Mapping[str, Any]]:
        """The resources in the engine's state, as it keeps them."""
        return self._deployment().get("resources") or []

    def pending(self) -> list[Mapping[str, Any]]:
        """Operations of which the engine does not know how they ended."""
        return self._deployment().get("pending_operations") or []

    def _deployment(self) -> Mapping[str, Any]:
        return self._stack.export_stack().deployment or {}

    def kill(self) -> None:
        """SIGKILL to the engine that runs, as a machine that goes away would."""
        own = str(self.folder / "bin" / "pulumi")
        for pid, command in _processes():
            if command.startswith(own):
                with suppress(ProcessLookupError):  # it has ended meanwhile
                    os.kill(pid, signal.SIGKILL)


def _processes() -> Iterator[tuple[int, str]]:
    """Every process, with its command line: from /proc, or on systems without it from `ps`."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
            yield int(folder.name), command.decode(errors="replace")
    if not Path("/proc").exists():
        listed = subprocess.run(
            ["ps", "-axwwo", "pid=,args="], capture_output=True, text=True, check=True
        )
        for line in listed.stdout.splitlines():
            pid, _, command = line.strip().partition(" ")
            yield int(pid), command.strip()


@contextmanager
def rehearsed(stack: str, root: Path, cloud: Cloud, cli: Path) -> Generator[Engine]:
    """An engine over a cloud, with the stack file in `root`; leaves neither process nor folder
    behind, however it ends."""
    folder = Path(tempfile.mkdtemp(prefix="ha-eks-rehearsal-"))
    engine: Engine | None = None
    try:
        with clean_environment(), serving(cloud) as port:
            engine = Engine(stack, root, folder, cli, port)
            yield engine
    finally:
        if engine is not None:
            engine.kill()
        shutil.rmtree(folder)


def _forget() -> None:
    """Ends what is left of a program whose engine went away. Left to the garbage collector's own
    time, it would stop the server that the SDK has for the next program's transforms."""
    hook, sys.unraisablehook = sys.unraisablehook, _unheard
    try:
        gc.collect()
    finally:
        sys.unraisablehook = hook


def _unheard(_: object) -> None:
    """Says nothing of what ends without its event loop."""


@contextmanager
def _told(replacing: Replacement | None) -> Generator[None]:
    """Tells the program, which runs in this process, and the engine of a replacement."""
    if replacing is None:
        yield
        return
    os.environ.update(replacing.environment)
    try:
        yield
    finally:
        for name in replacing.environment:
            del os.environ[name]


def _program() -> None:
    runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")


def _counts(changes: Mapping[Any, int] | None) -> Mapping[str, int]:
    return {getattr(kind, "value", str(kind)): count for kind, count in (changes or {}).items()}
