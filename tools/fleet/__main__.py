"""`python -m tools.fleet COMMAND`: rolls a change through the cells of fleet.yaml in order."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial

from settings import Settings
from tools.command_line import print_progress
from tools.deploy.aws_cli import Ask, AwsError
from tools.deploy.check.__main__ import check_cell
from tools.deploy.foreground import report
from tools.deploy.pod_watch import KubernetesApi
from tools.deploy.programs import ProgramError, json_of
from tools.deploy.remedies.__main__ import drain
from tools.deploy.remedies.drain import RemedyError
from tools.deploy.up import MissingError, aws_of, required_pulumi
from tools.entry_point import status_of
from tools.fleet.cells import fleet_of, known_cell, order_cautions
from tools.fleet.failback import (
    CHECKS,
    failed_checks,
    missing_capacity,
    no_failback,
    other_versions,
    siblings,
)
from tools.fleet.fleet_file import Fleet, read_fleet
from tools.fleet.health import health_of
from tools.fleet.interfaces import FleetError, Health
from tools.fleet.journal import Journal, Record
from tools.fleet.latch import latches_of, recent_failures, reset_latches, set_latches
from tools.fleet.pulumi_cli import REFUSALS, PulumiCli
from tools.fleet.rollout import Rollout, preview
from tools.fleet.run import last_run, run_to_resume, run_to_start
from tools.fleet.source import source_of
from tools.fleet.status import statuses, table
from tools.recording import record
from tools.recording.record import ROOT
from tools.toolchain import ToolError

FOLDER = ROOT / "build" / "fleet"
"""Folder of the journal."""


def main() -> int:
    """Runs the command of the command line; returns the exit status."""
    arguments = _parser().parse_args()
    try:
        _COMMANDS[str(arguments.command)](arguments)
    except FleetError as error:
        print(error, file=sys.stderr)
        return error.status
    except (*REFUSALS, RemedyError, AwsError, ToolError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.fleet",
        description="Rolls a change through the cells of fleet.yaml, one after another. The exit "
        "status is 1 if the run is refused or stops, and 3 if it waits for approval or for the end "
        "of frozen hours.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in {
        "status": "print region, version, last update, role and health of each cell",
        "preview": "preview all cells, and record their source in the journal",
        "up": "update the cells in order, with a gate before and after each",
        "resume": "continue a run with the step at which it stopped",
    }.items():
        command = commands.add_parser(name, help=text, description=f"{text[:1].upper()}{text[1:]}.")
        command.add_argument("--json", action="store_true", help="print JSON on standard output")
        if name in ("up", "resume"):
            command.add_argument(
                "--emergency",
                metavar="REASON",
                help="update cells also in frozen hours and if a cell is unhealthy before",
            )
        if name == "resume":
            command.add_argument("--approve", metavar="CELL", help="approve the update of a cell")
    for name, text in {
        "drain": "send the users of a cell to other cells, as make drain does",
        "undrain": "send users to a drained cell again, as make undrain does",
        "failback": "send users to a cell again after a failover or a drain, after checks of its "
        "health, version and capacity",
    }.items():
        command = commands.add_parser(name, help=text, description=f"{text[:1].upper()}{text[1:]}.")
        command.add_argument("cell", metavar="CELL", help="cell of fleet.yaml")
    return parser


def _status(arguments: argparse.Namespace) -> None:
    _, cells = fleet_of(ROOT)
    found = statuses(cells, lambda cell: _ask_of(cells, cell), _updates)
    print(json.dumps([asdict(each) for each in found]) if arguments.json else table(found))


def _preview(arguments: argparse.Namespace) -> None:
    fleet, cells = fleet_of(ROOT)
    for caution in order_cautions(cells):
        print_progress(f"caution: {caution}")
    journal = _journal(json_lines=bool(arguments.json))
    with journal.locked():
        source = partial(source_of, ROOT, fleet.cells)
        for path in source().uncommitted:
            print_progress(
                f"caution: {path} is not committed; no other operator can resume this run"
            )
        run_id = datetime.now(UTC).isoformat("T", "seconds")
        preview(fleet.cells, PulumiCli(fleet), source, journal, print_progress, run_id)
    print_progress("previewed; make fleet-up updates the cells in this order")


def _up(arguments: argparse.Namespace) -> None:
    fleet, cells = fleet_of(ROOT)
    journal = _journal(json_lines=bool(arguments.json))
    with journal.locked():
        run = run_to_start(last_run(journal.records()), fleet.cells)
        _rollout(fleet, cells, journal).start(run, arguments.emergency)


def _resume(arguments: argparse.Namespace) -> None:
    fleet, cells = fleet_of(ROOT)
    approved = known_cell(fleet, arguments.approve) if arguments.approve else None
    journal = _journal(json_lines=bool(arguments.json))
    with journal.locked():
        run = run_to_resume(last_run(journal.records()), fleet.cells)
        _rollout(fleet, cells, journal).resume(run, arguments.emergency, approved)


def _drain(arguments: argparse.Namespace) -> None:
    """Drains or undrains one cell. Needs no gate, and waits for no run of the fleet."""
    cell = known_cell(read_fleet(ROOT), str(arguments.cell))
    drain(str(arguments.command), cell)
    _journal().append(f"{arguments.command}ed", cell=cell)


def _failback(arguments: argparse.Namespace) -> None:
    """Sends users to a cell again if its health, version and pods allow it."""
    fleet, cells = fleet_of(ROOT)
    cell = known_cell(fleet, str(arguments.cell))
    ask = _ask_of(cells, cell)
    health = health_of(ask, cell, cells[cell])
    problem = no_failback(cell, health)
    if problem:
        raise FleetError(problem)
    others = siblings(cells, cell)
    apis = {each: KubernetesApi(_ask_of(cells, each), each) for each in (cell, *others)}
    problems = [
        *failed_checks(check_cell(record(cell), CHECKS)),
        *other_versions(others, PulumiCli(fleet).preview),
        *missing_capacity(cells[cell], others, lambda each: apis[each].read, cell),
        *recent_failures(ask, cell, cells[cell]),
    ]
    if problems:
        advice = f"{cell} stays out of service; to fail back without checks: docs/fleet.md#failback"
        raise FleetError("\n".join([*problems, advice]))
    if health.failed_over:
        latches = set_latches(ask, latches_of(cell, cells[cell]))
        reset_latches(ask, latches, lambda text: print_progress(f"{cell}: {text}"))
    if health.drained:
        drain("undrain", cell)
    print_progress(f"{cell} serves again; users follow within 60 seconds")
    _journal().append("failback", cell=cell)


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "status": _status,
    "preview": _preview,
    "up": _up,
    "resume": _resume,
    "drain": _drain,
    "undrain": _drain,
    "failback": _failback,
}


def _rollout(fleet: Fleet, cells: Mapping[str, Settings], journal: Journal) -> Rollout:
    asks = {cell: _ask_of(cells, cell) for cell in fleet.cells}

    def health(cell: str) -> Health:
        return health_of(asks[cell], cell, cells[cell])

    return Rollout(
        fleet=fleet,
        engine=PulumiCli(fleet),
        health=health,
        source=partial(source_of, ROOT, fleet.cells),
        journal=journal,
        report=report,
    )


def _journal(*, json_lines: bool = False) -> Journal:
    """Returns the journal, which also prints its new records if `json_lines` is set."""

    def write(record: Record) -> None:
        if json_lines:
            print(json.dumps(record), flush=True)

    return Journal(FOLDER, write)


def _ask_of(cells: Mapping[str, Settings], cell: str) -> Ask:
    return aws_of(cells[cell].aws, f"Pulumi.{cell}.yaml")


def _updates() -> Mapping[str, str]:
    """Returns the time of the last update of each stack; empty if it cannot be read.

    https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_ls/
    """
    try:
        listed = json_of([required_pulumi(), "stack", "ls", "--json"], "pulumi stack ls", ROOT)
        return {each["name"]: each["lastUpdate"] for each in listed if each.get("lastUpdate")}
    except (MissingError, ProgramError, LookupError, TypeError) as error:
        print_progress(f"the last updates cannot be read: {error}")
        return {}


if __name__ == "__main__":
    sys.exit(status_of(main))
