"""`python -m tools.deploy.replace_nodes`, as a whole process, over programs that are none."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.command_machine import Machine
from tools.recording.record import ROOT

COMMAND = "python -m tools.deploy.replace_nodes"
PLAYED = Path(__file__).with_name("fake_program.py")
A, B = "nodes-general-us-east-1a", "nodes-general-us-east-1b"
FORMER, WANTED = "BOTTLEROCKET_x86_64", "AL2023_x86_64_STANDARD"
SIZE = {"minSize": 2, "maxSize": 4, "desiredSize": 3}
AGAIN = "nothing is lost: see to it, and run this again, or take it back (docs/replace-nodes.md)"
SEVERAL = """
import contextlib, functools, io, json, os, sys
from pathlib import Path
import tools.deploy.replace_nodes.__main__ as command
command.record = functools.cache(command.record)
told = []
for arguments, path, world in json.loads(Path("several.json").read_text()):
    os.environ["PATH"], sys.argv = path, ["python -m tools.deploy.replace_nodes", *arguments]
    Path(world[0]).write_text(json.dumps(world[1]))
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = command.main()
        except SystemExit as end:
            status = end.code
    told.append([status, out.getvalue(), err.getvalue()])
print(json.dumps(told))
"""


class Cell:
    """A cell whose first zone has the nodes of the stack file, and whose second may not."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.file = machine, machine.bin / "world.json"
        for name in ("pulumi", "aws", "kubectl"):
            machine.has(name, f"exec '{sys.executable}' -IS '{PLAYED}' '{self.file}' {name} \"$@\"")
        self.is_(self.world())

    def world(self, ami: str = FORMER, **more: str) -> dict[str, Any]:
        """What there is; with `fails` or `garbles`, calls that begin so do."""
        groups = {
            f"{A}-1": {"amiType": WANTED, "zone": "us-east-1a", "size": SIZE},
            f"{B}-1": {"amiType": ami, "zone": "us-east-1b", "size": SIZE},
        }
        return {
            "groups": groups, "state": {A: f"{A}-1", B: f"{B}-1"}, "wanted": WANTED,
            "cordoned": [], "drained": [], "journal": [], "fails": "", "garbles": "",
            "says": "error: no", **more,
        }  # fmt: skip

    def is_(self, world: dict[str, Any]) -> None:
        self.file.write_text(json.dumps(world), encoding="utf-8")

    def now(self) -> dict[str, Any]:
        return json.loads(self.file.read_text())

    def several(self, *runs: tuple[list[str], str, dict[str, Any]]) -> list[tuple[int, str, str]]:
        """Status, output and errors of some runs in one process, which records the plan once."""
        (self.machine.project / "several.py").write_text(SEVERAL, encoding="utf-8")
        text = json.dumps([(said, path, (str(self.file), world)) for said, path, world in runs])
        (self.machine.project / "several.json").write_text(text, encoding="utf-8")
        done = self.machine.runs("several")
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stdout
        return [tuple(each) for each in json.loads(done.stdout.splitlines()[-1])]


@pytest.fixture
def cell(machine: Machine) -> Cell:
    return Cell(machine)


def test_the_nodes_that_do_not_fit_are_replaced_and_no_others(cell: Cell) -> None:
    arguments = ("own", "--pool", "general", "--drain-minutes", "7")
    done = cell.machine.runs("tools.deploy.replace_nodes", *arguments, started_anew=True)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "node groups replaced: 1")
    new, world = f"{B}-2", cell.now()
    assert world["journal"] == [
        f"retain {B}", f"create {B}", f"update-nodegroup-config {B}-1",
        *(f"cordon {B}-1.{i}" for i in range(3)), *(f"drain {B}-1.{i}" for i in range(3)),
        f"delete-nodegroup {B}-1",
    ]  # fmt: skip
    assert set(world["groups"]) == {f"{A}-1", new}
    assert (world["groups"][new]["amiType"], world["groups"][new]["size"]) == (WANTED, SIZE)
    assert done.stderr.splitlines() == [
        f"{B}-1 stays in AWS when it leaves the state",
        f"{new} is there: {WANTED}, ON_DEMAND, one type",
        f"{B}-1 grows no more", f"{B}-1 takes no more pods", f"{B}-1 is drained",
        "the cell is whole", f"{B}-1 is deleted",
    ]  # fmt: skip
    assert [each for each in cell.machine.calls() if "--timeout=420s" in each]

    file, folder_mode, text = world["kubeconfig"]
    assert folder_mode == "0o700", "others on this machine read the kubeconfig"
    assert json.loads(text) == {"kind": "Config"}
    assert not Path(file).parent.exists(), "the kubeconfig is left behind"


