"""What the stand-in cloud refuses of nodes, one law at a time."""

from copy import deepcopy
from typing import Any

import pytest

from tests.tools.rehearsal.clouds import empty_cloud, make, refused, update
from tools.rehearsal.constraints import nodes
from tools.rehearsal.fake_cloud.cloud import Cloud

CLUSTER = "aws:eks/cluster:Cluster"
GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
TAG = "aws:autoscaling/tag:Tag"
INVALID = "InvalidParameterException"


@pytest.fixture
def cloud() -> Cloud:
    """A cloud with a cluster of 1.35 and launch templates with a type and without."""
    cloud = empty_cloud(constraints=nodes.CONSTRAINTS)
    make(cloud, CLUSTER, "cluster", name="cell", version="1.35", vpcConfig={})
    make(cloud, TEMPLATE, "single", instanceType="m7i.large")
    make(cloud, TEMPLATE, "mixed")
    return cloud


def group(cloud: Cloud, template: str = "single", **given: Any) -> dict[str, Any]:
    """Inputs of a node group."""
    [found] = [each for each in cloud.of_type(TEMPLATE) if each.name == template]
    return {
        "clusterName": "cell",
        "version": "1.35",
        "launchTemplate": {"id": found.id, "version": "1"},
        "updateConfig": {"maxUnavailable": 1},
        "scalingConfig": {"minSize": 2, "desiredSize": 2, "maxSize": 4},
        **given,
    }


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "an update by number and share": (
        {"updateConfig": {"maxUnavailable": 1, "maxUnavailablePercentage": 33}},
        "maxUnavailable and maxUnavailablePercentage",
    ),
    "repairs at once by number and share": (
        {
            "nodeRepairConfig": {
                "maxParallelNodesRepairedCount": 1,
                "maxParallelNodesRepairedPercentage": 1,
            }
        },
        "maxParallelNodesRepairedCount and",
    ),
    "unhealthy nodes by number and share": (
        {
            "nodeRepairConfig": {
                "maxUnhealthyNodeThresholdCount": 1,
                "maxUnhealthyNodeThresholdPercentage": 1,
            }
        },
        "maxUnhealthyNodeThresholdCount and",
    ),
    "a version above the cluster's": ({"version": "1.36"}, "not the cluster's 1.35"),
    "types on the group and in its template": (
        {"instanceTypes": ["m7i.large"]},
        "in its launch template",
    ),
    "fewer nodes than the minimum": (
        {"scalingConfig": {"minSize": 3, "desiredSize": 2, "maxSize": 4}},
        "Minimum capacity 3 can't be greater than desired size 2",
    ),
    "more nodes than the maximum": (
        {"scalingConfig": {"minSize": 0, "desiredSize": 5, "maxSize": 4}},
        "desired capacity 5",
    ),
    "warm spot instances": ({"capacityType": "SPOT", "warmPoolConfig": {"minSize": 1}}, "spot"),
    "Bottlerocket that goes back": (
        {"amiType": "BOTTLEROCKET_x86_64", "warmPoolConfig": {"reuseOnScaleIn": True}},
        "Bottlerocket",
    ),
    "Bottlerocket that hibernates": (
        {"amiType": "BOTTLEROCKET_ARM_64", "warmPoolConfig": {"poolState": "HIBERNATED"}},
        "Bottlerocket",
    ),
}

GOOD: dict[str, dict[str, Any]] = {
    "nothing more": {},
    "shares": {
        "updateConfig": {"maxUnavailablePercentage": 33},
        "nodeRepairConfig": {
            "maxParallelNodesRepairedCount": 1,
            "maxUnhealthyNodeThresholdPercentage": 1,
        },
    },
    "warm Bottlerocket": {
        "amiType": "BOTTLEROCKET_x86_64",
        "warmPoolConfig": {"poolState": "STOPPED", "reuseOnScaleIn": False},
    },
    "warm Amazon Linux": {
        "amiType": "AL2023_x86_64_STANDARD",
        "warmPoolConfig": {"reuseOnScaleIn": True},
    },
    "spot": {"capacityType": "SPOT"},
    "no nodes": {"scalingConfig": {"minSize": 0, "desiredSize": 0, "maxSize": 4}},
    "as many nodes as may be": {"scalingConfig": {"minSize": 4, "desiredSize": 4, "maxSize": 4}},
}


@pytest.mark.parametrize("case", BAD)
def test_what_aws_does_not_take_of_a_node_group_is_refused(case: str, cloud: Cloud) -> None:
    given, word = BAD[case]
    with refused(INVALID, word):
        make(cloud, GROUP, "nodes", **group(cloud, **deepcopy(given)))
    made = make(cloud, GROUP, "nodes", **group(cloud))
    with refused(INVALID, word):
        update(cloud, made, **group(cloud, **deepcopy(given)))


@pytest.mark.parametrize("case", GOOD)
def test_what_aws_takes_of_a_node_group_is_taken(case: str, cloud: Cloud) -> None:
    made = make(cloud, GROUP, "nodes", **group(cloud, **deepcopy(GOOD[case])))
    update(cloud, made, **group(cloud, **deepcopy(GOOD[case])))


def test_types_stand_on_a_group_whose_template_names_none(cloud: Cloud) -> None:
    make(cloud, GROUP, "nodes", **group(cloud, "mixed", instanceTypes=["m7i.large", "m6i.large"]))


def test_an_older_group_stays_and_a_new_one_is_of_the_clusters_version(cloud: Cloud) -> None:
    with refused(INVALID, "version 1.34, not the cluster's 1.35"):
        make(cloud, GROUP, "nodes", **group(cloud, version="1.34"))
    made = make(cloud, GROUP, "nodes", **group(cloud))
    [cluster] = cloud.of_type(CLUSTER)
    update(cloud, cluster, **{**cluster.inputs, "version": "1.36"})
    update(cloud, made, **group(cloud, labels={"team": "a"}))
    update(cloud, made, **group(cloud, version="1.36"))


def test_a_minor_of_two_digits_is_newer_than_one_of_one(cloud: Cloud) -> None:
    [cluster] = cloud.of_type(CLUSTER)
    update(cloud, cluster, **{**cluster.inputs, "version": "1.9"})
    made = make(cloud, GROUP, "nodes", **group(cloud, version="1.9"))
    with refused(INVALID, "1.10"):
        update(cloud, made, **group(cloud, version="1.10"))


def test_only_an_auto_scaling_group_that_is_there_can_be_tagged(cloud: Cloud) -> None:
    tag = {"key": "ha-eks:cell", "value": "cell", "propagateAtLaunch": False}
    with refused("ValidationError", "no group eks-nodes"):
        make(cloud, TAG, "tag", autoscalingGroupName="eks-nodes", tag=tag)
    made = make(cloud, GROUP, "nodes", **group(cloud))
    name = made.outputs["resources"][0]["autoscalingGroups"][0]["name"]
    assert make(cloud, TAG, "tag", autoscalingGroupName=name, tag=tag).id == f"{name},ha-eks:cell"
