"""What exists in the stand-in cloud, and what was done to it."""

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
from tools.recording.made_up_outputs import ACCOUNT, Answers
from tools.rehearsal.fake_cloud.cloud import (
    Cloud,
    RefusedError,
    Values,
    namespace_of,
    strings,
    updated,
)

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
EIP = "aws:ec2/eip:Eip"
NAT = "aws:ec2/natGateway:NatGateway"
TABLE = "aws:ec2/routeTable:RouteTable"
FIREWALL = "aws:ec2/securityGroup:SecurityGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
CLUSTER = "aws:eks/cluster:Cluster"
ADD_ON = "aws:eks/addon:Addon"
GROUP = "aws:eks/nodeGroup:NodeGroup"
ENTRY = "aws:eks/accessEntry:AccessEntry"
IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
RECORD = "aws:route53/record:Record"
SPACE = "kubernetes:core/v1:Namespace"
SERVICE = "kubernetes:core/v1:Service"
RELEASE = "kubernetes:helm.sh/v3:Release"

ID = "0123456789abcdef0"
ARN = f"arn:aws:iam::{ACCOUNT}:role/nobody"


@pytest.fixture
def cloud() -> Cloud:
    return empty_cloud()


def vpc_of(cloud: Cloud) -> str:
    return make(cloud, VPC, "network", cidrBlock="10.0.0.0/16").id


def cluster_in(cloud: Cloud, name: str = "cell") -> Any:
    return make(cloud, CLUSTER, "cluster", name=name, vpcConfig={"endpointPublicAccess": True})


def told(cloud: Cloud) -> list[tuple[str, str, str | None]]:
    return [(each.verb, each.name, each.refused) for each in cloud.journal]


def test_the_inventory_follows_what_is_made_changed_and_deleted(cloud: Cloud) -> None:
    assert cloud.resources == {}
    table = make(cloud, TABLE, "routes", vpcId=vpc_of(cloud))
    assert names_in(cloud) == {(VPC, "network"), (TABLE, "routes")}
    assert cloud.resources[TABLE, table.id] is table
    changed = update(cloud, table, vpcId=table.inputs["vpcId"], tags={"Name": "new"})
    assert changed is table
    assert table.inputs["tags"] == table.outputs["tags"] == {"Name": "new"}
    assert names_in(cloud) == {(VPC, "network"), (TABLE, "routes")}
    delete(cloud, table)
    assert names_in(cloud) == {(VPC, "network")}
    assert table not in cloud.of_type(TABLE, VPC)
    assert [each.type for each in cloud.of_type(TABLE, VPC)] == [VPC]


def test_what_the_cloud_makes_up_is_what_preview_made_up(recording: Recording) -> None:
    cloud, answers = cloud_for(recording), Answers(recording.settings.aws.region)
    for each in created_by(recording):
        thing = cloud.create(each.type, each.urn, inputs_of(each))
        id_, outputs = answers.new_resource(
            pulumi.runtime.MockResourceArgs(each.type, each.name, inputs_of(each), custom=True)
        )
        assert (thing.id, thing.outputs) == (id_, outputs), "no plan would fit its inventory"
        assert (thing.type, thing.urn, thing.inputs) == (each.type, each.urn, each.inputs)


@pytest.mark.parametrize(
    ("inputs", "missing"),
    [
        *[
            ({"key": f"{kind}-{ID}"}, f"{kind}-{ID}")
            for kind in ("vpc", "subnet", "sg", "rtb", "igw", "nat", "eipalloc", "lt", "vpce")
        ],
        ({"roleArn": ARN}, ARN),
        ({"roleArn": ARN.replace("arn:aws:", "arn:aws-cn:")}, "arn:aws-cn:"),
        ({"clusterName": "cell"}, "cell"),
        ({"role": "nobody"}, "nobody"),
        ({"subnetIds": [f"subnet-{ID}"]}, f"subnet-{ID}"),
        ({"launchTemplate": {"id": f"lt-{ID}"}}, f"lt-{ID}"),
        ({"actions": [{"forward": [{"arn": ARN}]}]}, ARN),
        ({"policy": json.dumps({"Statement": [{"Resource": [ARN]}]})}, ARN),
    ],
)
def test_what_refers_to_nothing_is_refused(inputs: Values, missing: str, cloud: Cloud) -> None:
    with refused("NotFound", missing):
        make(cloud, FIREWALL, "one", **inputs)
    assert cloud.resources == {}
    there = make(cloud, FIREWALL, "one")
    with refused("NotFound", missing):
        update(cloud, there, **inputs)
    assert there.inputs == {}, "a refused update was done by half"


