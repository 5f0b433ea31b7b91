"""Prints zone loss, cost and findings of a stack and writes build/STACK. Needs no AWS account."""

import argparse
import json
import sys
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import NoReturn, cast

from rich.console import Console
from rich.text import Text

from core.availability.zone_proof import ZoneLossProof
from settings import SettingsError
from settings.reading.lines import Place
from tools.command_line import command_parser, stack_name
from tools.importer.command import main as import_files
from tools.preview.audit import CLEAN, FOUND, NOT_RUN
from tools.preview.audit import main as audit_files
from tools.preview.build_folder import write_build
from tools.preview.cells import preview_cells
from tools.preview.cost_details import cost_details
from tools.preview.critical_path_timetable import timetable
from tools.preview.diff.command import compared, other_side
from tools.preview.diff.comparison import Comparison
from tools.preview.diff.data import diff_data
from tools.preview.diff.markdown import markdown
from tools.preview.diff.revision import RevisionError
from tools.preview.diff.snapshot import report_data, snapshot_json
from tools.preview.diff.terminal import lines
from tools.preview.results import preview_of
from tools.preview.rule_list import rule_list
from tools.preview.sarif import sarif, stack_places
from tools.preview.screen import failure, finding_lines, findings_in_short, headline, screen
from tools.preview.terminal import output, print_lines
from tools.preview.tree import tree
from tools.preview.zone_loss_details import loss_details
from tools.proof.summary import claims_of, summary
from tools.recording import RecordingError, record
from tools.recording.garbage_collector import run_and_exit
from tools.recording.record import ROOT
from tools.rules.rule import Finding, Severity
from tools.rules.stack import failing

_COMMANDS = {"audit": audit_files, "import": import_files}
"""Commands that read files instead of a stack."""
_COLORS: Mapping[Severity, str] = {"error": "red", "warning": "yellow", "caution": "yellow"}


def main() -> int:
    """Previews the stack of the command line and returns the exit status."""
    command = _COMMANDS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if command:
        return command(sys.argv[2:])
    parser = _parser()
    arguments = parser.parse_args()
    if arguments.against is not None and (
        arguments.critical_path or arguments.sarif or arguments.verbose or arguments.snapshot
    ):
        parser.error("--against: only --json can be combined with it")
    stack, against = str(arguments.stack), cast("str | None", arguments.against)
    console, today = Console(stderr=True), date.today()
    if arguments.further:
        return _preview_cells(parser, arguments, today)
    try:
        with _progress(console, stack), ExitStack() as running:
            other = None
            if against is not None:  # starts the preview of another revision
                other = running.enter_context(other_side(stack, against, today))
            recording = record(stack)
            before = other() if other else None
    except (SettingsError, RecordingError, RevisionError) as error:
        print(error, file=sys.stderr)
        return NOT_RUN
    if arguments.critical_path:
        output().print(timetable(recording), highlight=False)
        return 0
    preview = preview_of(recording, ROOT / f"Pulumi.{stack}.yaml", today)
    findings, proof, cost = preview.findings, preview.proof, preview.cost
    failed = failing(findings, recording.settings.audit)
    status = FOUND if failed else CLEAN
    if before or arguments.snapshot:
        data = snapshot_json(recording, findings, proof, cost)
        if before:
            _print_comparison(compared(stack, before, data), as_json=bool(arguments.json))
        else:
            Path(arguments.snapshot).write_text(data, encoding="utf-8")
        return status
    if arguments.json:
        print(json.dumps(report_data(findings, proof, cost), indent=2))
        return status
    placed = [*stack_places(findings, recording.settings, preview.file)]
    if arguments.sarif:
        print(sarif(placed))
        return status
    folder = ROOT / "build" / stack
    try:
        write_build(preview, folder)
    except OSError as error:
        print(f"{error.filename or folder}: cannot be written: {error.strerror}", file=sys.stderr)
        return NOT_RUN
    verbose = bool(arguments.verbose)
    print_lines(headline(recording, proof, findings), style=_verdict_style(proof))
    print_lines(["", *screen(proof, cost)])
    if verbose:
        print_lines(["", *loss_details(proof, recording.settings), "", *cost_details(cost), ""])
        output().print(tree(recording, today))
    print_lines([""] if findings else [])
    _print_findings(placed, full=verbose)
    print_lines(["", summary(claims_of(recording.settings))])
    print_lines([f"wrote build/{stack}: recording.json, report.html, manifests/"])
    if not verbose:
        print_lines([f"more: make preview STACK={stack} VERBOSE=1"])
    if failed:
        print_lines([failure(failed, recording.settings.audit)])
    return status


