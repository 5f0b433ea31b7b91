"""The end of a command: its exit status, also if the command is interrupted."""

import io
import subprocess
import sys

import pytest

from tests.warm_process import ROOT
from tools.command_line import status_of


def interrupted() -> int:
    raise KeyboardInterrupt


@pytest.mark.parametrize("status", [0, 1, 2])
def test_a_command_ends_with_its_status(status: int) -> None:
    assert status_of(lambda: status) == status


def test_an_interrupted_command_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(interrupted) == 130
    assert capsys.readouterr() == ("", "interrupted\n")


def test_a_command_whose_output_is_not_read_ends_without_a_message() -> None:
    command = "import sys; from tools.command_line import status_of; sys.exit(status_of(main))"
    code = f"def main():\n    for _ in range(100_000): print('line')\n    return 0\n{command}"
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    assert process.stderr
    assert process.stdout.readline() == b"line\n"
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141
    process.stderr.close()


def test_a_character_that_the_encoding_does_not_have_is_a_question_mark(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="latin-1"))
    assert status_of(lambda: print("2 × m7i.large …") or 0) == 0
    assert written.getvalue() == "2 × m7i.large ?\n".encode("latin-1")
