"""Real parts that the user gives, such as the Cluster Autoscaler."""

import argparse
from collections.abc import Mapping
from pathlib import Path

import pytest

from tools.drills import given_parts
from tools.drills.given_parts import GivenPartError, add_given_parts, given_programs


def given(*arguments: str) -> Mapping[str, Path]:
    parser = argparse.ArgumentParser()
    add_given_parts(parser)
    return given_programs(parser.parse_args(arguments))


def test_without_parts_nothing_is_given() -> None:
    assert given() == {}


def test_a_program_is_given_by_its_path(tmp_path: Path) -> None:
    program = tmp_path / "ca"
    program.touch(mode=0o755)
    assert given("--cluster-autoscaler", str(program)) == {"cluster-autoscaler": program}


@pytest.mark.parametrize(
    ("mode", "problem"),
    [(None, "the file does not exist"), (0o644, "the file is not executable")],
)
def test_a_program_that_cannot_run_is_refused(
    mode: int | None, problem: str, tmp_path: Path
) -> None:
    program = tmp_path / "ca"
    if mode:
        program.touch(mode=mode)
    with pytest.raises(GivenPartError) as raised:
        given("--cluster-autoscaler", str(program))
    assert str(raised.value) == f"--cluster-autoscaler {program}: {problem}"


def test_without_moto_a_program_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "ca"
    program.touch(mode=0o755)
    monkeypatch.setattr(given_parts, "find_spec", lambda _: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    with pytest.raises(GivenPartError) as raised:
        given("--cluster-autoscaler", str(program))
    assert str(raised.value) == (
        "--cluster-autoscaler: moto is not installed; run make drill "
        f"CLUSTER_AUTOSCALER={program}, or pip install -r requirements-dev.txt"
    )
