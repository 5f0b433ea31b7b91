"""Runs `python -m tools.deploy.release` with fake `pulumi` and `aws` programs."""

import json
import signal
import subprocess
import sys

import pytest

from tests.command_machine import Machine
from tools.deploy.policy.tables import calls
from tools.deploy.release import __main__ as command

COMMAND = "tools.deploy.release"
NEW = "ghcr.io/stefanprodan/podinfo@sha256:" + "1" * 64
TARGET = "urn:pulumi:own::ha-eks::ha-eks:index:App$kubernetes:apps/v1:Deployment::web"
OPTIONS = f"[--stack][own][--target][{TARGET}]"
AWS = "[--output][json][--region][us-east-1]"
IDENTITY = f"aws [sts][get-caller-identity]{AWS}"
ALARM = (
    "aws [cloudwatch][describe-alarms][--alarm-names][own/impact][--alarm-types][CompositeAlarm]"
    "[--region][us-east-1][--output][json]"
)
PREVIEW = f"pulumi [preview]{OPTIONS}[--json][--non-interactive]"
UP = f"pulumi [up][--yes][--skip-preview]{OPTIONS}"
REFRESH = f"pulumi [refresh][--yes][--skip-preview]{OPTIONS}"


def alarm(state: str) -> str:
    """Returns a script that prints the alarm on impact."""
    described = {"AlarmName": "own/impact", "StateValue": state, "StateReason": "why"}
    return f"printf '%s' '{json.dumps({'CompositeAlarms': [described]})}'"


def pulumi(up: str = "exit 0") -> str:
    """Returns a script of `pulumi` that needs targets, and runs a script for `up`."""
    return f"""[ "$HA_EKS_TARGETS" = 1 ] || exit 9
    case "$1" in preview) printf '{{"steps": []}}';; up) {up};; esac"""


@pytest.fixture
def cell(machine: Machine) -> Machine:
    machine.aws(describe_alarms=alarm("OK"))
    machine.has("pulumi", pulumi())
    return machine


def image_line(machine: Machine) -> str:
    """Returns the line with the image of web."""
    [line] = [each for each in machine.stack.read_text().splitlines() if "image: ghcr.io" in each]
    return line


def former(machine: Machine) -> str:
    return image_line(machine).partition("image: ")[2].split()[0]


def run(machine: Machine, image: str = NEW, app: str = "web") -> subprocess.CompletedProcess[str]:
    return machine.runs(COMMAND, "own", "--app", app, "--image", image)


def _no_minutes(*_: object) -> float:
    return 0


