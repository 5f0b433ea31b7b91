"""`python -m tools.deploy.check STACK`: checks a deployed stack, without changing anything."""

import sys
from collections.abc import Collection, Mapping, Sequence

from settings import SettingsError
from tools.command_line import command_parser, print_progress
from tools.deploy.aws_cli import AwsError
from tools.deploy.check.alarm_subscribers import subscribers
from tools.deploy.check.alarms import alarms
from tools.deploy.check.cluster import add_ons, control_plane, node_groups, nodes, zonal_shifts
from tools.deploy.check.credentials import credentials
from tools.deploy.check.drift import drift
from tools.deploy.check.network_policy import network_policies
from tools.deploy.check.pods import app_pods, system_pods
from tools.deploy.check.result import Check, Result
from tools.deploy.check.run import reader_of, run
from tools.deploy.check.scaling import autoscalers, disruption_budgets, headroom
from tools.deploy.check.table import table
from tools.deploy.check.targets import targets
from tools.deploy.check.traffic import dns, requests
from tools.deploy.programs import ProgramError
from tools.deploy.up import MissingError
from tools.entry_point import status_of
from tools.recording import Recording, RecordingError, record
from tools.toolchain import ToolError

CHECKS: Mapping[str, Check] = {
    "control plane": control_plane,
    "add-ons": add_ons,
    "node groups": node_groups,
    "nodes": nodes,
    "pods": app_pods,
    "system pods": system_pods,
    "credentials": credentials,
    "network policy": network_policies,
    "autoscaling": autoscalers,
    "evictions": disruption_budgets,
    "headroom": headroom,
    "targets": targets,
    "requests": requests,
    "DNS": dns,
    "zonal shift": zonal_shifts,
    "alarms": alarms,
    "subscribers": subscribers,
    "drift": drift,
}
"""Checks by title, in the order of the table."""


def main() -> int:
    """Prints the table of the stack that the command line names; returns 1 if a line is not ok."""
    parser = command_parser(
        "tools.deploy.check",
        "Checks a deployed stack and changes nothing. The exit status is 1 if a line is not ok.",
    )
    stack = str(parser.parse_args().stack)
    try:
        results = check_cell(record(stack))
    except (
        *(SettingsError, RecordingError, MissingError, ToolError, AwsError, ProgramError),
    ) as error:
        print(error, file=sys.stderr)
        return 1
    print(table(results))
    return int(any(each.outcome == "NOT OK" for found in results.values() for each in found))


def check_cell(
    recording: Recording, titles: Collection[str] = CHECKS.keys()
) -> Mapping[str, Sequence[Result]]:
    """Returns the results of some checks of a deployed cell by title; by default of all.

    Raises MissingError, ToolError, AwsError or ProgramError.
    """
    with reader_of(recording) as read:
        print_progress(f"checking {recording.stack}; the preview of changes takes some minutes …")
        checks = {title: check for title, check in CHECKS.items() if title in titles}
        return run(checks, recording, read())


if __name__ == "__main__":
    sys.exit(status_of(main))
