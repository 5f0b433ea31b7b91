"""Runs `python -m tools.deploy.down` with a fake `pulumi` program, and reads recorded states."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.command_machine import Machine
from tests.conftest import recording_of
from tools.deploy.down.cell import protected, refusals, summary
from tools.recording import Recording

GUARD, CLUSTER, BALANCER, BUCKET, CLAIM = (
    "ha-eks:index:DeletionGuard", "aws:eks/cluster:Cluster", "aws:lb/loadBalancer:LoadBalancer",
    "aws:s3/bucket:Bucket", "kubernetes:core/v1:PersistentVolumeClaim",
)  # fmt: skip
FILE_SYSTEM = "aws:efs/fileSystem:FileSystem"
State = list[dict[str, Any]]


def entry(type_: str, name: str, parent: str = "", **fields: Any) -> dict[str, Any]:
    """Returns a resource in the format of the state."""
    kind = f"{parent}${type_}" if parent else type_
    urn = f"urn:pulumi:own::ha-eks::{kind}::{name}"
    return {"urn": urn, "type": type_, "custom": True, "inputs": {}, **fields}


def cell(*, is_protected: bool) -> State:
    """Returns the state of a small cell."""
    return [
        {**entry(GUARD, "deletion-guard", protect=is_protected), "custom": False},
        entry(CLUSTER, "cluster", inputs={"deletionProtection": is_protected}),
        entry(BALANCER, "lb", inputs={"enableDeletionProtection": is_protected}),
        entry(
            BUCKET,
            "lb-access-logs",
            "ha-eks:index:LoadBalancing",
            inputs={"forceDestroy": not is_protected},
        ),
    ]


def state_of(recording: Recording) -> State:
    """Returns the state of a recorded cell."""
    return [
        {
            "urn": each.urn,
            "type": each.type,
            "custom": each.custom,
            "inputs": each.inputs,
            "protect": each.options.get("protect", False),
            "retainOnDelete": each.options.get("retainOnDelete", False),
        }
        for each in recording.resources
    ]


def script(state: Sequence[Mapping[str, Any]], then: str = "exit 0") -> str:
    """Returns a script of `pulumi` that exports a state."""
    document = json.dumps({"deployment": {"resources": state}})
    return f"[ \"$1\" = stack ] && echo '{document}' && exit 0\n{then}"


EXPORT = "pulumi [stack][export][--stack][own]"
CONFIG = "pulumi [config][set][ha-eks:protected][false][--stack][own]"
DESTROY = "pulumi [destroy][--yes][--skip-preview][--stack][own]"
TARGETS = "".join(f"[--target][{each['urn']}]" for each in cell(is_protected=True))
UP = f"pulumi [up][--yes][--skip-preview][--stack][own]{TARGETS}"
SUMMARY = """make down deletes the cell own:
     1 EKS cluster
     1 load balancer
     1 bucket
     0 other resources
lost for good:
  the bucket lb-access-logs, with its objects
  volumes of other claims in the cluster, unless their reclaim policy is Retain
