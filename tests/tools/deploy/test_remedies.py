"""Runs `python -m tools.deploy.remedies` with fake `pulumi` and `aws` programs."""

import json
import re
from collections.abc import Mapping

import pytest

from tests.command_machine import Machine, aws_script
from tests.conftest import recording_of
from tests.stacks.running_cluster import created_by
from tests.tools.deploy.check import aws_shapes
from tools.deploy.remedies.targets import zone_targets
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP

DOMAIN = """ha-eks:traffic:
    domain: app.example.org
    hostedZoneId: Z0123456789ABCDEFGHIJ
    policy: latency"""
ROLE = """aws:region: eu-west-1
  aws:assumeRoles: [{roleArn: "arn:aws:iam::210987654321:role/deployer"}]"""
SET_DRAINED = "pulumi [config][set][--path][ha-eks:traffic.drained][true][--stack][own]"
CHECK = {"Type": "CALCULATED", "ChildHealthChecks": ["a", "b"], "HealthThreshold": 2}
ROUTE53 = {
    "list-resource-record-sets": {
        "ResourceRecordSets": [
            {"Name": f"{name}.", "Type": "A", "SetIdentifier": cell, "HealthCheckId": check}
            for name, cell, check in (
                ("app.example.org", "other", "o"),
                ("app.example.org", "own", "h"),
                ("z.example.org", "own", "z"),
            )
        ]
    },
    "get-health-check": {"HealthCheck": {"Id": "h", "HealthCheckConfig": CHECK}},
    "update-health-check": {"HealthCheck": {"Id": "h", "HealthCheckConfig": CHECK}},
}
ONLY_ROUTE53 = """case "$*" in
*'--region us-east-1'*) ;;
*) echo 'Connect timeout on endpoint URL' >&2; exit 255 ;;
esac
"""
"""Start of a script of `aws` that answers nothing outside of the region of Route 53."""


@pytest.fixture
def outage(machine: Machine) -> Machine:
    """A cell whose region does not answer: neither the AWS CLI nor `pulumi up` works."""
    text = machine.stack.read_text()
    assert "aws:region: us-east-1" in text
    text = text.replace("aws:region: us-east-1", ROLE).replace("us-east-1", "eu-west-1")
    machine.stack.write_text(text)
    machine.setting(DOMAIN)
    machine.has("pulumi", '[ "$1" = config ] || { echo "no region" >&2; exit 255; }')
    commands = {name: f"printf '%s' '{json.dumps(answer)}'" for name, answer in ROUTE53.items()}
    machine.has("aws", ONLY_ROUTE53 + aws_script(commands))
    return machine


def route53_calls(machine: Machine) -> list[str]:
    return [each for each in machine.calls() if each.startswith("aws [route53]")]


def test_a_cell_is_drained_although_its_region_does_not_answer(outage: Machine) -> None:
    done = outage.runs("tools.deploy.remedies", "drain", "own")
    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        "Route 53 no longer sends clients to own; commit Pulumi.own.yaml now, so that no up "
        "changes this\n"
    )
    *_, update, edit = outage.calls()
    assert update.startswith(
        "aws [route53][update-health-check][--health-check-id][h][--health-threshold][3]"
    ), "the health check of two children must need a third one"
    assert edit == f"{SET_DRAINED} in {outage.project}", "the file is edited after Route 53"
    calls = [re.findall(r"\[(.*?)\]", each) for each in route53_calls(outage)]
    assert [command for _, command, *_ in calls] == [*ROUTE53]
    for call in calls:
        arguments = tuple(call[: call.index("--output")])
        assert [*aws_shapes.invalid(arguments)] == []
        assert [*aws_shapes.problems(arguments, ROUTE53[call[1]])] == []


def test_a_drain_ends_without_pulumi_if_the_file_has_ended_it(outage: Machine) -> None:
    done = outage.runs("tools.deploy.remedies", "undrain", "own")
    assert done.returncode == 0, done.stderr
    assert "[--health-check-id][h][--health-threshold][2]" in outage.calls()[-1]
    assert done.stderr.startswith("Route 53 sends clients to own; commit Pulumi.own.yaml now")


def test_without_the_state_of_pulumi_the_drain_says_what_to_write(outage: Machine) -> None:
    outage.has("pulumi", "exit 255")
    done = outage.runs("tools.deploy.remedies", "drain", "own")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "Route 53 no longer sends clients to own, but Pulumi.own.yaml does not say so: write "
        "drained: true in its ha-eks:traffic, and commit it"
    )


def test_an_extension_that_fails_prevents_no_drain(outage: Machine) -> None:
    (outage.project / "extensions" / "__init__.py").write_text("1 / 0\n", encoding="utf-8")
    assert outage.runs("tools.deploy.remedies", "drain", "own").returncode == 0


def test_without_route_53_nothing_changes(outage: Machine) -> None:
    outage.has("aws", aws_script({"list-resource-record-sets": "echo 'Throttled' >&2; exit 255"}))
    done = outage.runs("tools.deploy.remedies", "drain", "own")
    assert (done.returncode, done.stderr) == (
        1, "Route 53: Throttled; the stack file is not changed; fix the cause and run the same "
        "command again\n",
    )  # fmt: skip
    assert not [each for each in outage.calls() if each.startswith("pulumi")]


def test_a_cell_without_a_record_has_nothing_to_drain(outage: Machine) -> None:
    outage.has(
        "aws", aws_script({"list-resource-record-sets": """printf '{"ResourceRecordSets": []}'"""})
    )
    done = outage.runs("tools.deploy.remedies", "drain", "own")
    assert done.stderr == (
        "no hosted zone of app.example.org outside of the cell has a record of own; the stack file "
        "is not changed\n"
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
    before = machine.stack.read_bytes().replace(b"\n", b"\r\n")
    machine.stack.write_bytes(before)
    machine.has("pulumi", "echo '  aws:regoin: us-east-1' >> Pulumi.own.yaml")
    done = machine.runs("tools.deploy.remedies", "zone-out", "own", "--zone", "us-east-1b")
    assert done.returncode == 1
    assert "aws:regoin" in done.stderr
    assert machine.stack.read_bytes() == before
    assert len(machine.calls()) == 1, "Pulumi would run with a stack file that is refused"


def test_a_failed_up_names_the_next_step(machine: Machine) -> None:
    machine.has("pulumi", f'[ "$1" = stack ] && {state()}; [ "$1" = up ] && exit 3; exit 0')
    done = machine.runs("tools.deploy.remedies", "zone-in", "own", "--zone", "us-east-1b")
    assert (done.returncode, done.stderr) == (
        1, "pulumi up failed, see its output; fix the cause and run the same command again\n",
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


def test_a_zone_that_returns_gets_its_headroom_and_deleted_resources_are_no_targets() -> None:
    recording = recording_of("prod")
    headroom = [each.urn for each in recording.resources if "Overprovisioner$" in each.urn]
    group, *_ = recording.of_type("aws:eks/nodeGroup:NodeGroup")
    state: list[dict[str, object]] = [
        {"urn": each.urn, "type": each.type}
        for each in recording.resources
        if each.urn not in (headroom[0], group.urn)
    ]
    state.append({"urn": group.urn, "type": group.type, "delete": True})
    targets = {*zone_targets(recording, state)}
    assert targets >= {*headroom}, "the zone would have no headroom"
    assert group.urn not in targets, "pulumi up refuses a target that is not in the state"