def test_what_does_not_go_on_is_told_in_one_line(cell: Cell) -> None:
    path = str(cell.machine.bin)
    less = {
        name: shutil.copytree(path, cell.machine.bin.with_name(f"no-{name}"))
        for name in ("aws", "kubectl")
    }
    for name, folder in less.items():
        (folder / name).unlink()
    no = f"error: no; {AGAIN}"
    documentation = (
        "ha-eks:cluster.publicAccessCidrs[0]: 203.0.113.0 is a documentation value; write your "
        "own value"
    )
    cases: dict[str, tuple[list[str], str, dict[str, Any]]] = {
        documentation: (["dev"], path, cell.world()),
        "--pool: nope; one of general": (["own", "--pool", "nope"], path, cell.world()),
        "aws: not on PATH, and the cluster's tokens": (["own"], str(less["aws"]), cell.world()),
        "kubectl: there is no Go": (["own"], str(less["kubectl"]), cell.world()),
    }
    for words, told in (
        ("pulumi stack output", f"pulumi stack output kubeconfig: {no}"),
        ("pulumi up", f"pulumi up of {B} failed; what it says is above"),
        ("aws eks list-nodegroups", f"aws eks list-nodegroups: {no}"),
        ("kubectl get deployments", f"kubectl get deployments: {no}"),
    ):
        cases[told] = (["own"], path, cell.world(fails=words))
    for words in ("pulumi stack export", "aws eks list-nodegroups", "kubectl get deployments"):
        cases[f"{words}: "] = (["own"], path, cell.world(garbles=words))
    runs = cell.several(*cases.values(), (["own"], path, cell.world(WANTED)))
    *failures, nothing = runs
    for told, (status, output, errors) in zip(cases, failures, strict=True):
        *before, last = errors.splitlines()
        assert [line for line in before if not line.startswith(("usage: ", " "))] == []
        place = r"(python -m tools\.deploy\.replace_nodes: error|Pulumi\.dev\.yaml:[0-9]+): "
        assert re.sub(f"^{place}", "", last).startswith(told), errors
        assert (status, output) == (2 if told.startswith("--") else 1, "")
        assert "Traceback" not in errors
    assert nothing == (0, "nothing to replace\n", "")
    assert cell.now()["journal"] == []


@pytest.mark.parametrize("minutes", ["0", "-1"])
def test_a_drain_takes_a_minute_or_more(
    minutes: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tools.deploy.replace_nodes.__main__ import main

    monkeypatch.setattr(
        "sys.argv", ["tools.deploy.replace_nodes", "prod", "--drain-minutes", minutes]
    )
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert (
        told
        == f"python -m tools.deploy.replace_nodes: error: --drain-minutes: {minutes}; 1 or more"
    )


def test_ctrl_c_lets_pulumi_end_what_it_does(cell: Cell) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        pytest.skip("whoever runs the tests keeps Ctrl-C from them")
    machine = cell.machine
    begun, ended = machine.bin / "begun", machine.bin / "ended"
    played = (machine.bin / "pulumi").read_text().splitlines()[-1]
    machine.has(
        "pulumi",
        f"[ \"$1\" = up ] || {played}\ntrap '/bin/sleep 1; touch {ended}; exit 1' INT\n"
        f"/usr/bin/touch {begun}; while :; do /bin/sleep 0.1; done".replace(
            " touch", " /usr/bin/touch"
        ),
    )
    with subprocess.Popen(
        [sys.executable, "-m", "tools.deploy.replace_nodes", "own"], cwd=machine.project, text=True,
        env={"PATH": str(machine.bin)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:  # fmt: skip
        until = time.monotonic() + 60
        while not begun.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.splitlines()[-1] == "stopped; run this again, and it goes on where it was"
    assert "Traceback" not in told
    assert ended.exists(), "Pulumi was killed: its state is locked, and may lack a node group"


def test_make_replace_nodes_names_stack_and_pool(machine: Machine) -> None:
    make = shutil.which("make")
    assert make, "the README asks for it"
    venv = machine.project / ".venv"
    (venv / "bin").mkdir(parents=True)
    for file in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / file, machine.project)
    (venv / "run.ok").touch()
    machine.write(venv / "bin" / "python", "")
    for said in (["STACK=own"], ["STACK=own", "POOL=general"]):
        subprocess.run(
            [make, "replace-nodes", *said], cwd=machine.project, check=True, capture_output=True
        )
    assert machine.called(
        "python [-m][tools.deploy.replace_nodes][own]",
        "python [-m][tools.deploy.replace_nodes][own][--pool][general]",
    )
