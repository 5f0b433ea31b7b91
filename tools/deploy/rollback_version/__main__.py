"""`python -m tools.deploy.rollback_version STACK`: rolls the Kubernetes version of a cell back.

The stack file must have the previous version, so that it agrees with the cluster afterwards. A
second run continues with the steps that are left. Pulumi cannot do this: its provider has no
rollback, and the program refuses a version that is older than that of the cluster.
"""

import os
import sys
from datetime import UTC, datetime

from settings import SettingsError
from tools.command_line import command_parser, print_progress
from tools.deploy.aws_cli import AwsError
from tools.deploy.foreground import run_to_completion
from tools.deploy.rollback_version.eks import ROLLBACK, Eks, RollbackError
from tools.deploy.rollback_version.plan import Plan, execute, plan_of, refusal, version_problem
from tools.deploy.up import MissingError, aws_of, required_pulumi
from tools.entry_point import status_of
from tools.recording import RecordingError, record
from tools.recording.record import ROOT

TARGETS = (
    "**aws:eks/cluster:Cluster::**",
    "**aws:eks/nodeGroup:NodeGroup::**",
    "**aws:eks/addon:Addon::**",
)
"""Patterns of the resources whose versions a rollback changes, as targets of `pulumi refresh`."""

AGAIN = "run the same command again, which continues with the steps that are left"


def main() -> int:
    """Rolls back the cell that the command line names; returns the exit status."""
    parser = command_parser(
        "tools.deploy.rollback_version",
        "Rolls the Kubernetes version of a cell back, within 7 days of an upgrade.",
    )
    parser.add_argument("--check", action="store_true", help="print the steps, and change nothing")
    arguments = parser.parse_args()
    try:
        _roll_back(str(arguments.stack), only_check=bool(arguments.check))
    except (SettingsError, RecordingError, MissingError, AwsError, RollbackError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt as error:
        error.add_note(f"EKS completes the step that it has started; {AGAIN}")
        raise
    return 0


def _roll_back(stack: str, *, only_check: bool) -> None:
    settings, file = record(stack).settings, ROOT / f"Pulumi.{stack}.yaml"
    pulumi = required_pulumi()
    ask = aws_of(settings.aws, file.name)
    eks = Eks(ask, stack)
    live, last = eks.version(), eks.last_version_update()
    if last and last.type == ROLLBACK and last.version == live == settings.cluster.version:
        print_progress(f"{stack}: the control plane runs {live}, after its rollback")
    else:
        if reason := refusal(live, last, datetime.now(UTC)):
            raise RollbackError(f"{stack} cannot be rolled back: {reason}")
        problems = [*version_problem(settings, live)]
        if problems:
            raise SettingsError(file, problems)
        assert last  # otherwise there is a reason
        plan = plan_of(eks, ask, settings, live, last)
        _print(eks, plan, stack)
        if only_check:
            return
        try:
            execute(eks, plan, settings, print_progress)
        except RollbackError as error:
            _refresh(pulumi, stack)
            errors = [text for status, text in eks.insights() if status == "ERROR"]
            lines = [f"rollback insight with status ERROR: {text}" for text in errors]
            message = "\n".join([f"{error}; fix the cause, then {AGAIN}", *lines])
            raise RollbackError(message) from error
    _refresh(pulumi, stack)
    print_progress(
        f"now run make up STACK={stack}, which updates the other add-ons and the Cluster "
        f"Autoscaler to {settings.cluster.version}, and commit {file.name}"
    )


def _print(eks: Eks, plan: Plan, stack: str) -> None:
    """Prints the steps, and the insights because of which EKS may refuse the last step."""
    for line in plan.lines(stack):
        print_progress(line)
    for status, text in eks.insights():
        print_progress(f"caution: rollback insight with status {status}: {text}")


def _refresh(pulumi: str, stack: str) -> None:
    """Reads the versions into the state; the next `up` would change what it does not know."""
    command = [pulumi, "refresh", "--yes", "--skip-preview", "--stack", stack]
    command += [part for target in TARGETS for part in ("--target", target)]
    try:
        status = run_to_completion(command, ROOT, os.environ)
    except OSError as error:
        raise MissingError(f"{pulumi}: cannot run: {error.strerror}; install it again") from None
    if status:
        raise RollbackError(
            f"the state still has the former versions: run pulumi refresh -s {stack} before the "
            "next make up"
        )


if __name__ == "__main__":
    sys.exit(status_of(main))
