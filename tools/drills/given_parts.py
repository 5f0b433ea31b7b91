"""Real parts that the user gives, because no package registry has them: programs and charts."""

import argparse
import os
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from core.facts.versions.charts import AWS_LOAD_BALANCER_CONTROLLER, CLUSTER_AUTOSCALER
from tools.drills.charts import FOLDER, chart_in
from tools.drills.recorded_chart import recorded_charts
from tools.recording import Recording

_PROGRAMS = {
    "cluster-autoscaler": (CLUSTER_AUTOSCALER.name, "supplies nodes, instead of a model"),
    "load-balancer-controller": (
        AWS_LOAD_BALANCER_CONTROLLER.name,
        "registers pods as targets, for the scenario readiness-gates",
    ),
}
"""Name of each program, and its role in a drill, by name of the option."""


class GivenPartError(Exception):
    """A part that was given cannot be used; the message is one line."""


def add_given_parts(parser: argparse.ArgumentParser) -> None:
    """Adds an option for each part."""
    for name, (_, effect) in _PROGRAMS.items():
        parser.add_argument(f"--{name}", metavar="PATH", help=f"program that {effect}")
    parser.add_argument(
        f"--{FOLDER}", metavar="DIR", help="folder with the charts of the stack, instead of models"
    )


def given_programs(arguments: argparse.Namespace) -> Mapping[str, Path]:
    """Returns the absolute paths of the given programs, by name.

    Raises GivenPartError if a program cannot be run.
    """
    return dict(_programs(arguments))


def given_charts(arguments: argparse.Namespace, recording: Recording) -> Mapping[str, Path]:
    """Returns the absolute path of the folder with real charts, by its name; empty if not given.

    Raises GivenPartError unless the folder has all charts of the stack in their versions.
    """
    given = arguments.charts
    if not given:
        return {}
    folder = Path(given).absolute()
    if not folder.is_dir():
        raise GivenPartError(f"--{FOLDER} {given}: the folder does not exist")
    missing = [
        each.archive for each in recorded_charts(recording) if chart_in(folder, each) is None
    ]
    if missing:
        raise GivenPartError(
            f"--{FOLDER} {given}: missing: {', '.join(missing)}; get them with `helm pull`"
        )
    return {FOLDER: folder}


def _programs(arguments: argparse.Namespace) -> Iterator[tuple[str, Path]]:
    for name, (program, _) in _PROGRAMS.items():
        given = getattr(arguments, variable(program).lower())
        if not given:
            continue
        path = Path(given).absolute()
        if not path.is_file():
            raise GivenPartError(f"--{name} {given}: the file does not exist")
        if not os.access(path, os.X_OK):
            raise GivenPartError(f"--{name} {given}: the file is not executable")
        if find_spec("moto") is None:
            raise GivenPartError(
                f"--{name}: moto is not installed; run make drill {variable(program)}={given}, or "
                "pip install -r requirements-dev.txt"
            )
        yield program, path


def is_given(part: str, arguments: argparse.Namespace) -> bool:
    """True if a part, by its name, is given on the command line."""
    return bool(getattr(arguments, variable(part).lower()))


def variable(part: str) -> str:
    """Returns the variable of `make drill` for a part, by its name."""
    options = {program: option for option, (program, _) in _PROGRAMS.items()}
    return options.get(part, part).upper().replace("-", "_")
