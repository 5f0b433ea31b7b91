"""Launch template of a pool: metadata, volumes, instance type and tags."""

import pytest

from tests.components.nodes.deployed_nodes import GROUP, TEMPLATE, nodes, pool, template


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
