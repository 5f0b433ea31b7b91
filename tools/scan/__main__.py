"""`python -m tools.scan [STACK ...]`: scans the manifests of the stacks, by default of all."""

import argparse
import sys

from settings import SettingsError
from tools.preview.build_folder import write_build
from tools.recording import RecordingError, record
from tools.recording.record import ROOT
from tools.scan.checkov import Finding, ScanError, findings
from tools.scan.self_test import check_sees
from tools.scan.waivers import idle, read, unwaived


def main() -> int:
    """Scans the stacks that the command line names; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.scan", description=__doc__)
    parser.add_argument("stacks", metavar="STACK", nargs="*", help="dev, for Pulumi.dev.yaml")
    stacks: list[str] = parser.parse_args().stacks
    every = sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml"))
    try:
        problems = _problems(stacks or every, whole=not stacks)
    except (SettingsError, RecordingError, ScanError) as error:
        print(error, file=sys.stderr)
        return 1
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _problems(stacks: list[str], *, whole: bool) -> list[str]:
    """What is wrong, a line each; with all stacks, what is waived for nothing as well."""
    waivers, found, problems = read(), list[Finding](), list[str]()
    for number, stack in enumerate(stacks):
        folder = ROOT / "build" / stack
        write_build(record(stack), folder)
        if number == 0:
            check_sees(folder / "manifests")
        own = findings(folder / "manifests")
        wrong = unwaived(own, waivers)
        found += own
        problems += [f"{stack}: {each.resource}: {each.name} ({each.check})" for each in wrong]
        print(f"{stack}: {len(wrong)} checks failed, {len(own) - len(wrong)} waived")
    if whole:
        problems += [
            f"tools/scan/waivers.toml: {waiver.check} of {pattern} is waived, and nothing fails it"
            for waiver, pattern in idle(found, waivers)
        ]
    return problems


if __name__ == "__main__":
    sys.exit(main())
