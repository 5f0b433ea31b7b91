"""Where a tool comes from, with a `go` that only writes scripts."""

import fcntl
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
from tools.toolchain import ETCD, KUBE_APISERVER, PULUMI, Tool, ToolError, find, tools

TOOL = Tool(
    name="small-thing",
    module="thing",
    package="ha-eks/thing/cmd",
    version=(1, 2, 3),
    below=(1, 4, 0),
    ask=("tell", "version"),
    stamp=("main.version", "main.other"),
)
WAYS = (
    "install small-thing (1.2.3 or later, below 1.4.0) on PATH, name one by HA_EKS_SMALL_THING, "
    "or install Go 1.26.0 or later (https://go.dev/dl) to have it built"
)
PATH = os.environ.get("PATH", os.defpath)
HERE = dict(os.environ)
BUILDS = "building small-thing 1.2.3 (once, some minutes) …"


def telling(words: str) -> str:
    """A program that tells its version if it is asked as the tool is."""
    return f'#!/bin/sh\n[ "$*" = "tell version" ] && echo "{words}"\n'


class Place:
    """A machine with a PATH, a cache and the tool's module, where Go is a script."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.cache, self.module = folder / "bin", folder / "cache", folder / "thing"
        self._builds = folder / "builds"
        self.said: list[str] = []
        self.bin.mkdir()
        self.module.mkdir()
        (self.module / "go.mod").write_text("module ha-eks/thing\n\ngo 1.26.0\n")
        (self.module / "go.sum").write_text("")

    def program(self, path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return path

    def go(self, then: str = "chmod 755 $out", builds: str = "thing v1.2.3") -> None:
        """A Go that notes how it is called, writes what tells `builds`, and does one thing more."""
        self.program(
            self.bin / "go",
            f"""#!/bin/sh
            PATH=/usr/bin:/bin
            echo "$PWD $CGO_ENABLED $GOFLAGS $GOWORK $*" >> '{self._builds}'
            while [ "$1" != -o ]; do shift; done
            out=$2
            cat > "$out" <<'END'\n{telling(builds)}END
            {then}
            """,
        )

    def find(self, tool: Tool = TOOL) -> Path:
        return find(tool, self.said.append, self.cache)

    def refuses(self, tool: Tool = TOOL) -> str:
        with pytest.raises(ToolError) as caught:
            self.find(tool)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    def builds(self) -> list[str]:
        return self._builds.read_text().splitlines() if self._builds.exists() else []

    def kept(self) -> list[str]:
        """What is in the cache, but for locks."""
        return sorted(file.name for file in self.cache.iterdir() if file.suffix != ".lock")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place(tmp_path)
    monkeypatch.setattr(tools, "_HERE", tmp_path)
    monkeypatch.setenv("PATH", str(place.bin))
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv(TOOL.variable, raising=False)
    return place


@pytest.mark.parametrize(
    ("tool", "variable"),
    [
        (PULUMI, "HA_EKS_PULUMI"),
        (ETCD, "HA_EKS_ETCD"),
        (KUBE_APISERVER["1.36"], "HA_EKS_KUBE_APISERVER"),
    ],
)
def test_a_tool_has_a_variable_and_a_pinned_module(tool: Tool, variable: str) -> None:
    assert tool.variable == variable
    module = Path(tools.__file__).parent / tool.module
    pins = (module / "go.mod").read_text()
    assert f"\ntool {tool.package}\n" in pins
    version = re.escape(".".join(map(str, tool.version)))
    roots = re.findall(rf"^(?:require |\t)(\S+) v{version}(?: |$)", pins, re.MULTILINE)
    assert [root for root in roots if f"{tool.package}/".startswith(f"{root}/")], (
        "the version that the tool is said to have is the one that is built"
    )
    assert (module / "go.sum").stat().st_size


def test_the_program_that_the_variable_names_is_taken(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place.program(place.bin / "small-thing", telling("v1.2.3"))
    own = place.program(tmp_path / "own" / "thing", telling("v1.3.9"))
    monkeypatch.setenv(TOOL.variable, str(own))
    assert place.find() == own
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(TOOL.variable, "own/thing")
    assert place.find() == own, "wherever it is run from later"
    assert not place.cache.exists()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("v1.2.2", "is version 1.2.2"),
        ("v1.4.0", "is version 1.4.0"),
        ("no number", "tells no version"),
        (None, "is not there"),
    ],
)
def test_a_named_program_that_does_not_fit_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch, told: str | None, why: str
) -> None:
    place.program(place.bin / "small-thing", telling("v1.2.3"))
    place.go()
    own = place.bin / "own"
    if told:
        place.program(own, telling(told))
    monkeypatch.setenv(TOOL.variable, str(own))
    assert place.refuses() == f"HA_EKS_SMALL_THING={own}: {why}; {WAYS}"
    assert place.builds() == []


@pytest.mark.parametrize(
    "told", ["1.2.3", "v1.2.3", "thing v1.3.0-beta.1+abc", "v1.3.99\nGo 1.1.1"]
)
def test_a_program_on_path_is_taken_if_it_fits(
    place: Place, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    there = place.program(place.bin / "small-thing", telling(told))
    assert place.find() == there
    monkeypatch.chdir(place.bin.parent)
    monkeypatch.setenv("PATH", "bin")
    assert place.find() == there, "wherever it is run from later"
    assert place.said == []
    assert not place.cache.exists()


@pytest.mark.parametrize(
    "script",
    [
        telling("v1.2.2"),
        telling("v0.9.9"),
        telling("v1.4.0"),
        telling("v2.0.0"),
        telling("nothing"),
        "#!/bin/sh\necho 'none is selected; there is 1.2.3' >&2; exit 126\n",
        "#!/bin/sh\nprintf '\\377\\376'\n",
        "\x7fELF",
    ],
)
def test_a_program_on_path_that_does_not_fit_is_passed_over(place: Place, script: str) -> None:
    place.program(place.bin / "small-thing", script)
    place.go()
    assert place.find().parent == place.cache


def test_a_version_on_stderr_is_told_as_well(place: Place) -> None:
    there = place.program(place.bin / "small-thing", "#!/bin/sh\necho 1.2.3 >&2\n")
    assert place.find() == there


def test_a_newer_version_that_a_program_only_warns_of_is_not_its_own(place: Place) -> None:
    script = "#!/bin/sh\necho 'there is 9.9.9' >&2; echo 1.2.3\n"
    there = place.program(place.bin / "small-thing", script)
    assert place.find() == there


def test_a_program_that_never_tells_its_version_is_passed_over(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.program(place.bin / "small-thing", "#!/bin/sh\necho 1.2.3\nexec /bin/sleep 10\n")
    place.go()
    monkeypatch.setattr(tools, "_PATIENCE", 1)
    assert place.find().parent == place.cache


def test_a_tool_is_built_once(place: Place) -> None:
    place.go()
    program = place.find()
    assert program.parent == place.cache
    assert place.said == [BUILDS]
    (build,) = place.builds()
    assert build == (
        f"{place.module} 0 -mod=readonly off build -trimpath -ldflags "
        "-s -w -X main.version=v1.2.3 -X main.other=v1.2.3 "
        f"-o {program}.{os.getpid()}.part ha-eks/thing/cmd"
    )
    (place.bin / "go").unlink()
    assert place.find() == program
    assert place.said == [BUILDS]
    assert place.kept() == [program.name]


@pytest.mark.parametrize("broken", ["", "#!/bin/sh\nkill -SEGV $$\n", "\x7fELF", telling("v1.2.2")])
def test_a_broken_program_in_the_cache_is_built_anew(place: Place, broken: str) -> None:
    place.go()
    program = place.find()
    program.write_text(broken)
    assert place.find() == program
    assert program.read_text() == telling("thing v1.2.3")
    assert place.said == [BUILDS, BUILDS]


@pytest.mark.parametrize("end", ["kill -KILL $$", "exit 1"])
def test_a_build_that_is_cut_off_leaves_nothing(place: Place, end: str) -> None:
    place.go(then=f"chmod 755 $out; {end}")
    assert place.refuses() == f"small-thing: cannot be built: go build failed; {WAYS}"
    assert place.kept() == []
    place.go()
    program = place.find()
    assert place.kept() == [program.name]


def test_what_a_killed_build_left_is_cleared_away(place: Place) -> None:
    place.go()
    program = place.find()
    program.unlink()
    left = place.cache / f"{program.name}.4711.part"
    other = place.cache / "small-thing-1.2.4-0123456789ab.4711.part"
    left.write_text("half")
    other.write_text("another build's, which may be under way")
    assert place.find() == program
    assert place.kept() == sorted([program.name, other.name])


def test_another_version_or_other_modules_are_another_file(place: Place) -> None:
    place.go()
    first = place.find()
    (place.module / "go.sum").write_text("sum\n")
    second = place.find()
    with (place.module / "go.mod").open("a") as file:
        file.write("\nrequire example v1.0.0\n")
    third = place.find()
    place.go(builds="v1.2.4")
    fourth = place.find(Tool(**{**vars(TOOL), "version": (1, 2, 4)}))
    assert place.kept() == sorted(each.name for each in {first, second, third, fourth})
    assert len(place.kept()) == 4
    assert fourth.name.startswith("small-thing-1.2.4-")
    assert first.name.startswith("small-thing-1.2.3-")
    locks = {file.name for file in place.cache.glob("*.lock")}
    assert locks == {f"{name}.lock" for name in place.kept()}, "none waits for another's build"


def together(*calls: Callable[[], object]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_two_builds_at_once_the_second_waits_for_the_first(place: Place) -> None:
    begun, go_on = place.bin / "begun", place.bin / "go-on"
    place.go(
        then=f"touch {begun}; n=0\n"
        f"while [ ! -e {go_on} ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n + 1)); done\n"
        "chmod 755 $out"
    )
    found: list[Path] = []

    def first() -> None:
        found.append(place.find())

    def second() -> None:
        while not begun.exists():
            threading.Event().wait(0.01)

        def say(line: str) -> None:
            place.said.append(line)
            go_on.touch()

        found.append(find(TOOL, say, place.cache))

    together(first, second)
    assert place.said == [BUILDS, "waiting: small-thing is being built …"]
    assert len(place.builds()) == 1
    assert len(found) == 2
    assert found[0] == found[1]


def test_what_is_built_is_taken_without_waiting(place: Place) -> None:
    place.go()
    program = place.find()
    lock = program.with_name(f"{program.name}.lock")
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert find(TOOL, pytest.fail, place.cache) == program


def test_without_go_people_are_told_the_three_ways(place: Place) -> None:
    assert place.refuses() == f"small-thing: there is no Go to build it with; {WAYS}"
    assert place.kept() == []
    assert place.said == []


def test_a_build_that_fails_says_why_in_one_line(place: Place) -> None:
    place.go(then="printf 'go: downloading\\ngo: cannot find \\377 module\\n\\n' >&2; exit 1")
    why = "go: cannot find \ufffd module"
    assert place.refuses() == f"small-thing: cannot be built: {why}; {WAYS}"
    assert place.kept() == []


@pytest.mark.parametrize("builds", ["v1.2.2", "v1.4.0", "nothing"])
def test_what_is_built_has_to_fit(place: Place, builds: str) -> None:
    place.go(builds=builds)
    assert place.refuses() == f"small-thing: what was built tells no version; {WAYS}"
    assert place.kept() == []


def test_a_go_that_cannot_be_run_is_one_line(place: Place) -> None:
    go = place.program(place.bin / "go", "\x7fELF")
    assert place.refuses() == f"small-thing: cannot be built with {go}: Exec format error; {WAYS}"
    assert place.kept() == []


def test_a_cache_that_cannot_be_written_is_one_line(place: Place) -> None:
    place.go()
    place.cache.write_text("a file, where a folder is to be")
    assert place.refuses() == f"small-thing: cannot be kept in {place.cache}: File exists; {WAYS}"
    assert place.builds() == []


def test_the_cache_is_the_user_s(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.go()
    monkeypatch.setenv("XDG_CACHE_HOME", str(place.cache))
    assert find(TOOL, place.said.append).parent == place.cache / "ha-eks" / "tools"
    home = place.bin.parent / "home"
    monkeypatch.setenv("HOME", str(home))
    for unset in ("", None):
        if unset is None:
            monkeypatch.delenv("XDG_CACHE_HOME")
        else:
            monkeypatch.setenv("XDG_CACHE_HOME", unset)
        assert find(TOOL, place.said.append).parent == home / ".cache" / "ha-eks" / "tools"


def test_a_cache_is_found_from_everywhere(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.go()
    monkeypatch.chdir(place.bin.parent)
    assert find(TOOL, place.said.append, Path("cache")).parent == place.cache


def test_the_real_go_builds_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    go = shutil.which("go", path=PATH)
    if go is None:
        pytest.skip("there is no Go on PATH")
    cache = subprocess.check_output([go, "env", "GOCACHE"], env=HERE, text=True).strip()
    monkeypatch.setenv("GOCACHE", cache)
    monkeypatch.setenv("PATH", PATH)
    monkeypatch.setenv("GOTOOLCHAIN", "local")
    monkeypatch.setenv("GOPROXY", "off")
    (place.module / "go.mod").write_text("module ha-eks/thing\n\ngo 1.21\n")
    (place.module / "cmd").mkdir()
    (place.module / "cmd" / "main.go").write_text(
        "package main\n\nvar version, other string\n\nfunc main() { println(version, other) }\n"
    )
    assert place.find() == place.find()
    assert place.said == [BUILDS]
    (place.module / "cmd" / "main.go").write_text("package main\n\nfunc main() { none() }\n")
    (place.module / "go.sum").write_text("\n")
    assert "cannot be built: cmd/main.go:3:15: undefined: none; install" in place.refuses()


def test_there_is_an_api_server_for_every_minor_that_a_stack_may_have() -> None:
    assert set(KUBE_APISERVER) == set(KUBERNETES)
    for minor, each in KUBE_APISERVER.items():
        assert ".".join(map(str, each.version)).startswith(f"{minor}.")
        assert f"k8s.io/kubernetes v{'.'.join(map(str, each.version))}" in (
            ROOT / "tools" / "toolchain" / each.module / "go.mod"
        ).read_text(encoding="utf-8")
