"""`python -m tools.deploy.up STACK`: deploys a stack to AWS after all checks pass."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pulumi.automation import PulumiCommand

from settings import Problem, Settings, SettingsError, read_stack_file
from settings.aws import Aws
from settings.cautions import cautions
from settings.network.cautions import control_plane_zones
from settings.reading.lines import StackLines
from settings.reading.paths import value_at
from tools.command_line import command_parser
from tools.deploy.accelerated_recovery import accelerated_recovery_cautions
from tools.deploy.add_on_checks import add_on_problems
from tools.deploy.aws_cli import Ask, AwsCli, AwsError, find, why
from tools.deploy.control_plane_zones import control_plane_problems
from tools.deploy.documentation_values import documentation_values
from tools.deploy.drained import drained_problems
from tools.deploy.foreground import report, run_to_completion
from tools.deploy.interruption_cautions import interruption_cautions
from tools.deploy.pod_watch import KubernetesApi, PodWatch, watching
from tools.deploy.quotas import quota_problems
from tools.deploy.stack_state import StackState
from tools.deploy.upgrade_checks import live_version, support_problems, upgrade_problems
from tools.deploy.zones_out import zone_out_problems
from tools.entry_point import status_of
from tools.recording import Recording, RecordingError, record
from tools.recording.record import ROOT

DEPLOYMENTS = "**kubernetes:apps/v1:Deployment::**"
"""Pattern of the Deployments, as a target of `pulumi refresh`."""

AFTER_CTRL_C = (
    "Ctrl-C (once) is safe while this up waits; then correct the app in the stack file and run the "
    "same command again"
)
"""Advice about pods that do not become ready."""


class MissingError(Exception):
    """A program, credentials or an allowed account is missing; the message has a line for each."""


def main() -> int:
    """Deploys the stack that the command line names; returns an exit status if it cannot."""
    parser = command_parser("tools.deploy.up", "Deploys a stack to AWS after all checks pass.")
    stack = str(parser.parse_args().stack)
    try:
        recording = record(stack)
        tools = ready(recording)
        check_quotas(recording, tools.ask)
        print_interruptions(recording, tools)
        answered = [*control_plane_zones(recording.settings, date.today())]
        lines = StackLines(ROOT / f"Pulumi.{stack}.yaml")
        for caution in cautions(recording.settings, date.today()):
            if caution not in answered:
                place = lines.place_of(caution.key)
                _print_caution(f"{place}: {caution}" if place else str(caution))
        return deploy(tools, recording)
    except (SettingsError, RecordingError, MissingError) as error:
        print(error, file=sys.stderr)
        return 1


@dataclass(frozen=True, kw_only=True)
class Ready:
    """The programs that deploy a stack."""

    pulumi: str
    """Path of the Pulumi CLI."""
    ask: Ask
    """Runs the AWS CLI in the account of the cell."""
    runs: bool = False
    """True if the cluster of the cell exists."""


def ready(recording: Recording) -> Ready:
    """Returns the programs that deploy the stack of a recording, after all checks.

    Raises SettingsError or MissingError with everything that prevents a deployment.
    """
    file, settings = ROOT / f"Pulumi.{recording.stack}.yaml", recording.settings
    problems = list(documentation_values(read_stack_file(file)))
    problems += support_problems(settings.cluster.version, date.today())
    if problems:
        raise SettingsError(file, problems)
    missing: list[str] = []
    pulumi = pulumi_cli(missing)
    try:
        ask = aws_of(settings.aws, file.name)
    except AwsError as error:
        raise MissingError("\n".join([*missing, str(error)])) from error
    if missing:
        raise MissingError("\n".join(missing))
    live = live_version(ask, recording.stack, _print_caution)
    problems = [
        *(_cluster_problems(ask, recording.stack, settings, live) if live else ()),
        *control_plane_problems(ask, settings, _print_caution),
        *drained_problems(ask, recording.stack, settings, _print_caution),
        *zone_out_problems(ask, recording.stack, settings, _print_caution),
    ]
    if problems:
        raise SettingsError(file, problems)
    for caution in accelerated_recovery_cautions(ask, settings):
        _print_caution(caution)
    return Ready(pulumi=pulumi, ask=ask, runs=live is not None)


def _cluster_problems(ask: Ask, stack: str, settings: Settings, live: str) -> Iterator[Problem]:
    """Yields the problems that prevent changes of a cluster of the Kubernetes version `live`."""
    yield from upgrade_problems(ask, stack, live, settings.cluster.version, _print_caution)
    yield from add_on_problems(ask, stack, settings, _print_caution)


def pulumi_cli(missing: list[str]) -> str:
    """Returns the path of the Pulumi CLI, which the SDK installs in the cache if necessary.

    Appends a line to `missing` if that fails.
    """
    on_path = shutil.which("pulumi")
    if on_path:
        return on_path
    try:
        base = os.environ.get("XDG_CACHE_HOME")
        root = (Path(base) if base else Path.home() / ".cache") / "ha-eks" / "pulumi-cli"
        if not (root / "bin" / "pulumi").exists():
            print(f"pulumi: not on PATH; installing it in {root} (once) …", file=sys.stderr)
        return PulumiCommand.install(root=str(root)).command
    except Exception as error:  # the download and the installer raise many types
        missing.append(
            f"pulumi: not on PATH, and the installation failed: {why(error)}; "
            "install the Pulumi CLI: https://www.pulumi.com/docs/install/"
        )
        return ""


def required_pulumi() -> str:
    """Returns the path of the Pulumi CLI; raises MissingError."""
    missing: list[str] = []
    path = pulumi_cli(missing)
    if missing:
        raise MissingError("\n".join(missing))
    return path


def aws_of(aws: Aws, file: str) -> Ask:
    """Returns the AWS CLI with credentials of an account that the stack file allows.

    Raises AwsError without such credentials.
    """
    cli = AwsCli(
        path=find("the kubeconfig gets its tokens from it"), region=aws.region, profile=aws.profile
    )
    source = f"aws:profile of {file} (now {aws.profile})" if aws.profile else "AWS_PROFILE"
    account = cli.account(source)
    if aws.assume_roles:  # the cell is in the account of the role
        account = aws.assume_roles[0].role_arn.split(":")[4]
    allowed = aws.allowed_account_ids
    if allowed and account not in allowed:
        raise AwsError(
            f"aws: the credentials are for account {account}, but {file} allows only "
            f"{', '.join(allowed)}; use other credentials, or change aws:allowedAccountIds"
        )
    return cli.as_cell(aws.assume_roles)


def check_quotas(recording: Recording, ask: Ask) -> None:
    """Raises SettingsError if a new cell does not fit into the quotas of the account."""
    problems = list(quota_problems(ask, recording, _print_caution))
    if problems:
        file = ROOT / f"Pulumi.{recording.stack}.yaml"
        config = read_stack_file(file)
        raise SettingsError(
            file, [replace(each, value=value_at(config, each.key)) for each in problems]
        )


def print_interruptions(recording: Recording, tools: Ready) -> None:
    """Prints a caution for each change of a running cell in which requests fail."""
    if tools.runs:
        state = StackState(tools.pulumi, recording.stack, ROOT)
        for caution in interruption_cautions(state, recording):
            _print_caution(caution)


def _print_caution(text: str) -> None:
    print(f"caution: {text}", file=sys.stderr)


def deploy(
    tools: Ready,
    recording: Recording,
    options: Sequence[str] = (),
    errors: Callable[[str], None] | None = None,
) -> int:
    """Selects the stack, or creates it, and runs `pulumi up`; returns its exit status.

    Meanwhile, reports pods that do not become ready. `errors` is that of `run_to_completion`.
    """
    pulumi, stack = tools.pulumi, recording.stack
    select, up = ["stack", "select", "--create", stack], ["up", *options, "--stack", stack]
    api = KubernetesApi(tools.ask, stack)
    watch = PodWatch(api.read, recording.settings.deployments, report, AFTER_CTRL_C)
    status = 1
    try:
        status = run_to_completion([pulumi, *select], ROOT, os.environ, errors=errors)
        if status:
            return status
        try:
            with watching(watch):
                status = run_to_completion([pulumi, *up], ROOT, os.environ, errors=errors)
        except KeyboardInterrupt:
            _read_deployments(pulumi, stack)
            raise
        return status
    except OSError as error:
        raise MissingError(f"{pulumi}: cannot run: {error.strerror}; install it again") from None
    finally:
        if status and watch.lines:
            print("\n".join(["pods during this up:", *watch.lines]), file=sys.stderr)


def _read_deployments(pulumi: str, stack: str) -> None:
    """Reads the Deployments into the state after an interrupted `up`.

    The Kubernetes provider does not report a Deployment whose wait is interrupted. The state still
    has its former image, so that a return to this image would change nothing:
    `kubeProvider.readLiveObject` uses the interrupted context.
    https://github.com/pulumi/pulumi-kubernetes/blob/v4.32.0/provider/pkg/provider/provider.go
    """
    print("reading the Deployments into the state …", file=sys.stderr)
    refresh = ["refresh", "--yes", "--skip-preview", "--stack", stack, "--target", DEPLOYMENTS]
    if run_to_completion([pulumi, *refresh], ROOT, os.environ):
        print(
            f"{stack}: the Deployments cannot be read; run pulumi refresh -s {stack} before you "
            "return to a former image",
            file=sys.stderr,
        )


if __name__ == "__main__":
    sys.exit(status_of(main))