def test_each_thing_that_is_missing_is_named_alone(cloud: Cloud) -> None:
    make(cloud, ROLE, "nodes", name="nodes")
    with refused("NotFound", "cell does not exist"):
        make(cloud, POLICY, "one", role="nodes", clusterName="cell")


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
def test_what_is_no_reference_of_ours_needs_nothing(text: str, cloud: Cloud) -> None:
    assert make(cloud, FIREWALL, "one", key=[text]).inputs == {"key": [text]}


def test_what_the_stack_file_names_is_there_without_us() -> None:
    cloud = empty_cloud(ARN, "cell", f"vpc-{ID}")
    make(cloud, IDENTITY, "one", clusterName="cell", roleArn=ARN, vpcId=f"vpc-{ID}")
    with refused("NotFound", f"subnet-{ID}"):
        make(cloud, NAT, "two", subnetId=f"subnet-{ID}")


def test_a_reference_counts_only_while_its_thing_is_there(cloud: Cloud) -> None:
    role = make(cloud, ROLE, "nodes", name="nodes")
    delete(cloud, make(cloud, POLICY, "one", role="nodes"))
    delete(cloud, role)
    with refused("NotFound", "nodes"):
        make(cloud, POLICY, "one", role="nodes")


def test_a_new_thing_is_referred_to_by_id_arn_and_name(cloud: Cloud) -> None:
    role = make(cloud, ROLE, "nodes")
    cluster = cluster_in(cloud)
    group = cluster.outputs["vpcConfig"]["clusterSecurityGroupId"]
    make(cloud, IDENTITY, "one", clusterName="cell", roleArn=role.outputs["arn"])
    make(cloud, POLICY, "two", role=role.outputs["name"], clusterArn=cluster.outputs["arn"])
    make(cloud, FIREWALL, "three", securityGroupId=group, vpcId=vpc_of(cloud))


def test_what_another_refers_to_is_not_deleted(cloud: Cloud) -> None:
    vpc, role, cluster = vpc_of(cloud), make(cloud, ROLE, "nodes"), cluster_in(cloud)
    group = cluster.outputs["vpcConfig"]["clusterSecurityGroupId"]
    for used, inputs in (
        (cloud.resources[VPC, vpc], {"vpcId": vpc}),
        (role, {"nested": [{"arn": role.outputs["arn"]}]}),
        (role, {"role": role.outputs["name"]}),
        (cluster, {"clusterName": "cell"}),
        (cluster, {"groups": [group]}),
    ):
        user = make(cloud, FIREWALL, "user", **inputs)
        with refused("DependencyViolation", used.id, user.urn):
            delete(cloud, used)
        assert cloud.resources[used.type, used.id] is used, "it is gone although it was refused"
        delete(cloud, user)
    for thing in (role, cluster, cloud.resources[VPC, vpc]):
        delete(cloud, thing)
    assert cloud.resources == {}


def test_an_update_can_change_what_a_thing_refers_to(cloud: Cloud) -> None:
    first, second = make(cloud, EIP, "first"), make(cloud, EIP, "second")
    gateway = make(cloud, NAT, "nat", allocationId=first.id)
    update(cloud, gateway, allocationId=second.id)
    delete(cloud, first)
    with refused("DependencyViolation", second.id, gateway.urn):
        delete(cloud, second)


def test_what_refers_to_itself_can_be_deleted(cloud: Cloud) -> None:
    group = make(cloud, FIREWALL, "own")
    update(cloud, group, source=group.id)
    delete(cloud, group)
    assert cloud.resources == {}


def test_an_app_with_the_cluster_s_name_stands_in_for_no_cluster(cloud: Cloud) -> None:
    cluster_in(cloud, "shop")
    space = make(cloud, SPACE, "shop", metadata={"name": "shop"})
    add_on = make(cloud, ADD_ON, "dns", addonName="coredns", clusterName="shop")
    delete(cloud, space)
    assert names_in(cloud) == {(CLUSTER, "cluster"), (ADD_ON, "dns")}
    delete(cloud, add_on)


