"""Runs `python -m tools.deploy.remedies` with fake `pulumi` and `aws` programs."""

import json
from collections.abc import Mapping

import pytest

from tests.command_machine import Machine
from tests.conftest import recording_of
from tests.stacks.running_cluster import created_by
from tools.deploy.remedies.targets import zone_targets
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP

DOMAIN = """ha-eks:traffic:
    domain: app.example.org
    hostedZoneId: Z0123456789ABCDEFGHIJ
    policy: latency"""
TRAFFIC_UP = "[up][--yes][--skip-preview][--stack][own][--target][**ha-eks:index:Traffic$**]"
SET_DRAINED = "[config][set][--path][ha-eks:traffic.drained]"


@pytest.mark.parametrize(("remedy", "value"), [("drain", "true"), ("undrain", "false")])
def test_a_cell_is_drained_and_returned_without_its_other_resources(
    machine: Machine, remedy: str, value: str
) -> None:
    machine.setting(DOMAIN)
    done = machine.runs("tools.deploy.remedies", remedy, "own")
    assert done.returncode == 0, done.stderr
    assert machine.called(f"pulumi {SET_DRAINED}[{value}][--stack][own]", f"pulumi {TRAFFIC_UP}")
    assert done.stderr == (
        "applied; commit Pulumi.own.yaml now: an up with an older file would undo it\n"
    )


def test_a_cell_without_a_domain_cannot_be_drained(machine: Machine) -> None:
    done = machine.runs("tools.deploy.remedies", "drain", "own")
    assert (done.returncode, done.stderr) == (
        1, "Pulumi.own.yaml has no ha-eks:traffic to drain\n",
    )  # fmt: skip
    assert machine.calls() == []


def test_a_zone_that_the_cell_does_not_have_is_refused(machine: Machine) -> None:
    done = machine.runs("tools.deploy.remedies", "zone-out", "own", "--zone", "us-east-1x")
    assert (done.returncode, done.stderr) == (
        1, "ZONE=us-east-1x: must be one of us-east-1a, us-east-1b\n",
    )  # fmt: skip
    assert machine.calls() == []


def state(*resources: Mapping[str, str]) -> str:
    return f"echo '{json.dumps({'deployment': {'resources': resources}})}'"


def test_a_zone_is_taken_out_by_its_sizes_only(machine: Machine) -> None:
    machine.has(
        "pulumi",
        f'[ "$1" = stack ] && {state({"urn": "group", "type": NODE_GROUP})}; exit 0',
    )
    done = machine.runs("tools.deploy.remedies", "zone-out", "own", "--zone", "us-east-1b")
    assert done.returncode == 0, done.stderr
    edit, export, up = machine.calls()
    folder = f" in {machine.project}"
    path = "ha-eks:network.zonesOut[0]"
    assert edit == f"pulumi [config][set][--path][{path}][us-east-1b][--stack][own]{folder}"
    assert export == f"pulumi [stack][export][--stack][own]{folder}"
    assert up.startswith("pulumi [up][--yes][--skip-preview][--stack][own][--target][group]")
    assert "Deployment::web" not in up
    assert done.stderr == (
        "applied; commit Pulumi.own.yaml now: an up with an older file would undo it\n"
        "alarms and the dashboard still expect the former zones; run make up STACK=own when its "
        "pods are ready\n"
    )


def test_a_zone_that_is_in_service_is_only_applied_again(machine: Machine) -> None:
    machine.has("pulumi", f'[ "$1" = stack ] && {state()}; exit 0')
    done = machine.runs("tools.deploy.remedies", "zone-in", "own", "--zone", "us-east-1b")
    assert done.returncode == 0, done.stderr
    assert [call.partition("]")[0] for call in machine.calls()] == ["pulumi [stack", "pulumi [up"]


def test_an_edit_that_the_settings_refuse_is_undone(machine: Machine) -> None:
    machine.setting(DOMAIN)
    before = machine.stack.read_text()
    machine.has("pulumi", "sed -i 's/policy: latency/policy: nope/' Pulumi.own.yaml")
    done = machine.runs("tools.deploy.remedies", "drain", "own")
    assert done.returncode == 1
    assert machine.stack.read_text() == before
    assert len(machine.calls()) == 1, "Pulumi would run with a stack file that is refused"


def test_a_failed_up_names_the_next_step(machine: Machine) -> None:
    machine.setting(DOMAIN)
    machine.has("pulumi", '[ "$1" = up ] && exit 3; exit 0')
    done = machine.runs("tools.deploy.remedies", "drain", "own")
    assert (done.returncode, done.stderr) == (
        1, "pulumi up failed, see its output; fix the cause and run the same command again; if the "
        "region does not answer: docs/runbooks/region-lost.md#drain-without-the-region\n",
    )  # fmt: skip


def test_targets_of_a_zone_exist_or_reserve_headroom() -> None:
    recording = recording_of("prod")
    resources = [{"urn": each.urn, "type": each.type} for each in created_by(recording)]
    without_web = [each for each in resources if not each["urn"].endswith("::web")]
    targets = [*zone_targets(recording, without_web)]
    types = {recording.get(urn).type for urn in targets}
    assert types == {
        NODE_GROUP,
        "kubernetes:apps/v1:Deployment",
        "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
        "kubernetes:policy/v1:PodDisruptionBudget",
        "kubernetes:core/v1:Namespace",
    }
    assert not [urn for urn in targets if urn.endswith("::web")], (
        "Pulumi refuses a target whose dependencies do not exist"
    )
    deployments = [urn for urn in targets if "apps/v1:Deployment" in urn]
    assert all("overprovisioner" in urn for urn in deployments), "up would wait for pods"
