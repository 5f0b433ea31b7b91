"""Constraints on the versions and configurations of EKS add-ons."""

import json
from typing import Any

import pytest

from tests.tools.rehearsal.clouds import empty_cloud, make, refused, update
from tools.rehearsal.constraints.add_ons import CONSTRAINTS
from tools.rehearsal.fake_cloud.cloud import CLUSTER, FakeCloud
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource

ADD_ON = "aws:eks/addon:Addon"
AGENTS = "amazon-cloudwatch-observability"


@pytest.fixture
def cloud() -> FakeCloud:
    cloud = empty_cloud("prod", constraints=CONSTRAINTS)
    vpc = {"endpointPublicAccess": True}
    make(cloud, CLUSTER, "cluster", name="prod", version="1.35", vpcConfig=vpc)
    return cloud


def make_add_on(cloud: FakeCloud, name: str, version: str, **values: Any) -> CloudResource:
    return make(
        cloud, ADD_ON, name, addonName=name, clusterName="prod", addonVersion=version,
        configurationValues=json.dumps(values),
    )  # fmt: skip


def test_a_version_for_another_kubernetes_version_is_refused(cloud: FakeCloud) -> None:
    [cluster] = cloud.of_type(CLUSTER)
    message = (
        "Addon version specified is not supported: coredns v1.36.0-eksbuild.1 with Kubernetes 1.35"
    )
    with refused("InvalidParameterException", message):
        make_add_on(cloud, "coredns", "v1.36.0-eksbuild.1")
    add_on = make_add_on(cloud, "coredns", "v1.35.0-eksbuild.1")
    with refused("InvalidParameterException", message):
        update(cloud, add_on, **{**add_on.inputs, "addonVersion": "v1.36.0-eksbuild.1"})
    update(cloud, cluster, **{**cluster.inputs, "version": "1.36"})
    update(cloud, add_on, **{**add_on.inputs, "addonVersion": "v1.36.0-eksbuild.1"})


def test_a_version_of_the_wrong_form_is_refused(cloud: FakeCloud) -> None:
    make_add_on(cloud, "kube-proxy", "v1.35.3-eksbuild.2")
    with refused(
        "InvalidParameterException",
        "Addon version specified is not supported: coredns 1.14.7 with Kubernetes 1.35",
    ):
        make_add_on(cloud, "coredns", "1.14.7")


@pytest.mark.parametrize(
    ("name", "version", "values", "key"),
    [
        ("coredns", "v1.35.0-eksbuild.1", {"replicas": 2}, "replicas"),
        ("metrics-server", "v0.8.0-eksbuild.3", {"replicas": 2}, "replicas"),
        ("vpc-cni", "v1.23.1-eksbuild.1", {"env": {"WARM": "1"}}, "env.WARM"),
        (AGENTS, "v6.1.0-eksbuild.1", {"otelContainerInsights": {"enabled": False}},
         "otelContainerInsights.enabled"),
        (AGENTS, "v6.4.0-eksbuild.1", {"otlp": {"enabled": False}}, "otlp.enabled"),
    ],
)  # fmt: skip
def test_a_key_that_the_version_does_not_have_is_refused(
    cloud: FakeCloud, name: str, version: str, values: dict[str, Any], key: str
) -> None:
    with refused(
        "InvalidParameterException",
        "ConfigurationValue provided in request is not supported: Json schema validation failed "
        f"with error: [$.{key}: is not defined in the schema and the schema does not allow "
        f"additional properties]: {name} {version}",
    ):
        make_add_on(cloud, name, version, **values)
    cloud.made_up_outputs.add_on_configurations = {name: values}
    make_add_on(cloud, name, version, **values)


def test_known_keys_are_accepted(cloud: FakeCloud) -> None:
    make_add_on(cloud, AGENTS, "v8.0.0-eksbuild.1", otlp={"enabled": False}, agents=[])
    make_add_on(
        cloud, "vpc-cni", "v1.23.1-eksbuild.1", eniConfig={"subnets": {"us-east-1a": {"id": "x"}}}
    )
