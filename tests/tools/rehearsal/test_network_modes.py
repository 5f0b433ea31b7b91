"""Network modes, against the fake cloud without an engine."""

from pathlib import Path

import pytest

from tests.conftest import STACKS
from tests.tools.rehearsal.clouds import cloud_for
from tools.recording import Recording
from tools.rehearsal.creation_order import check_orders
from tools.rehearsal.fake_cloud.cloud import CLUSTER, FakeCloud
from tools.rehearsal.network_modes import MODES, record_mode
from tools.rehearsal.run import ScenarioError

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
SUBNET = "aws:ec2/subnet:Subnet"
VPC = "aws:ec2/vpc:Vpc"
WITHOUT_NAT, POD_NETWORK, EXISTING_VPC = MODES


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("mode", MODES)
def test_every_stack_can_be_recorded_in_every_mode_without_deletion_protection(
    stack: str, mode: str, tmp_path: Path
) -> None:
    assert not record_mode(tmp_path, stack, MODES[mode]).settings.protected


def test_each_mode_creates_the_network_of_its_name(tmp_path: Path) -> None:
    without_nat, pod_network, existing_vpc = (
        record_mode(tmp_path, "prod", MODES[mode])
        for mode in (WITHOUT_NAT, POD_NETWORK, EXISTING_VPC)
    )
    recordings = (without_nat, pod_network, existing_vpc)
    assert [len(each.of_type(NAT_GATEWAY)) for each in recordings] == [0, 3, 0]
    assert [len(each.of_type(VPC)) for each in recordings] == [1, 1, 0]
    assert len(without_nat.of_type(ENDPOINT)) > len(pod_network.of_type(ENDPOINT)) == 1
    assert pod_network.settings.network.pods.prefix_delegation
    names = {each.name for each in pod_network.of_type(SUBNET)}
    assert {f"network-pods-us-east-1{zone}" for zone in "abc"} <= names
    [cluster] = existing_vpc.of_type(CLUSTER)
    assert len({*cluster.inputs["vpcConfig"]["subnetIds"]}) == 3


def test_a_missing_dependency_is_reported_with_the_network_mode(tmp_path: Path) -> None:
    recording = record_mode(tmp_path, "dev", MODES[EXISTING_VPC])

    def without_existing_vpc(recording: Recording) -> FakeCloud:
        cloud = cloud_for(recording, constraints=())
        cloud.external = frozenset(
            each for each in cloud.external if not each.startswith(("vpc-", "subnet-"))
        )
        return cloud

    with pytest.raises(ScenarioError) as caught:
        check_orders(recording, without_existing_vpc, EXISTING_VPC)
    start, _, problems = str(caught.value).partition(": a dependency is missing: ")
    assert start == "networks: existing VPC, creation orders"
    for problem in problems.split("; "):
        assert problem.startswith("create aws:")
        assert problem.endswith(" does not exist")
