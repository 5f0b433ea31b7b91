"""Lines in a terminal and in a file."""

import io
import sys

import pytest

from tools.preview.terminal import print_lines

LINE = "web [red] :warning: shop.yaml:7: " + "no request for cpu of the container, " * 5


def test_a_terminal_wraps_lines_between_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    print_lines([LINE])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 4
    assert max(map(len, lines)) <= 40
    assert " ".join(lines).split() == LINE.split()


def test_a_very_narrow_terminal_gets_lines_of_some_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    print_lines([LINE])
    assert capsys.readouterr().out.startswith("web [red] :warning: \n")


def test_a_file_has_lines_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_lines([LINE])
    assert capsys.readouterr().out == f"{LINE}\n"


def test_a_broken_pipe_has_the_status_of_a_shell_and_not_that_of_findings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdout", Unread())
    with pytest.raises(BrokenPipeError):
        print_lines([LINE])


class Unread(io.StringIO):
    """Standard output that nobody reads any more."""

    def write(self, text: str, /) -> int:
        raise BrokenPipeError
