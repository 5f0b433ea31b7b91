"""The fake cloud: resources, references, identities, operations and faults."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import pulumi
import pytest
from pulumi.runtime.rpc import UNKNOWN

from tests.tools.rehearsal.clouds import (
    REGION,
    build,
    cloud_for,
    created_by,
    delete,
    empty_cloud,
    inputs_of,
    make,
    names_in,
    refused,
    update,
    urn_of,
)
from tools.recording import Recording
from tools.recording.made_up_outputs import ACCOUNT, MadeUpOutputs
from tools.rehearsal.fake_cloud.cloud import (
    FakeCloud,
    RefusedError,
    Values,
    namespace_of,
    outputs_after_update,
    strings_in,
)

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
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
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
ACCESS_ENTRY = "aws:eks/accessEntry:AccessEntry"
POD_IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
RECORD = "aws:route53/record:Record"
NAMESPACE = "kubernetes:core/v1:Namespace"
SERVICE = "kubernetes:core/v1:Service"
RELEASE = "kubernetes:helm.sh/v3:Release"

ID = "0123456789abcdef0"
ARN = f"arn:aws:iam::{ACCOUNT}:role/missing"
ARN_CHINA = ARN.replace("arn:aws:", "arn:aws-cn:")


@pytest.fixture
def cloud() -> FakeCloud:
    return empty_cloud()


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


def test_an_injected_fault_is_logged_and_changes_nothing(cloud: FakeCloud) -> None:
    address = make(cloud, EIP, "one", domain="vpc")
    before = deepcopy((address, cloud.resources))
    calls: list[tuple[int, str, str]] = []

    def fault(number: int, verb: str, type_: str) -> str:
        calls.append((number, verb, type_))
        return "ThrottlingException"

    cloud.fault = fault
    for operation, text in (
        (lambda: make(cloud, EIP, "two"), "create Eip two"),
        (lambda: update(cloud, address, domain="other"), "update Eip one"),
        (lambda: delete(cloud, address), "delete Eip one"),
    ):
        with refused("ThrottlingException", f"fault injected into {text}"):
            operation()
    assert (address, cloud.resources) == before
    assert calls == [(2, "create", EIP), (3, "update", EIP), (4, "delete", EIP)]
    code = "ThrottlingException"
    assert operations_of(cloud)[1:] == [("create", "two", code), ("update", "one", code),
                               ("delete", "one", code)]  # fmt: skip


def test_each_constraint_is_called_before_each_operation() -> None:
    calls: list[tuple[str, str, Values, int]] = []

    def constraint(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
        calls.append((verb, type_, inputs, len(cloud.resources)))
        if inputs.get("domain") == "forbidden":
            raise RefusedError("Forbidden", "not this domain")

    cloud = empty_cloud(constraints=(constraint, constraint))
    address = make(cloud, EIP, "one", domain="vpc")
    with refused("Forbidden", "not this domain"):
        make(cloud, EIP, "two", domain="forbidden")
    update(cloud, address, domain="other")
    delete(cloud, address)
    create, update_, delete_ = (
        ("create", EIP, {"domain": "vpc"}, 0),
        ("update", EIP, {"domain": "other"}, 1),
        ("delete", EIP, {"domain": "other"}, 1),
    )
    forbidden = ("create", EIP, {"domain": "forbidden"}, 1)
    assert calls == [create, create, forbidden, update_, update_, delete_, delete_]
    assert operations_of(cloud)[1] == ("create", "two", "Forbidden")


def test_operations_are_logged_in_order_with_their_times(cloud: FakeCloud) -> None:
    cloud.delays = {EIP: 0.02}
    start = time.monotonic()
    address = make(cloud, EIP, "one")
    update(cloud, address, domain="vpc")
    with refused("NotFound", f"eipalloc-{ID} does not exist"):
        make(cloud, NAT_GATEWAY, "nat", allocationId=f"eipalloc-{ID}")
    delete(cloud, address)
    end = time.monotonic()
    assert operations_of(cloud) == [("create", "one", None), ("update", "one", None),
                           ("create", "nat", "NotFound"), ("delete", "one", None)]  # fmt: skip
    assert [(each.type, each.urn) for each in cloud.operations] == [
        (type_, urn_of(type_, name))
        for type_, name in ((EIP, "one"), (EIP, "one"), (NAT_GATEWAY, "nat"), (EIP, "one"))
    ]
    moments = [moment for each in cloud.operations for moment in (each.started, each.ended)]
    assert [start, *moments, end] == sorted([start, *moments, end])
    took = [each.ended - each.started >= 0.02 for each in cloud.operations]
    assert took == [True, True, False, True], "a delayed operation takes no time"


def test_parallel_operations_overlap_in_the_log(cloud: FakeCloud) -> None:
    cloud.delays = {EIP: 0.1}
    with ThreadPoolExecutor(2) as pool:
        created = list(pool.map(lambda _: make(cloud, EIP, "same"), range(2)))
    assert len({each.id for each in created}) == len(cloud.resources) == 2
    first, second = cloud.operations
    assert second.started < first.ended, "parallel updates of zones would not be found"


def test_after_operation_is_called_with_the_number_of_ended_operations(cloud: FakeCloud) -> None:
    called: list[tuple[int, int, int]] = []
    cloud.after_operation = lambda done: called.append(
        (done, len(cloud.operations), len(cloud.resources))
    )
    address = make(cloud, EIP, "one")
    with refused("NotFound", f"eipalloc-{ID} does not exist"):
        make(cloud, NAT_GATEWAY, "nat", allocationId=f"eipalloc-{ID}")
    delete(cloud, address)
    assert called == [(1, 1, 1), (2, 2, 1), (3, 3, 0)], (
        "the engine would be killed after another operation"
    )


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
