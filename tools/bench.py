"""Measures how long a preview takes: `make bench`.

Prints ratios and CPU time per resource. CPU time of other processes does not count, so the figures
can be repeated on a busy machine. Two measurements:

- A preview of each shipped stack, as a multiple of importing the Pulumi SDKs that it needs. Both
  run as processes of their own, in turn, three times; the medians are compared.
- A preview of stacks of 2, 50 and 200 apps, each in a process of its own: CPU time per resource.
"""

import io
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from tools.preview.build_folder import write_build
from tools.preview.tree import tree
from tools.recording import record
from tools.recording.garbage_collector import run_and_exit
from tools.recording.record import ROOT
from tools.wide_stack import write_wide

IMPORTS = """
import pulumi_aws as a, pulumi_eks, pulumi_kubernetes as k
a.ec2.Vpc, a.eks.NodeGroup, a.lb.LoadBalancer, a.iam.Role, a.route53.Record, a.cloudwatch.LogGroup
k.apps.v1.Deployment, k.helm.v3.Release, k.core.v1.Service
"""
RECORD, PREVIEW = 2.0, 2.5
"""Largest accepted ratio for recording and printing, and for a whole preview with its report."""
PER_RESOURCE = 8
"""Largest accepted CPU time, in milliseconds per resource of the largest stack."""
SIZES = ((2, 2), (50, 4), (200, 4))
"""Apps and pools of each measured stack."""
TIMES = 3


def main() -> int:
    """Prints the measurements; with arguments, runs one of the measured parts."""
    match sys.argv[1:]:
        case ["record", stack]:
            Console(file=io.StringIO()).print(tree(record(stack)))
        case ["wide", apps, pools]:
            preview_wide(int(apps), int(pools))
        case _:
            ratios()
            growth()
    return 0


def ratios() -> None:
    """Compares a preview of each shipped stack with the imports."""
    for stack in sorted(file.name.split(".")[1] for file in ROOT.glob("Pulumi.*.yaml")):
        commands = [
            ("-W", "ignore", "-c", IMPORTS),
            ("-m", "tools.bench", "record", stack),
            ("-m", "tools.preview", stack),
        ]
        rounds = [[cpu_seconds(*command) for command in commands] for _ in range(TIMES)]
        imports, recorded, previewed = map(statistics.median, zip(*rounds, strict=True))
        print(
            f"{stack}: imports {imports:.2f}s; record and print {recorded:.2f}s, "
            f"ratio {recorded / imports:.2f} (at most {RECORD}); preview with its report "
            f"{previewed:.2f}s, ratio {previewed / imports:.2f} (at most {PREVIEW})",
            flush=True,
        )


def cpu_seconds(*arguments: str) -> float:
    """CPU time of a Python process, its start and end included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def growth() -> None:
    """Prints the CPU time per resource of stacks of several sizes."""
    for apps, pools in SIZES:
        module = ("-m", "tools.bench", "wide", str(apps), str(pools))
        subprocess.run([sys.executable, *module], cwd=ROOT, check=True)


def preview_wide(apps: int, pools: int) -> None:
    """Previews a wide stack; the imports are not part of the measurement."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_wide(folder, apps=2, pools=2)
        record("wide", root=folder)
        write_wide(folder, apps=apps, pools=pools)
        start = time.process_time()
        recording = record("wide", root=folder)
        write_build(recording, folder / "build")
        Console(file=io.StringIO()).print(tree(recording))
        took = time.process_time() - start
    count = len(recording.resources)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{apps} apps, {pools} pools: {count:,} resources, {took:.2f}s of CPU, "
        f"{1000 * took / count:.1f}ms per resource (at most {PER_RESOURCE}), {megabytes} MB"
    )


if __name__ == "__main__":
    run_and_exit(main)