def _preview_cells(
    parser: argparse.ArgumentParser, arguments: argparse.Namespace, today: date
) -> int:
    """Previews several cells of one domain; returns the exit status."""
    stacks: list[str] = [arguments.stack, *arguments.further]
    if repeated := [each for each in stacks if stacks.count(each) > 1]:
        parser.error(f"{repeated[0]}: named twice; each cell has its own stack")
    options = ("critical_path", "sarif", "verbose", "snapshot", "against")
    if used := [each for each in options if getattr(arguments, each)]:
        parser.error(f"--{used[0].replace('_', '-')}: for one stack only")
    try:
        with _progress(Console(stderr=True), " and ".join(stacks)):
            preview = preview_cells(stacks, today)
    except (SettingsError, RecordingError) as error:
        print(error, file=sys.stderr)
        return NOT_RUN
    if arguments.json:
        print(json.dumps(preview.data(), indent=2))
    else:
        print_lines([*preview.lines()])
    return FOUND if preview.failed else CLEAN


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "tools.preview",
        "Prints what a zone loss does to a stack, its cost and its findings, and writes "
        "build/STACK. Needs no AWS account.",
    )
    parser.add_argument(
        "further",
        metavar="STACK",
        nargs="*",
        type=stack_name,
        default=[],
        help="further cells of the same domain: preview them together, and write no files",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--critical-path",
        action="store_true",
        help="print the longest chain of dependencies during creation instead; write no files",
    )
    what.add_argument(
        "--sarif",
        action="store_true",
        help="print findings as SARIF, for code scanning; write no files",
    )
    what.add_argument(
        "--json",
        action="store_true",
        help="print findings, zone-loss proof and cost as JSON; write no files",
    )
    what.add_argument(
        "--verbose",
        action="store_true",
        help="print also zone loss and cost in full, all derived figures and all resources",
    )
    parser.add_argument(
        "--against",
        metavar="REV|FILE",
        help="print, as Markdown or with --json, what changes from a git revision, or from another "
        "stack file, to the working tree; write no files",
    )
    parser.add_argument("--snapshot", metavar="FILE", help=argparse.SUPPRESS)  # for --against
    parser.add_argument("--rules", action=_PrintRules, help="print the rules of the audit")
    parser.epilog = (
        ".venv/bin/python -m tools.preview import FILE…: write Kubernetes manifests or a compose "
        "file as entries of a stack file; .venv/bin/python -m tools.preview audit FILE…: audit "
        "Kubernetes manifests"
    )
    return parser


class _PrintRules(argparse.Action):
    """Prints all rules and ends the command."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, *_: object) -> NoReturn:
        """Prints all rules and ends the command."""
        print_lines(rule_list().splitlines())
        sys.exit()


def _print_comparison(comparison: Comparison, *, as_json: bool) -> None:
    """Prints a comparison: as JSON, for a terminal, or as Markdown."""
    if as_json:
        print(json.dumps(diff_data(comparison), indent=2))
    elif sys.stdout.isatty():
        print_lines(lines(comparison, output().width))
    else:
        print(markdown(comparison), end="")


def _verdict_style(proof: ZoneLossProof) -> str:
    """Returns the style of the headline."""
    if not proof.holds:
        return "bold red"
    return "bold green" if proof.complete else "bold yellow"


def _print_findings(findings: Iterable[tuple[Finding, Place]], *, full: bool) -> None:
    """Prints findings with their places; a color marks the severity in a terminal."""
    console = output()
    shown = ((*each, 0) for each in findings) if full else findings_in_short(findings)
    for each, place, others in shown:
        lines = finding_lines(each, place, full=full, width=console.width, others=others)
        text = Text("\n".join(lines))
        text.stylize(_COLORS[each.severity], 0, len(each.severity))
        console.print(text, soft_wrap=True)


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
    run_and_exit(main, failed=NOT_RUN)
