"""Builds that fail: one line with the remedies, and no file in the cache."""

import pytest

from tests.tools.toolchain.machine import REMEDIES, Machine


@pytest.mark.parametrize("end", ["kill -KILL $$", "exit 1"])
def test_a_failed_build_leaves_no_file(machine: Machine, end: str) -> None:
    machine.go(command=f"chmod 755 $out; {end}")
    assert machine.refuses() == f"small-tool: go build failed: no output; {REMEDIES}"
    assert machine.cached() == []
    machine.go()
    program = machine.find()
    assert machine.cached() == [program.name]


def test_without_go_the_message_has_three_remedies(machine: Machine) -> None:
    assert (
        machine.refuses()
        == f"small-tool: Go is not on PATH, so the program cannot be built; {REMEDIES}"
    )
    assert machine.cached() == []
    assert machine.lines == []


def test_a_failed_build_is_reported_with_the_last_line_of_go(machine: Machine) -> None:
    machine.go(command="printf 'go: downloading\\ngo: cannot find \\377 module\\n\\n' >&2; exit 1")
    error = "go: cannot find \ufffd module"
    assert machine.refuses() == f"small-tool: go build failed: {error}; {REMEDIES}"
    assert machine.cached() == []


@pytest.mark.parametrize("version", ["v1.2.2", "v1.4.0", "nothing"])
def test_a_build_with_another_version_is_refused(machine: Machine, version: str) -> None:
    machine.go(version=version)
    assert machine.refuses() == (f"small-tool: the build does not print version 1.2.3; {REMEDIES}")
    assert machine.cached() == []


def test_a_go_that_cannot_run_is_reported_in_one_line(machine: Machine) -> None:
    go = machine.program(machine.bin / "go", "\x7fELF")
    assert machine.refuses() == f"small-tool: cannot run {go}: Exec format error; {REMEDIES}"
    assert machine.cached() == []


def test_a_cache_that_cannot_be_written_is_reported_in_one_line(machine: Machine) -> None:
    machine.go()
    machine.cache.write_text("a file instead of a folder")
    assert (
        machine.refuses() == f"small-tool: cannot write to {machine.cache}: File exists; {REMEDIES}"
    )
    assert machine.builds() == []
