"""Programs that are found in an environment variable or on PATH."""

import dataclasses
from pathlib import Path

import pytest

from tests.tools.toolchain.machine import REMEDIES, TOOL, Machine, printing
from tools.toolchain import HAPROXY, build, is_present


def test_a_program_of_the_distribution_is_found_but_not_built(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.go()
    tool = dataclasses.replace(TOOL, module="")
    remedies = (
        "install package ha-eks/tool/cmd of your distribution (1.2.3 or later, below 1.4.0), "
        "or set HA_EKS_SMALL_TOOL to the path of the program"
    )
    assert machine.refuses(tool) == f"small-tool: not found; {remedies}"
    assert machine.builds() == []
    program = machine.program(machine.bin / "small-tool", printing("v1.2.3"))
    assert machine.find(tool) == program
    monkeypatch.setenv(tool.variable, "/no/program")
    assert machine.refuses(tool) == (
        f"HA_EKS_SMALL_TOOL=/no/program: the file does not exist; {remedies}"
    )
    assert HAPROXY.variable == "HA_EKS_HAPROXY"


def test_the_program_in_the_environment_variable_is_used(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine.program(machine.bin / "small-tool", printing("v1.2.3"))
    program = machine.program(tmp_path / "other" / "tool", printing("v1.3.9"))
    monkeypatch.setenv(TOOL.variable, str(program))
    assert machine.find() == program
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(TOOL.variable, "other/tool")
    assert machine.find() == program, "a later run in another folder would not find the program"
    assert not machine.cache.exists()


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        ("v1.2.2", "version 1.2.2 is not supported"),
        ("v1.4.0", "version 1.4.0 is not supported"),
        ("no number", "the program does not print a version"),
        (None, "the file does not exist"),
    ],
)
def test_an_unsupported_program_in_the_environment_variable_is_refused(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, output: str | None, problem: str
) -> None:
    machine.program(machine.bin / "small-tool", printing("v1.2.3"))
    machine.go()
    program = machine.bin / "other"
    if output:
        machine.program(program, printing(output))
    monkeypatch.setenv(TOOL.variable, str(program))
    assert machine.refuses() == f"HA_EKS_SMALL_TOOL={program}: {problem}; {REMEDIES}"
    assert machine.builds() == []


@pytest.mark.parametrize(
    "output", ["1.2.3", "v1.2.3", "tool v1.3.0-beta.1+abc", "v1.3.99\nGo 1.1.1"]
)
def test_a_supported_program_on_path_is_used(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    program = machine.program(machine.bin / "small-tool", printing(output))
    assert machine.find() == program
    monkeypatch.chdir(machine.bin.parent)
    monkeypatch.setenv("PATH", "bin")
    assert machine.find() == program, "a later run in another folder would not find the program"
    assert machine.lines == []
    assert not machine.cache.exists()


@pytest.mark.parametrize(
    "script",
    [
        printing("v1.2.2"),
        printing("v0.9.9"),
        printing("v1.4.0"),
        printing("v2.0.0"),
        printing("nothing"),
        "#!/bin/sh\necho 'no version selected; available: 1.2.3' >&2; exit 126\n",
        "#!/bin/sh\nprintf '\\377\\376'\n",
        "\x7fELF",
    ],
)
def test_an_unsupported_program_on_path_is_ignored(machine: Machine, script: str) -> None:
    machine.program(machine.bin / "small-tool", script)
    machine.go()
    assert machine.find().parent == machine.cache


def test_a_version_on_standard_error_is_read(machine: Machine) -> None:
    program = machine.program(machine.bin / "small-tool", "#!/bin/sh\necho 1.2.3 >&2\n")
    assert machine.find() == program


def test_a_newer_version_in_a_warning_is_not_the_version_of_the_program(machine: Machine) -> None:
    script = "#!/bin/sh\necho '9.9.9 is available' >&2; echo 1.2.3\n"
    program = machine.program(machine.bin / "small-tool", script)
    assert machine.find() == program


def test_a_program_that_does_not_exit_is_ignored(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.program(machine.bin / "small-tool", "#!/bin/sh\necho 1.2.3\nexec /bin/sleep 10\n")
    machine.go()
    monkeypatch.setattr(build, "_TIMEOUT", 1)
    assert machine.find().parent == machine.cache


def test_a_program_is_present_without_a_build(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_present(TOOL, machine.cache)
    machine.go()
    machine.find()
    assert is_present(TOOL, machine.cache)
    (machine.module / "go.sum").write_text("sum\n")
    assert not is_present(TOOL, machine.cache), "a build of another module would be used"
    machine.program(machine.bin / "small-tool", printing("v1.4.0"))
    assert not is_present(TOOL, machine.cache)
    machine.program(machine.bin / "small-tool", printing("v1.3.0"))
    assert is_present(TOOL, machine.cache)
    (machine.bin / "small-tool").unlink()
    monkeypatch.setenv(TOOL.variable, "a path")
    assert is_present(TOOL, machine.cache)
    assert len(machine.builds()) == 1
