"""`python -m tools.drills STACK`: removes zones and nodes of a cell on a real control plane."""

import os
import shutil
import signal
import sys
import time
import warnings
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType

import requests

from settings import SettingsError
from tools.command_line import (
    add_scenarios,
    chosen_scenarios,
    command_parser,
    print_failure,
    print_progress,
)
from tools.control_plane.api_server import ApiError
from tools.control_plane.processes import ProcessError
from tools.drills import recorded
from tools.drills.at_rest import return_to_rest
from tools.drills.deployed_cell import deployed_cell
from tools.drills.drill import Drill, DrillError
from tools.drills.node_model import node_model
from tools.drills.place import find_programs, running_cell
from tools.drills.report import Report
from tools.drills.result import Result
from tools.drills.scenarios import SCENARIOS, Scenario, StackScenario
from tools.recording import Recording, RecordingError, record
from tools.recording.record import ROOT
from tools.toolchain import HAPROXY, PULUMI_KUBERNETES, ToolError, is_present


def main() -> int:
    """Runs the scenarios for the stack of the command line; returns the exit status."""
    arguments, chosen, left_out = _arguments()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    warnings.simplefilter("ignore")  # the provider SDKs use deprecated names
    try:
        recording = record(arguments.stack)
        if arguments.record and {*chosen} != {*SCENARIOS}:
            reasons = "; ".join(recorded.reasons_to_record_all(recording))
            if reasons:
                return print_failure(f"--record: run all scenarios, because {reasons}")
        programs = find_programs(
            recording.settings.cluster.version,
            {tool for name in chosen for tool in SCENARIOS[name].needs},
            print_progress,
        )
    except (SettingsError, RecordingError) as error:
        return print_failure(str(error))
    except ToolError as error:
        print_failure(f"NOT DRILLED: {error}")
        return 0 if os.environ.get("CI") and not shutil.which("go") else 1
    needed = {name: app.replicas.needed for name, app in recording.settings.replicated.items()}
    report = Report(arguments.stack, needed, programs.values())
    for name, reason in left_out.items():
        report.not_drilled(name, reason)
    failure = _failure(recording, programs, chosen, report)
    report.write(ROOT / "build" / arguments.stack, failure)
    if failure:
        return print_failure(failure)
    if arguments.record:
        recorded.write(report.document(None), recording, SCENARIOS)
    return 0 if report.all_kept else 1


def _failure(
    recording: Recording, programs: Mapping[str, Path], chosen: Sequence[str], report: Report
) -> str | None:
    """Runs scenarios; returns the reason why the drill ended early, or None."""
    try:
        _run(recording, programs, chosen, report)
    except (ApiError, DrillError, ProcessError) as error:
        return str(error)
    except requests.RequestException as error:
        return f"the API server does not answer: {error}"
    except OSError as error:
        return f"{error.filename or 'the drill'}: {error.strerror}"
    except MemoryError:
        return "the machine has too little memory for a drill"
    except KeyboardInterrupt:
        return "interrupted"
    return None


def _run(
    recording: Recording, programs: Mapping[str, Path], chosen: Sequence[str], report: Report
) -> None:
    """Runs scenarios: first those that share a cell, then those with a cell of their own."""
    scenarios = {name: SCENARIOS[name] for name in chosen}
    shared = {name: each for name, each in scenarios.items() if isinstance(each, Scenario)}
    began = time.monotonic()
    if shared:
        with running_cell(recording, programs) as drill:
            report.begin(len(drill.server.list("v1", "Node")), time.monotonic() - began)
            for number, (name, scenario) in enumerate(shared.items()):
                if number > 0:
                    _return_to_rest(drill)
                with node_model(drill.server, drill.templates):
                    _report(report, name, scenario.run(drill), drill)
    for name, scenario in scenarios.items():
        if isinstance(scenario, StackScenario):
            with deployed_cell(recording, programs) as cell:
                _report(report, name, scenario.run(cell), cell.drill)


def _return_to_rest(drill: Drill) -> None:
    """Returns to the state in which each scenario begins."""
    with ThreadPoolExecutor(1) as executor:
        reset = executor.submit(drill.baseline.reset)
        return_to_rest(drill)
        reset.result()


def _report(report: Report, name: str, results: Iterator[Result], drill: Drill) -> None:
    """Reports the results and timelines of a scenario while it runs."""
    drill.timelines.clear()
    began = time.monotonic()
    report.begin_scenario(name)
    for result in results:
        report.add(result)
    report.end_scenario(time.monotonic() - began, drill.timelines)


def _left_out(chosen: Sequence[str]) -> Mapping[str, str]:
    """Returns the scenarios that CI leaves out, with the reasons.

    These need the Kubernetes provider, which CI would have to build first, or haproxy, which is
    not built.
    """
    if not os.environ.get("CI"):
        return {}
    reasons = {
        PULUMI_KUBERNETES: "is not in the cache, and CI does not build it "
        f"({PULUMI_KUBERNETES.build_time})",
        HAPROXY: "is not installed",
    }
    return {
        name: f"{tool.name} {reason}"
        for tool, reason in reasons.items()
        for name in chosen
        if tool in SCENARIOS[name].needs and not is_present(tool)
    }


def _arguments() -> tuple[Namespace, Sequence[str], Mapping[str, str]]:
    """Returns the arguments, the scenarios to run, and those to leave out with the reasons."""
    parser = command_parser(
        "tools.drills", "Removes zones and nodes of a cell on a real Kubernetes control plane."
    )
    add_scenarios(parser, {name: each.run for name, each in SCENARIOS.items()})
    parser.add_argument(
        "--record",
        action="store_true",
        help="write the results to docs/drills, and to the pages that quote them",
    )
    arguments = parser.parse_args()
    chosen = chosen_scenarios(parser, str(arguments.scenarios), SCENARIOS)
    left_out = _left_out(chosen)
    if arguments.record and left_out:
        parser.error(f"--record: {', '.join(left_out)} cannot run")
    return arguments, [name for name in chosen if name not in left_out], left_out


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ends the drill. Further signals do not interrupt the end of its processes."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
