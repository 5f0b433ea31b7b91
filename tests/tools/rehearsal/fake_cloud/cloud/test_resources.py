"""Resources of the fake cloud: names, references, updates and deletions."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.tools.rehearsal.clouds import (
    REGION,
    build,
    cloud_for,
    created_by,
    delete,
    empty_cloud,
    make,
    names_in,
    refused,
    update,
    urn_of,
)
from tools.recording import Recording
from tools.recording.made_up_outputs import ACCOUNT
from tools.rehearsal.fake_cloud.cloud import FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.references import Values, namespace_of, strings_in

VPC = "aws:ec2/vpc:Vpc"
EIP = "aws:ec2/eip:Eip"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
CLUSTER = "aws:eks/cluster:Cluster"
ADD_ON = "aws:eks/addon:Addon"
ACCESS_ENTRY = "aws:eks/accessEntry:AccessEntry"
POD_IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
RECORD = "aws:route53/record:Record"
NAMESPACE = "kubernetes:core/v1:Namespace"
SERVICE = "kubernetes:core/v1:Service"
RELEASE = "kubernetes:helm.sh/v3:Release"
ID = "0123456789abcdef0"
ARN = f"arn:aws:iam::{ACCOUNT}:role/missing"
ARN_CHINA = ARN.replace("arn:aws:", "arn:aws-cn:")


def vpc_of(cloud: FakeCloud) -> str:
    return make(cloud, VPC, "network", cidrBlock="10.0.0.0/16").id


def cluster_in(cloud: FakeCloud, name: str = "cell") -> Any:
    return make(cloud, CLUSTER, "cluster", name=name, vpcConfig={"endpointPublicAccess": True})


def operations_of(cloud: FakeCloud) -> list[tuple[str, str, str | None]]:
    return [(each.verb, each.name, each.error) for each in cloud.operations]


def test_resources_follow_creations_updates_and_deletions(cloud: FakeCloud) -> None:
    assert cloud.resources == {}
    table = make(cloud, ROUTE_TABLE, "routes", vpcId=vpc_of(cloud))
    assert names_in(cloud) == {(VPC, "network"), (ROUTE_TABLE, "routes")}
    assert cloud.resources[ROUTE_TABLE, table.id] is table
    changed = update(cloud, table, vpcId=table.inputs["vpcId"], tags={"Name": "new"})
    assert changed is table
    assert table.inputs["tags"] == table.outputs["tags"] == {"Name": "new"}
    assert names_in(cloud) == {(VPC, "network"), (ROUTE_TABLE, "routes")}
    delete(cloud, table)
    assert names_in(cloud) == {(VPC, "network")}
    assert table not in cloud.of_type(ROUTE_TABLE, VPC)
    assert [each.type for each in cloud.of_type(ROUTE_TABLE, VPC)] == [VPC]


@pytest.mark.parametrize(
    ("inputs", "missing"),
    [
        *[
            ({"key": f"{kind}-{ID}"}, f"{kind}-{ID}")
            for kind in ("vpc", "subnet", "sg", "rtb", "igw", "nat", "eipalloc", "lt", "vpce")
        ],
        ({"roleArn": ARN}, ARN),
        ({"roleArn": ARN_CHINA}, ARN_CHINA),
        ({"clusterName": "cell"}, "cell"),
        ({"role": "missing"}, "missing"),
        ({"subnetIds": [f"subnet-{ID}"]}, f"subnet-{ID}"),
        ({"launchTemplate": {"id": f"lt-{ID}"}}, f"lt-{ID}"),
        ({"actions": [{"forward": [{"arn": ARN}]}]}, ARN),
        ({"policy": json.dumps({"Statement": [{"Resource": [ARN]}]})}, ARN),
    ],
)
def test_a_reference_to_a_missing_resource_is_refused(
    inputs: Values, missing: str, cloud: FakeCloud
) -> None:
    with refused("NotFound", f"{missing} does not exist"):
        make(cloud, SECURITY_GROUP, "one", **inputs)
    assert cloud.resources == {}
    existing = make(cloud, SECURITY_GROUP, "one")
    with refused("NotFound", f"{missing} does not exist"):
        update(cloud, existing, **inputs)
    assert existing.inputs == {}, "the refused update changed the resource"


def test_operations_in_a_copy_do_not_change_the_original(cloud: FakeCloud) -> None:
    address, other = make(cloud, EIP, "one", domain="vpc"), make(cloud, EIP, "other", domain="vpc")
    copy = cloud.copy()
    assert (copy.resources, copy.operations) == (cloud.resources, [])
    update(copy, address, domain="changed")
    delete(copy, other)
    make(copy, VPC, "vpc")
    assert cloud.resources == {(EIP, address.id): address, (EIP, other.id): other}
    assert address.inputs == {"domain": "vpc"}
    assert (cloud.of_type(VPC), [each.name for each in copy.of_type(EIP)]) == ([], ["one"])


def test_the_error_names_only_the_missing_reference(cloud: FakeCloud) -> None:
    make(cloud, ROLE, "nodes", name="nodes")
    with refused("NotFound", "cell does not exist"):
        make(cloud, ROLE_POLICY, "one", role="nodes", clusterName="cell")


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
        "arn:aws:iam::999999999999:role/of-others",
        f"arn:aws:elasticloadbalancing:*:{ACCOUNT}:targetgroup/*",
        "vpc-cni",
        "sg-short",
        f"sgr-{ID}",
        f"subnet-{ID}0",
        "subnet-0123456789abcdefg",
        f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/app:1",
        "{not json",
    ],
)
def test_text_that_is_no_reference_to_this_account_is_accepted(text: str, cloud: FakeCloud) -> None:
    assert make(cloud, SECURITY_GROUP, "one", key=[text]).inputs == {"key": [text]}


def test_ids_and_names_of_the_stack_file_exist_outside_the_stack() -> None:
    cloud = empty_cloud(ARN, "cell", f"vpc-{ID}")
    make(cloud, POD_IDENTITY, "one", clusterName="cell", roleArn=ARN, vpcId=f"vpc-{ID}")
    with refused("NotFound", f"subnet-{ID} does not exist"):
        make(cloud, NAT_GATEWAY, "two", subnetId=f"subnet-{ID}")


def test_a_reference_to_a_deleted_resource_is_refused(cloud: FakeCloud) -> None:
    role = make(cloud, ROLE, "nodes", name="nodes")
    delete(cloud, make(cloud, ROLE_POLICY, "one", role="nodes"))
    delete(cloud, role)
    with refused("NotFound", "nodes does not exist"):
        make(cloud, ROLE_POLICY, "one", role="nodes")


def test_a_resource_is_referred_to_by_id_arn_name_and_security_group(cloud: FakeCloud) -> None:
    role = make(cloud, ROLE, "nodes")
    cluster = cluster_in(cloud)
    group = cluster.outputs["vpcConfig"]["clusterSecurityGroupId"]
    make(cloud, POD_IDENTITY, "one", clusterName="cell", roleArn=role.outputs["arn"])
    make(cloud, ROLE_POLICY, "two", role=role.outputs["name"], clusterArn=cluster.outputs["arn"])
    make(cloud, SECURITY_GROUP, "three", securityGroupId=group, vpcId=vpc_of(cloud))


def test_a_resource_in_use_is_not_deleted(cloud: FakeCloud) -> None:
    vpc, role, cluster = vpc_of(cloud), make(cloud, ROLE, "nodes"), cluster_in(cloud)
    group = cluster.outputs["vpcConfig"]["clusterSecurityGroupId"]
    for used, inputs in (
        (cloud.resources[VPC, vpc], {"vpcId": vpc}),
        (role, {"nested": [{"arn": role.outputs["arn"]}]}),
        (role, {"role": role.outputs["name"]}),
        (cluster, {"clusterName": "cell"}),
        (cluster, {"groups": [group]}),
    ):
        user = make(cloud, SECURITY_GROUP, "user", **inputs)
        with refused("DependencyViolation", f"{used.id} is in use by {user.label}"):
            delete(cloud, used)
        assert cloud.resources[used.type, used.id] is used, (
            "the refused deletion deleted the resource"
        )
        delete(cloud, user)
    for resource in (role, cluster, cloud.resources[VPC, vpc]):
        delete(cloud, resource)
    assert cloud.resources == {}


def test_an_update_changes_the_references_of_a_resource(cloud: FakeCloud) -> None:
    first, second = make(cloud, EIP, "first"), make(cloud, EIP, "second")
    gateway = make(cloud, NAT_GATEWAY, "nat", allocationId=first.id)
    update(cloud, gateway, allocationId=second.id)
    delete(cloud, first)
    with refused("DependencyViolation", f"{second.id} is in use by {gateway.label}"):
        delete(cloud, second)


def test_a_resource_that_refers_to_itself_can_be_deleted(cloud: FakeCloud) -> None:
    group = make(cloud, SECURITY_GROUP, "own")
    update(cloud, group, source=group.id)
    delete(cloud, group)
    assert cloud.resources == {}


def test_a_namespace_with_the_name_of_the_cluster_can_be_deleted(cloud: FakeCloud) -> None:
    cluster_in(cloud, "shop")
    space = make(cloud, NAMESPACE, "shop", metadata={"name": "shop"})
    add_on = make(cloud, ADD_ON, "dns", addonName="coredns", clusterName="shop")
    delete(cloud, space)
    assert names_in(cloud) == {(CLUSTER, "cluster"), (ADD_ON, "dns")}
    delete(cloud, add_on)


def test_a_namespace_with_the_name_of_the_cluster_is_no_cluster(cloud: FakeCloud) -> None:
    make(cloud, NAMESPACE, "shop", metadata={"name": "shop"})
    with refused("NotFound", "shop does not exist"):
        make(cloud, ADD_ON, "dns", addonName="coredns", clusterName="shop")


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        (LOG_GROUP, {"name": "/aws/eks/cell/cluster"}),
        (ROLE, {"name": "nodes"}),
        (NAMESPACE, {"metadata": {"name": "web"}}),
        (SERVICE, {"metadata": {"name": "web", "namespace": "web"}}),
        (RELEASE, {"name": "scaler", "namespace": "scaler", "chart": "scaler"}),
        (ADD_ON, {"addonName": "coredns", "clusterName": "cell"}),
        (ACCESS_ENTRY, {"principalArn": ARN, "clusterName": "cell"}),
        (
            RECORD,
            {"zoneId": "Z1", "name": "a.example", "type": "A", "setIdentifier": "cell"},
        ),
    ],
)
def test_only_one_resource_has_a_fixed_name(type_: str, inputs: Values) -> None:
    cloud = empty_cloud("cell", ARN)
    first = make(cloud, type_, "first", **inputs)
    with refused("AlreadyExists", f"{first.id} is already in use by {first.label}"):
        make(cloud, type_, "second", **inputs)
    assert list(cloud.resources.values()) == [first]
    delete(cloud, first)
    assert make(cloud, type_, "second", **inputs).id == first.id


def test_a_name_may_repeat_in_another_type_namespace_or_cluster() -> None:
    cloud = empty_cloud("cell", "other")
    make(cloud, SERVICE, "one", metadata={"name": "web", "namespace": "web"})
    make(cloud, SERVICE, "two", metadata={"name": "web", "namespace": "shop"})
    make(cloud, NAMESPACE, "three", metadata={"name": "web"})
    make(cloud, ADD_ON, "four", addonName="coredns", clusterName="cell")
    make(cloud, ADD_ON, "five", addonName="coredns", clusterName="other")
    assert len(cloud.resources) == 5


def test_a_replacement_without_a_fixed_name_has_a_new_id_and_arn(cloud: FakeCloud) -> None:
    for type_ in (EIP, LAUNCH_TEMPLATE, ROLE, "aws:lb/targetGroup:TargetGroup", "aws:kms/key:Key"):
        resources = [make(cloud, type_, "same") for _ in range(3)]
        assert len({each.id for each in resources}) == 3, "the new resource hides the old one"
        arns = {each.outputs["arn"] for each in resources}
        assert len(arns) == 3, "references to the old resource would mean the new one"
        assert [each.urn for each in resources] == [urn_of(type_, "same")] * 3
    assert len(cloud.resources) == 15


def test_the_update_of_a_missing_resource_is_refused(cloud: FakeCloud) -> None:
    with refused("NotFound", "eipalloc-gone does not exist"):
        cloud.update(EIP, "eipalloc-gone", urn_of(EIP, "one"), {})
    assert cloud.resources == {}


def test_the_deletion_of_a_namespace_deletes_its_objects_and_releases() -> None:
    cloud = empty_cloud("cell")
    space = make(cloud, NAMESPACE, "web", metadata={"name": "web"})
    make(cloud, SERVICE, "in", metadata={"name": "web", "namespace": "web"})
    make(cloud, RELEASE, "in", name="web", namespace="web", chart="web")
    make(cloud, POD_IDENTITY, "out", clusterName="cell", namespace="web", serviceAccount="web")
    make(cloud, NAMESPACE, "other", metadata={"name": "other"})
    make(cloud, SERVICE, "other", metadata={"name": "web", "namespace": "other"})
    delete(cloud, space)
    assert names_in(cloud) == {(POD_IDENTITY, "out"), (NAMESPACE, "other"), (SERVICE, "other")}
    assert [each.verb for each in cloud.operations].count("delete") == 1


def test_the_deletion_of_a_deleted_resource_succeeds(cloud: FakeCloud) -> None:
    address = make(cloud, EIP, "one")
    for _ in range(2):
        delete(cloud, address)
        assert cloud.resources == {}
    assert operations_of(cloud)[1:] == [("delete", "one", None)] * 2


def test_objects_and_releases_have_a_namespace() -> None:
    assert namespace_of({"metadata": {"name": "web", "namespace": "shop"}}) == "shop"
    assert namespace_of({"chart": "scaler", "namespace": "scaler"}) == "scaler"
    assert namespace_of({"metadata": {"name": "web"}}) is None
    assert namespace_of({"namespace": "web", "serviceAccount": "web"}) is None
    assert namespace_of({}) is None


def test_strings_are_found_in_lists_mappings_and_json_documents() -> None:
    document = json.dumps({"Resource": ["in a document"]})
    value = {"a": ["one", {"b": "two"}], "c": 3, "d": None, "e": document, "f": "{no document"}
    assert list(strings_in(value)) == ["one", "two", document, "in a document", "{no document"]


def test_resources_of_a_recording_that_are_in_use_are_not_deleted(
    previewed: Callable[[str], Recording],
) -> None:
    recording = previewed("dev")
    cloud = build(cloud_for(recording, constraints=()), created_by(recording))
    for resource in list(cloud.resources.values()):
        if resource.type in (VPC, CLUSTER, LAUNCH_TEMPLATE, "aws:lb/targetGroup:TargetGroup"):
            with pytest.raises(RefusedError, match=r"^DependencyViolation: .* is in use by "):
                delete(cloud, resource)
