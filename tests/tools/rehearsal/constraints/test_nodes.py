"""Constraints on node groups."""

from copy import deepcopy
from typing import Any

import pytest

from tests.tools.rehearsal.clouds import empty_cloud, find, make, refused, update
from tools.rehearsal.constraints import nodes
from tools.rehearsal.fake_cloud.cloud import FakeCloud

CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
TAG = "aws:autoscaling/tag:Tag"
INVALID = "InvalidParameterException"


@pytest.fixture
def cloud() -> FakeCloud:
    """A cloud with a cluster of version 1.35, and two launch templates.

    The template `single` has an instance type, the template `mixed` has none.
    """
    cloud = empty_cloud(constraints=nodes.CONSTRAINTS)
    make(cloud, CLUSTER, "cluster", name="cell", version="1.35", vpcConfig={})
    make(cloud, LAUNCH_TEMPLATE, "single", instanceType="m7i.large")
    make(cloud, LAUNCH_TEMPLATE, "mixed")
    return cloud


def group_inputs(cloud: FakeCloud, template: str = "single", **changes: Any) -> dict[str, Any]:
    """Returns inputs of a node group that EKS accepts, with some changes."""
    return {
        "clusterName": "cell",
        "version": "1.35",
        "launchTemplate": {"id": find(cloud, (LAUNCH_TEMPLATE, template)).id, "version": "1"},
        "updateConfig": {"maxUnavailable": 1},
        "scalingConfig": {"minSize": 2, "desiredSize": 2, "maxSize": 4},
        **changes,
    }


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "unavailable nodes as count and percentage": (
        {"updateConfig": {"maxUnavailable": 1, "maxUnavailablePercentage": 33}},
        "updateConfig: maxUnavailable and maxUnavailablePercentage exclude each other",
    ),
    "parallel repairs as count and percentage": (
        {
            "nodeRepairConfig": {
                "maxParallelNodesRepairedCount": 1,
                "maxParallelNodesRepairedPercentage": 1,
            }
        },
        "nodeRepairConfig: maxParallelNodesRepairedCount and maxParallelNodesRepairedPercentage "
        "exclude each other",
    ),
    "unhealthy nodes as count and percentage": (
        {
            "nodeRepairConfig": {
                "maxUnhealthyNodeThresholdCount": 1,
                "maxUnhealthyNodeThresholdPercentage": 1,
            }
        },
        "nodeRepairConfig: maxUnhealthyNodeThresholdCount and maxUnhealthyNodeThresholdPercentage "
        "exclude each other",
    ),
    "a version newer than the cluster": (
        {"version": "1.36"},
        "node group version 1.36, cluster version 1.35",
    ),
    "instance types in group and launch template": (
        {"instanceTypes": ["m7i.large"]},
        "instance types in both the node group and its launch template",
    ),
    "a desired size below the minimum": (
        {"scalingConfig": {"minSize": 3, "desiredSize": 2, "maxSize": 4}},
        "Minimum capacity 3 can't be greater than desired size 2",
    ),
    "a desired size above the maximum": (
        {"scalingConfig": {"minSize": 0, "desiredSize": 5, "maxSize": 4}},
        "desired capacity 5 can't be greater than max size 4",
    ),
    "an AMI type of another architecture": (
        {"amiType": "AL2023_ARM_64_STANDARD"},
        "[m7i.large] is not a valid instance type for requested amiType AL2023_ARM_64_STANDARD",
    ),
    "an AMI type with drivers for GPUs that the type does not have": (
        {"amiType": "AL2023_x86_64_NVIDIA"},
        "[m7i.large] is not a valid instance type for requested amiType AL2023_x86_64_NVIDIA",
    ),
    "a warm pool of spot instances": (
        {"capacityType": "SPOT", "warmPoolConfig": {"minSize": 1}},
        "warm pools do not support spot instances",
    ),
    "a warm pool of Bottlerocket with reuse": (
        {"amiType": "BOTTLEROCKET_x86_64", "warmPoolConfig": {"reuseOnScaleIn": True}},
        "warm pools of Bottlerocket support neither hibernation nor reuseOnScaleIn",
    ),
    "a warm pool of Bottlerocket with hibernation": (
        {"amiType": "BOTTLEROCKET_ARM_64", "warmPoolConfig": {"poolState": "HIBERNATED"}},
        "warm pools of Bottlerocket support neither hibernation nor reuseOnScaleIn",
    ),
}