def test_a_namespace_with_the_cluster_s_name_is_no_cluster(cloud: Cloud) -> None:
    make(cloud, SPACE, "shop", metadata={"name": "shop"})
    with refused("NotFound", "shop"):
        make(cloud, ADD_ON, "dns", addonName="coredns", clusterName="shop")


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        (LOGS, {"name": "/aws/eks/cell/cluster"}),
        (ROLE, {"name": "nodes"}),
        (SPACE, {"metadata": {"name": "web"}}),
        (SERVICE, {"metadata": {"name": "web", "namespace": "web"}}),
        (RELEASE, {"name": "scaler", "namespace": "scaler", "chart": "scaler"}),
        (ADD_ON, {"addonName": "coredns", "clusterName": "cell"}),
        (ENTRY, {"principalArn": ARN, "clusterName": "cell"}),
        (
            RECORD,
            {"zoneId": "Z1", "name": "a.example", "type": "A", "setIdentifier": "cell"},
        ),
    ],
)
def test_a_fixed_name_is_taken_once(type_: str, inputs: Values) -> None:
    cloud = empty_cloud("cell", ARN)
    first = make(cloud, type_, "first", **inputs)
    with refused("AlreadyExists", first.id):
        make(cloud, type_, "second", **inputs)
    assert list(cloud.resources.values()) == [first]
    delete(cloud, first)
    assert make(cloud, type_, "second", **inputs).id == first.id


def test_the_same_name_of_another_type_or_place_is_free() -> None:
    cloud = empty_cloud("cell", "other")
    make(cloud, SERVICE, "one", metadata={"name": "web", "namespace": "web"})
    make(cloud, SERVICE, "two", metadata={"name": "web", "namespace": "shop"})
    make(cloud, SPACE, "three", metadata={"name": "web"})
    make(cloud, ADD_ON, "four", addonName="coredns", clusterName="cell")
    make(cloud, ADD_ON, "five", addonName="coredns", clusterName="other")
    assert len(cloud.resources) == 5


def test_what_has_no_fixed_name_gets_another_id_when_it_is_made_again(cloud: Cloud) -> None:
    for type_ in (EIP, TEMPLATE, ROLE, "aws:lb/targetGroup:TargetGroup", "aws:kms/key:Key"):
        made = [make(cloud, type_, "same") for _ in range(3)]
        assert len({each.id for each in made}) == 3, "a replacement would hide what it replaces"
        arns = {each.outputs["arn"] for each in made}
        assert len(arns) == 3, "who refers to the old one would seem to mean the new one"
        assert [each.urn for each in made] == [urn_of(type_, "same")] * 3
    assert len(cloud.resources) == 15


DECIDED = {"arn": "a", "vpcConfig": {"subnetIds": [1], "public": True, "group": "sg"}, "tags": {}}
GIVEN: Values = {"vpcConfig": {"subnetIds": [1], "public": True}, "tags": {}}


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (GIVEN, DECIDED),
        (
            {**GIVEN, "vpcConfig": {"subnetIds": [1, 2], "public": True}},
            {**DECIDED, "vpcConfig": {"subnetIds": [1, 2], "public": True, "group": "sg"}},
        ),
        (
            {**GIVEN, "vpcConfig": {"subnetIds": [1]}},
            {**DECIDED, "vpcConfig": {"subnetIds": [1], "group": "sg"}},
        ),
        (
            {**GIVEN, "vpcConfig": {"subnetIds": [1], "public": True, "new": 1}},
            {**DECIDED, "vpcConfig": {**DECIDED["vpcConfig"], "new": 1}},
        ),
        ({"tags": {}}, {"arn": "a", "vpcConfig": {"group": "sg"}, "tags": {}}),
        ({"vpcConfig": GIVEN["vpcConfig"]}, {"arn": "a", "vpcConfig": DECIDED["vpcConfig"]}),
        ({**GIVEN, "tags": {"a": {"b": 1}}}, {**DECIDED, "tags": {"a": {"b": 1}}}),
        ({**GIVEN, "version": "1.36"}, {**DECIDED, "version": "1.36"}),
        ({**GIVEN, "tags": None}, {**DECIDED, "tags": {}}),
        ({**GIVEN, "vpcConfig": UNKNOWN}, {**DECIDED, "vpcConfig": UNKNOWN}),
    ],
)
def test_an_update_keeps_what_the_cloud_decided_and_drops_what_was_taken_away(
    new: Values, expected: Values
) -> None:
    outputs, old, given = deepcopy(DECIDED), deepcopy(GIVEN), deepcopy(new)
    assert updated(outputs, old, given) == expected
    assert (outputs, old, given) == (DECIDED, GIVEN, new), "it changed what it only was to read"


def test_a_value_that_was_given_goes_with_its_input() -> None:
    assert updated({"a": 1, "b": {"c": 1}}, {"a": 1, "b": {"c": 1}}, {}) == {}
    assert updated({"a": [1, 2]}, {"a": [1, 2]}, {"a": [2]}) == {"a": [2]}


def test_an_updated_cluster_keeps_its_endpoint_and_its_security_group(cloud: Cloud) -> None:
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


