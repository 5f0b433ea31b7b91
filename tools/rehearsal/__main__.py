"""`python -m tools.rehearsal STACK`: runs a stack through the real Pulumi engine."""

import argparse
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import yaml

from settings import SettingsError
from tools.deploy.replace_nodes.interfaces import ReplaceError
from tools.recording import Recording, RecordingError, manifests, record
from tools.recording.made_up_outputs import PRINCIPALS, Answers
from tools.recording.record import ROOT
from tools.rehearsal import creation_order as orders
from tools.rehearsal import faults as mishaps
from tools.rehearsal import scenarios as scenes
from tools.rehearsal.api_server import ApiError, api_server, check
from tools.rehearsal.constraints import CONSTRAINTS
from tools.rehearsal.edits.cluster import has_former_minor
from tools.rehearsal.engine import rehearsed
from tools.rehearsal.fake_cloud.cloud import GROUP, Cloud, strings
from tools.rehearsal.network_modes import modes
from tools.rehearsal.node_drain import drained
from tools.rehearsal.node_replacement import replacing
from tools.rehearsal.report import Report
from tools.rehearsal.run import Act, SceneError, Stage
from tools.toolchain import ETCD, KUBE_APISERVER, KUBECTL, PULUMI, ToolError, find

SCENES = ("order", "main", "modes", "upgrade", "replace", "interruption", "failure", "api")


def main() -> int:
    """Rehearses the stack that the command line names; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.rehearsal", description=__doc__)
    parser.add_argument("stack", metavar="STACK", help="dev, for Pulumi.dev.yaml")
    parser.add_argument("--scenes", default=",".join(SCENES), help="some of %(default)s")
    parser.add_argument(
        "--every", type=int, help="kill after every n-th operation, not after a sample of three"
    )
    arguments = parser.parse_args()
    chosen = str(arguments.scenes).split(",")
    unknown = [each for each in chosen if each not in SCENES]
    if unknown or (arguments.every is not None and arguments.every < 1):
        parser.error(f"--scenes: some of {', '.join(SCENES)}; --every: 1 or more")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    # The providers' modules use deprecated names, and a program whose engine dies awaits nothing.
    warnings.simplefilter("ignore")
    stack = str(arguments.stack)
    try:
        recording = record(stack)
        cli = find(PULUMI, _say)
    except (SettingsError, RecordingError, ToolError) as error:
        return _failed(str(error))
    report, failure = Report(stack), None
    try:
        _play(recording, cli, report, chosen, arguments.every)
    except (SceneError, ApiError, ReplaceError, ToolError) as error:
        failure = str(error)
    except KeyboardInterrupt:
        failure = "interrupted"
    report.write(ROOT / "build" / stack, failure)
    return _failed(failure) if failure else 0


def _play(
    recording: Recording, cli: Path, report: Report, chosen: list[str], every: int | None
) -> None:
    @contextmanager
    def stage(recording: Recording = recording, root: Path = ROOT) -> Generator[Stage]:
        cloud = _empty(recording, {GROUP: 0.1})  # so that two at a time would show
        with rehearsed(recording.stack, root, cloud, cli) as engine:
            yield Stage(engine, cloud, report.tell)

    if "order" in chosen:
        report.tell(orders.late(recording, _empty))
    if "main" in chosen:
        with stage() as opened:
            scenes.first_up(opened, recording)
            scenes.again(opened)
            scenes.edits(opened)
            scenes.control_plane(opened)
            scenes.destroy(opened)
    version = recording.settings.cluster.version
    if "modes" in chosen:
        modes(stage, _empty, recording)
    if "upgrade" in chosen and has_former_minor(version):
        with stage() as opened:
            scenes.upgrade(opened)
    elif "upgrade" in chosen:
        told = f"NOT PLAYED: {version} is the oldest minor that is known"
        report.tell(Act(scene="upgrade", what="the next Kubernetes minor", told=told, seconds=0))
    if "replace" in chosen:
        with stage() as opened:
            replacing(opened)
    if "interruption" in chosen:
        mishaps.interruptions(stage, every)
    if "failure" in chosen:
        mishaps.failures(stage, recording)
    if "api" in chosen:
        _ask_api_server(recording, report)


def _empty(recording: Recording, pace: Mapping[str, float] = {}) -> Cloud:
    """A cloud with nothing in it but what the stack file of a plan names."""
    given = recording.settings.model_dump(mode="json", by_alias=True)
    outside = frozenset(strings(given)) | PRINCIPALS
    return Cloud(
        answers=Answers.of(recording.settings), outside=outside, constraints=CONSTRAINTS, pace=pace
    )


def _ask_api_server(recording: Recording, report: Report) -> None:
    etcd = find(ETCD, _say)
    kube_apiserver = find(KUBE_APISERVER[recording.settings.cluster.version], _say)
    objects = [yaml.safe_load(text) for text in manifests(recording).values()]
    with (
        tempfile.TemporaryDirectory(prefix="ha-eks-api-") as folder,
        api_server(etcd, kube_apiserver, Path(folder)) as server,
    ):
        report.tell(check(server, objects))
        report.tell(drained(server, objects, find(KUBECTL, _say), Path(folder)))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _failed(why: str) -> int:
    print(why, file=sys.stderr)
    return 1


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ends the rehearsal; the SDK's threads then read from what is closed, which is nobody's
    concern any more."""
    threading.excepthook = lambda _: None
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
