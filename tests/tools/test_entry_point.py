"""The end of a command: one line and its exit status, whatever ends the command."""

import errno
import io
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import IO, NoReturn

import pytest

from tests.warm_process import ROOT
from tools.entry_point import status_of

NO_RESULT = 2
FULL = Path("/dev/full")

SIGNALS = {
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "terminated",
    signal.SIGHUP: "the terminal is closed",
}


@pytest.fixture(params=SIGNALS, ids=lambda number: number.name)
def number(request: pytest.FixtureRequest) -> Generator[signal.Signals]:
    """A signal that ends commands, and that the caller of the tests does not ignore."""
    default = signal.default_int_handler if request.param == signal.SIGINT else signal.SIG_DFL
    former = signal.signal(request.param, default)
    yield request.param
    signal.signal(request.param, former)


@pytest.mark.parametrize("status", [0, 1, 2])
def test_a_command_ends_with_its_status(status: int) -> None:
    assert status_of(lambda: status) == status


def test_a_signal_ends_a_command_with_one_line_and_the_status_of_a_shell(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    former = signal.getsignal(number)
    assert status_of(lambda: os.kill(os.getpid(), number) or 0) == 128 + number
    assert capsys.readouterr() == ("", f"{SIGNALS[number]}\n")
    assert signal.getsignal(number) == former, "Python prints a stack trace during its exit"


def test_a_note_says_how_to_continue(capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> NoReturn:
        error = KeyboardInterrupt()
        error.add_note("run the same command again")
        raise error

    assert status_of(main) == 130
    assert capsys.readouterr().err == "interrupted; run the same command again\n"


def test_a_repeated_signal_does_not_interrupt_what_a_command_does_at_its_end() -> None:
    former, ended = signal.signal(signal.SIGTERM, signal.SIG_DFL), list[str]()

    def main() -> int:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            ended.append("temporary folder removed")
        return 0

    assert status_of(main) == 143
    assert ended
    signal.signal(signal.SIGTERM, former)


def test_a_signal_that_the_caller_ignores_is_ignored() -> None:
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    assert status_of(lambda: os.kill(os.getpid(), signal.SIGHUP) or 0) == 0, "nohup has no effect"
    signal.signal(signal.SIGHUP, former)


def test_a_file_that_cannot_be_read_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(lambda: len((tmp_path / "file").read_text()), failed=NO_RESULT) == NO_RESULT
    assert capsys.readouterr().err == f"{tmp_path}/file: No such file or directory\n"


def test_a_full_disk_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    assert status_of(main, failed=NO_RESULT) == NO_RESULT
    assert capsys.readouterr().err == "the output cannot be written: No space left on device\n"


@pytest.mark.parametrize("error", [ValueError("defect"), OSError(errno.EBADF, "defect")])
def test_a_defect_has_a_stack_trace_and_not_the_status_of_findings(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    def main() -> NoReturn:
        raise error

    assert status_of(main, failed=NO_RESULT) == NO_RESULT
    assert capsys.readouterr().err.startswith("Traceback ")


def test_output_that_is_not_read_ends_a_command_without_a_message() -> None:
    process = started("for _ in range(100_000): print('line')", subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"line\n"
    process.stdout.close()
    assert ended(process) == (141, b"")


@pytest.mark.skipif(not FULL.exists(), reason="the system has no device that is full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written_is_one_line(unbuffered: str) -> None:
    with FULL.open("wb") as full:
        process = started("print('line')", full, unbuffered)
        message = b"the output cannot be written: No space left on device\n"
        assert ended(process) == (1, message)


def test_a_command_without_standard_streams_runs() -> None:
    closed = "sys.stdin = sys.stdout = sys.stderr = None\n"  # as Python does with >&-
    process = started("print(sys.stdin.isatty(), sys.stdout.isatty())", before=closed)
    assert ended(process) == (0, b"")


def test_a_character_that_the_encoding_does_not_have_is_a_question_mark(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="latin-1"))
    assert status_of(lambda: print("2 × m7i.large …") or 0) == 0
    assert written.getvalue() == "2 × m7i.large ?\n".encode("latin-1")


def test_ctrl_c_while_python_imports_a_command_prints_no_stack_trace(tmp_path: Path) -> None:
    package = tmp_path / "tools"
    package.mkdir()
    (package / "__init__.py").write_bytes((ROOT / "tools" / "__init__.py").read_bytes())
    imports = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time\ntime.sleep(9)"
    (package / "command.py").write_text(imports)
    script = "import os, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    script += "os.execv(sys.executable, [sys.executable, '-m', 'tools.command'])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


def started(
    body: str, stdout: int | IO[bytes] | None = None, unbuffered: str = "", *, before: str = ""
) -> subprocess.Popen[bytes]:
    """Starts a command whose main function has a body of one line."""
    code = f"import sys\nfrom tools.entry_point import status_of\n{before}def main():\n    {body}\n"
    return subprocess.Popen(
        [sys.executable, "-c", f"{code}    return 0\nsys.exit(status_of(main))"],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        stdout=stdout,
        stderr=subprocess.PIPE,
    )


def ended(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    """Returns exit status and error output of a command."""
    assert process.stderr
    with process.stderr:
        error = process.stderr.read()
    return process.wait(), error
