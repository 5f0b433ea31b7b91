"""`python -m tools.deploy.release STACK --app APP --image IMAGE`: releases an image of one app."""

import sys

from settings import SettingsError
from tools.command_line import command_parser
from tools.deploy.aws_cli import Ask, AwsError
from tools.deploy.foreground import report
from tools.deploy.pod_watch import KubernetesApi, PodWatch
from tools.deploy.programs import ProgramError
from tools.deploy.release.alarm import AlarmWatch, impact_of, minutes_of, reader
from tools.deploy.release.interfaces import Release, ReleaseError
from tools.deploy.release.order import ImpactWatch, Releasing
from tools.deploy.release.plan import plan
from tools.deploy.release.pulumi_cli import PulumiCli
from tools.deploy.release.stack_file import YamlStackFile
from tools.deploy.up import MissingError, aws_of, required_pulumi
from tools.entry_point import status_of
from tools.recording import Recording, RecordingError
from tools.recording.record import ROOT

_ADVICE = (
    "if the rollout fails, the release is rolled back; Ctrl-C (once) is safe, and does not roll "
    "back"
)


def main() -> int:
    """Releases the image of the command line; returns the exit status."""
    parser = command_parser(
        "tools.deploy.release",
        "Releases an image of one app: writes it into the stack file, updates only the resources "
        "that depend on it, watches the pods and the alarm on impact, and rolls back.",
    )
    parser.add_argument(
        "--app", required=True, help="app, worker, singleton or cron job of the stack file"
    )
    parser.add_argument("--image", required=True, help="image with a digest: NAME@sha256:…")
    arguments = parser.parse_args()
    stack, app, image = str(arguments.stack), str(arguments.app), str(arguments.image)
    file = YamlStackFile(ROOT / f"Pulumi.{stack}.yaml")
    try:
        _release(stack, app, image, file)
    except (SettingsError, RecordingError, MissingError, ProgramError, ReleaseError) as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"released {image} of {app}; commit {file.path.name} now: an up with an older file would "
        "undo it",
        file=sys.stderr,
    )
    return 0


def _release(stack: str, app: str, image: str, file: YamlStackFile) -> None:
    release, recording = plan(stack, app, image, file)
    program = required_pulumi()
    try:
        ask = aws_of(recording.settings.aws, file.path.name)
        impact = None if release.scheduled else _impact(ask, recording, app)
    except AwsError as error:
        raise MissingError(str(error)) from error
    Releasing(
        engine=PulumiCli(program, stack, ROOT),
        file=file,
        pods=_pods(ask, recording, release),
        impact=impact,
        report=report,
    ).run(release)


def _impact(ask: Ask, recording: Recording, app: str) -> ImpactWatch | None:
    name = impact_of(recording)
    if name is None:
        return None
    watch = AlarmWatch(reader(ask, name, recording.settings.aws.region), report)
    return ImpactWatch(name=name, watch=watch, minutes=minutes_of(recording, name, app))


def _pods(ask: Ask, recording: Recording, release: Release) -> PodWatch:
    deployments = recording.settings.deployments.items()
    apps = {name: each for name, each in deployments if name == release.app}
    return PodWatch(KubernetesApi(ask, release.stack).read, apps, report, _ADVICE)


if __name__ == "__main__":
    sys.exit(status_of(main))
