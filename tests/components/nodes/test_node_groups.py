import base64
import email
import json
import re
from typing import Any

import pulumi
import pytest
import yaml

from components.nodes import NodeGroups, NodeGroupsArgs
from components.nodes.user_data import user_data
from core.node_group_size import RunningSize
from settings.pool.kubelet import Kubelet
from settings.pool.pools import Pool
from tests.components.deploy import Deployed, context, deploy, show, with_aws

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")

GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
TAG = "aws:autoscaling/tag:Tag"
RESERVATION = "aws:ec2/capacityReservation:CapacityReservation"


def pool(**changes: Any) -> Pool:
    defaults = {"instanceTypes": ("m7i.large",), "perZone": {"min": 2, "max": 8}}
    return Pool.model_validate({**defaults, **changes})


def nodes(
    zones_in: tuple[str, ...] = ZONES,
    running: dict[tuple[str, str], RunningSize] | None = None,
    **pools: Pool,
) -> Deployed:
    def build() -> None:
        egress = {zone: [pulumi.ComponentResource("test:index:Egress", zone)] for zone in ZONES}
        args = NodeGroupsArgs(
            context=context(cluster_name="cluster-of-prod"),
            pools=pools,
            kubernetes_version="1.36",
            subnet_ids={zone: f"subnet-{zone}" for zone in ZONES},
            zones_in=zones_in,
            running=running or {},
            egress=egress,
            before_nodes=[],
            tags={"team": "a", "Name": "of the stack file"},
        )
        show(spot_groups=NodeGroups("nodes", args, with_aws()).spot_groups)

    return deploy(build)


def groups(**changes: Any) -> list[dict[str, Any]]:
    """Returns the inputs of the node groups of one pool, one per zone."""
    found = [each.inputs for each in nodes(general=pool(**changes)).of_type(GROUP)]
    assert len(found) == len(ZONES)
    return found


def template(**changes: Any) -> dict[str, Any]:
    """Returns the inputs of the launch template of one pool."""
    return nodes(general=pool(**changes)).one(TEMPLATE).inputs


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
    pools = {name: pool(capacityType=capacity) for name, capacity in capacities.items()}
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


def test_pods_cannot_get_the_credentials_of_the_node() -> None:
    assert template()["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }


def test_the_volume_is_encrypted_and_has_the_size_of_the_stack_file() -> None:
    (device,) = template(diskGib=80)["blockDeviceMappings"]
    assert device["ebs"] == {
        "volumeType": "gp3",
        "volumeSize": 80,
        "encrypted": "true",
        "deleteOnTermination": "true",
    }


@pytest.mark.parametrize(
    ("ami_type", "name"),
    [
        ("AL2023_x86_64_STANDARD", "/dev/xvda"),
        ("AL2023_ARM_64_STANDARD", "/dev/xvda"),
        ("BOTTLEROCKET_x86_64", "/dev/xvdb"),
        ("BOTTLEROCKET_ARM_64", "/dev/xvdb"),
    ],
)
def test_the_volume_setting_is_for_the_device_of_containers(ami_type: str, name: str) -> None:
    (device,) = template(amiType=ami_type)["blockDeviceMappings"]
    assert device["deviceName"] == name


def test_a_single_instance_type_is_in_the_launch_template() -> None:
    cell = nodes(general=pool(instanceTypes=("m7i.large",)))
    assert cell.one(TEMPLATE).inputs["instanceType"] == "m7i.large"
    group = cell.one(GROUP, "nodes-general-us-east-1a").inputs
    assert "instanceTypes" not in group


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


@pytest.mark.parametrize(
    ("size", "desired"),
    [
        ({"min": 2, "max": 8}, 2),
        ({"min": 2, "max": 8, "initial": 5}, 5),
        ({"min": 0, "max": 8, "initial": 0}, 0),
        ({"min": 0, "max": 8}, 0),
    ],
)
def test_a_node_group_starts_with_its_initial_or_minimum_size(
    size: dict[str, int], desired: int
) -> None:
    for group in groups(perZone=size):
        assert group["scalingConfig"] == {
            "minSize": size["min"],
            "maxSize": size["max"],
            "desiredSize": desired,
        }


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


def sizes(cell: Deployed) -> list[tuple[int, int, int]]:
    """Returns minimum, desired and maximum size of each node group."""
    return [
        (size["minSize"], size["desiredSize"], size["maxSize"])
        for size in (each.inputs["scalingConfig"] for each in cell.of_type(GROUP))
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"min": 2, "max": 8}, (3, 3, 8)),
        ({"min": 2, "max": 8, "initial": 2}, (3, 3, 8)),
        ({"min": 2, "max": 8, "initial": 5}, (3, 5, 8)),
        ({"min": 0, "max": 8}, (0, 0, 8)),
    ],
)
def test_the_minimum_of_a_zone_that_is_out_moves_to_the_other_zones(
    changes: dict[str, int], expected: tuple[int, int, int]
) -> None:
    cell = nodes(zones_in=ZONES[:2], general=pool(perZone=changes))
    assert sizes(cell) == [expected, expected, (0, 0, 8)]


def test_a_single_zone_has_the_minimum_of_all_zones() -> None:
    cell = nodes(zones_in=ZONES[1:2], general=pool())
    assert sizes(cell) == [(0, 0, 8), (6, 6, 8), (0, 0, 8)]


def test_a_spanning_node_group_keeps_its_size_when_a_zone_is_out() -> None:
    cell = nodes(zones_in=ZONES[:2], general=pool(layout="spanning"))
    assert sizes(cell) == [(6, 6, 24)]


