"""Outputs of resources of the fake cloud, also in a preview."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pulumi
import pytest
from pulumi.runtime.rpc import UNKNOWN

from tests.tools.rehearsal.clouds import (
    cloud_for,
    created_by,
    delete,
    inputs_of,
    make,
    update,
    urn_of,
)
from tools.recording import Recording
from tools.recording.made_up_outputs import ACCOUNT, MadeUpOutputs
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.fake_cloud.cloud_resource import outputs_after_update
from tools.rehearsal.fake_cloud.references import Values

EIP = "aws:ec2/eip:Eip"
LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ROLE = "aws:iam/role:Role"
CLUSTER = "aws:eks/cluster:Cluster"
ARN = f"arn:aws:iam::{ACCOUNT}:role/missing"


def cluster_in(cloud: FakeCloud, name: str = "cell") -> Any:
    return make(cloud, CLUSTER, "cluster", name=name, vpcConfig={"endpointPublicAccess": True})


def test_made_up_outputs_are_those_of_the_recording(recording: Recording) -> None:
    cloud, made_up_outputs = cloud_for(recording), MadeUpOutputs(recording.settings.aws.region)
    for each in created_by(recording):
        resource = cloud.create(each.type, each.urn, inputs_of(each))
        id_, outputs = made_up_outputs.new_resource(
            pulumi.runtime.MockResourceArgs(each.type, each.name, inputs_of(each), custom=True)
        )
        assert (resource.id, resource.outputs) == (id_, outputs), (
            "check_inventory would compare other names"
        )
        assert (resource.type, resource.urn, resource.inputs) == (each.type, each.urn, each.inputs)


OUTPUTS = {"arn": "a", "vpcConfig": {"subnetIds": [1], "public": True, "group": "sg"}, "tags": {}}
INPUTS: Values = {"vpcConfig": {"subnetIds": [1], "public": True}, "tags": {}}


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (INPUTS, OUTPUTS),
        (
            {**INPUTS, "vpcConfig": {"subnetIds": [1, 2], "public": True}},
            {**OUTPUTS, "vpcConfig": {"subnetIds": [1, 2], "public": True, "group": "sg"}},
        ),
        (
            {**INPUTS, "vpcConfig": {"subnetIds": [1]}},
            {**OUTPUTS, "vpcConfig": {"subnetIds": [1], "group": "sg"}},
        ),
        (
            {**INPUTS, "vpcConfig": {"subnetIds": [1], "public": True, "new": 1}},
            {**OUTPUTS, "vpcConfig": {**OUTPUTS["vpcConfig"], "new": 1}},
        ),
        ({"tags": {}}, {"arn": "a", "vpcConfig": {"group": "sg"}, "tags": {}}),
        ({"vpcConfig": INPUTS["vpcConfig"]}, {"arn": "a", "vpcConfig": OUTPUTS["vpcConfig"]}),
        ({**INPUTS, "tags": {"a": {"b": 1}}}, {**OUTPUTS, "tags": {"a": {"b": 1}}}),
        ({**INPUTS, "version": "1.36"}, {**OUTPUTS, "version": "1.36"}),
        ({**INPUTS, "tags": None}, {**OUTPUTS, "tags": {}}),
        ({**INPUTS, "vpcConfig": UNKNOWN}, {**OUTPUTS, "vpcConfig": UNKNOWN}),
    ],
)
def test_an_update_keeps_outputs_that_aws_decided_and_drops_removed_inputs(
    new: Values, expected: Values
) -> None:
    outputs, old, changed = deepcopy(OUTPUTS), deepcopy(INPUTS), deepcopy(new)
    assert outputs_after_update(outputs, old, changed) == expected
    assert (outputs, old, changed) == (OUTPUTS, INPUTS, new), "the arguments were changed"


def test_an_output_of_an_input_is_removed_with_the_input() -> None:
    assert outputs_after_update({"a": 1, "b": {"c": 1}}, {"a": 1, "b": {"c": 1}}, {}) == {}
    assert outputs_after_update({"a": [1, 2]}, {"a": [1, 2]}, {"a": [2]}) == {"a": [2]}


def test_an_updated_cluster_keeps_its_endpoint_and_security_group(cloud: FakeCloud) -> None:
    cluster = cluster_in(cloud)
    before = deepcopy(cluster.outputs)
    vpc: Values = {"endpointPublicAccess": False}
    update(cloud, cluster, name="cell", version="1.36", vpcConfig=vpc)
    group = before["vpcConfig"]["clusterSecurityGroupId"]
    assert cluster.outputs == {
        **before,
        "version": "1.36",
        "vpcConfig": {"endpointPublicAccess": False, "clusterSecurityGroupId": group},
    }


def test_an_update_of_a_launch_template_is_a_new_version(cloud: FakeCloud) -> None:
    template = make(cloud, LAUNCH_TEMPLATE, "nodes", instanceType="m7i.large")
    assert template.outputs["latestVersion"] == 1
    for version in (2, 3):
        update(cloud, template, instanceType=f"m{version}i.large")
        assert template.outputs["latestVersion"] == version, (
            "no node would use the changed template"
        )
    address = make(cloud, EIP, "one")
    update(cloud, address, domain="vpc")
    assert "latestVersion" not in address.outputs


def test_a_preview_knows_the_inputs_and_no_other_outputs(cloud: FakeCloud) -> None:
    inputs = {"name": "cell", "vpcConfig": {"endpointPublicAccess": True}, "roleArn": ARN}
    previewed = cloud.preview_outputs(CLUSTER, urn_of(CLUSTER, "cluster"), inputs)
    assert previewed == {
        "name": "cell",
        "roleArn": ARN,
        **dict.fromkeys(("arn", "endpoint", "certificateAuthority", "vpcConfig"), UNKNOWN),
    }
    assert cloud.preview_outputs(ROLE, urn_of(ROLE, "nodes"), {}) == dict.fromkeys(
        ("name", "arn"), UNKNOWN
    )
    assert cloud.preview_outputs(EIP, urn_of(EIP, "one"), {"domain": UNKNOWN})["domain"] == UNKNOWN
    assert (cloud.resources, cloud.operations) == ({}, []), "the preview created a resource"


def test_previewed_outputs_of_a_recording_equal_the_created_ones(
    previewed: Callable[[str], Recording],
) -> None:
    recording = previewed("dev")
    cloud = cloud_for(recording)
    for each in created_by(recording):
        outputs = cloud.preview_outputs(each.type, each.urn, inputs_of(each))
        resource = cloud.create(each.type, each.urn, inputs_of(each))
        assert set(outputs) == set(resource.outputs)
        wrong = {k for k, v in outputs.items() if v not in (UNKNOWN, resource.outputs[k])}
        assert not wrong, f"{each.urn}: the preview shows another value than up"


def test_an_output_is_known_only_while_its_resource_exists(cloud: FakeCloud) -> None:
    urn = urn_of(ROLE, "nodes")
    assert cloud.output(urn, "arn") == UNKNOWN
    role = make(cloud, ROLE, "nodes")
    make(cloud, ROLE, "others")
    assert cloud.output(urn, "arn") == role.outputs["arn"]
    delete(cloud, role)
    assert cloud.output(urn, "arn") == UNKNOWN
