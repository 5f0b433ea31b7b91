import json
from typing import Any

import pulumi
import pytest

from components.node_groups import NodeGroups, NodeGroupsArgs
from settings.pools import Pool
from tests.components.deploy import Deployed, deploy, with_aws

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")

GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"


def pool(**given: Any) -> Pool:
    defaults = {"instanceTypes": ("m7i.large",), "perZone": {"min": 2, "max": 8}}
    return Pool.model_validate({**defaults, **given})


def nodes(**pools: Pool) -> Deployed:
    def build() -> NodeGroups:
        # Whatever makes a subnet reach AWS; its kind does not matter here.
        egress = {zone: [pulumi.ComponentResource("test:index:Egress", zone)] for zone in ZONES}
        args = NodeGroupsArgs(
            pools=pools,
            cluster_name="prod",
            kubernetes_version="1.36",
            subnet_ids={zone: f"subnet-{zone}" for zone in ZONES},
            egress=egress,
            before_nodes=[],
        )
        return NodeGroups("nodes", args, with_aws())

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


def test_eks_repairs_nodes() -> None:
    for group in groups():
        assert group["nodeRepairConfig"] == {"enabled": True}


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


def test_an_update_takes_the_share_of_nodes_asked_for() -> None:
    for group in groups(maxUnavailablePercentage=20):
        assert group["updateConfig"] == {"maxUnavailablePercentage": 20}


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