@pytest.mark.parametrize(
    ("limits", "now", "sent"),
    [
        ((2, 8), 7, 4), ((0, 8), 0, 2), ((0, 8), 7, 7), ((2, 6), 6, 6), ((2, 12), 7, 7),
        ((2, 12), 12, 8),
    ],
)  # fmt: skip
def test_new_limits_are_sent_with_the_nearest_size_that_they_allow(
    limits: tuple[int, int], now: int, sent: int
) -> None:
    """With unchanged limits, Pulumi ignores the desired size: the initial size, here 4, is sent."""
    size = {"min": 2, "max": 8, "initial": 4}
    running = dict.fromkeys((("general", zone) for zone in ZONES), running_size(*limits, now))
    assert sizes(nodes(running=running, general=pool(perZone=size))) == [(2, sent, 8)] * 3


def running_size(minimum: int, maximum: int, desired: int) -> RunningSize:
    return RunningSize(min=minimum, desired=desired, max=maximum)


def test_each_node_group_uses_its_own_current_size() -> None:
    running = {
        ("general", ZONES[0]): running_size(0, 8, 1),
        ("batch", ZONES[1]): running_size(0, 8, 1),
        ("general", ZONES[2]): running_size(2, 8, 6),
    }
    cell = nodes(running=running, general=pool(perZone={"min": 2, "max": 8, "initial": 3}))
    assert sizes(cell) == [(2, 2, 8), (2, 3, 8), (2, 3, 8)]


def test_there_is_no_warm_pool_by_default() -> None:
    for group in groups():
        assert "warmPoolConfig" not in group


@pytest.mark.parametrize(
    ("layout", "changes", "config"),
    [
        (
            "perZone",
            {},
            {"minSize": 0, "maxGroupPreparedCapacity": -1, "poolState": "STOPPED"},
        ),
        (
            "perZone",
            {"min": 1, "maxPrepared": 4, "state": "RUNNING"},
            {"minSize": 1, "maxGroupPreparedCapacity": 4, "poolState": "RUNNING"},
        ),
        (
            "spanning",
            {"min": 1, "maxPrepared": 4},
            {"minSize": 3, "maxGroupPreparedCapacity": 12, "poolState": "STOPPED"},
        ),
    ],
)
def test_a_warm_pool_has_its_size_in_each_zone(
    layout: str, changes: dict[str, object], config: dict[str, object]
) -> None:
    cell = nodes(general=pool(layout=layout, warmPool=changes))
    for group in cell.of_type(GROUP):
        assert group.inputs["warmPoolConfig"] == {**config, "reuseOnScaleIn": False}


def test_a_warm_pool_can_reuse_instances_on_scale_in() -> None:
    for group in groups(warmPool={"reuseOnScaleIn": True}):
        assert group["warmPoolConfig"]["reuseOnScaleIn"] is True


def node_config(encoded: str) -> dict[str, Any]:
    """Returns the kubelet configuration of user data, which has one MIME part."""
    message = email.message_from_bytes(base64.b64decode(encoded, validate=True))
    assert message["MIME-Version"] == "1.0"
    assert message.get_content_type() == "multipart/mixed"
    assert message.defects == []
    _, part = message.walk()
    assert part.get_content_type() == "application/node.eks.aws"
    document = yaml.safe_load(part.get_payload())
    assert document["apiVersion"] == "node.eks.aws/v1alpha1"
    assert document["kind"] == "NodeConfig"
    assert list(document["spec"]) == ["kubelet"]
    return document["spec"]["kubelet"]["config"]


def test_default_kubelet_settings_need_no_user_data() -> None:
    assert "userData" not in template()
    assert "userData" not in template(kubelet={"shutdownGraceSeconds": 150})


def test_user_data_sets_graceful_shutdown_and_reserved_resources() -> None:
    changes = {
        "shutdownGraceSeconds": 120,
        "systemReserved": {"cpu": "100m", "memory": "256Mi"},
        "kubeReserved": {"memory": "1Gi"},
    }
    assert node_config(template(kubelet=changes)["userData"]) == {
        "shutdownGracePeriod": "120s",
        "shutdownGracePeriodCriticalPods": "30s",
        "systemReserved": {"cpu": "100m", "memory": "256Mi"},
        "kubeReserved": {"memory": "1Gi"},
    }


def test_a_cpu_quantity_without_unit_is_a_string() -> None:
    changes = {"kubeReserved": {"cpu": "1"}}
    config = node_config(template(kubelet=changes)["userData"])
    assert config["kubeReserved"] == {"cpu": "1"}
    assert "systemReserved" not in config


def test_the_same_kubelet_settings_return_the_same_user_data() -> None:
    kubelet = {"shutdownGraceSeconds": 60, "kubeReserved": {"memory": "1Gi", "cpu": "1"}}
    first, second = (user_data(Kubelet.model_validate(changes)) for changes in (
        kubelet, dict(reversed(kubelet.items())),
    ))  # fmt: skip
    assert first == second, "each `up` would roll the nodes"


def test_instances_volumes_and_interfaces_have_the_tags_of_cell_and_pool() -> None:
    specifications = {
        each["resourceType"]: each["tags"] for each in template()["tagSpecifications"]
    }
    assert set(specifications) == {"instance", "volume", "network-interface"}
    for tags in specifications.values():
        assert tags == {
            "team": "a",
            "Name": "prod-general",
            "ha-eks:cell": "prod",
            "ha-eks:pool": "general",
        }


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
