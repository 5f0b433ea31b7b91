"""Records a stack: reads the stack file, runs the program and returns the recording.

A recording needs no Pulumi CLI, no AWS account and no network.
"""

import asyncio
import contextvars
import functools
import json
import logging
import os
import runpy
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pulumi
from pulumi.runtime import config as pulumi_config
from pulumi.runtime import settings as pulumi_settings
from pulumi.runtime.mocks import MockEngine
from pulumi.runtime.stack import run_in_stack

from settings import (
    Settings,
    SettingsError,
    check_stack,
    extended,
    node_replacement,
    read_config,
    targeted_up,
)
from tools.recording.fast_sdk import OneThreadLoop, fast_sdk
from tools.recording.garbage_collector import paused_collector
from tools.recording.made_up_outputs import MadeUpOutputs
from tools.recording.monitor import Monitor
from tools.recording.project import read_project
from tools.recording.recording import Recording, RecordingError, in_creation_order

ROOT = Path(__file__).resolve().parents[2]
"""Folder of the project, which contains Pulumi.yaml, the stack files and __main__.py."""

_READ_BY_PROGRAM = ("KUBECONFIG", node_replacement.VARIABLE, targeted_up.VARIABLE)
"""Environment variables of single commands."""


def record(stack: str, *, root: Path = ROOT, program: Path = ROOT / "__main__.py") -> Recording:
    """Runs `program` with the stack file `Pulumi.<stack>.yaml` of `root` and returns the recording.

    Raises SettingsError if the stack file or Pulumi.yaml is invalid. Raises RecordingError with all
    problems if the program registers a resource that the engine would refuse, or uses an output or
    an invoke without a made-up value.
    """
    file = root / f"Pulumi.{stack}.yaml"
    config = read_config(file)  # the program reads the shared file, as it does under Pulumi
    settings, problems = check_stack(stack, extended(config, file))
    if settings is None:
        raise SettingsError(file, problems)
    project = read_project(ROOT / "Pulumi.yaml")
    monitor = Monitor(
        project.name, stack, MadeUpOutputs.for_settings(settings), project.without_default_provider
    )
    with clean_environment(), paused_collector(), fast_sdk():
        try:
            run = functools.partial(_run, monitor, project.name, stack, config)
            contextvars.copy_context().run(run, root, program)
        except Exception as error:
            if monitor.problems:  # the error is a consequence of the first problem
                raise RecordingError(sorted(monitor.problems)) from error
            if isinstance(error, pulumi.RunError) and not isinstance(error, SettingsError):
                raise RecordingError([str(error)]) from error
            raise
    if monitor.problems:
        raise RecordingError(sorted(monitor.problems))
    return _recording(stack, settings, monitor)


def _recording(stack: str, settings: Settings, monitor: Monitor) -> Recording:
    return Recording(
        stack=stack,
        settings=settings,
        resources=in_creation_order(monitor.resources.values()),
        outputs=monitor.outputs,
    )


def _run(
    monitor: Monitor,
    project: str,
    stack: str,
    config: dict[str, object],
    root: Path,
    program: Path,
) -> None:
    pulumi_settings.reset_options()
    pulumi_settings.configure(
        pulumi_settings.Settings(
            project=project,
            stack=stack,
            monitor=monitor,
            engine=MockEngine(logging.getLogger("pulumi")),
            dry_run=True,
            root_directory=str(root),
        )
    )
    setattr(pulumi_settings.SETTINGS, "callbacks", monitor.callbacks)  # noqa: B010  # a descriptor that pyright cannot resolve
    pulumi_config.set_all_config(
        {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in config.items()
        }
    )

    async def run() -> None:
        await run_in_stack(lambda: _execute(program))

    with asyncio.Runner(loop_factory=OneThreadLoop) as runner:
        runner.run(run())


def _execute(program: Path) -> None:
    with warnings.catch_warnings():
        # The modules of the provider SDKs use their own deprecated names during the import.
        for module in ("pulumi_aws", "pulumi_eks", "pulumi_kubernetes"):
            warnings.filterwarnings("ignore", category=DeprecationWarning, module=module)
        runpy.run_path(str(program), run_name="__main__")


@contextmanager
def clean_environment() -> Generator[None]:
    """Removes environment variables that the SDKs read, and restores the variables afterwards.

    Also sets `PULUMI_ERROR_OUTPUT_STRING`, so that an Output in an f-string raises an error.
    """
    before = dict(os.environ)
    for name in before:
        if name.startswith(("AWS_", "PULUMI_")) or name in _READ_BY_PROGRAM:
            del os.environ[name]
    os.environ["PULUMI_ERROR_OUTPUT_STRING"] = "1"
    logger = logging.getLogger("asyncio")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
        os.environ.clear()
        os.environ.update(before)