def test_an_update_of_a_launch_template_is_a_new_version(cloud: Cloud) -> None:
    template = make(cloud, TEMPLATE, "nodes", instanceType="m7i.large")
    assert template.outputs["latestVersion"] == 1
    for version in (2, 3):
        update(cloud, template, instanceType=f"m{version}i.large")
        assert template.outputs["latestVersion"] == version, "no node would get what was changed"
    address = make(cloud, EIP, "one")
    update(cloud, address, domain="vpc")
    assert "latestVersion" not in address.outputs


def test_what_is_not_there_is_not_updated(cloud: Cloud) -> None:
    with refused("NotFound", "eipalloc-gone"):
        cloud.update(EIP, "eipalloc-gone", urn_of(EIP, "one"), {})
    assert cloud.resources == {}


def test_a_namespace_takes_with_it_what_is_in_it_and_no_more() -> None:
    cloud = empty_cloud("cell")
    space = make(cloud, SPACE, "web", metadata={"name": "web"})
    make(cloud, SERVICE, "in", metadata={"name": "web", "namespace": "web"})
    make(cloud, RELEASE, "in", name="web", namespace="web", chart="web")
    make(cloud, IDENTITY, "out", clusterName="cell", namespace="web", serviceAccount="web")
    make(cloud, SPACE, "other", metadata={"name": "other"})
    make(cloud, SERVICE, "other", metadata={"name": "web", "namespace": "other"})
    delete(cloud, space)
    assert names_in(cloud) == {(IDENTITY, "out"), (SPACE, "other"), (SERVICE, "other")}
    assert [each.verb for each in cloud.journal].count("delete") == 1


def test_what_is_gone_is_deleted_without_a_word(cloud: Cloud) -> None:
    address = make(cloud, EIP, "one")
    for _ in range(2):
        delete(cloud, address)
        assert cloud.resources == {}
    assert told(cloud)[1:] == [("delete", "one", None)] * 2


def test_a_fault_is_in_the_journal_and_changes_nothing(cloud: Cloud) -> None:
    address = make(cloud, EIP, "one", domain="vpc")
    before = deepcopy((address, cloud.resources))
    asked: list[tuple[int, str, str]] = []

    def fault(number: int, verb: str, type_: str) -> str:
        asked.append((number, verb, type_))
        return "ThrottlingException"

    cloud.fault = fault
    for run in (
        lambda: make(cloud, EIP, "two"),
        lambda: update(cloud, address, domain="other"),
        lambda: delete(cloud, address),
    ):
        with refused("ThrottlingException", "as the scene has it"):
            run()
    assert (address, cloud.resources) == before
    assert asked == [(2, "create", EIP), (3, "update", EIP), (4, "delete", EIP)]
    code = "ThrottlingException"
    assert told(cloud)[1:] == [("create", "two", code), ("update", "one", code),
                               ("delete", "one", code)]  # fmt: skip


def test_a_law_is_asked_with_what_is_to_be_done_and_before_it_is_done() -> None:
    asked: list[tuple[str, str, Values, int]] = []

    def law(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
        asked.append((verb, type_, inputs, len(cloud.resources)))
        if inputs.get("domain") == "forbidden":
            raise RefusedError("Forbidden", "by the law")

    cloud = empty_cloud(constraints=(law, law))
    address = make(cloud, EIP, "one", domain="vpc")
    with refused("Forbidden"):
        make(cloud, EIP, "two", domain="forbidden")
    update(cloud, address, domain="other")
    delete(cloud, address)
    create, update_, delete_ = (
        ("create", EIP, {"domain": "vpc"}, 0),
        ("update", EIP, {"domain": "other"}, 1),
        ("delete", EIP, {"domain": "other"}, 1),
    )
    forbidden = ("create", EIP, {"domain": "forbidden"}, 1)
    assert asked == [create, create, forbidden, update_, update_, delete_, delete_]
    assert told(cloud)[1] == ("create", "two", "Forbidden")


def test_the_journal_keeps_order_and_times(cloud: Cloud) -> None:
    cloud.pace = {EIP: 0.02}
    start = time.monotonic()
    address = make(cloud, EIP, "one")
    update(cloud, address, domain="vpc")
    with refused("NotFound"):
        make(cloud, NAT, "nat", allocationId=f"eipalloc-{ID}")
    delete(cloud, address)
    end = time.monotonic()
    assert told(cloud) == [("create", "one", None), ("update", "one", None),
                           ("create", "nat", "NotFound"), ("delete", "one", None)]  # fmt: skip
    assert [(each.type, each.urn) for each in cloud.journal] == [
        (type_, urn_of(type_, name))
        for type_, name in ((EIP, "one"), (EIP, "one"), (NAT, "nat"), (EIP, "one"))
    ]
    moments = [moment for each in cloud.journal for moment in (each.began, each.ended)]
    assert [start, *moments, end] == sorted([start, *moments, end])
    took = [each.ended - each.began >= 0.02 for each in cloud.journal]
    assert took == [True, True, False, True], "what takes its time would seem to take none"


def test_two_operations_at_a_time_show_in_the_journal(cloud: Cloud) -> None:
    cloud.pace = {EIP: 0.1}
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda _: make(cloud, EIP, "same"), range(2)))
    assert len({each.id for each in made}) == len(cloud.resources) == 2
    first, second = cloud.journal
    assert second.began < first.ended, "an engine that does two at a time would not be seen"