ACCEPTED: dict[str, dict[str, Any]] = {
    "only required inputs": {},
    "percentages": {
        "updateConfig": {"maxUnavailablePercentage": 33},
        "nodeRepairConfig": {
            "maxParallelNodesRepairedCount": 1,
            "maxUnhealthyNodeThresholdPercentage": 1,
        },
    },
    "a warm pool of Bottlerocket": {
        "amiType": "BOTTLEROCKET_x86_64",
        "warmPoolConfig": {"poolState": "STOPPED", "reuseOnScaleIn": False},
    },
    "a warm pool of Amazon Linux with reuse": {
        "amiType": "AL2023_x86_64_STANDARD",
        "warmPoolConfig": {"reuseOnScaleIn": True},
    },
    "spot instances": {"capacityType": "SPOT"},
    "no nodes": {"scalingConfig": {"minSize": 0, "desiredSize": 0, "maxSize": 4}},
    "a fixed size": {"scalingConfig": {"minSize": 4, "desiredSize": 4, "maxSize": 4}},
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_node_group_that_eks_refuses_is_refused(case: str, cloud: FakeCloud) -> None:
    changes, message = REFUSED[case]
    with refused(INVALID, message):
        make(cloud, NODE_GROUP, "nodes", **group_inputs(cloud, **deepcopy(changes)))
    group = make(cloud, NODE_GROUP, "nodes", **group_inputs(cloud))
    with refused(INVALID, message):
        update(cloud, group, **group_inputs(cloud, **deepcopy(changes)))


@pytest.mark.parametrize("case", ACCEPTED)
def test_a_node_group_that_eks_accepts_is_accepted(case: str, cloud: FakeCloud) -> None:
    inputs = group_inputs(cloud, **deepcopy(ACCEPTED[case]))
    group = make(cloud, NODE_GROUP, "nodes", **inputs)
    update(cloud, group, **deepcopy(inputs))


def test_a_node_group_has_instance_types_if_its_launch_template_has_none(cloud: FakeCloud) -> None:
    types = ["m7i.large", "m6i.large"]
    make(cloud, NODE_GROUP, "nodes", **group_inputs(cloud, "mixed", instanceTypes=types))


def test_only_an_existing_node_group_may_be_older_than_the_cluster(cloud: FakeCloud) -> None:
    with refused(INVALID, "node group version 1.34, cluster version 1.35"):
        make(cloud, NODE_GROUP, "nodes", **group_inputs(cloud, version="1.34"))
    group = make(cloud, NODE_GROUP, "nodes", **group_inputs(cloud))
    [cluster] = cloud.of_type(CLUSTER)
    update(cloud, cluster, **{**cluster.inputs, "version": "1.36"})
    update(cloud, group, **group_inputs(cloud, labels={"team": "a"}))
    update(cloud, group, **group_inputs(cloud, version="1.36"))


def test_minor_versions_are_compared_as_numbers(cloud: FakeCloud) -> None:
    [cluster] = cloud.of_type(CLUSTER)
    update(cloud, cluster, **{**cluster.inputs, "version": "1.9"})
    group = make(cloud, NODE_GROUP, "nodes", **group_inputs(cloud, version="1.9"))
    with refused(INVALID, "node group version 1.10, cluster version 1.9"):
        update(cloud, group, **group_inputs(cloud, version="1.10"))


def test_only_an_existing_auto_scaling_group_can_be_tagged(cloud: FakeCloud) -> None:
    tag = {"key": "ha-eks:cell", "value": "cell", "propagateAtLaunch": False}
    with refused("ValidationError", "Auto Scaling group eks-nodes does not exist"):
        make(cloud, TAG, "tag", autoscalingGroupName="eks-nodes", tag=tag)
    group = make(cloud, NODE_GROUP, "nodes", **group_inputs(cloud))
    name = group.outputs["resources"][0]["autoscalingGroups"][0]["name"]
    assert make(cloud, TAG, "tag", autoscalingGroupName=name, tag=tag).id == f"{name},ha-eks:cell"


@pytest.mark.parametrize(
    ("name", "ami"),
    [
        ("g6.xlarge", "AL2023_x86_64_NVIDIA"),
        ("g6.xlarge", "BOTTLEROCKET_x86_64_NVIDIA"),
        ("inf2.xlarge", "AL2023_x86_64_NEURON"),
    ],
)
def test_accelerated_types_need_an_ami_with_their_drivers(
    name: str, ami: str, cloud: FakeCloud
) -> None:
    both = group_inputs(cloud, "mixed", instanceTypes=[name, "m7i.large"], amiType=ami)
    message = f"[m7i.large] is not a valid instance type for requested amiType {ami}"
    with refused(INVALID, message):
        make(cloud, NODE_GROUP, "nodes", **both)
    make(cloud, NODE_GROUP, "nodes", **{**both, "instanceTypes": [name]})
