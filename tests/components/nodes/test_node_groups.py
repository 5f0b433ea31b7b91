"""Node groups of each pool and zone, and their capacity reservations and tags."""

import json
import re
from typing import Any

import pytest

from tests.components.nodes.deployed_nodes import (
    GROUP,
    RESERVATION,
    TAG,
    TEMPLATE,
    ZONES,
    groups,
    nodes,
    pool,
)


def test_every_pool_has_a_node_group_in_the_subnet_of_each_zone() -> None:
    created = nodes(general=pool(), batch=pool()).of_type(GROUP)
    assert {each.name: each.inputs["subnetIds"] for each in created} == {
        f"nodes-{name}-{zone}": [f"subnet-{zone}"]
        for name in ("general", "batch")
        for zone in ZONES
    }


def test_spot_patterns_match_the_auto_scaling_groups_of_spot_pools_only() -> None:
    capacities = {
        "spot": "SPOT",
        "spot-us": "ON_DEMAND",
        "spo": "ON_DEMAND",
        "us-spot": "ON_DEMAND",
    }
    pools: Any = {name: pool(capacityType=capacity) for name, capacity in capacities.items()}
    spanning = pool(capacityType="SPOT", layout="spanning")
    cell = nodes(wide=spanning, **pools)
    matched = [
        group.name
        for group in cell.of_type(GROUP)
        for pattern in cell.shown()["spot_groups"]
        if re.search(pattern, cell.one(TAG, f"{group.name}-name").inputs["autoscalingGroupName"])
    ]
    assert sorted(matched) == [*(f"nodes-spot-{zone}" for zone in ZONES), "nodes-wide-spanning"]


def test_node_groups_use_the_launch_template_of_their_pool() -> None:
    cell = nodes(general=pool(), batch=pool())
    for name in ("general", "batch"):
        id_ = cell.id_of(cell.one(TEMPLATE, f"nodes-{name}"))
        for zone in ZONES:
            group = cell.one(GROUP, f"nodes-{name}-{zone}").inputs
            assert group["launchTemplate"] == {"id": id_, "version": "1"}


def test_several_instance_types_are_on_the_node_group() -> None:
    cell = nodes(general=pool(instanceTypes=("m7i.large", "m6i.large"), capacityType="SPOT"))
    assert "instanceType" not in cell.one(TEMPLATE).inputs
    group = cell.one(GROUP, "nodes-general-us-east-1a").inputs
    assert group["instanceTypes"] == ["m7i.large", "m6i.large"]
    assert group["capacityType"] == "SPOT"


@pytest.mark.parametrize(
    ("changes", "config"),
    [
        ({}, {"enabled": True}),
        ({"enabled": False}, {"enabled": False}),
        (
            {"maxParallelCount": 2, "maxUnhealthyPercentage": 40},
            {
                "enabled": True,
                "maxParallelNodesRepairedCount": 2,
                "maxUnhealthyNodeThresholdPercentage": 40,
            },
        ),
        (
            {"maxParallelPercentage": 25, "maxUnhealthyCount": 3},
            {
                "enabled": True,
                "maxParallelNodesRepairedPercentage": 25,
                "maxUnhealthyNodeThresholdCount": 3,
            },
        ),
    ],
)
def test_node_repair_follows_the_stack_file(
    changes: dict[str, object], config: dict[str, object]
) -> None:
    for group in groups(repair=changes):
        assert group["nodeRepairConfig"] == config


def test_eks_chooses_the_ami_by_type_and_version() -> None:
    cell = nodes(general=pool(amiType="BOTTLEROCKET_x86_64", releaseVersion="1.36.1-20261101"))
    assert "imageId" not in cell.one(TEMPLATE).inputs
    group = cell.one(GROUP, "nodes-general-us-east-1b").inputs
    assert group["amiType"] == "BOTTLEROCKET_x86_64"
    assert group["version"] == "1.36"
    assert group["releaseVersion"] == "1.36.1-20261101"


def test_the_autoscaler_knows_the_storage_of_a_node_group_without_nodes() -> None:
    """https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/aws_manager.go"""
    key = "k8s.io/cluster-autoscaler/node-template/resources/ephemeral-storage"
    assert {each["tags"][key] for each in groups(diskGib=20)} == {"17039Mi"}, (
        "no node would be added for pods that request ephemeral storage"
    )


