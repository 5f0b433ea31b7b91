"""Programs that are built once and cached."""

import dataclasses
import fcntl
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.toolchain.machine import (
    BUILDING,
    ENVIRONMENT,
    PATH,
    REMEDIES,
    TOOL,
    Machine,
    printing,
)
from tools.toolchain import find
from tools.toolchain.tools import Embedded


def test_a_tool_is_built_once(machine: Machine) -> None:
    machine.go()
    program = machine.find()
    assert program.parent == machine.cache
    assert machine.lines == [BUILDING]
    (build,) = machine.builds()
    assert build == (
        f"{machine.module} 0 -mod=readonly off build -trimpath -ldflags "
        "-s -w -X main.version=v1.2.3 -X main.other=v1.2.3 "
        f"-o {program}.{os.getpid()}.part ha-eks/tool/cmd"
    )
    (machine.bin / "go").unlink()
    assert machine.find() == program
    assert machine.lines == [BUILDING]
    assert machine.cached() == [program.name]


@pytest.mark.parametrize(
    "broken", ["", "#!/bin/sh\nkill -SEGV $$\n", "\x7fELF", printing("v1.2.2")]
)
def test_a_broken_program_in_the_cache_is_built_again(machine: Machine, broken: str) -> None:
    machine.go()
    program = machine.find()
    program.write_text(broken)
    assert machine.find() == program
    assert program.read_text() == printing("tool v1.2.3")
    assert machine.lines == [BUILDING, BUILDING]


def test_the_file_of_a_killed_build_is_removed(machine: Machine) -> None:
    machine.go()
    program = machine.find()
    program.unlink()
    killed = machine.cache / f"{program.name}.4711.part"
    other = machine.cache / "small-tool-1.2.4-0123456789ab.4711.part"
    killed.write_text("incomplete")
    other.write_text("a build of another version, which may be in progress")
    assert machine.find() == program
    assert machine.cached() == sorted([program.name, other.name])


def test_another_version_or_another_module_is_another_file(machine: Machine) -> None:
    machine.go()
    first = machine.find()
    (machine.module / "go.sum").write_text("sum\n")
    second = machine.find()
    with (machine.module / "go.mod").open("a") as file:
        file.write("\nrequire example v1.0.0\n")
    third = machine.find()
    machine.go(version="v1.2.4")
    fourth = machine.find(dataclasses.replace(TOOL, version=(1, 2, 4)))
    assert machine.cached() == sorted(each.name for each in {first, second, third, fourth})
    assert len(machine.cached()) == 4
    assert fourth.name.startswith("small-tool-1.2.4-")
    assert first.name.startswith("small-tool-1.2.3-")
    locks = {file.name for file in machine.cache.glob("*.lock")}
    assert locks == {f"{name}.lock" for name in machine.cached()}, (
        "a build would wait for the build of another version"
    )


