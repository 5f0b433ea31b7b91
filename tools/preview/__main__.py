"""`python -m tools.preview STACK`: previews a stack offline."""

import argparse
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date

from rich.console import Console
from rich.markup import escape

from settings import SettingsError
from settings.cautions import cautions
from tools.preview.build_folder import write_build
from tools.preview.critical_path_timetable import timetable
from tools.preview.tree import tree
from tools.recording import RecordingError, record
from tools.recording.garbage_collector import run_and_exit
from tools.recording.record import ROOT


def main() -> int:
    """Previews the stack that the command line names; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.preview", description=__doc__)
    parser.add_argument("stack", metavar="STACK", help="dev, for Pulumi.dev.yaml")
    parser.add_argument(
        "--critical-path",
        action="store_true",
        help="what its creation waits for the longest; writes no build",
    )
    arguments = parser.parse_args()
    stack = str(arguments.stack)
    console = Console(stderr=True)
    try:
        with _progress(console, stack):
            recording = record(stack)
    except (SettingsError, RecordingError) as error:
        print(error, file=sys.stderr)
        return 1
    if arguments.critical_path:
        Console(soft_wrap=True).print(timetable(recording), highlight=False)
        return 0
    folder = ROOT / "build" / stack
    write_build(recording, folder)
    Console().print(tree(recording))
    for caution in cautions(recording.settings, date.today()):
        console.print(f"[yellow]caution[/] {escape(str(caution))}", highlight=False)
    Console().print(f"\nbuild/{stack}: recording.json, report.html, manifests/", highlight=False)
    return 0


@contextmanager
def _progress(console: Console, stack: str) -> Generator[None]:
    """Says what is going on if it goes on for more than a second."""
    note = threading.Timer(1.0, console.print, [f"previewing {stack} …"])
    note.daemon = True
    note.start()
    try:
        yield
    finally:
        note.cancel()


if __name__ == "__main__":
    run_and_exit(main)
