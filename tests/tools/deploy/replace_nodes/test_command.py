"""Runs `python -m tools.deploy.replace_nodes` with fake `pulumi`, `aws` and `kubectl` programs."""

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

COMMAND = "python -m tools.deploy.replace_nodes"
FAKE_PROGRAM = Path(__file__).with_name("fake_program.py")
A, B = "nodes-general-us-east-1a", "nodes-general-us-east-1b"
AWS = "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
KUBECTL_REMEDIES = (
    "install kubectl (1.36.2 or later, below 1.38.0) on PATH, set HA_EKS_KUBECTL to its path, or "
    "install Go 1.26.0 or later (https://go.dev/dl), which builds it"
)
FORMER, WANTED = "BOTTLEROCKET_x86_64", "AL2023_x86_64_STANDARD"
SIZE = {"minSize": 2, "maxSize": 4, "desiredSize": 3}
REMEDY = (
    "nothing is lost; fix the cause and run the same command again, or roll back "
    "(docs/replace-nodes.md)"
)
RUN_SEVERAL = """
import contextlib, functools, io, json, os, sys
from pathlib import Path
import tools.deploy.replace_nodes.__main__ as command
command.record = functools.cache(command.record)
results = []
for arguments, path, world in json.loads(Path("several.json").read_text()):
    os.environ["PATH"], sys.argv = path, ["python -m tools.deploy.replace_nodes", *arguments]
    Path(world[0]).write_text(json.dumps(world[1]))
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = command.main()
        except SystemExit as end:
            status = end.code
    results.append([status, out.getvalue(), err.getvalue()])
print(json.dumps(results))
"""


