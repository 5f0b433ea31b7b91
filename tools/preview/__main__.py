"""Prints a summary and all resources of a stack, and writes build/STACK. Needs no AWS account."""

import argparse
import json
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from typing import NoReturn

from rich.console import Console
from rich.markup import escape

from settings import SettingsError
from tools.command_line import command_parser
from tools.importer.command import main as import_files
from tools.preview.audit import CLEAN, FOUND, NOT_RUN
from tools.preview.audit import main as audit_files
from tools.preview.build_folder import write_build
from tools.preview.critical_path_timetable import timetable
from tools.preview.rule_list import rule_list
from tools.preview.tree import tree
from tools.recording import RecordingError, record
from tools.recording.garbage_collector import run_and_exit
from tools.recording.record import ROOT
from tools.rules.rule import Severity
from tools.rules.stack import failing, stack_findings

_UNLIMITED_WIDTH = 10_000
_COMMANDS = {"audit": audit_files, "import": import_files}
"""Commands that read files instead of a stack."""
_COLORS: Mapping[Severity, str] = {"error": "red", "warning": "yellow", "caution": "yellow"}


def main() -> int:
    """Previews the stack of the command line and returns the exit status."""
    parser = command_parser(
        "tools.preview",
        "Prints a summary and all resources of a stack, and writes build/STACK. Needs no AWS "
        "account.",
    )
    parser.add_argument(
        "--critical-path",
        action="store_true",
        help="print the longest chain of dependencies during creation instead; write no files",
    )
    parser.add_argument(
        "--json", action="store_true", help="print only the findings, as JSON; write no files"
    )
    parser.add_argument("--rules", action=_PrintRules, help="print the rules of the audit")
    parser.epilog = (
        "python -m tools.preview import FILE…: write Kubernetes manifests or a compose file as "
        "entries of a stack file; python -m tools.preview audit FILE…: audit Kubernetes manifests"
    )
    command = _COMMANDS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if command:
        return command(sys.argv[2:])
    arguments = parser.parse_args()
    stack = str(arguments.stack)
    console = Console(stderr=True)
    try:
        with _progress(console, stack):
            recording = record(stack)
    except (SettingsError, RecordingError) as error:
        print(error, file=sys.stderr)
        return NOT_RUN
    if arguments.critical_path:
        Console(soft_wrap=True).print(timetable(recording), highlight=False)
        return 0
    folder, today = ROOT / "build" / stack, date.today()
    findings = stack_findings(recording, today)
    status = FOUND if failing(findings, recording.settings.audit) else CLEAN
    if arguments.json:
        print(json.dumps({"findings": [asdict(each) for each in findings]}, indent=2))
        return status
    write_build(recording, folder)
    _tree_console().print(tree(recording, today))
    for finding in findings:
        line = f"[{_COLORS[finding.severity]}]{finding.severity}[/] {escape(str(finding))}"
        console.print(line, highlight=False, soft_wrap=True)
    wrote = f"\nwrote build/{stack}: recording.json, report.html, manifests/"
    Console().print(wrote, highlight=False, soft_wrap=True)
    return status


class _PrintRules(argparse.Action):
    """Prints all rules and ends the command."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, *_: object) -> NoReturn:
        """Prints all rules and ends the command."""
        print(rule_list())
        sys.exit()


def _tree_console() -> Console:
    """Returns a console that wraps lines only in a terminal: Rich assumes 80 columns elsewhere."""
    return Console() if sys.stdout.isatty() else Console(width=_UNLIMITED_WIDTH)


@contextmanager
def _progress(console: Console, stack: str) -> Generator[None]:
    """Prints a progress message if the recording takes more than a second."""
    message = threading.Timer(1.0, console.print, [f"previewing {stack} …"])
    message.daemon = True
    message.start()
    try:
        yield
    finally:
        message.cancel()


if __name__ == "__main__":
    run_and_exit(main)