what remains (docs/teardown.md#what-remains):
  the role and the policies of the deployer, and the Pulumi stack
"""
ASKED = f"{SUMMARY}type own to delete this cell: "


def protect(machine: Machine) -> None:
    """Protects the cell in the stack file."""
    text = machine.stack.read_text(encoding="utf-8")
    assert "ha-eks:protected: false" in text
    machine.stack.write_text(text.replace("ha-eks:protected: false", "ha-eks:protected: true"))


def test_a_protected_cell_is_deleted_after_its_name_is_typed(machine: Machine) -> None:
    protect(machine)
    targets = 'if [ "$1" = up ]; then [ "$HA_EKS_TARGETS" = 1 ]; exit; fi; exit 0'
    machine.has("pulumi", script(cell(is_protected=True), targets))
    done = machine.types("own", "tools.deploy.down", "own")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"{ASKED}deleted; now check what remains: docs/teardown.md#what-remains. Pulumi.own.yaml "
        "has ha-eks:protected: false: remove the line before you deploy this stack again\n"
    )
    assert machine.called(EXPORT, CONFIG, UP, DESTROY)


def test_a_second_run_continues_with_the_deletion(machine: Machine) -> None:
    machine.has("pulumi", script(cell(is_protected=False)[:2]))
    done = machine.types("own", "tools.deploy.down", "own")
    assert done.returncode == 0, done.stderr
    assert machine.called(EXPORT, DESTROY)


def test_nothing_changes_if_another_name_is_typed(machine: Machine) -> None:
    protect(machine)
    machine.has("pulumi", script(cell(is_protected=True)))
    done = machine.types("prod", "tools.deploy.down", "own")
    assert (done.returncode, done.stdout, done.stderr) == (
        1, ASKED, 'nothing has changed: you typed "prod", and the cell is own\n',
    )  # fmt: skip
    assert machine.called(EXPORT)


def test_nothing_changes_without_a_terminal(machine: Machine) -> None:
    machine.has("pulumi", script(cell(is_protected=True)))
    done = machine.runs("tools.deploy.down", "own", stdin="own\n")
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        SUMMARY,
        "nothing has changed: make down STACK=own asks for the name of the cell, and needs a "
        "terminal\n",
    )
    assert machine.called(EXPORT)


@pytest.mark.parametrize(
    ("command", "step", "calls"),
    [
        ("config", "pulumi config set ha-eks:protected false", (EXPORT, CONFIG)),
        ("up", "pulumi up, which turns off the protection,", (EXPORT, CONFIG, UP)),
        ("destroy", "pulumi destroy", (EXPORT, CONFIG, UP, DESTROY)),
    ],
)
def test_a_failed_step_is_named_and_nothing_follows(
    machine: Machine, command: str, step: str, calls: Sequence[str]
) -> None:
    protect(machine)
    machine.has("pulumi", script(cell(is_protected=True), f'[ "$1" != {command} ]'))
    done = machine.types("own", "tools.deploy.down", "own")
    assert (done.returncode, done.stderr) == (
        1,
        f"{step} failed, see its output; fix the cause and run make down STACK=own again, which "
        "continues with this step\n",
    )
    assert machine.called(*calls)


def test_a_stack_without_resources_is_not_deleted(machine: Machine) -> None:
    machine.has("pulumi", script([]))
    done = machine.runs("tools.deploy.down", "own")
    assert (done.returncode, done.stdout) == (
        0, "the stack own has no resources; pulumi stack rm own removes the stack\n",
    )  # fmt: skip
    assert machine.called(EXPORT)


def test_protected_data_is_refused_before_anything_is_deleted(machine: Machine) -> None:
    others = (
        entry(CLAIM, "db", protect=True),
        entry(FILE_SYSTEM, "web", protect=True),
        entry(BUCKET, "observability-archive", "ha-eks:index:Observability"),
        entry("aws:sns/topic:Topic", "alarms", protect=True),
    )
    machine.has("pulumi", script([*cell(is_protected=True), *others]))
    done = machine.types("own", "tools.deploy.down", "own")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "the volume of db is protected; create a snapshot of it if you need its data, set "
        "ha-eks:singletons.db.volume.deletionProtection to false, run make up STACK=own, then make "
        "down STACK=own again\n"
        "the shared volume of web is protected; copy its files if you need them, set "
        "sharedVolume.deletionProtection of web to false, run make up STACK=own, then make down "
        "STACK=own again\n"
        "the bucket observability-archive is protected; copy its objects if you need them, set "
        "ha-eks:observability.archive.deletionProtection to false, run make up STACK=own, then "
        "make down STACK=own again\n"
        "urn:pulumi:own::ha-eks::aws:sns/topic:Topic::alarms is protected by hand; run pulumi "
        "state unprotect with this URN, then make down STACK=own again\n"
    )
    assert machine.called(EXPORT)


def test_the_protected_resources_of_a_recorded_cell_are_found() -> None:
    prod, dev = recording_of("prod"), recording_of("dev")
    assert [urn.rpartition("::")[2] for urn in protected(state_of(prod))] == [
        "lb-access-logs", "cluster-eksCluster", "lb", "deletion-guard",
    ]  # fmt: skip
    assert [*protected(state_of(dev))] == []
    assert [*refusals(state_of(prod), "prod")] == []


def test_the_summary_of_a_recorded_cell_names_what_is_lost_and_what_remains() -> None:
    recording = recording_of("prod")
    volume = entry(CLAIM, "db")
    lines = [*summary([*state_of(recording), volume], "prod")]
    counted = sum(int(line.split()[0]) for line in lines if line.startswith("   "))
    assert counted == len(recording.cloud_resources), "all but the retained record, and the volume"
    assert "     3 node groups" in lines
    assert lines[lines.index("lost for good:") :] == [
        "lost for good:",
        "  the bucket lb-access-logs, with its objects",
        "  the Route 53 record app.example.com: its clients no longer reach this cell",
        "  the volume of db, with its data",
        "  the logs of 7 log groups",
        "  volumes of other claims in the cluster, unless their reclaim policy is Retain",
        "what remains (docs/teardown.md#what-remains):",
        "  lb-validation (aws:route53/record:Record), which other cells may use",
        "  KMS keys, for 7 to 30 days",
        "  the role and the policies of the deployer, and the Pulumi stack",
    ]


def test_the_summary_names_shared_volumes_once_and_their_backups() -> None:
    recording = recording_of("wide")
    settings = recording.settings
    lines = [*summary(state_of(recording), "wide")]
    owners = [
        name
        for name, each in settings.sharing.items()
        if each.shared_volume and not (each.shared_volume.of or each.shared_volume.file_system)
    ]
    volumes = [name for name, each in settings.singletons.items() if each.volume]
    assert len(settings.sharing) > len(owners) == 1
    assert "     1 file system" in lines
    assert f"     {len(volumes)} volume" in lines
    assert sorted(each for each in lines if "volume of" in each) == sorted(
        [
            *(f"  the volume of {name}, with its data" for name in volumes),
            *(f"  the shared volume of {name}, with its files" for name in owners),
        ]
    )
    assert "  backups of shared volumes in AWS Backup, until they expire" in lines


def test_a_cell_that_serves_a_domain_is_drained_first(machine: Machine) -> None:
    machine.setting("ha-eks:traffic:")
    for line in ("domain: app.example.org", "hostedZoneId: Z0123456789ABCDEFGHIJ"):
        machine.setting(f"  {line}")
    machine.setting("  policy: latency")
    machine.has("pulumi", script(cell(is_protected=False)))
    done = machine.runs("tools.deploy.down", "own")
    assert done.stdout == (
        f"{SUMMARY}clients still come: if another cell serves app.example.org, run make drain "
        "STACK=own first, and wait until the requests stop\n"
    )