def test_after_is_called_with_how_many_have_ended(cloud: Cloud) -> None:
    called: list[tuple[int, int, int]] = []
    cloud.after = lambda done: called.append((done, len(cloud.journal), len(cloud.resources)))
    address = make(cloud, EIP, "one")
    with refused("NotFound"):
        make(cloud, NAT, "nat", allocationId=f"eipalloc-{ID}")
    delete(cloud, address)
    assert called == [(1, 1, 1), (2, 2, 1), (3, 3, 0)], "a kill would hit the wrong moment"


def test_what_is_foreseen_is_the_inputs_and_all_else_is_unknown(cloud: Cloud) -> None:
    inputs = {"name": "cell", "vpcConfig": {"endpointPublicAccess": True}, "roleArn": ARN}
    foreseen = cloud.foreseen(CLUSTER, urn_of(CLUSTER, "cluster"), inputs)
    assert foreseen == {
        "name": "cell",
        "roleArn": ARN,
        **dict.fromkeys(("arn", "endpoint", "certificateAuthority", "vpcConfig"), UNKNOWN),
    }
    assert cloud.foreseen(ROLE, urn_of(ROLE, "nodes"), {}) == dict.fromkeys(
        ("name", "arn"), UNKNOWN
    )
    assert cloud.foreseen(EIP, urn_of(EIP, "one"), {"domain": UNKNOWN})["domain"] == UNKNOWN
    assert (cloud.resources, cloud.journal) == ({}, []), "a preview did something"


def test_what_is_foreseen_of_a_plan_comes_true(previewed: Callable[[str], Recording]) -> None:
    recording = previewed("dev")
    cloud = cloud_for(recording)
    for each in created_by(recording):
        foreseen = cloud.foreseen(each.type, each.urn, inputs_of(each))
        thing = cloud.create(each.type, each.urn, inputs_of(each))
        assert set(foreseen) == set(thing.outputs)
        wrong = {k for k, v in foreseen.items() if v not in (UNKNOWN, thing.outputs[k])}
        assert not wrong, f"{each.urn}: a preview would lie"


def test_an_output_is_unknown_until_its_thing_is_there(cloud: Cloud) -> None:
    urn = urn_of(ROLE, "nodes")
    assert cloud.output(urn, "arn") == UNKNOWN
    role = make(cloud, ROLE, "nodes")
    make(cloud, ROLE, "others")
    assert cloud.output(urn, "arn") == role.outputs["arn"]
    delete(cloud, role)
    assert cloud.output(urn, "arn") == UNKNOWN


def test_a_namespace_is_told_of_what_is_in_one() -> None:
    assert namespace_of({"metadata": {"name": "web", "namespace": "shop"}}) == "shop"
    assert namespace_of({"chart": "scaler", "namespace": "scaler"}) == "scaler"
    assert namespace_of({"metadata": {"name": "web"}}) is None
    assert namespace_of({"namespace": "web", "serviceAccount": "web"}) is None
    assert namespace_of({}) is None


def test_texts_are_found_wherever_they_stand() -> None:
    document = json.dumps({"Resource": ["in a document"]})
    value = {"a": ["one", {"b": "two"}], "c": 3, "d": None, "e": document, "f": "{no document"}
    assert list(strings(value)) == ["one", "two", document, "in a document", "{no document"]


def test_a_plan_s_things_are_deleted_in_no_order_that_breaks_a_reference(
    previewed: Callable[[str], Recording],
) -> None:
    recording = previewed("dev")
    cloud = build(cloud_for(recording, constraints=()), created_by(recording))
    for thing in list(cloud.resources.values()):
        if thing.type in (VPC, CLUSTER, TEMPLATE, "aws:lb/targetGroup:TargetGroup"):
            with refused("DependencyViolation"):
                delete(cloud, thing)
