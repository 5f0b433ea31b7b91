"""What the stand-in cloud tells of what exists."""

from typing import Any

import pytest
from pulumi.runtime import MockCallArgs

from tests.tools.rehearsal.clouds import build, cloud_for, created_by, empty_cloud, make
from tools.recording import Recording
from tools.rehearsal.fake_cloud.cloud import CLUSTER, GROUP, Cloud
from tools.rehearsal.fake_cloud.lookups import asked, name_of

SUBNET = "aws:ec2/subnet:Subnet"


def ask(cloud: Cloud, what: str, **args: Any) -> dict[str, Any]:
    """The answer to a lookup that has one."""
    answer = asked(cloud, MockCallArgs(what, args, ""))
    assert answer is not None
    result, failures = answer
    assert failures == []
    return result


def refused(cloud: Cloud, what: str, **args: Any) -> str:
    """Why a lookup has no answer."""
    answer = asked(cloud, MockCallArgs(what, args, ""))
    assert answer is not None
    result, [(_, why)] = answer
    assert result == {}
    return why


def clusters(cloud: Cloud) -> list[str]:
    return ask(cloud, "aws:eks/getClusters:getClusters")["names"]


def groups_of(cloud: Cloud, cluster: str) -> list[str]:
    return ask(cloud, "aws:eks/getNodeGroups:getNodeGroups", clusterName=cluster)["names"]


def group_of(cloud: Cloud, cluster: str, name: str) -> dict[str, Any]:
    return ask(cloud, "aws:eks/getNodeGroup:getNodeGroup", clusterName=cluster, nodeGroupName=name)


def test_where_nothing_is_there_is_no_cell() -> None:
    assert clusters(empty_cloud()) == []
    assert groups_of(empty_cloud(), "prod") == []


def test_a_cell_that_was_created_is_told_as_it_is(recording: Recording) -> None:
    cloud = build(cloud_for(recording, constraints=()), created_by(recording))
    assert clusters(cloud) == [recording.stack]
    cluster = ask(cloud, "aws:eks/getCluster:getCluster", name=recording.stack)
    assert (cluster["id"], cluster["version"]) == (
        recording.stack,
        recording.settings.cluster.version,
    )
    zones = {
        ask(cloud, "aws:ec2/getSubnet:getSubnet", id=subnet)["availabilityZone"]
        for subnet in cluster["vpcConfig"]["subnetIds"]
    }
    assert zones == set(recording.settings.network.control_plane_zones)

    names = groups_of(cloud, recording.stack)
    made = {name_of(each): each for each in cloud.of_type(GROUP)}
    assert sorted(names) == sorted(made)
    assert len(names) == len(recording.of_type(GROUP)) > 0
    for name in names:
        group, inputs = group_of(cloud, recording.stack, name), made[name].inputs
        assert (group["nodeGroupName"], group["status"]) == (name, "ACTIVE")
        assert group["scalingConfigs"] == [inputs["scalingConfig"]]
        assert group["instanceTypes"] == inputs.get("instanceTypes", [])
        same = ("amiType", "capacityType", "clusterName", "tags", "version")
        assert [group[key] for key in same] == [inputs[key] for key in same]


def test_the_node_groups_of_a_cluster_are_those_of_no_other() -> None:
    cloud = empty_cloud()
    for cell in ("one", "two"):
        make(cloud, CLUSTER, cell, name=cell, vpcConfig={})
    size = {"minSize": 1, "maxSize": 2, "desiredSize": 1}
    first = make(cloud, GROUP, "a", clusterName="one", scalingConfig=size)
    make(cloud, GROUP, "b", clusterName="two", scalingConfig=size)
    assert sorted(clusters(cloud)) == ["one", "two"]
    assert groups_of(cloud, "one") == [name_of(first)]
    assert "does not exist" in refused(
        cloud, "aws:eks/getNodeGroup:getNodeGroup", clusterName="two", nodeGroupName=name_of(first)
    )


@pytest.mark.parametrize(
    ("what", "args", "named"),
    [
        ("aws:eks/getCluster:getCluster", {"name": "gone"}, "gone"),
        ("aws:eks/getNodeGroup:getNodeGroup",
         {"clusterName": "prod", "nodeGroupName": "gone"}, "prod:gone"),
        ("aws:ec2/getSubnet:getSubnet", {"id": "subnet-gone"}, "subnet-gone"),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_refused_by_name(
    what: str, args: dict[str, str], named: str
) -> None:
    cloud = empty_cloud()
    make(cloud, SUBNET, "other", cidrBlock="10.0.0.0/24")
    assert refused(cloud, what, **args) == f"ResourceNotFoundException: {named} does not exist"


def test_what_needs_no_inventory_is_left_to_the_table() -> None:
    token = "aws:index/getCallerIdentity:getCallerIdentity"
    assert asked(empty_cloud(), MockCallArgs(token, {}, "")) is None
