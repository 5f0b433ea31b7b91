"""`python -m tools.drills STACK`: removes zones and nodes of a cell on a real control plane."""

import argparse
import signal
import sys
import time
import warnings
from types import FrameType

from settings import SettingsError
from tools.control_plane.api_server import ApiError
from tools.drills.drill import DrillError
from tools.drills.place import find_programs, running_cell
from tools.drills.report import Report
from tools.drills.scenarios import SCENARIOS
from tools.recording import RecordingError, record
from tools.recording.record import ROOT
from tools.toolchain import ToolError


def main() -> int:
    """Runs the scenarios for the stack of the command line; returns the exit status."""
    stack, chosen = _arguments()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    warnings.simplefilter("ignore")  # the provider SDKs use deprecated names
    try:
        recording = record(stack)
        programs = find_programs(recording.settings.cluster.version, _print_progress)
    except (SettingsError, RecordingError, ToolError) as error:
        return _print_failure(str(error))
    report, failure = Report(stack), None
    began = time.monotonic()
    try:
        with running_cell(recording, programs) as drill:
            report.begin(len(drill.server.list("v1", "Node")), time.monotonic() - began)
            for name in chosen:
                for row in SCENARIOS[name](drill):
                    report.add(row)
    except (ApiError, DrillError) as error:
        failure = str(error)
    except KeyboardInterrupt:
        failure = "interrupted"
    report.write(ROOT / "build" / stack, failure)
    if failure:
        return _print_failure(failure)
    return 0 if report.all_kept else 1


def _arguments() -> tuple[str, list[str]]:
    """Returns stack and names of scenarios."""
    lines = [f"  {name:<10} {scenario.__doc__}" for name, scenario in SCENARIOS.items()]
    parser = argparse.ArgumentParser(
        prog="python -m tools.drills",
        description="Removes zones and nodes of a cell on a real Kubernetes control plane.",
        epilog="\n".join(("scenarios:", *lines)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "stack", metavar="STACK", help="name of the stack, such as prod for Pulumi.prod.yaml"
    )
    parser.add_argument(
        "--scenarios",
        default=",".join(SCENARIOS),
        metavar="NAMES",
        help="scenarios to run, separated by commas; default: all",
    )
    arguments = parser.parse_args()
    chosen = str(arguments.scenarios).split(",")
    unknown = [each for each in chosen if each not in SCENARIOS]
    if unknown:
        parser.error(f"--scenarios: unknown: {', '.join(unknown)}; known: {', '.join(SCENARIOS)}")
    return str(arguments.stack), chosen


def _print_progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _print_failure(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 1


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
