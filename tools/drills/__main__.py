"""`python -m tools.drills STACK`: removes zones and nodes of a cell on a real control plane."""

import signal
import sys
import time
import warnings
from collections.abc import Sequence
from types import FrameType

from settings import SettingsError
from tools.command_line import (
    add_scenarios,
    chosen_scenarios,
    command_parser,
    print_failure,
    print_progress,
)
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
        programs = find_programs(
            recording.settings.cluster.version,
            {tool for name in chosen for tool in SCENARIOS[name].needs},
            print_progress,
        )
    except (SettingsError, RecordingError, ToolError) as error:
        return print_failure(str(error))
    report, failure = Report(stack), None
    began = time.monotonic()
    try:
        with running_cell(recording, programs) as drill:
            report.begin(len(drill.server.list("v1", "Node")), time.monotonic() - began)
            for name in chosen:
                drill.baseline.reset()
                for result in SCENARIOS[name].run(drill):
                    report.add(result)
    except (ApiError, DrillError) as error:
        failure = str(error)
    except KeyboardInterrupt:
        failure = "interrupted"
    report.write(ROOT / "build" / stack, failure)
    if failure:
        return print_failure(failure)
    return 0 if report.all_kept else 1


def _arguments() -> tuple[str, Sequence[str]]:
    """Returns stack and names of scenarios."""
    parser = command_parser(
        "tools.drills", "Removes zones and nodes of a cell on a real Kubernetes control plane."
    )
    add_scenarios(parser, {name: each.run for name, each in SCENARIOS.items()})
    arguments = parser.parse_args()
    chosen = chosen_scenarios(parser, str(arguments.scenarios), SCENARIOS)
    return str(arguments.stack), chosen


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
