"""`python -m tools.drills STACK`: removes zones and nodes of a cell on a real control plane."""

import os
import shutil
import signal
import sys
import warnings
from argparse import Namespace
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from settings import SettingsError
from tools.command_line import (
    add_scenarios,
    chosen_scenarios,
    command_parser,
    folder_for_results,
    print_failure,
    print_progress,
)
from tools.drills import recorded
from tools.drills.events import CellReady, Failure
from tools.drills.given_parts import (
    GivenPartError,
    add_given_parts,
    given_charts,
    given_programs,
    is_given,
    variable,
)
from tools.drills.outcome import Outcome
from tools.drills.parallel import interrupt, run_in_cells
from tools.drills.place import find_programs
from tools.drills.report import Report
from tools.drills.runner import Event, run_scenarios
from tools.drills.scenarios import LONG, RECORDED, SCENARIOS, Scenario
from tools.entry_point import status_of
from tools.recording import Recording, RecordingError, record
from tools.recording.record import ROOT
from tools.toolchain import HAPROXY, HELM, PULUMI_KUBERNETES, ToolError, is_present


def main() -> int:
    """Runs the scenarios for the stack of the command line; returns the exit status."""
    arguments, chosen, left_out = _arguments()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    warnings.simplefilter("ignore")  # the provider SDKs use deprecated names
    try:
        given = given_programs(arguments)
        recording = record(arguments.stack)
        charts = given_charts(arguments, recording)
        if arguments.record and not {*chosen} >= {*RECORDED}:
            reasons = "; ".join(recorded.reasons_to_record_all(recording))
            if reasons:
                return print_failure(f"--record: run all scenarios, because {reasons}")
        needs = {tool for name in chosen for tool in SCENARIOS[name].needs}
        found = find_programs(
            recording.settings.cluster.version,
            needs | {HELM} if charts else needs,
            print_progress,
        )
    except (GivenPartError, SettingsError, RecordingError) as error:
        return print_failure(str(error))
    except ToolError as error:
        print_failure(f"NOT DRILLED: {error}")
        return 0 if os.environ.get("CI") and not shutil.which("go") else 1
    programs = {**found, **given, **charts}
    needed = {name: app.replicas.needed for name, app in recording.settings.replicated.items()}
    report = Report(arguments.stack, needed, programs, [*chosen, *left_out])
    for name, reason in left_out.items():
        report.not_drilled(name, reason)
    folder = folder_for_results(ROOT / "build" / arguments.stack)
    try:
        failure = _drill(_events(recording, programs, chosen), report)
    except KeyboardInterrupt:
        report.write(folder, "interrupted")
        raise
    report.write(folder, failure)
    if failure:
        return print_failure(failure)
    if arguments.record:
        recorded.write(report.document(None), recording, RECORDED)
    return 0 if report.all_kept else 1


def _drill(events: Generator[Event], report: Report) -> str | None:
    """Reports all events; returns the reason why the drill ended early, or None."""
    begun = False
    with closing(events):
        for event in events:
            match event:
                case CellReady():
                    if not begun:
                        report.begin(event.nodes, event.seconds)
                    begun = True
                case Outcome():
                    report.add(event)
                case Failure():
                    return event.reason
    return None


def _events(
    recording: Recording, programs: Mapping[str, Path], chosen: Sequence[str]
) -> Generator[Event]:
    """Runs scenarios: first those that may run at the same time, in several cells."""
    alone = [
        name for name in chosen if isinstance(each := SCENARIOS[name], Scenario) and each.alone
    ]
    others = [name for name in chosen if name not in alone]
    if len(others) > 1:
        others.sort(key=[*LONG, *others].index)
        yield from run_in_cells(recording.stack, programs, others)
    else:
        alone = [*others, *alone]
    yield from run_scenarios(recording, programs, alone)


def _not_given(chosen: Sequence[str], arguments: Namespace) -> Mapping[str, str]:
    """Returns the scenarios for which the user has to provide parts, with the reasons."""
    missing = {name: [each for each in SCENARIOS[name].given if not is_given(each, arguments)]
               for name in chosen}  # fmt: skip
    return {
        name: f"it needs {' and '.join(map(variable, parts))}"
        for name, parts in missing.items()
        if parts
    }


def _left_out_by_ci(chosen: Sequence[str]) -> Mapping[str, str]:
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


def _arguments(
    command_line: Sequence[str] | None = None,
) -> tuple[Namespace, Sequence[str], Mapping[str, str]]:
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
    add_given_parts(parser)
    arguments = parser.parse_args(command_line)
    chosen = chosen_scenarios(parser, str(arguments.scenarios), SCENARIOS)
    left_out, not_given = _left_out_by_ci(chosen), _not_given(chosen, arguments)
    if not_given and arguments.scenarios != parser.get_default("scenarios"):
        name, reason = next(iter(not_given.items()))
        parser.error(f"--scenarios: {name}: {reason}")
    if arguments.record and left_out:
        parser.error(f"--record: {', '.join(left_out)} cannot run")
    left_out = {**left_out, **not_given}
    return arguments, [name for name in chosen if name not in left_out], left_out


if __name__ == "__main__":
    sys.exit(status_of(main))
