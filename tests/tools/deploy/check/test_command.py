"""Runs `python -m tools.deploy.check` with fake `pulumi`, `aws` and `kubectl` programs."""

import re
import sys
from typing import Literal

import pytest

from tests.command_machine import Machine
from tools.deploy.check import __main__ as command
from tools.deploy.check.result import Result

SAYS_NO = "echo 'first line' >&2; echo 'no access' >&2; exit 1"
KUBECTL = '[ "$1" = version ] && { echo "Client Version: v1.36.2"; exit; }; '
READS = re.compile(
    r"pulumi \[(stack\]\[(output|export)|--stack\]\[own\]\[preview)\].*"
    r"|aws \[[a-z0-9-]+\]\[(describe|get|list)-[a-z-]+\].*"
    r"|kubectl (\[version\]|\[--kubeconfig\]\[[^\]]+\]\[get\]).*"
)


@pytest.fixture
def cell(machine: Machine) -> Machine:
    """A machine with a deployed stack, on which every other read fails."""
    machine.has("pulumi", f'[ "$2" = output ] && {{ echo "{{}}"; exit; }}; {SAYS_NO}')
    machine.has("kubectl", f"{KUBECTL}{SAYS_NO}")
    return machine


def lines_of(output: str) -> list[str]:
    return [each.rstrip() for each in output.splitlines()]


def test_a_check_that_cannot_run_is_not_ok(cell: Machine) -> None:
    done = cell.runs("tools.deploy.check", "own")
    assert done.returncode == 1, done.stderr
    lines = lines_of(done.stdout)
    nodes = next(number for number, line in enumerate(lines) if line.startswith("nodes "))
    assert lines[nodes : nodes + 3] == [
        f"{'nodes':15}{'not checked':32}NOT OK  cannot be read: kubectl get --raw /version:",
        f"{'':55}no access",
        f"{'':15}-> fix the cause, and run this command again",
    ]
    drift = next(line for line in lines if line.startswith("drift "))
    assert (
        drift == f"{'drift':15}{'not checked':32}NOT OK  cannot be read: pulumi preview: no access"
    )
    assert lines[-1] == "0 ok, 16 NOT OK, 2 skipped"
    assert "Traceback" not in done.stderr


def test_a_check_changes_nothing(cell: Machine) -> None:
    cell.runs("tools.deploy.check", "own")
    calls = [each for each in cell.calls() if not READS.fullmatch(each)]
    assert calls == [], "the check would change the cell"


def test_the_table_fits_a_terminal_of_100_columns(cell: Machine) -> None:
    done = cell.runs("tools.deploy.check", "own")
    assert max(len(each) for each in lines_of(done.stdout)) <= 100


def test_a_stack_that_is_not_deployed_is_one_line(cell: Machine) -> None:
    cell.has("pulumi", "echo \"error: no stack named 'own' found\" >&2; exit 255")
    done = cell.runs("tools.deploy.check", "own")
    assert (done.returncode, done.stdout, done.stderr) == (
        1, "",
        "pulumi stack output kubeconfig: error: no stack named 'own' found; this command needs a "
        "deployed stack: run make up STACK=own\n",
    )  # fmt: skip


def test_missing_credentials_are_one_line(cell: Machine) -> None:
    cell.aws(get_caller_identity="echo 'Unable to locate credentials' >&2; exit 255")
    done = cell.runs("tools.deploy.check", "own")
    assert (done.returncode, done.stdout, done.stderr) == (
        1, "",
        "aws: no valid credentials: Unable to locate credentials; sign in (aws sso login), or set "
        "another profile in AWS_PROFILE\n",
    )  # fmt: skip


def test_a_missing_aws_cli_is_one_line(cell: Machine) -> None:
    cell.has_no("aws")
    done = cell.runs("tools.deploy.check", "own")
    assert (done.returncode, done.stdout, done.stderr) == (
        1, "",
        "aws: not on PATH, and the kubeconfig gets its tokens from it; install the AWS CLI: "
        "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html\n",
    )  # fmt: skip


@pytest.mark.parametrize(("outcome", "status"), [("ok", 0), ("skipped", 0), ("NOT OK", 1)])
def test_the_exit_status_is_1_only_if_a_line_is_not_ok(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    outcome: Literal["ok", "NOT OK", "skipped"],
    status: int,
) -> None:
    result = Result(subject="subject", outcome=outcome, figures="figures")

    def recorded(stack: str) -> str:
        return stack

    def checked(recording: str) -> object:
        return {"check": [result]}

    monkeypatch.setattr(command, "record", recorded)
    monkeypatch.setattr(command, "check_cell", checked)
    monkeypatch.setattr(sys, "argv", ["check", "dev"])
    assert command.main() == status
    assert f"subject                         {outcome:8}figures" in capsys.readouterr().out
