"""`python -m tools.preview import FILE…`."""

import argparse
import sys
from collections.abc import Sequence

from settings.reading.problem import printable
from tools.importer.check import refuse_invalid
from tools.importer.read_files import read_files
from tools.importer.report import Report
from tools.importer.stack_file import config, text_of
from tools.importer.workloads import workloads
from tools.manifests.documents import ManifestError

_REACHES = (
    "all workloads: network policies deny connections to addresses outside of the cell; write "
    "reaches for databases, AWS and other services"
)


def main(arguments: Sequence[str]) -> int:
    """Prints the entries of the stack file for some manifests, and on standard error what they
    lack; returns the exit status: 1 if a workload or all of a file is not in the entries."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.preview import",
        description="Reads Kubernetes manifests or a compose file, and prints the entries of the "
        "stack file for their workloads. Standard error lists what is not carried over.",
    )
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="YAML or JSON file, folder of such files, or - for the standard input",
    )
    files: list[str] = parser.parse_args(arguments).files
    try:
        entries, report = workloads(read_files(files))
    except ManifestError as error:
        print(printable(str(error)), file=sys.stderr)
        return 1
    refused = {each.subject for each in report.notes if each.result == "refused"}
    entries = refuse_invalid([each for each in entries if each.subject not in refused], report)
    _print_notes(report)
    if not entries:
        print(f"no workload to import in {', '.join(files)}", file=sys.stderr)
        return 1
    print(f"not carried over: {_REACHES}", file=sys.stderr)
    sys.stdout.write(text_of(config(entries)))
    return 1 if report.refused else 0


def _print_notes(report: Report) -> None:
    """Prints the notes by object; of a refused workload, only the reasons."""
    refused = {each.subject for each in report.notes if each.result == "refused"}
    for subject in dict.fromkeys(each.subject for each in report.notes):
        for note in report.notes:
            if note.subject == subject and (note.result == "refused" or subject not in refused):
                print(note, file=sys.stderr)
