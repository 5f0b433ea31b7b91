"""`python -m tools.rehearsal STACK`: runs a stack through the real Pulumi engine, without AWS."""

import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import yaml

from settings import SettingsError
from tools.command_line import (
    add_scenarios,
    chosen_scenarios,
    command_parser,
    folder_for_results,
    print_failure,
    print_progress,
)
from tools.control_plane.api_server import api_server
from tools.control_plane.manifest import ApiError
from tools.control_plane.processes import ProcessError
from tools.deploy.programs import ProgramError
from tools.deploy.replace_nodes.interfaces import ReplaceError
from tools.entry_point import interrupt, status_of
from tools.recording import Recording, RecordingError, manifests, record
from tools.recording.record import ROOT
from tools.rehearsal import scenarios
from tools.rehearsal.creation_order import check_orders
from tools.rehearsal.edits.cluster import UPGRADE, has_previous_minor
from tools.rehearsal.empty_cloud import empty_cloud
from tools.rehearsal.engine import open_engine
from tools.rehearsal.failover import failover
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP
from tools.rehearsal.faults import failures, interruptions
from tools.rehearsal.fleet import fleet
from tools.rehearsal.manifest_checks import check_manifests
from tools.rehearsal.network_modes import network_modes
from tools.rehearsal.node_drain import check_drain
from tools.rehearsal.node_replacement import replacement
from tools.rehearsal.operators import operators
from tools.rehearsal.outage import outage
from tools.rehearsal.pod_credentials import check_pod_credentials
from tools.rehearsal.policy_pack import policy_pack
from tools.rehearsal.release import release
from tools.rehearsal.report import Report
from tools.rehearsal.run import Run, ScenarioError, Step
from tools.toolchain import ETCD, KUBE_APISERVER, KUBECTL, PULUMI, ToolError, find

_NODE_GROUP_SECONDS = 0.1
"""Duration of an operation on a node group, so that parallel updates overlap."""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """A recorded stack, the Pulumi CLI and the report; one method per scenario."""

    recording: Recording
    cli: Path
    report: Report
    every: int | None
    """Kill after every n-th operation; None: after a sample of three operations."""

    @contextmanager
    def open_run(self, recording: Recording | None = None, root: Path = ROOT) -> Generator[Run]:
        """Opens a run of the stack, or of another recording whose stack file is in `root`."""
        recording = recording or self.recording
        cloud = empty_cloud(recording, delays={NODE_GROUP: _NODE_GROUP_SECONDS})
        with open_engine(recording.stack, root, cloud, self.cli) as engine:
            yield Run(engine, cloud, self.report.add)

    def order(self) -> None:
        """Finds missing dependencies: every resource is created as late as possible."""
        self.report.add(check_orders(self.recording, empty_cloud))

    def lifecycle(self) -> None:
        """Preview, first up, second up without changes, edits of the stack file, destroy."""
        with self.open_run() as run:
            scenarios.lifecycle(run, self.recording)

    def networks(self) -> None:
        """Up and destroy without NAT, with a separate pod network, and in an existing VPC."""
        network_modes(self.open_run, empty_cloud, self.recording)

    def upgrade(self) -> None:
        """Upgrade from the previous Kubernetes minor version."""
        version = self.recording.settings.cluster.version
        if has_previous_minor(version):
            with self.open_run() as run:
                scenarios.upgrade(run)
        else:
            reason = f"{version} is the oldest supported minor version"
            self.report.add(
                Step(scenario="upgrade", name=UPGRADE.name, result=reason, seconds=0, skipped=True)
            )

    def replacement(self) -> None:
        """Node groups replaced zone by zone, with a kill after each action, and a rollback."""
        with self.open_run() as run:
            replacement(run)

    def outage(self) -> None:
        """Remedies while pods are not ready, after a failed up, and with other edits."""
        with self.open_run() as run:
            outage(run, self.recording)

    def operators(self) -> None:
        """Two principals run Pulumi in turn; neither locks the other out."""
        with self.open_run() as run:
            operators(run)

    def release(self) -> None:
        """Images of one app by digest, by an editor of the app; failed ones are rolled back."""
        with self.open_run() as run:
            release(run)

    def policy(self) -> None:
        """The policy pack in the engine: its findings are those of the preview."""
        with self.open_run() as run:
            policy_pack(run, self.recording)

    def fleet(self) -> None:
        """A change goes through three cells: a good one, a bad one, killed and concurrent runs."""
        fleet(self.open_run, self.recording, self.report.add)

    def failover(self) -> None:
        """Failover and failback of two cells, on a model of Route 53."""
        failover(self.recording, self.report.add)

    def interruption(self) -> None:
        """Recovery after the engine is killed during up, an update and destroy."""
        interruptions(self.open_run, self.every)

    def failure(self) -> None:
        """Recovery after the first creation of every resource type fails."""
        failures(self.open_run, self.recording)

    def api(self) -> None:
        """A real kube-apiserver validates manifests and pods; the real kubectl drains a node."""
        etcd = find(ETCD, print_progress)
        kube_apiserver = find(
            KUBE_APISERVER[self.recording.settings.cluster.version], print_progress
        )
        kubectl = find(KUBECTL, print_progress)
        objects = [yaml.safe_load(text) for text in manifests(self.recording).values()]
        with (
            tempfile.TemporaryDirectory(prefix="ha-eks-api-") as folder,
            api_server(etcd, kube_apiserver, Path(folder)) as server,
        ):
            self.report.add(check_manifests(server, objects))
            self.report.add(check_pod_credentials(server, objects))
            self.report.add(check_drain(server, objects, kubectl, Path(folder)))


