"""Measures the CPU time of previews: `make bench`, for all stacks or one.

CPU time excludes other processes, so that the figures are repeatable on a busy machine. Two
measurements:

- Ratio of a preview of each stack to the import of the required Pulumi SDKs. Both run as
  separate processes, alternately, three times. The ratio is that of the medians.
- CPU time per resource of previews with 2, 50 and 200 apps, each in a separate process.
"""

import argparse
import io
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console

from settings import SettingsError
from tools.command_line import print_failure, stack_name
from tools.preview.audit import FOUND
from tools.preview.build_folder import write_build
from tools.preview.cost_details import cost_details
from tools.preview.results import Preview, preview_of
from tools.preview.screen import headline, screen
from tools.preview.tree import tree
from tools.preview.zone_loss_details import loss_details
from tools.recording import RecordingError, record
from tools.recording.garbage_collector import run_and_exit
from tools.recording.record import ROOT
from tools.wide_stack import write_wide

SDK_IMPORTS = """
import pulumi_aws as a, pulumi_eks, pulumi_kubernetes as k
a.ec2.Vpc, a.eks.NodeGroup, a.lb.LoadBalancer, a.iam.Role, a.route53.Record, a.cloudwatch.LogGroup
k.apps.v1.Deployment, k.helm.v3.Release, k.core.v1.Service
"""
MAX_RECORD_RATIO, MAX_PREVIEW_RATIO = 2.0, 2.5
"""Highest accepted ratio for recording and printing, and for a preview with report."""
MAX_MS_PER_RESOURCE = 8
"""Highest accepted CPU time per resource for the largest stack, in milliseconds."""
SIZES = ((2, 2), (50, 4), (200, 4))
"""Number of apps and pools of each measured stack."""
REPETITIONS = 3


def main() -> int:
    """Prints the measurements of the stacks of the command line; returns the exit status.

    The arguments `record STACK` and `wide APPS POOLS` run one measured part.
    """
    try:
        match sys.argv[1:]:
            case ["record", stack]:
                print_all(preview_of(record(stack), ROOT / f"Pulumi.{stack}.yaml", date.today()))
            case ["wide", apps, pools]:
                measure_wide(int(apps), int(pools))
            case _:
                stacks = chosen_stacks()
                print_ratios(stacks)
                print_growth()
    except (SettingsError, RecordingError) as error:
        return print_failure(str(error))
    return 0


def chosen_stacks() -> Sequence[str]:
    """Returns the stacks of the command line; without any, all stacks.

    Raises SettingsError or RecordingError for a stack that cannot be previewed.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench", description="Measures the CPU time of previews."
    )
    parser.add_argument(
        "stacks", metavar="STACK", nargs="*", type=stack_name, help="stacks; without any, all"
    )
    written = sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml"))
    stacks: list[str] = parser.parse_args().stacks or written
    for stack in stacks:
        record(stack)
    return stacks


def print_all(preview: Preview) -> None:
    """Prints everything that preview can print to memory."""
    recording, proof, cost = preview.recording, preview.proof, preview.cost
    console = Console(file=io.StringIO())
    for line in (
        *headline(recording, proof, preview.findings),
        *screen(proof, cost),
        *loss_details(proof, recording.settings),
        *cost_details(cost),
    ):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print(tree(recording, preview.today))


def print_ratios(stacks: Sequence[str]) -> None:
    """Prints the ratio of a preview of each stack to the imports."""
    for stack in stacks:
        commands = [
            ("-W", "ignore", "-c", SDK_IMPORTS),
            ("-m", "tools.bench", "record", stack),
            ("-m", "tools.preview", stack),
        ]
        rounds = [[cpu_seconds(*command) for command in commands] for _ in range(REPETITIONS)]
        imports, recorded, previewed = map(statistics.median, zip(*rounds, strict=True))
        print(
            f"{stack}: imports {imports:.2f}s; record and print {recorded:.2f}s, "
            f"ratio {recorded / imports:.2f} (at most {MAX_RECORD_RATIO}); preview with report "
            f"{previewed:.2f}s, ratio {previewed / imports:.2f} (at most {MAX_PREVIEW_RATIO})",
            flush=True,
        )


def cpu_seconds(*arguments: str) -> float:
    """Runs a Python process and returns its CPU time, including start and exit."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False, capture_output=True)
    if done.returncode != FOUND:  # a preview with findings is complete
        done.check_returncode()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def print_growth() -> None:
    """Prints the CPU time per resource for each size."""
    for apps, pools in SIZES:
        module = ("-m", "tools.bench", "wide", str(apps), str(pools))
        subprocess.run([sys.executable, *module], cwd=ROOT, check=True)


def measure_wide(apps: int, pools: int) -> None:
    """Previews a wide stack and prints its CPU time, excluding imports."""
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path)
        write_wide(folder, apps=2, pools=2)
        record("wide", root=folder)
        file = write_wide(folder, apps=apps, pools=pools)
        start = time.process_time()
        recording = record("wide", root=folder)
        preview = preview_of(recording, file, date.today())
        write_build(preview, folder / "build")
        print_all(preview)
        seconds = time.process_time() - start
        report = (folder / "build" / "report.html").stat().st_size
    count = len(recording.resources)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{apps} apps, {pools} pools: {count:,} resources, {seconds:.2f}s of CPU, "
        f"{1000 * seconds / count:.1f}ms per resource (at most {MAX_MS_PER_RESOURCE}), "
        f"{megabytes} MB, report {report / 1_000_000:.1f} MB"
    )


if __name__ == "__main__":
    run_and_exit(main)
