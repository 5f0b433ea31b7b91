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
from settings.pool.kubelet import Kubelet
from settings.pool.pools import Pool
from tests.components.deploy import Deployed, context, deploy, show, with_aws

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")

GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
TAG = "aws:autoscaling/tag:Tag"
RESERVATION = "aws:ec2/capacityReservation:CapacityReservation"


def pool(**given: Any) -> Pool:
    defaults = {"instanceTypes": ("m7i.large",), "perZone": {"min": 2, "max": 8}}
    return Pool.model_validate({**defaults, **given})


def nodes(
    zones_in: tuple[str, ...] = ZONES,
    running: dict[tuple[str, str], int] | None = None,
    **pools: Pool,
) -> Deployed:
    def build() -> None:
        # Whatever makes a subnet reach AWS; its kind does not matter here.
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


def groups(**given: Any) -> list[dict[str, Any]]:
    """Inputs of the node groups of one pool, one a zone."""
    found = [each.inputs for each in nodes(general=pool(**given)).of_type(GROUP)]
    assert len(found) == len(ZONES)
    return found


def template(**given: Any) -> dict[str, Any]:
    """Inputs of the launch template of one pool."""
    return nodes(general=pool(**given)).one(TEMPLATE).inputs


def test_every_pool_has_a_group_in_every_zone_s_own_subnet() -> None:
    made = nodes(general=pool(), batch=pool()).of_type(GROUP)
    assert {each.name: each.inputs["subnetIds"] for each in made} == {
        f"nodes-{name}-{zone}": [f"subnet-{zone}"]
        for name in ("general", "batch")
        for zone in ZONES
    }


def test_spot_groups_are_known_by_their_auto_scaling_groups_names_and_no_others_are() -> None:
    alike = {"spot": "SPOT", "spot-us": "ON_DEMAND", "spo": "ON_DEMAND", "us-spot": "ON_DEMAND"}
    pools = {name: pool(capacityType=capacity) for name, capacity in alike.items()}
    spanning = pool(capacityType="SPOT", layout="spanning")
    cell = nodes(wide=spanning, **pools)
    matched = [
        group.name
        for group in cell.of_type(GROUP)
        for pattern in cell.shown()["spot_groups"]
        if re.search(pattern, cell.one(TAG, f"{group.name}-name").inputs["autoscalingGroupName"])
    ]
    assert sorted(matched) == [*(f"nodes-spot-{zone}" for zone in ZONES), "nodes-wide-spanning"]


def test_the_groups_of_a_pool_use_its_launch_template() -> None:
    cell = nodes(general=pool(), batch=pool())
    for name in ("general", "batch"):
        id_ = cell.id_of(cell.one(TEMPLATE, f"nodes-{name}"))
        for zone in ZONES:
            group = cell.one(GROUP, f"nodes-{name}-{zone}").inputs
            assert group["launchTemplate"] == {"id": id_, "version": "1"}


