"""`python -m tools.scan [STACK ...]`: scans the manifests of all stacks, or of the named ones."""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from settings import SettingsError, read_stack_file
from tools.command_line import print_failure, print_progress, stack_name
from tools.entry_point import status_of
from tools.preview.build_folder import write_build
from tools.preview.results import preview_of
from tools.recording import RecordingError, record
from tools.recording.record import ROOT
from tools.scan import checkov, kube_score
from tools.scan.findings import Finding, ScanError
from tools.scan.self_test import check_checkov, check_kube_score
from tools.scan.waivers import read, unused, unwaived
from tools.toolchain import KUBE_SCORE, ToolError, find

_EXAMPLES = ROOT / "examples"


def main() -> int:
    """Scans the stacks that the command line names, and returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.scan",
        description="Scans the Kubernetes manifests of stacks with checkov and kube-score.",
    )
    parser.add_argument(
        "stacks",
        metavar="STACK",
        nargs="*",
        type=stack_name,
        help="names of stacks, such as prod for Pulumi.prod.yaml; default: all stacks, and the "
        "examples with kube-score only",
    )
    stacks: list[str] = parser.parse_args().stacks
    program, not_scanned = None, 0
    try:
        for file in _stack_files(stacks):
            read_stack_file(file)
        program = find(KUBE_SCORE, print_progress)
    except SettingsError as error:  # before the build of a scanner, which takes minutes
        return print_failure(str(error))
    except ToolError as error:
        print_failure(f"NOT SCANNED with kube-score: {error}")
        not_scanned = 0 if os.environ.get("CI") and not shutil.which("go") else 1
    try:
        problems = _problems(stacks, program)
    except (SettingsError, RecordingError, ScanError) as error:
        return print_failure(str(error))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else not_scanned


def _problems(stacks: Sequence[str], kube_score_program: Path | None) -> list[str]:
    """Returns a line for each finding without a waiver.

    A complete scan, over all stacks and examples, also returns a line for each waiver without a
    finding.
    """
    waivers, all_findings, problems = read(), list[Finding](), list[str]()
    for number, file in enumerate(_stack_files(stacks)):
        stack = file.name.split(".")[1]
        recording = record(stack, root=file.parent)
        folder = ROOT / "build" / stack
        write_build(preview_of(recording, file, date.today()), folder)
        manifests = folder / "manifests"
        found = list[Finding]()
        if file.parent == ROOT:
            if number == 0:
                check_checkov(manifests)
            found += checkov.findings(manifests)
        if kube_score_program:
            version = recording.settings.cluster.version
            if number == 0:
                check_kube_score(kube_score_program, manifests, version)
            found += kube_score.findings(kube_score_program, manifests, version)
        failed = unwaived(found, waivers)
        all_findings += found
        problems += [f"{stack}: {each.resource}: {each.name} ({each.check})" for each in failed]
        print(f"{stack}: {len(failed)} checks failed, {len(found) - len(failed)} waived")
    if not stacks and kube_score_program:
        problems += [
            f"tools/scan/waivers.toml: {waiver.check}: no finding matches {pattern}; remove it"
            for waiver, pattern in unused(all_findings, waivers)
        ]
    return problems


def _stack_files(stacks: Sequence[str]) -> Sequence[Path]:
    """Returns the files of stacks; without names, of all stacks and examples."""
    if stacks:
        return [ROOT / f"Pulumi.{stack}.yaml" for stack in stacks]
    return [*sorted(ROOT.glob("Pulumi.*.yaml")), *sorted(_EXAMPLES.glob("Pulumi.*.yaml"))]


if __name__ == "__main__":
    sys.exit(status_of(main))
