"""Invokes that the fake cloud answers from its resources."""

from typing import Any

import pytest
from pulumi.runtime import MockCallArgs

from tests.tools.rehearsal.clouds import build, cloud_for, created_by, empty_cloud, make
from tools.recording import Recording
from tools.rehearsal.fake_cloud.cloud import CLUSTER, NODE_GROUP, FakeCloud
from tools.rehearsal.fake_cloud.lookups import look_up, node_group_name

SUBNET = "aws:ec2/subnet:Subnet"

GET_CLUSTERS = "aws:eks/getClusters:getClusters"
GET_CLUSTER = "aws:eks/getCluster:getCluster"
GET_NODE_GROUPS = "aws:eks/getNodeGroups:getNodeGroups"
GET_NODE_GROUP = "aws:eks/getNodeGroup:getNodeGroup"
GET_SUBNET = "aws:ec2/getSubnet:getSubnet"


def answer(cloud: FakeCloud, token: str, **args: Any) -> dict[str, Any]:
    """Returns the result of a lookup that succeeds."""
    looked_up = look_up(cloud, MockCallArgs(token, args, ""))
    assert looked_up is not None
    result, failures = looked_up
    assert failures == []
    return result


def failure(cloud: FakeCloud, token: str, **args: Any) -> str:
    """Returns the reason of a lookup that fails."""
    looked_up = look_up(cloud, MockCallArgs(token, args, ""))
    assert looked_up is not None
    result, [(_, reason)] = looked_up
    assert result == {}
    return reason


def clusters(cloud: FakeCloud) -> list[str]:
    return answer(cloud, GET_CLUSTERS)["names"]


def node_groups(cloud: FakeCloud, cluster: str) -> list[str]:
    return answer(cloud, GET_NODE_GROUPS, clusterName=cluster)["names"]


def test_an_empty_cloud_has_no_clusters_and_node_groups() -> None:
    assert clusters(empty_cloud()) == []
    assert node_groups(empty_cloud(), "prod") == []


def test_lookups_return_cluster_subnets_and_node_groups_as_created(recording: Recording) -> None:
    cloud = build(cloud_for(recording, constraints=()), created_by(recording))
    stack, settings = recording.stack, recording.settings
    assert clusters(cloud) == [stack]
    cluster = answer(cloud, GET_CLUSTER, name=stack)
    assert (cluster["id"], cluster["version"]) == (stack, settings.cluster.version)
    zones = {
        answer(cloud, GET_SUBNET, id=subnet)["availabilityZone"]
        for subnet in cluster["vpcConfig"]["subnetIds"]
    }
    assert zones == set(settings.network.control_plane_zones)

    names = node_groups(cloud, stack)
    created = {node_group_name(each): each for each in cloud.of_type(NODE_GROUP)}
    assert sorted(names) == sorted(created)
    assert len(names) == len(recording.of_type(NODE_GROUP)) > 0
    for name in names:
        group = answer(cloud, GET_NODE_GROUP, clusterName=stack, nodeGroupName=name)
        inputs = created[name].inputs
        assert (group["nodeGroupName"], group["status"]) == (name, "ACTIVE")
        assert group["scalingConfigs"] == [inputs["scalingConfig"]]
        assert group["instanceTypes"] == inputs.get("instanceTypes", [])
        same = ("amiType", "capacityType", "clusterName", "tags", "version")
        assert [group[key] for key in same] == [inputs[key] for key in same]


def test_a_lookup_returns_only_the_node_groups_of_its_cluster() -> None:
    cloud = empty_cloud()
    for cell in ("one", "two"):
        make(cloud, CLUSTER, cell, name=cell, vpcConfig={})
    size = {"minSize": 1, "maxSize": 2, "desiredSize": 1}
    first = make(cloud, NODE_GROUP, "a", clusterName="one", scalingConfig=size)
    make(cloud, NODE_GROUP, "b", clusterName="two", scalingConfig=size)
    assert sorted(clusters(cloud)) == ["one", "two"]
    name = node_group_name(first)
    assert node_groups(cloud, "one") == [name]
    reason = failure(cloud, GET_NODE_GROUP, clusterName="two", nodeGroupName=name)
    assert reason == f"ResourceNotFoundException: two:{name} does not exist"


@pytest.mark.parametrize(
    ("token", "args", "missing"),
    [
        (GET_CLUSTER, {"name": "gone"}, "gone"),
        (GET_NODE_GROUP, {"clusterName": "prod", "nodeGroupName": "gone"}, "prod:gone"),
        (GET_SUBNET, {"id": "subnet-gone"}, "subnet-gone"),
    ],
)
def test_the_lookup_of_a_missing_resource_fails_with_its_name(
    token: str, args: dict[str, str], missing: str
) -> None:
    cloud = empty_cloud()
    make(cloud, SUBNET, "other", cidrBlock="10.0.0.0/24")
    reason = failure(cloud, token, **args)
    assert reason == f"ResourceNotFoundException: {missing} does not exist"


def test_an_invoke_that_does_not_depend_on_resources_has_no_answer() -> None:
    token = "aws:index/getCallerIdentity:getCallerIdentity"
    assert look_up(empty_cloud(), MockCallArgs(token, {}, "")) is None