def test_pods_cannot_take_the_node_s_credentials() -> None:
    assert template()["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }


def test_the_volume_is_encrypted_gp3_of_the_size_asked_for() -> None:
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
def test_the_volume_is_the_one_that_holds_containers(ami_type: str, name: str) -> None:
    (device,) = template(amiType=ami_type)["blockDeviceMappings"]
    assert device["deviceName"] == name


def test_one_instance_type_stands_in_the_launch_template_where_it_can_be_changed() -> None:
    cell = nodes(general=pool(instanceTypes=("m7i.large",)))
    assert cell.one(TEMPLATE).inputs["instanceType"] == "m7i.large"
    group = cell.one(GROUP, "nodes-general-us-east-1a").inputs
    assert "instanceTypes" not in group


def test_several_instance_types_stand_on_the_group() -> None:
    cell = nodes(general=pool(instanceTypes=("m7i.large", "m6i.large"), capacityType="SPOT"))
    assert "instanceType" not in cell.one(TEMPLATE).inputs
    group = cell.one(GROUP, "nodes-general-us-east-1a").inputs
    assert group["instanceTypes"] == ["m7i.large", "m6i.large"]
    assert group["capacityType"] == "SPOT"


@pytest.mark.parametrize(
    ("given", "config"),
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
def test_eks_repairs_nodes_within_the_thresholds_asked_for(
    given: dict[str, object], config: dict[str, object]
) -> None:
    for group in groups(repair=given):
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
def test_a_group_begins_with_its_initial_size_or_its_smallest(
    size: dict[str, int], desired: int
) -> None:
    for group in groups(perZone=size):
        assert group["scalingConfig"] == {
            "minSize": size["min"],
            "maxSize": size["max"],
            "desiredSize": desired,
        }


def test_eks_chooses_the_ami_by_the_type_and_version_on_the_group() -> None:
    cell = nodes(general=pool(amiType="BOTTLEROCKET_x86_64", releaseVersion="1.36.1-20261101"))
    assert "imageId" not in cell.one(TEMPLATE).inputs
    group = cell.one(GROUP, "nodes-general-us-east-1b").inputs
    assert group["amiType"] == "BOTTLEROCKET_x86_64"
    assert group["version"] == "1.36"
    assert group["releaseVersion"] == "1.36.1-20261101"


def test_labels_are_those_asked_for_and_the_pool_s_name() -> None:
    for group in groups(labels={"team": "a"}):
        assert group["labels"] == {"team": "a", "ha-eks/pool": "general"}


def test_taints_are_those_asked_for() -> None:
    taints = ({"key": "gpu", "value": "yes", "effect": "NO_EXECUTE"}, {"key": "batch"})
    for group in groups(taints=taints):
        assert group["taints"] == [
            {"key": "gpu", "value": "yes", "effect": "NO_EXECUTE"},
            {"key": "batch", "value": "", "effect": "NO_SCHEDULE"},
        ]


@pytest.mark.parametrize(
    ("given", "config"),
    [
        ({}, {"maxUnavailablePercentage": 33}),
        ({"maxUnavailablePercentage": 20}, {"maxUnavailablePercentage": 20}),
        ({"maxUnavailable": 2}, {"maxUnavailable": 2}),
        ({"strategy": "DEFAULT"}, {"maxUnavailablePercentage": 33}),
    ],
)
def test_an_update_takes_the_nodes_asked_for_and_launches_before_it_drains(
    given: dict[str, object], config: dict[str, object]
) -> None:
    for group in groups(update=given):
        assert group["updateConfig"] == {**config, "updateStrategy": "DEFAULT"}


def test_a_spanning_pool_is_one_group_of_all_zones_and_their_nodes() -> None:
    cell = nodes(general=pool(layout="spanning", perZone={"min": 2, "max": 8, "initial": 3}))
    group = cell.one(GROUP, "nodes-general-spanning").inputs
    assert group["subnetIds"] == [f"subnet-{zone}" for zone in ZONES]
    assert group["scalingConfig"] == {"minSize": 6, "maxSize": 24, "desiredSize": 9}
    assert cell.of_type(GROUP) == [cell.one(GROUP)]


def sizes(cell: Deployed) -> list[tuple[int, int, int]]:
    """Minimum, desired and maximum of each group."""
    return [
        (size["minSize"], size["desiredSize"], size["maxSize"])
        for size in (each.inputs["scalingConfig"] for each in cell.of_type(GROUP))
    ]


@pytest.mark.parametrize(
    ("given", "moved"),
    [
        ({"min": 2, "max": 8}, (3, 3, 8)),
        ({"min": 2, "max": 8, "initial": 2}, (3, 3, 8)),
        ({"min": 2, "max": 8, "initial": 5}, (3, 5, 8)),
        ({"min": 0, "max": 8}, (0, 0, 8)),
    ],
)
def test_what_a_zone_that_is_out_would_hold_the_others_do(
    given: dict[str, int], moved: tuple[int, int, int]
) -> None:
    cell = nodes(zones_in=ZONES[:2], general=pool(perZone=given))
    assert sizes(cell) == [moved, moved, (0, 0, 8)]


def test_the_only_zone_that_is_in_holds_all() -> None:
    cell = nodes(zones_in=ZONES[1:2], general=pool())
    assert sizes(cell) == [(0, 0, 8), (6, 6, 8), (0, 0, 8)]


def test_a_group_over_all_zones_stays_as_it_is() -> None:
    cell = nodes(zones_in=ZONES[:2], general=pool(layout="spanning"))
    assert sizes(cell) == [(6, 6, 24)]


@pytest.mark.parametrize(
    ("now", "sent"),
    [(0, 2), (1, 2), (2, 4), (3, 4), (8, 4), (9, 8), (12, 8)],
)
def test_a_group_that_runs_has_the_nearest_size_that_is_allowed(now: int, sent: int) -> None:
    """Its initial size stands for one that is ignored."""
    size = {"min": 2, "max": 8, "initial": 4}
    running = {("general", zone): now for zone in ZONES}
    assert sizes(nodes(running=running, general=pool(perZone=size))) == [(2, sent, 8)] * 3


def test_a_group_goes_by_its_own_nodes() -> None:
    running = {("general", ZONES[0]): 1, ("batch", ZONES[1]): 1, ("general", ZONES[2]): 6}
    cell = nodes(running=running, general=pool(perZone={"min": 2, "max": 8, "initial": 3}))
    assert sizes(cell) == [(2, 2, 8), (2, 3, 8), (2, 3, 8)]


def test_no_instances_are_kept_warm_unless_asked_for() -> None:
    for group in groups():
        assert "warmPoolConfig" not in group


@pytest.mark.parametrize(
    ("layout", "given", "config"),
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
def test_a_warm_pool_is_of_the_size_asked_for_in_each_zone(
    layout: str, given: dict[str, object], config: dict[str, object]
) -> None:
    cell = nodes(general=pool(layout=layout, warmPool=given))
    for group in cell.of_type(GROUP):
        assert group.inputs["warmPoolConfig"] == {**config, "reuseOnScaleIn": False}


def test_a_warm_pool_may_take_nodes_back() -> None:
    for group in groups(warmPool={"reuseOnScaleIn": True}):
        assert group["warmPoolConfig"]["reuseOnScaleIn"] is True


def node_config(encoded: str) -> dict[str, Any]:
    """The only part of a MIME document of user data."""
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


def test_nodes_are_told_nothing_that_the_ami_does_by_itself() -> None:
    assert "userData" not in template()
    assert "userData" not in template(kubelet={"shutdownGraceSeconds": 150})


def test_the_kubelet_is_told_its_shutdown_and_what_is_reserved() -> None:
    given = {
        "shutdownGraceSeconds": 120,
        "systemReserved": {"cpu": "100m", "memory": "256Mi"},
        "kubeReserved": {"memory": "1Gi"},
    }
    assert node_config(template(kubelet=given)["userData"]) == {
        "shutdownGracePeriod": "120s",
        "shutdownGracePeriodCriticalPods": "30s",
        "systemReserved": {"cpu": "100m", "memory": "256Mi"},
        "kubeReserved": {"memory": "1Gi"},
    }


def test_a_cpu_that_looks_like_a_number_is_told_as_text() -> None:
    given = {"kubeReserved": {"cpu": "1"}}
    config = node_config(template(kubelet=given)["userData"])
    assert config["kubeReserved"] == {"cpu": "1"}
    assert "systemReserved" not in config


def test_the_same_kubelet_is_the_same_user_data() -> None:
    kubelet = {"shutdownGraceSeconds": 60, "kubeReserved": {"memory": "1Gi", "cpu": "1"}}
    first, second = (user_data(Kubelet.model_validate(given)) for given in (
        kubelet, dict(reversed(kubelet.items())),
    ))  # fmt: skip
    assert first == second, "every `up` would roll the nodes"


def test_what_ec2_launches_has_the_tags_of_the_cell_and_of_the_pool() -> None:
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
        shown = group.name.replace("nodes-", "prod-")
        for what, key, value in (("cell", "ha-eks:cell", "prod"), ("name", "Name", shown)):
            tag = cell.one(TAG, f"{group.name}-{what}").inputs
            assert tag["tag"] == {"key": key, "value": value, "propagateAtLaunch": False}
            assert tag["autoscalingGroupName"].startswith(f"eks-{group.name}-")
    assert len(cell.of_type(TAG)) == 2 * len(cell.of_type(GROUP))


@pytest.mark.parametrize("layout", ["perZone", "spanning"])
def test_capacity_is_reserved_in_each_zone(layout: str) -> None:
    size = {"min": 2, "max": 8, "reserved": 3}
    cell = nodes(general=pool(layout=layout, perZone=size), batch=pool())
    for zone in ZONES:
        given = cell.one(RESERVATION, f"nodes-general-{zone}").inputs
        assert given == {
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
    used = cell.one(TEMPLATE, "nodes-general").inputs["capacityReservationSpecification"]
    assert used == {"capacityReservationPreference": "open"}
    assert "capacityReservationSpecification" not in cell.one(TEMPLATE, "nodes-batch").inputs


def test_nobody_logs_in_by_ssh() -> None:
    cell = nodes(general=pool())
    assert not {"keyName", "imageId"} & set(cell.one(TEMPLATE).inputs)
    for group in cell.of_type(GROUP):
        assert "remoteAccess" not in group.inputs


def test_nodes_have_what_they_need_and_no_right_of_the_cni() -> None:
    cell = nodes(general=pool())
    (statement,) = json.loads(cell.one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "ec2.amazonaws.com"}
    attachments = cell.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert sorted(each.inputs["policyArn"].rpartition("/")[2] for each in attachments) == [
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKSWorkerNodePolicy",
        "AmazonSSMManagedInstanceCore",
    ]