SCENARIOS: Mapping[str, Callable[[Rehearsal], None]] = {
    "order": Rehearsal.order,
    "lifecycle": Rehearsal.lifecycle,
    "networks": Rehearsal.networks,
    "upgrade": Rehearsal.upgrade,
    "replacement": Rehearsal.replacement,
    "outage": Rehearsal.outage,
    "operators": Rehearsal.operators,
    "release": Rehearsal.release,
    "policy": Rehearsal.policy,
    "fleet": Rehearsal.fleet,
    "failover": Rehearsal.failover,
    "interruption": Rehearsal.interruption,
    "failure": Rehearsal.failure,
    "api": Rehearsal.api,
}
"""All scenarios by name, in the order in which they run."""


def main() -> int:
    """Runs the scenarios for the stack of the command line; returns the exit status."""
    stack, chosen, every = _arguments()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    # The provider SDKs use deprecated names; a program whose engine is killed awaits no coroutine.
    warnings.simplefilter("ignore")
    try:
        recording = record(stack)
        cli = find(PULUMI, print_progress)
    except (SettingsError, RecordingError, ToolError) as error:
        return print_failure(str(error))
    folder, report, failure = folder_for_results(ROOT / "build" / stack), Report(stack), None
    rehearsal = Rehearsal(recording=recording, cli=cli, report=report, every=every)
    try:
        for name, scenario in SCENARIOS.items():
            if name in chosen:
                scenario(rehearsal)
    except (ScenarioError, ApiError, ProcessError, ProgramError, ReplaceError, ToolError) as error:
        failure = str(error)
    except KeyboardInterrupt:
        report.write(folder, "interrupted")
        raise
    report.write(folder, failure)
    return print_failure(failure) if failure else 0


def _arguments() -> tuple[str, Sequence[str], int | None]:
    """Returns stack, names of scenarios, and interval of kills."""
    parser = command_parser(
        "tools.rehearsal", "Runs a stack through the real Pulumi engine, without AWS."
    )
    add_scenarios(parser, SCENARIOS)
    parser.add_argument(
        "--every",
        type=int,
        metavar="N",
        help="interruption: kill after every N-th operation; default: after a sample of three",
    )
    arguments = parser.parse_args()
    chosen = chosen_scenarios(parser, str(arguments.scenarios), SCENARIOS)
    if arguments.every is not None and arguments.every < 1:
        parser.error("--every: must be 1 or higher")
    return str(arguments.stack), chosen, arguments.every


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ends the rehearsal; ignores errors of the SDK threads, which read from closed pipes."""
    threading.excepthook = lambda _: None
    interrupt(number)


if __name__ == "__main__":
    sys.exit(status_of(main))