class Cell:
    """A cell whose first zone matches the stack file; the second zone may differ."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.file = machine, machine.bin / "world.json"
        for name in ("pulumi", "aws", "kubectl"):
            machine.has(
                name, f"exec '{sys.executable}' -IS '{FAKE_PROGRAM}' '{self.file}' {name} \"$@\""
            )
        self.write(self.world())

    def world(self, ami: str = FORMER, **changes: str) -> dict[str, Any]:
        """Returns the initial world.

        Calls that begin with `fails` fail, and calls that begin with `prints_html` print HTML.
        """
        groups = {
            f"{A}-1": {"amiType": WANTED, "zone": "us-east-1a", "size": SIZE},
            f"{B}-1": {"amiType": ami, "zone": "us-east-1b", "size": SIZE},
        }
        return {
            "groups": groups, "state": {A: f"{A}-1", B: f"{B}-1"}, "wanted": WANTED,
            "cordoned": [], "drained": [], "journal": [], "fails": "", "prints_html": "",
            "error": "error: no", **changes,
        }  # fmt: skip

    def write(self, world: dict[str, Any]) -> None:
        self.file.write_text(json.dumps(world), encoding="utf-8")

    def read(self) -> dict[str, Any]:
        return json.loads(self.file.read_text())

    def several(self, *runs: tuple[list[str], str, dict[str, Any]]) -> list[tuple[int, str, str]]:
        """Returns status, output and errors of some runs in one process, with one recording."""
        (self.machine.project / "several.py").write_text(RUN_SEVERAL, encoding="utf-8")
        text = json.dumps(
            [(arguments, path, (str(self.file), world)) for arguments, path, world in runs]
        )
        (self.machine.project / "several.json").write_text(text, encoding="utf-8")
        done = self.machine.runs("several")
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stdout
        return [tuple(each) for each in json.loads(done.stdout.splitlines()[-1])]


@pytest.fixture
def cell(machine: Machine) -> Cell:
    return Cell(machine)


def test_only_the_node_group_that_differs_from_the_stack_file_is_replaced(cell: Cell) -> None:
    arguments = ("own", "--pool", "general", "--drain-minutes", "7")
    done = cell.machine.runs("tools.deploy.replace_nodes", *arguments)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "node groups deleted: 1")
    new, world = f"{B}-2", cell.read()
    assert world["journal"] == [
        f"retain {B}", f"create {B}", f"update-nodegroup-config {B}-1",
        *(f"cordon {B}-1.{i}" for i in range(3)), *(f"drain {B}-1.{i}" for i in range(3)),
        f"delete-nodegroup {B}-1",
    ]  # fmt: skip
    assert set(world["groups"]) == {f"{A}-1", new}
    assert (world["groups"][new]["amiType"], world["groups"][new]["size"]) == (WANTED, SIZE)
    assert done.stderr.splitlines() == [
        f"{B}-1: stays in AWS when it leaves the state",
        f"{new}: created ({WANTED}, ON_DEMAND, one type)",
        f"{B}-1: cannot scale up any more", f"{B}-1: cordoned", f"{B}-1: drained",
        "the cell is healthy", f"{B}-1: deleted",
    ]  # fmt: skip
    assert [each for each in cell.machine.calls() if "--timeout=420s" in each]

    file, folder_mode, text = world["kubeconfig"]
    assert folder_mode == "0o700", "other users of this machine could read the kubeconfig"
    assert json.loads(text) == {"kind": "Config"}
    assert not Path(file).parent.exists(), "the kubeconfig remains on disk"


def test_every_failure_is_reported_in_one_line(cell: Cell) -> None:
    path = str(cell.machine.bin)
    without = {
        name: shutil.copytree(path, cell.machine.bin.with_name(f"no-{name}"))
        for name in ("aws", "kubectl")
    }
    for name, folder in without.items():
        (folder / name).unlink()
    error = f"error: no; {REMEDY}"
    documentation = (
        "ha-eks:cluster.publicAccessCidrs[0]: 203.0.113.0 is a documentation value; write your "
        "own value"
    )
    no_aws = (
        "aws: not on PATH, and the kubeconfig gets its tokens from it; install the AWS CLI: " + AWS
    )
    cases: dict[str, tuple[list[str], str, dict[str, Any]]] = {
        documentation: (["dev"], path, cell.world()),
        "POOL=nope: must be general": (
            ["own", "--pool", "nope"],
            path,
            cell.world(),
        ),
        no_aws: (
            ["own"],
            str(without["aws"]),
            cell.world(),
        ),
        f"kubectl: Go is not on PATH, so the program cannot be built; {KUBECTL_REMEDIES}": (
            ["own"],
            str(without["kubectl"]),
            cell.world(),
        ),
    }
    for call, message in (
        ("pulumi stack output", f"pulumi stack output kubeconfig: {error}"),
        ("pulumi up", f"pulumi up of {B} failed, see its output; {REMEDY}"),
        ("aws eks list-nodegroups", f"aws eks list-nodegroups: {error}"),
        ("kubectl get deployments", f"kubectl get deployments: {error}"),
    ):
        cases[message] = (["own"], path, cell.world(fails=call))
    not_json = f"Expecting value: line 1 column 1 (char 0); {REMEDY}"
    for call, message in (
        ("pulumi stack export", f"pulumi stack export: not JSON: {not_json}"),
        ("aws eks list-nodegroups", f"aws eks list-nodegroups: {not_json}"),
        ("kubectl get deployments", f"kubectl get deployments: not JSON: {not_json}"),
    ):
        cases[message] = (["own"], path, cell.world(prints_html=call))
    runs = cell.several(*cases.values(), (["own"], path, cell.world(WANTED)))
    *failures, nothing = runs
    for message, (status, output, errors) in zip(cases, failures, strict=True):
        *before, last = errors.splitlines()
        assert [line for line in before if not line.startswith(("usage: ", " "))] == []
        place = r"(python -m tools\.deploy\.replace_nodes: error|Pulumi\.dev\.yaml:[0-9]+): "
        assert re.sub(f"^{place}", "", last) == message, errors
        assert (status, output) == (2 if message.startswith(("--", "POOL=")) else 1, "")
        assert "Traceback" not in errors
    assert nothing == (0, "nothing to replace\n", "")
    assert cell.read()["journal"] == []


@pytest.mark.parametrize("minutes", ["0", "-1"])
def test_the_limit_of_a_drain_is_at_least_one_minute(
    minutes: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tools.deploy.replace_nodes.__main__ import main

    monkeypatch.setattr(
        "sys.argv", ["tools.deploy.replace_nodes", "prod", "--drain-minutes", minutes]
    )
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"{COMMAND}: error: --drain-minutes: must be 1 or more, not {minutes}"
    )


def test_ctrl_c_waits_until_pulumi_ends(cell: Cell) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        pytest.skip("SIGINT is ignored in this environment")
    machine = cell.machine
    started, ended = machine.bin / "started", machine.bin / "ended"
    fake_pulumi = (machine.bin / "pulumi").read_text().splitlines()[-1]
    machine.has(
        "pulumi",
        f"[ \"$1\" = up ] || {fake_pulumi}\ntrap '/bin/sleep 1; touch {ended}; exit 1' INT\n"
        f"/usr/bin/touch {started}; while :; do /bin/sleep 0.1; done".replace(
            " touch", " /usr/bin/touch"
        ),
    )
    with subprocess.Popen(
        [sys.executable, "-m", "tools.deploy.replace_nodes", "own"], cwd=machine.project, text=True,
        env={"PATH": str(machine.bin)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:  # fmt: skip
        deadline = time.monotonic() + 60
        while not started.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "interrupted; run the same command again to continue"
    assert "Traceback" not in errors
    assert ended.exists(), (
        "Pulumi was killed: the stack is locked, and the state may lack a node group"
    )


def test_make_replace_nodes_passes_stack_and_pool(machine: Machine) -> None:
    for variables in (["STACK=own"], ["STACK=own", "POOL=general"]):
        done = machine.make("replace-nodes", *variables)
        assert done.returncode == 0, done.stderr
    assert machine.called(
        "python [-m][tools.deploy.replace_nodes][own]",
        "python [-m][tools.deploy.replace_nodes][own][--pool][general]",
    )
