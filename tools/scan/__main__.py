"""`python -m tools.scan [STACK ...]`: scans the manifests of all stacks, or of the named ones."""

import argparse
import sys

from settings import SettingsError
from tools.preview.build_folder import write_build
from tools.recording import RecordingError, record
from tools.recording.record import ROOT
from tools.scan.checkov import Finding, ScanError, findings
from tools.scan.self_test import check_scanner
from tools.scan.waivers import read, unused, unwaived


def main() -> int:
    """Scans the stacks that the command line names, and returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.scan",
        description="Scans the Kubernetes manifests of stacks with checkov.",
    )
    parser.add_argument(
        "stacks",
        metavar="STACK",
        nargs="*",
        help="names of stacks, such as prod for Pulumi.prod.yaml; default: all stacks",
    )
    stacks: list[str] = parser.parse_args().stacks
    all_stacks = sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml"))
    try:
        problems = _problems(stacks or all_stacks, complete=not stacks)
    except (SettingsError, RecordingError, ScanError) as error:
        print(error, file=sys.stderr)
        return 1
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _problems(stacks: list[str], *, complete: bool) -> list[str]:
    """Returns a line for each finding without a waiver.

    A complete scan, over all stacks, also returns a line for each waiver without a finding.
    """
    waivers, all_findings, problems = read(), list[Finding](), list[str]()
    for number, stack in enumerate(stacks):
        folder = ROOT / "build" / stack
        write_build(record(stack), folder)
        if number == 0:
            check_scanner(folder / "manifests")
        found = findings(folder / "manifests")
        failed = unwaived(found, waivers)
        all_findings += found
        problems += [f"{stack}: {each.resource}: {each.name} ({each.check})" for each in failed]
        print(f"{stack}: {len(failed)} checks failed, {len(found) - len(failed)} waived")
    if complete:
        problems += [
            f"tools/scan/waivers.toml: {waiver.check}: no finding matches {pattern}; remove it"
            for waiver, pattern in unused(all_findings, waivers)
        ]
    return problems


if __name__ == "__main__":
    sys.exit(main())
