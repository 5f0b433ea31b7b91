"""A program is found or built; in most tests, `go` is a script that writes a script."""

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

from core.facts.versions.kubernetes import KUBERNETES
from tools.recording.record import ROOT
from tools.toolchain import (
    ETCD,
    HAPROXY,
    KUBE_APISERVER,
    KUBE_CONTROLLER_MANAGER,
    KUBE_SCHEDULER,
    KWOK,
    METRICS_SERVER,
    PULUMI,
    PULUMI_KUBERNETES,
    VEGETA,
    Tool,
    ToolError,
    build,
    find,
    is_present,
)
from tools.toolchain.tools import Embedded

TOOL = Tool(
    name="small-tool",
    module="tool",
    package="ha-eks/tool/cmd",
    version=(1, 2, 3),
    below=(1, 4, 0),
    version_arguments=("print", "version"),
    version_variables=("main.version", "main.other"),
)
REMEDIES = (
    "install small-tool (1.2.3 or later, below 1.4.0) on PATH, set HA_EKS_SMALL_TOOL to its path, "
    "or install Go 1.26.0 or later (https://go.dev/dl), which builds it"
)
PATH = os.environ.get("PATH", os.defpath)
ENVIRONMENT = dict(os.environ)
BUILDING = "building small-tool 1.2.3 (once, takes some minutes) …"


def printing(output: str) -> str:
    """Returns a script that prints a version for the version arguments of the tool."""
    return f'#!/bin/sh\n[ "$*" = "print version" ] && echo "{output}"\n'


class Machine:
    """A machine with a folder on PATH, a cache and the module of the tool; Go is a script."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.cache, self.module = folder / "bin", folder / "cache", folder / "tool"
        self._builds, self.overlay = folder / "builds", folder / "overlay.json"
        self.lines: list[str] = []
        self.bin.mkdir()
        self.module.mkdir()
        (self.module / "go.mod").write_text("module ha-eks/tool\n\ngo 1.26.0\n")
        (self.module / "go.sum").write_text("")

    def program(self, path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return path

    def go(self, command: str = "chmod 755 $out", version: str = "tool v1.2.3") -> None:
        """Puts a Go on PATH that records its call, writes a program and runs a command."""
        self.program(
            self.bin / "go",
            f"""#!/bin/sh
            PATH=/usr/bin:/bin
            [ "$1" = mod ] && {{ echo '{{"Dir": "/modules/'$4'"}}'; exit; }}
            [ "$2" = -overlay ] && cp "$3" '{self.overlay}'
            echo "$PWD $CGO_ENABLED $GOFLAGS $GOWORK $*" >> '{self._builds}'
            while [ "$1" != -o ]; do shift; done
            out=$2
            cat > "$out" <<'END'\n{printing(version)}END
            {command}
            """,
        )

    def find(self, tool: Tool = TOOL) -> Path:
        return find(tool, self.lines.append, self.cache)

    def refuses(self, tool: Tool = TOOL) -> str:
        with pytest.raises(ToolError) as caught:
            self.find(tool)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    def builds(self) -> list[str]:
        return self._builds.read_text().splitlines() if self._builds.exists() else []

    def cached(self) -> list[str]:
        """Returns the names of the files in the cache, without locks."""
        return sorted(file.name for file in self.cache.iterdir() if file.suffix != ".lock")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.setattr(build, "_HERE", tmp_path)
    monkeypatch.setenv("PATH", str(machine.bin))
    monkeypatch.setenv("HOME", str(tmp_path / "no-home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv(TOOL.variable, raising=False)
    return machine


@pytest.mark.parametrize(
    ("tool", "variable"),
    [
        (PULUMI, "HA_EKS_PULUMI"),
        (ETCD, "HA_EKS_ETCD"),
        (KUBE_APISERVER["1.36"], "HA_EKS_KUBE_APISERVER"),
        (KUBE_CONTROLLER_MANAGER["1.34"], "HA_EKS_KUBE_CONTROLLER_MANAGER"),
        (KUBE_SCHEDULER["1.35"], "HA_EKS_KUBE_SCHEDULER"),
        (KWOK, "HA_EKS_KWOK"),
        (VEGETA, "HA_EKS_VEGETA"),
        (METRICS_SERVER, "HA_EKS_METRICS_SERVER"),
    ],
)
def test_a_tool_has_a_variable_and_a_pinned_module(tool: Tool, variable: str) -> None:
    assert tool.variable == variable
    module = Path(build.__file__).parent / tool.module
    pins = (module / "go.mod").read_text()
    assert re.search(rf"^(tool |\t){re.escape(tool.package)}$", pins, re.MULTILINE)
    version = re.escape(".".join(map(str, tool.version)))
    roots = re.findall(rf"^(?:require |\t)(\S+) v{version}(?: |$)", pins, re.MULTILINE)
    assert [root for root in roots if f"{tool.package}/".startswith(f"{root}/")], (
        "the build would have another version than the tool"
    )
    assert (module / "go.sum").stat().st_size


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


@pytest.mark.parametrize("end", ["kill -KILL $$", "exit 1"])
def test_a_failed_build_leaves_no_file(machine: Machine, end: str) -> None:
    machine.go(command=f"chmod 755 $out; {end}")
    assert machine.refuses() == f"small-tool: go build failed: no output; {REMEDIES}"
    assert machine.cached() == []
    machine.go()
    program = machine.find()
    assert machine.cached() == [program.name]


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


def test_without_go_the_message_has_three_remedies(machine: Machine) -> None:
    assert (
        machine.refuses()
        == f"small-tool: Go is not on PATH, so the program cannot be built; {REMEDIES}"
    )
    assert machine.cached() == []
    assert machine.lines == []


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


def test_the_kubernetes_provider_embeds_files_of_its_pinned_module() -> None:
    module = Path(build.__file__).parent / PULUMI_KUBERNETES.module
    embedded = PULUMI_KUBERNETES.embedded
    assert embedded
    pins = (module / "go.mod").read_text()
    assert pins.startswith(f"module {PULUMI_KUBERNETES.package}\n")
    assert f"\nrequire {embedded.module} v4.0.0-20260115033456-f47bc2d6f199\n" in pins
    main = (module / "main.go").read_text()
    assert re.findall("//go:embed (.*)", main) == [Path(each).name for each in embedded.files]
    assert PULUMI_KUBERNETES.variable == "HA_EKS_PULUMI_RESOURCE_KUBERNETES"


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


def test_every_supported_kubernetes_version_has_a_control_plane() -> None:
    for programs in (KUBE_APISERVER, KUBE_CONTROLLER_MANAGER, KUBE_SCHEDULER):
        assert set(programs) == set(KUBERNETES)
    for minor, each in KUBE_APISERVER.items():
        assert ".".join(map(str, each.version)).startswith(f"{minor}.")
        assert f"k8s.io/kubernetes v{'.'.join(map(str, each.version))}" in (
            ROOT / "tools" / "toolchain" / each.module / "go.mod"
        ).read_text(encoding="utf-8")
