"""Other networks than the stack file's, over the stand-in cloud without an engine."""

from pathlib import Path

import pytest

from tests.conftest import STACKS
from tools.recording import Recording
from tools.recording.made_up_outputs import Answers
from tools.rehearsal.creation_order import late
from tools.rehearsal.fake_cloud.cloud import CLUSTER, Cloud
from tools.rehearsal.network_modes import MODES, written
from tools.rehearsal.run import SceneError

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
NAT = "aws:ec2/natGateway:NatGateway"
VPC = "aws:ec2/vpc:Vpc"
CLOSED, PODS, THEIRS = MODES


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("mode", MODES)
def test_every_stack_can_be_taken_through_every_mode_and_is_free_to_go(
    stack: str, mode: str, tmp_path: Path
) -> None:
    settings = written(tmp_path, stack, MODES[mode]).settings
    assert settings.cluster.deletion_protection is False
    assert settings.load_balancing.deletion_protection is False


def test_modes_are_what_they_are_called(tmp_path: Path) -> None:
    def of(mode: str) -> Recording:
        return written(tmp_path, "prod", MODES[mode])

    closed, pods, theirs = of(CLOSED), of(PODS), of(THEIRS)
    assert [len(each.of_type(NAT)) for each in (closed, pods, theirs)] == [0, 3, 0]
    assert [len(each.of_type(VPC)) for each in (closed, pods, theirs)] == [1, 1, 0]
    assert len(closed.of_type(ENDPOINT)) > len(pods.of_type(ENDPOINT)) == 1
    assert pods.settings.network.pods.prefix_delegation
    names = {each.name for each in pods.of_type("aws:ec2/subnet:Subnet")}
    assert {f"network-pods-us-east-1{zone}" for zone in "abc"} <= names
    [cluster] = theirs.of_type(CLUSTER)
    assert len({*cluster.inputs["vpcConfig"]["subnetIds"]}) == 3


def test_what_is_refused_in_an_order_says_of_which_plan(tmp_path: Path) -> None:
    recording = written(tmp_path, "dev", MODES[THEIRS])

    def empty(of: Recording) -> Cloud:
        return Cloud(answers=Answers.of(of.settings), outside=frozenset(), constraints=())

    with pytest.raises(SceneError, match=r"^order, theirs: .*vpc-[0-9a-f]{17} does not exist"):
        late(recording, empty, ", theirs")
