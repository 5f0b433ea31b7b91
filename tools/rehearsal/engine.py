"""The real Pulumi engine, with the real program, in a temporary folder against a fake cloud."""

import os
import runpy
import shutil
import signal
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation as auto
from pulumi.automation.errors import CommandError
from pulumi.automation.events import EngineEvent, PolicyEvent, StepEventMetadata
from pulumi.runtime import settings as pulumi_settings

from settings import files_of, read_stack_file, targeted_up
from settings.node_replacement import Replacement
from tools.recording.record import ROOT, clean_environment
from tools.rehearsal.edits.edit import Config
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.fake_cloud.provider import PACKAGES, serve
from tools.rehearsal.inline_programs import one_program
from tools.rehearsal.running_processes import processes


class Engine:
    """One stack, with a copy of its stack file and a separate state."""

    def __init__(
        self, stack: str, root: Path, folder: Path, cli: Path, providers: Mapping[str, int]
    ) -> None:
        self.stack = stack
        self.folder = folder
        self.file = folder / f"Pulumi.{stack}.yaml"
        """Copy of the stack file."""
        state = folder / "state"
        state.mkdir()
        shutil.copy(ROOT / "Pulumi.yaml", folder)
        for file in files_of(root / self.file.name):
            shutil.copy(file, folder)
        (folder / "bin").mkdir()
        (folder / "bin" / "pulumi").symlink_to(cli)
        self._stack = auto.create_stack(
            stack,
            project_name="ha-eks",
            program=partial(_program, folder),
            opts=auto.LocalWorkspaceOptions(
                work_dir=str(folder),
                pulumi_command=auto.PulumiCommand(root=str(folder)),
                env_vars={
                    "PULUMI_HOME": str(folder / "home"),
                    # Without the second file: a kill between two writes would lose the state.
                    "PULUMI_BACKEND_URL": f"{state.as_uri()}?metadata=skip",
                    "PULUMI_CONFIG_PASSPHRASE": "rehearsal",
                    "PULUMI_SKIP_UPDATE_CHECK": "1",
                    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
                    "PULUMI_DISABLE_REGISTRY_RESOLVE": "1",
                    "PULUMI_DEBUG_PROVIDERS": ",".join(
                        f"{package}:{port}" for package, port in providers.items()
                    ),
                },
            ),
        )

    def preview(self) -> Mapping[str, int]:
        """Runs `pulumi preview`; returns the number of resources by operation."""
        with one_program():
            return _counts(self._stack.preview().change_summary)

    def preview_steps(self, targets: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        """Returns the steps of `pulumi preview` for some URNs, as `--json` prints them."""
        found: list[StepEventMetadata] = []

        def add(event: EngineEvent) -> None:
            if event.resource_pre_event:
                found.append(event.resource_pre_event.metadata)

        with one_program(), _environment_of(None, targets):
            self._stack.preview(target=list(targets), on_event=add)
        return [
            {
                "op": each.op,
                "urn": each.urn,
                "oldState": each.old and {"inputs": each.old.inputs},
                "newState": each.new and {"inputs": each.new.inputs},
            }
            for each in found
        ]

    def preview_policies(self, pack: Path) -> tuple[Sequence[PolicyEvent], bool]:
        """Runs `pulumi preview` with a policy pack; returns the violations, and True if the command
        succeeds."""
        found: list[PolicyEvent] = []

        def add(event: EngineEvent) -> None:
            if event.policy_event:
                found.append(event.policy_event)

        try:
            with one_program():
                self._stack.preview(policy_packs=[str(pack)], on_event=add)
        except CommandError:
            if not found:
                raise
            return found, False
        return found, True

    def run(self, *arguments: str) -> str:
        """Runs another command of the CLI in the folder of the stack; returns its output."""
        workspace = self._stack.workspace
        command = workspace.pulumi_command
        return command.run([*arguments], str(self.folder), workspace.env_vars).stdout

    def up(
        self, targets: Sequence[str] | None = None, replacing: Replacement | None = None
    ) -> Mapping[str, int]:
        """Runs `pulumi up`, for some URNs if `targets` are set; returns counts as `preview` does.

        `replacing` is the step of a node replacement that the program performs.
        """
        with one_program(), _environment_of(replacing, targets):
            result = self._stack.up(target=list(targets) if targets else None)
        return _counts(result.summary.resource_changes)

    def up_at_the_same_time(self) -> None:
        """Runs `pulumi up` while another `up` of the stack holds its lock."""
        self._stack.up()

    def refresh(self, targets: Sequence[str] | None = None) -> Mapping[str, int]:
        """Runs `pulumi refresh`, for some URNs if `targets` are set; returns counts as `preview`
        does.
        """
        with one_program():
            result = self._stack.refresh(target=list(targets) if targets else None)
        return _counts(result.summary.resource_changes)

    def destroy(self) -> Mapping[str, int]:
        """Runs `pulumi destroy`; returns counts as `preview` does."""
        with one_program():
            return _counts(self._stack.destroy().summary.resource_changes)

    def cancel(self) -> None:
        """Runs `pulumi cancel`, which removes the lock of a killed engine."""
        self._stack.cancel()

    def edit(self, change: Callable[[Config], None]) -> None:
        """Changes the copy of the stack file, which no longer extends a shared file then."""
        document = self._document()
        change(document["config"])
        self.file.write_text(yaml.safe_dump(document), encoding="utf-8")

    @property
    def config(self) -> Config:
        """The configuration in the copies of the stack file and its shared file."""
        return self._document()["config"]

    def _document(self) -> Config:
        document = yaml.safe_load(self.file.read_text(encoding="utf-8"))
        return {**document, "config": read_stack_file(self.file)}

    def resources(self) -> list[Mapping[str, Any]]:
        """Returns the resources in the state, in the format of the engine."""
        return self._deployment().get("resources") or []

    def pending(self) -> list[Mapping[str, Any]]:
        """Returns the operations that started but did not end, from the state."""
        return self._deployment().get("pending_operations") or []

    def _deployment(self) -> Mapping[str, Any]:
        return self._stack.export_stack().deployment or {}

    def kill(self) -> None:
        """Sends SIGKILL to the running engine, as if its machine had failed."""
        self._send(signal.SIGKILL)

    def interrupt(self) -> None:
        """Sends SIGINT to the running engine, as Ctrl-C does."""
        self._send(signal.SIGINT)

    def _send(self, number: signal.Signals) -> None:
        program = str(self.folder / "bin" / "pulumi")
        for pid, command in processes():
            if command.startswith(program):
                with suppress(ProcessLookupError):  # the process has ended
                    os.kill(pid, number)


@contextmanager
def open_engine(
    stack: str, root: Path, cloud: FakeCloud, cli: Path, providers: Mapping[str, int] = {}
) -> Generator[Engine]:
    """Opens an engine against a fake cloud, with the stack file in the folder `root`.

    `providers` are the ports of providers that replace those of the fake cloud, by package.

    In the end, kills processes that are left and removes the temporary folder.
    """
    folder = Path(tempfile.mkdtemp(prefix="ha-eks-rehearsal-"))
    engine: Engine | None = None
    try:
        with clean_environment(), serve(cloud) as port:
            ports = {**dict.fromkeys(PACKAGES, port), **providers}
            engine = Engine(stack, root, folder, cli, ports)
            yield engine
    finally:
        if engine is not None:
            engine.kill()
        shutil.rmtree(folder)


@contextmanager
def _environment_of(
    replacing: Replacement | None, targets: Sequence[str] | None
) -> Generator[None]:
    """Sets the environment variables of an `up`, for the engine and for the program, which runs in
    this process.
    """
    variables = dict(replacing.environment if replacing else {})
    if targets:
        variables |= targeted_up.ENVIRONMENT
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            del os.environ[name]


def _program(folder: Path) -> None:
    # The SDK does not set the folder for inline programs; the program reads the shared file there.
    setattr(pulumi_settings.SETTINGS, "root_directory", str(folder))  # noqa: B010  # a descriptor that pyright cannot resolve
    runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")


def _counts(changes: Mapping[Any, int] | None) -> Mapping[str, int]:
    return {getattr(kind, "value", str(kind)): count for kind, count in (changes or {}).items()}
