"""`python -m tools.deploy.check STACK`: checks a deployed stack, without changing anything."""

import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from settings import SettingsError
from tools.command_line import command_parser, status_of
from tools.deploy.aws_cli import AwsError, why
from tools.deploy.check.alarm_subscribers import subscribers
from tools.deploy.check.alarms import alarms
from tools.deploy.check.cluster import add_ons, control_plane, node_groups, nodes, zonal_shifts
from tools.deploy.check.credentials import credentials
from tools.deploy.check.drift import drift
from tools.deploy.check.network_policy import network_policies
from tools.deploy.check.pods import app_pods, system_pods
from tools.deploy.check.read import readings
from tools.deploy.check.result import Check, Readings, Result, not_ok
from tools.deploy.check.scaling import autoscalers, disruption_budgets, headroom
from tools.deploy.check.table import table
from tools.deploy.check.targets import targets
from tools.deploy.check.traffic import dns, requests
from tools.deploy.kubernetes_objects import KubernetesObjects
from tools.deploy.programs import ProgramError
from tools.deploy.stack_state import StackState
from tools.deploy.up import MissingError, aws_of, pulumi_cli
from tools.recording import Recording, RecordingError, record
from tools.recording.record import ROOT
from tools.toolchain import KUBECTL, ToolError, find

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

_WORKERS = 8
"""Checks that run at the same time. Most wait for the AWS CLI, which takes a second to start."""


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
    except KeyboardInterrupt:
        return 130
    print(table(results))
    return int(any(each.outcome == "NOT OK" for found in results.values() for each in found))


def run(
    recording: Recording, reading: Readings, titles: Collection[str] = CHECKS.keys()
) -> Mapping[str, Sequence[Result]]:
    """Returns the results of some checks by title; by default of all."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        futures = {
            title: pool.submit(_results, check, recording, reading)
            for title, check in CHECKS.items()
            if title in titles
        }
    return {title: future.result() for title, future in futures.items()}


def _results(check: Check, recording: Recording, reading: Readings) -> Sequence[Result]:
    """Returns the results of a check; a check that cannot read the cell is not ok."""
    found: list[Result] = []
    try:
        found += check(recording, reading)
    except (AwsError, ProgramError, LookupError, TypeError, ValueError) as error:
        found.append(
            not_ok(
                "not checked",
                f"cannot be read: {why(error)}",
                "fix the cause, and run this command again",
            )
        )
    return found


def check_cell(
    recording: Recording, titles: Collection[str] = CHECKS.keys()
) -> Mapping[str, Sequence[Result]]:
    """Returns the results of some checks of a deployed cell by title; by default of all.

    Raises MissingError, ToolError, AwsError or ProgramError.
    """
    missing: list[str] = []
    pulumi = pulumi_cli(missing)
    if missing:
        raise MissingError("\n".join(missing))
    ask = aws_of(recording.settings.aws, f"Pulumi.{recording.stack}.yaml")
    state = StackState(pulumi, recording.stack, ROOT)
    with tempfile.TemporaryDirectory(prefix="ha-eks-check-") as folder:
        kubeconfig = Path(folder) / "kubeconfig.json"
        kubeconfig.write_text(
            _kubeconfig(state, recording.stack), encoding="utf-8"
        )  # only this user can read the folder
        kubernetes = KubernetesObjects(find(KUBECTL, _report), kubeconfig)
        _report(f"checking {recording.stack}; the preview of changes takes some minutes …")
        return run(
            recording,
            readings(ask, kubernetes, state, [pulumi, "--stack", recording.stack], ROOT),
            titles,
        )


def _kubeconfig(state: StackState, stack: str) -> str:
    try:
        return state.kubeconfig()
    except ProgramError as error:
        raise ProgramError(
            f"{error}; the check needs a deployed stack: run make up STACK={stack}"
        ) from error


def _report(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(status_of(main))
