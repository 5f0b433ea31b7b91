"""`python -m tools.drills STACK`: removes zones and nodes of a cell on a real control plane."""

import os
import signal
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
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
from tools.drills.deployed_cell import deployed_cell
from tools.drills.drill import DrillError
from tools.drills.place import find_programs, running_cell
from tools.drills.report import Report
from tools.drills.scenarios import SCENARIOS, Scenario, StackScenario
from tools.recording import Recording, RecordingError, record
from tools.recording.record import ROOT
from tools.toolchain import HAPROXY, PULUMI_KUBERNETES, ToolError, is_present


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
    try:
        _run(recording, programs, [SCENARIOS[name] for name in chosen], report)
    except (ApiError, DrillError) as error:
        failure = str(error)
    except KeyboardInterrupt:
        failure = "interrupted"
    report.write(ROOT / "build" / stack, failure)
    if failure:
        return print_failure(failure)
    return 0 if report.all_kept else 1


def _run(
    recording: Recording,
    programs: Mapping[str, Path],
    scenarios: Sequence[Scenario | StackScenario],
    report: Report,
) -> None:
    """Runs scenarios: first those that share a cell, then those with a cell of their own."""
    shared = [each for each in scenarios if isinstance(each, Scenario)]
    if shared:
        began = time.monotonic()
        with running_cell(recording, programs) as drill:
            report.begin(len(drill.server.list("v1", "Node")), time.monotonic() - began)
            for scenario in shared:
                drill.baseline.reset()
                for result in scenario.run(drill):
                    report.add(result)
    for scenario in scenarios:
        if isinstance(scenario, StackScenario):
            with deployed_cell(recording, programs) as cell:
                for result in scenario.run(cell):
                    report.add(result)


def _without_missing_programs(chosen: Sequence[str]) -> Sequence[str]:
    """Returns the scenarios without those that CI leaves out.

    These need the Kubernetes provider, which CI would have to build first, or haproxy, which is
    not built.
    """
    if not os.environ.get("CI"):
        return chosen
    for tool, reason in (
        (
            PULUMI_KUBERNETES,
            f"is not in the cache, and CI does not build it ({PULUMI_KUBERNETES.build_time})",
        ),
        (HAPROXY, "is not installed"),
    ):
        without = [name for name in chosen if tool in SCENARIOS[name].needs]
        if without and not is_present(tool):
            print_progress(f"NOT DRILLED: {', '.join(without)}: {tool.name} {reason}")
            chosen = [name for name in chosen if name not in without]
    return chosen


def _arguments() -> tuple[str, Sequence[str]]:
    """Returns stack and names of scenarios."""
    parser = command_parser(
        "tools.drills", "Removes zones and nodes of a cell on a real Kubernetes control plane."
    )
    add_scenarios(parser, {name: each.run for name, each in SCENARIOS.items()})
    arguments = parser.parse_args()
    chosen = _without_missing_programs(
        chosen_scenarios(parser, str(arguments.scenarios), SCENARIOS)
    )
    return str(arguments.stack), chosen


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