def test_labels_are_those_of_the_stack_file_and_the_pool() -> None:
    for group in groups(labels={"team": "a"}):
        assert group["labels"] == {"team": "a", "ha-eks/pool": "general"}


def test_taints_are_those_of_the_stack_file() -> None:
    taints = ({"key": "gpu", "value": "yes", "effect": "NO_EXECUTE"}, {"key": "batch"})
    for group in groups(taints=taints):
        assert group["taints"] == [
            {"key": "gpu", "value": "yes", "effect": "NO_EXECUTE"},
            {"key": "batch", "value": "", "effect": "NO_SCHEDULE"},
        ]


@pytest.mark.parametrize(
    ("changes", "config"),
    [
        ({}, {"maxUnavailablePercentage": 33}),
        ({"maxUnavailablePercentage": 20}, {"maxUnavailablePercentage": 20}),
        ({"maxUnavailable": 2}, {"maxUnavailable": 2}),
        ({"strategy": "DEFAULT"}, {"maxUnavailablePercentage": 33}),
    ],
)
def test_an_update_launches_new_nodes_before_it_drains_old_ones(
    changes: dict[str, object], config: dict[str, object]
) -> None:
    for group in groups(update=changes):
        assert group["updateConfig"] == {**config, "updateStrategy": "DEFAULT"}


def test_a_spanning_pool_has_one_node_group_over_all_zones() -> None:
    cell = nodes(general=pool(layout="spanning", perZone={"min": 2, "max": 8, "initial": 3}))
    group = cell.one(GROUP, "nodes-general-spanning").inputs
    assert group["subnetIds"] == [f"subnet-{zone}" for zone in ZONES]
    assert group["scalingConfig"] == {"minSize": 6, "maxSize": 24, "desiredSize": 9}
    assert cell.of_type(GROUP) == [cell.one(GROUP)]


@pytest.mark.parametrize("layout", ["perZone", "spanning"])
def test_auto_scaling_groups_have_the_tags_of_the_cell(layout: str) -> None:
    cell = nodes(general=pool(layout=layout))
    for group in cell.of_type(GROUP):
        label = group.name.replace("nodes-", "prod-")
        for part, key, value in (("cell", "ha-eks:cell", "prod"), ("name", "Name", label)):
            tag = cell.one(TAG, f"{group.name}-{part}").inputs
            assert tag["tag"] == {"key": key, "value": value, "propagateAtLaunch": False}
            assert tag["autoscalingGroupName"].startswith(f"eks-{group.name}-")
    assert len(cell.of_type(TAG)) == 2 * len(cell.of_type(GROUP))


@pytest.mark.parametrize("layout", ["perZone", "spanning"])
def test_capacity_is_reserved_in_each_zone(layout: str) -> None:
    size = {"min": 2, "max": 8, "reserved": 3}
    cell = nodes(general=pool(layout=layout, perZone=size), batch=pool())
    for zone in ZONES:
        changes = cell.one(RESERVATION, f"nodes-general-{zone}").inputs
        assert changes == {
            "availabilityZone": zone,
            "instanceType": "m7i.large",
            "instancePlatform": "Linux/UNIX",
            "instanceCount": 3,
            "instanceMatchCriteria": "open",
            "tenancy": "default",
            "endDateType": "unlimited",
            "tags": {"Name": f"prod-general-{zone}"},
        }
    assert len(cell.of_type(RESERVATION)) == len(ZONES)
    specification = cell.one(TEMPLATE, "nodes-general").inputs["capacityReservationSpecification"]
    assert specification == {"capacityReservationPreference": "open"}
    assert "capacityReservationSpecification" not in cell.one(TEMPLATE, "nodes-batch").inputs


def test_nodes_have_no_ssh_key() -> None:
    cell = nodes(general=pool())
    assert not {"keyName", "imageId"} & set(cell.one(TEMPLATE).inputs)
    for group in cell.of_type(GROUP):
        assert "remoteAccess" not in group.inputs


def test_the_node_role_has_no_permissions_of_the_cni() -> None:
    cell = nodes(general=pool())
    (statement,) = json.loads(cell.one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "ec2.amazonaws.com"}
    attachments = cell.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert sorted(each.inputs["policyArn"].rpartition("/")[2] for each in attachments) == [
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKSWorkerNodePolicy",
        "AmazonSSMManagedInstanceCore",
    ]
