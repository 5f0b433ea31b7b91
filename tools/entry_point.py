"""The entry point of all commands: whatever ends a command becomes one line and an exit status."""

import errno
import io
import os
import signal
import sys
import traceback
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

_ENDS: Mapping[int, str] = {
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "terminated",
    signal.SIGHUP: "the terminal is closed",
}
"""Signals that end a command, and what the command then prints."""

_WRITE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Errors of a write, which do not name the file."""


class Interrupted(KeyboardInterrupt):
    """A signal ends the command. A note on the exception says how to continue."""

    def __init__(self, number: int) -> None:
        super().__init__(_ENDS[number])
        self.number = number


def status_of(main: Callable[[], int], *, failed: int = 1) -> int:
    """Runs a command and returns its exit status.

    A signal raises Interrupted in the command, so that `with` blocks remove temporary folders and
    end programs. The command then prints one line, with the notes on the exception, and has the
    status that a shell reports, such as 130 after Ctrl-C. A command whose output is no longer read,
    such as by `head`, has the status 141 and prints nothing. A command that cannot write its
    output, or open a file, prints one line and has the status `failed`, like a command with a
    defect, which prints a stack trace.
    """
    _complete_streams()
    with _signals(_interrupt):
        try:
            return _completed(main)
        except KeyboardInterrupt as error:
            after_echo = "\n" if sys.stderr.isatty() else ""  # the terminal has printed ^C
            line = "; ".join([str(error) or _ENDS[signal.SIGINT], *_notes(error)])
            _print(f"{after_echo}{line}")
            return status_after(error)
        except OSError as error:
            return _status_of_error(error, failed)
        except Exception:
            _print_trace()
            return failed


def status_after(error: KeyboardInterrupt) -> int:
    """Returns the exit status that a shell reports for the signal that ended a command."""
    return 128 + (error.number if isinstance(error, Interrupted) else signal.SIGINT)


def interrupt(number: int) -> None:
    """Raises Interrupted. Ignores a repeated signal, except Ctrl-C: `make` passes TERM on to a
    command that has already received the signal from a supervisor of all processes."""
    if number != signal.SIGINT:
        signal.signal(number, ignored)
    raise Interrupted(number)


def ignored(_number: int, _frame: FrameType | None) -> None:
    """Ignores a signal. Python prints an error if SIG_IGN replaces the handler of a signal that has
    arrived at the same time."""


def _interrupt(number: int, _frame: FrameType | None) -> None:
    interrupt(number)


@contextmanager
def _signals(handler: Callable[[int, FrameType | None], None]) -> Generator[None]:
    """Handles signals that end a command, except those that its caller ignores, as `nohup` does."""
    handled = [each for each in _ENDS if signal.getsignal(each) != signal.SIG_IGN]
    former = {each: signal.signal(each, handler) for each in handled}
    try:
        yield
    finally:
        for each, of_caller in former.items():
            signal.signal(each, of_caller)


def _completed(main: Callable[[], int]) -> int:
    """Runs a command until its output is written, also that of an option such as `--help`."""
    try:
        return main()
    finally:
        sys.stdout.flush()


def _complete_streams() -> None:
    """Opens closed streams, and replaces characters that their encoding does not have.

    Characters such as … are printed as question marks in Latin-1.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            empty = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115  # until the end
            setattr(sys, name, empty)
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _status_of_error(error: OSError, failed: int) -> int:
    """Prints the reason of an error of the operating system; returns the exit status."""
    _discard_unwritten()
    if isinstance(error, BrokenPipeError):
        return 128 + signal.SIGPIPE
    if error.filename:
        _print(f"{error.filename}: {error.strerror}")
    elif error.errno in _WRITE_ERRORS:
        _print(f"the output cannot be written: {error.strerror}")
    else:
        _print_trace()
    return failed


def _discard_unwritten() -> None:
    """Discards output that cannot be written, which Python would write again at exit.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])


def _print(line: str) -> None:
    """Prints a line on standard error if that can be written."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def _print_trace() -> None:
    with suppress(OSError):
        traceback.print_exc()