def run_in_parallel(*calls: Callable[[], object]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_second_of_two_parallel_builds_waits_for_the_first(machine: Machine) -> None:
    started, proceed = machine.bin / "started", machine.bin / "proceed"
    machine.go(
        command=f"touch {started}; n=0\n"
        f"while [ ! -e {proceed} ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done\n"
        "chmod 755 $out"
    )
    found: list[Path] = []

    def first() -> None:
        found.append(machine.find())

    def second() -> None:
        while not started.exists():
            threading.Event().wait(0.01)

        def report(line: str) -> None:
            machine.lines.append(line)
            proceed.touch()

        found.append(find(TOOL, report, machine.cache))

    run_in_parallel(first, second)
    assert machine.lines == [BUILDING, "waiting for another build of small-tool …"]
    assert len(machine.builds()) == 1
    assert len(found) == 2
    assert found[0] == found[1]


def test_a_complete_build_is_used_without_waiting_for_a_lock(machine: Machine) -> None:
    machine.go()
    program = machine.find()
    lock = program.with_name(f"{program.name}.lock")
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert find(TOOL, pytest.fail, machine.cache) == program


EMBEDDING = dataclasses.replace(
    TOOL,
    version_arguments=(),
    embedded=Embedded(module="example.com/other", files=("cmd/a.json", "b.json")),
    build_time="an hour",
)


def test_embedded_files_are_taken_from_their_module(machine: Machine) -> None:
    machine.go()
    machine.find(EMBEDDING)
    assert json.loads(machine.overlay.read_text()) == {
        "Replace": {
            f"{machine.module}/a.json": "/modules/example.com/other/cmd/a.json",
            f"{machine.module}/b.json": "/modules/example.com/other/b.json",
        }
    }
    [build] = machine.builds()
    file = re.search(r" build -overlay (\S+) -trimpath ", build)
    assert file, "the program would be built without its files"
    assert not Path(file[1]).parent.exists(), "the build leaves a temporary folder"
    assert machine.lines == ["building small-tool 1.2.3 (once, takes an hour) …"]


def test_a_program_that_prints_no_version_is_built_once(machine: Machine) -> None:
    machine.go(version="nothing")
    assert machine.find(EMBEDDING) == machine.find(EMBEDDING)
    assert len(machine.builds()) == 1


def test_another_main_function_is_another_file(machine: Machine) -> None:
    machine.go()
    first = machine.find()
    (machine.module / "main.go").write_text("package main")
    assert machine.find() != first, "an earlier build would be used"


def test_a_program_that_prints_no_version_must_be_executable(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = machine.program(machine.bin / "other", printing("nothing"))
    monkeypatch.setenv(TOOL.variable, str(program))
    assert machine.find(EMBEDDING) == program
    program.chmod(0o644)
    problem = "the file is not executable"
    assert machine.refuses(EMBEDDING) == f"HA_EKS_SMALL_TOOL={program}: {problem}; {REMEDIES}"


def test_the_cache_is_in_the_home_of_the_user(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.go()
    monkeypatch.setenv("XDG_CACHE_HOME", str(machine.cache))
    assert find(TOOL, machine.lines.append).parent == machine.cache / "ha-eks" / "tools"
    home = machine.bin.parent / "home"
    monkeypatch.setenv("HOME", str(home))
    for unset in ("", None):
        if unset is None:
            monkeypatch.delenv("XDG_CACHE_HOME")
        else:
            monkeypatch.setenv("XDG_CACHE_HOME", unset)
        assert find(TOOL, machine.lines.append).parent == home / ".cache" / "ha-eks" / "tools"


def test_a_relative_cache_is_relative_to_the_working_directory(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.go()
    monkeypatch.chdir(machine.bin.parent)
    assert find(TOOL, machine.lines.append, Path("cache")).parent == machine.cache


def test_the_real_go_builds_a_tool(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    go = shutil.which("go", path=PATH)
    if go is None:
        pytest.skip("Go is not on PATH")
    cache = subprocess.check_output([go, "env", "GOCACHE"], env=ENVIRONMENT, text=True).strip()
    monkeypatch.setenv("GOCACHE", cache)
    monkeypatch.setenv("PATH", PATH)
    monkeypatch.setenv("GOTOOLCHAIN", "local")
    monkeypatch.setenv("GOPROXY", "off")
    (machine.module / "go.mod").write_text("module ha-eks/tool\n\ngo 1.21\n")
    (machine.module / "cmd").mkdir()
    (machine.module / "cmd" / "main.go").write_text(
        "package main\n\nvar version, other string\n\nfunc main() { println(version, other) }\n"
    )
    assert machine.find() == machine.find()
    assert machine.lines == [BUILDING]
    (machine.module / "cmd" / "main.go").write_text("package main\n\nfunc main() { none() }\n")
    (machine.module / "go.sum").write_text("\n")
    error = "cmd/main.go:3:15: undefined: none"
    remedies = REMEDIES.replace("Go 1.26.0", "Go 1.21")
    assert machine.refuses() == f"small-tool: go build failed: {error}; {remedies}"
