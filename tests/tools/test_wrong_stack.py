"""A command that is given the name of a stack without a stack file."""

import signal
import sys
from collections.abc import Generator, Sequence
from importlib import import_module

import pytest

from tests.test_structure import commands

ARGUMENTS: dict[str, Sequence[Sequence[str]]] = {
    "tools.bench": [["nosuch"], ["record", "nosuch"]],
    "tools.deploy.check.__main__": [["nosuch"]],
    "tools.deploy.down.__main__": [["nosuch"]],
    "tools.deploy.experiment.__main__": [["nosuch"], ["nosuch", "lose-a-zone"]],
    "tools.deploy.policy.__main__": [["nosuch"]],
    "tools.deploy.release.__main__": [
        ["nosuch", "--app", "web", "--image", f"web@sha256:{64 * 'a'}"]
    ],
    "tools.deploy.remedies.__main__": [
        ["drain", "nosuch"],
        ["zone-out", "nosuch", "--zone", "us-east-1a"],
    ],
    "tools.deploy.replace_nodes.__main__": [["nosuch"]],
    "tools.deploy.rollback_version.__main__": [["nosuch"]],
    "tools.deploy.up": [["nosuch"]],
    "tools.deploy.zonal_shift": [
        ["shift", "nosuch", "--zone", "us-east-1a"],
        ["unshift", "nosuch"],
    ],
    "tools.drills.__main__": [["nosuch"]],
    "tools.preview.__main__": [["nosuch"], ["nosuch", "--critical-path"]],
    "tools.rehearsal.__main__": [["nosuch"]],
    "tools.scan.__main__": [["nosuch"]],
}
"""Arguments of each command."""

WITHOUT_STACK_FILE = {
    "tools.deploy.bump",
    "tools.deploy.state_bucket",
    "tools.drills.recorded",  # reads docs/drills
    "tools.fleet.__main__",  # reads fleet.yaml
    "tools.reference.__main__",
}


@pytest.fixture(autouse=True)
def signals() -> Generator[None]:
    """Restores the handlers that a command leaves behind when its process ends."""
    former = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in former.items():
        signal.signal(number, handler)


def test_every_command_is_in_the_table() -> None:
    assert {*commands()} == {*ARGUMENTS} | WITHOUT_STACK_FILE


@pytest.mark.parametrize(
    ("module", "arguments"),
    [(module, each) for module, every in ARGUMENTS.items() for each in every],
    ids=lambda each: each if isinstance(each, str) else " ".join(each),
)
def test_a_wrong_name_of_a_stack_is_one_line(
    module: str,
    arguments: Sequence[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = import_module(module)
    monkeypatch.setattr(sys, "argv", [module, *arguments])
    assert command.main() in (1, 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(
        "Pulumi.nosuch.yaml: file: not found; the stack files are Pulumi.dev.yaml"
    )
    assert err.count("\n") == 1, "a program is searched for, or built, before the message"