def test_an_image_is_released_with_the_permissions_of_a_release(
    cell: Machine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    before, image = cell.stack.read_text(), former(cell)
    monkeypatch.setattr(command, "ROOT", cell.project)
    monkeypatch.setattr("tools.deploy.release.__main__.minutes_of", _no_minutes)
    monkeypatch.setattr(sys, "argv", ["release", "own", "--app", "web", "--image", NEW])
    monkeypatch.chdir(cell.project)
    monkeypatch.setenv("PATH", str(cell.bin))
    assert command.main() == 0
    assert cell.called(IDENTITY, ALARM, PREVIEW, UP)
    assert cell.stack.read_text() == before.replace(image, NEW)
    assert capfd.readouterr().err.splitlines() == [
        "web: all pods run the new image; own/impact is watched for 0 minutes; Ctrl-C ends the "
        "watch and keeps the release",
        f"released {NEW} of web; commit Pulumi.own.yaml now: an up with an older file would undo "
        "it",
    ]
    run_ = {call.split("[")[2].strip("]") for call in cell.calls() if call.startswith("aws")}
    allowed = {
        name.split()[1]
        for name, call in calls().items()
        if call.release and not name.startswith("aws:")
    }
    # The pods are read after 15 seconds, and a role is assumed only with aws:assumeRoles.
    assert run_ | {"describe-cluster", "assume-role", "state"} == allowed


def test_a_failed_rollout_is_rolled_back(cell: Machine) -> None:
    before, image = cell.stack.read_text(), former(cell)
    has_new = f'while read row; do case "$row" in *{NEW}*) exit 3;; esac; done < Pulumi.own.yaml'
    cell.has("pulumi", pulumi(has_new))
    done = run(cell)
    assert (done.returncode, done.stderr.splitlines()) == (
        1,
        [
            f"web: the rollout failed; rolling back to {image} …",
            f"web: the rollout failed; rolled back to {image}",
        ],
    )
    assert cell.called(IDENTITY, ALARM, PREVIEW, UP, UP)
    assert cell.stack.read_text() == before


@pytest.mark.parametrize(
    ("number", "status", "end"), [("INT", 130, "interrupted"), ("TERM", 143, "terminated")]
)
def test_an_interrupted_release_reads_the_app_into_the_state(
    cell: Machine, number: str, status: int, end: str
) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and number == "INT":
        pytest.skip("SIGINT is ignored in this environment")
    image = former(cell)
    cell.has("pulumi", pulumi(f"kill -{number} $PPID; exit 1"))
    done = run(cell)
    assert (done.returncode, done.stderr) == (
        status,
        "stopped: web may run the former and the new image; run the same command again to "
        f"continue, or write {image} into the stack file and run make up STACK=own\n{end}\n",
    )
    assert cell.called(IDENTITY, ALARM, PREVIEW, UP, REFRESH)
    assert NEW in cell.stack.read_text()


REFUSED = {
    "an image without a digest": (
        ("ghcr.io/stefanprodan/podinfo:6.14.1", "web"),
        "IMAGE=ghcr.io/stefanprodan/podinfo:6.14.1: has no digest, and a tag can name another "
        "image tomorrow; write IMAGE=ghcr.io/stefanprodan/podinfo:6.14.1@sha256:… with the Digest "
        "of docker buildx imagetools inspect ghcr.io/stefanprodan/podinfo:6.14.1\n",
    ),
    "an image with an incomplete digest": (
        ("ghcr.io/stefanprodan/podinfo@sha256:123", "web"),
        "IMAGE=ghcr.io/stefanprodan/podinfo@sha256:123: the digest must be sha256: and 64 "
        "hexadecimal digits\n",
    ),
    "no image": (("", "web"), "IMAGE: required, with its digest: IMAGE=NAME@sha256:…\n"),
    "no app": ((NEW, ""), "APP: required; one of cache, web\n"),
    "an app that does not exist": ((NEW, "nope"), "APP=nope: must be one of cache, web\n"),
    "an image that the settings refuse": (
        ("UPPER@sha256:" + "1" * 64, "web"),
        "Pulumi.own.yaml:{line}: ha-eks:apps.web.image: must be an image with a tag other than "
        "latest, or with a digest, such as redis:7.4-alpine\n",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_before_any_program_runs(cell: Machine, case: str) -> None:
    (image, app), message = REFUSED[case]
    before = cell.stack.read_text()
    [line] = (n for n, row in enumerate(before.splitlines(), 1) if "image: ghcr.io" in row)
    done = run(cell, image, app)
    assert (done.returncode, done.stderr) == (1, message.replace("{line}", str(line)))
    assert cell.stack.read_text() == before
    assert cell.calls() == []


def test_an_image_of_another_repository_needs_an_up(cell: Machine) -> None:
    image = "public.ecr.aws/other/web@sha256:" + "1" * 64
    text = cell.stack.read_text()
    for old, new in (
        ("{source: upstream}", "{source: pullThrough}"),
        ("image: redis:", "image: public.ecr.aws/docker/library/redis:"),
        (former(cell), "public.ecr.aws/x/web:1"),
    ):
        text = text.replace(old, new)
    cell.stack.write_text(text)
    done = run(cell, image)
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"IMAGE={image}: needs changes beyond the objects of web in Kubernetes, which a release "
        "does not make: "
    )
    assert "Repository images-ecr-public/other/web" in done.stderr
    assert done.stderr.endswith(
        "; write the image into Pulumi.own.yaml and run make up STACK=own\n"
    )
    assert cell.calls() == []


def test_an_alarm_that_cannot_be_read_stops_a_release_before_any_change(cell: Machine) -> None:
    before = cell.stack.read_text()
    cell.aws(describe_alarms="echo 'AccessDenied: no' >&2; exit 254")
    done = run(cell)
    assert (done.returncode, done.stderr) == (1, "AccessDenied: no\n")
    assert cell.stack.read_text() == before
    assert cell.called(IDENTITY, ALARM)


def test_a_program_that_refuses_the_stack_file_is_quoted(cell: Machine) -> None:
    before = cell.stack.read_text()
    cell.has(
        "pulumi", """printf '{"diagnostics": [{"severity": "error", "message": "no\\\\nx"}]}'"""
    )
    done = run(cell)
    assert (done.returncode, done.stderr) == (1, "pulumi preview: no\n")
    assert cell.stack.read_text() == before


def test_a_cron_job_is_released_without_reading_an_alarm(cell: Machine) -> None:
    job = {"image": f"{NEW.partition('@')[0]}:6.14.1", "schedule": "@daily"}
    nightly = json.dumps({"nightly": {**job, "requests": {"cpu": "50m", "memory": "32Mi"}}})
    cell.stack.write_text(f"{cell.stack.read_text()}  ha-eks:cronJobs: {nightly}\n")
    cell.aws(describe_alarms="exit 9")
    done = run(cell, app="nightly")
    assert (done.returncode, done.stderr.splitlines()) == (
        0,
        [
            "nightly: the next job runs the new image; nothing is watched",
            f"released {NEW} of nightly; commit Pulumi.own.yaml now: an up with an older file "
            "would undo it",
        ],
    )
    assert nightly.replace(job["image"], NEW) in cell.stack.read_text()


def test_make_release_passes_app_and_image(machine: Machine) -> None:
    done = machine.make("release", "STACK=own", "APP=web", f"IMAGE={NEW}")
    assert done.returncode == 0, done.stderr
    assert machine.called(f"python [-m][{COMMAND}][own][--app][web][--image][{NEW}]")
