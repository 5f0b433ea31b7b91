"""Changes that replace a resource, and the order of deletion and creation."""

import importlib
import inspect
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.facts.replacements import (
    deletes_before_create,
    is_known,
    replacing_inputs,
    replacing_paths,
)
from tests.tools.rehearsal.clouds import created_by
from tools.recording import Recording
from tools.recording.record import ROOT

TABLE: Mapping[str, Any] = tomllib.loads(
    (Path(ROOT) / "core/facts/replacements.toml").read_text(encoding="utf-8")
)

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
CLUSTER = "aws:eks/cluster:Cluster"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
RECORD = "aws:route53/record:Record"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SERVICE = "kubernetes:core/v1:Service"
PRIORITY_CLASS = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
RELEASE = "kubernetes:helm.sh/v3:Release"
STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ACCESS_POLICY = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def parameters_of(type_: str, *nested: str) -> set[str]:
    """Returns the parameters of the Args class of a type, or of an object nested in the type."""
    _, module, name = type_.split(":")
    package = importlib.import_module(f"pulumi_aws.{module.partition('/')[0]}")
    class_name = name + "".join(key[0].upper() + key[1:] for key in nested)
    # The SDK uses InitArgs if a nested object of another type has the name with Args.
    args = getattr(package, f"{class_name}InitArgs", None) or getattr(package, f"{class_name}Args")
    return set(inspect.signature(args.__init__).parameters)


def test_the_table_contains_every_aws_type_of_a_recording(recording: Recording) -> None:
    types = {each.type for each in created_by(recording) if not each.type.startswith("kubernetes:")}
    assert len(types) > 20
    assert types - set(TABLE) == set(), "an edit of this type would end in a KeyError"
    for each in created_by(recording):
        assert replacing_inputs(each.type, each.inputs, each.inputs) == set()


def test_a_type_that_is_not_in_the_table_is_an_error() -> None:
    with pytest.raises(KeyError, match="aws:mq/broker:Broker"):
        replacing_inputs("aws:mq/broker:Broker", {}, {})


def test_every_entry_names_its_source() -> None:
    assert {frozenset(entry) for entry in TABLE.values()} == {frozenset({"source", "inputs"})}
    without = [
        type_
        for type_, entry in TABLE.items()
        if not re.fullmatch(r"[a-z0-9]+/[a-z0-9_]+\.go", entry["source"])
    ]
    assert not without, "the source cannot be found: " + ", ".join(without)


def test_every_entry_names_inputs_of_the_sdk() -> None:
    wrong = [
        f"{type_} {path}"
        for type_, entry in TABLE.items()
        for path in entry["inputs"]
        for steps in [path.split(".")]
        if entry["inputs"].count(path) > 1
        or any(
            snake(step) not in parameters_of(type_, *steps[:number])
            for number, step in enumerate(steps)
        )
    ]
    assert not wrong, "no resource has these inputs, or a row is there twice:\n" + "\n".join(wrong)


def test_each_input_of_the_table_replaces_the_resource() -> None:
    wrong: list[str] = []
    rows = [(name, path) for name, entry in TABLE.items() for path in entry["inputs"]]
    for type_, path in rows:
        top, *rest = path.split(".")
        old: dict[str, Any] = {top: "old"}
        new: dict[str, Any] = {top: "new"}
        for key in reversed(rest):
            old[top], new[top] = {key: old[top]}, {key: new[top]}
        other = "tags" if "tags" not in TABLE[type_]["inputs"] else "description"
        found = [replacing_inputs(type_, *each) for each in ((old, new), (old, {}), ({}, new))]
        found.append(replacing_inputs(type_, old, {**old, other: {"a": "b"}}))
        if found != [{top}, {top}, {top}, set()]:
            wrong.append(f"{type_} {path}: {found}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("type_", "old", "new", "expected"),
    [
        (
            CLUSTER,
            {"name": "cell", "kubernetesNetworkConfig": {"ipFamily": "ipv4", "elastic": 1}},
            {"name": "cell", "kubernetesNetworkConfig": {"ipFamily": "ipv6", "elastic": 1}},
            {"kubernetesNetworkConfig"},
        ),
        (
            CLUSTER,
            {"name": "cell", "kubernetesNetworkConfig": {"ipFamily": "ipv4"}},
            {"name": "other"},
            {"kubernetesNetworkConfig", "name"},
        ),
        (NODE_GROUP, {"launchTemplate": {"id": "a", "version": "1"}},
         {"launchTemplate": {"id": "b", "version": "1"}}, {"launchTemplate"}),
        (NODE_GROUP, {"subnetIds": ["a"]}, {"subnetIds": ["a", "b"]}, {"subnetIds"}),
        (DEPLOYMENT, {"spec": {"selector": {"a": "b"}}}, {"spec": {"selector": {}}}, {"spec"}),
        (SERVICE, {"spec": {"clusterIP": "None"}}, {"spec": {}}, {"spec"}),
        (DEPLOYMENT, {"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}, {"metadata"}),
        (PRIORITY_CLASS, {"metadata": {"namespace": "a"}}, {"metadata": {}}, {"metadata"}),
        (RELEASE, {"name": "a"}, {"name": "b"}, {"name"}),
        (RELEASE, {"namespace": "a"}, {"namespace": "b"}, {"namespace"}),
        (STORAGE_CLASS, {"parameters": {"type": "gp2"}}, {"parameters": {"type": "gp3"}},
         {"parameters"}),
        (STORAGE_CLASS, {"provisioner": "a"}, {"provisioner": "b"}, {"provisioner"}),
        (CONFIG_MAP, {"data": {"a": "b"}}, {"data": {"a": "c"}}, {"data"}),
        (CLAIM, {"spec": {"storageClassName": "a"}}, {"spec": {"storageClassName": "b"}}, {"spec"}),
        (ACCESS_POLICY, {"accessScope": {"namespaces": ["a"]}},
         {"accessScope": {"namespaces": ["a", "b"]}}, {"accessScope"}),
        (INGRESS, {"cidrIpv4": "10.0.0.0/8"}, {"cidrIpv6": "::/0"}, {"cidrIpv4", "cidrIpv6"}),
        (INGRESS, {"prefixListId": "pl-1"}, {"referencedSecurityGroupId": "sg-1"},
         {"prefixListId", "referencedSecurityGroupId"}),
        (EGRESS, {"cidrIpv4": "10.0.0.0/8"}, {"prefixListId": "pl-1"},
         {"cidrIpv4", "prefixListId"}),
    ],
)  # fmt: skip
def test_a_replacing_change_returns_the_top_level_input(
    type_: str, old: dict[str, Any], new: dict[str, Any], expected: set[str]
) -> None:
    assert replacing_inputs(type_, old, new) == expected
    assert replacing_inputs(type_, new, old) == expected


@pytest.mark.parametrize(
    ("type_", "old", "new"),
    [
        (NODE_GROUP, {"tags": {}}, {"tags": {"a": "b"}}),
        (NODE_GROUP, {"launchTemplate": {"id": "a", "version": "1"}},
         {"launchTemplate": {"id": "a", "version": "2"}}),
        (NODE_GROUP, {"scalingConfig": {"maxSize": 1}}, {"scalingConfig": {"maxSize": 2}}),
        (NODE_GROUP, {"version": "1.35"}, {"version": "1.36"}),
        (NODE_GROUP, {"releaseVersion": "1"}, {"releaseVersion": "2"}),
        (CLUSTER, {"version": "1.35"}, {"version": "1.36"}),
        (CLUSTER, {"vpcConfig": {"subnetIds": ["a"]}}, {"vpcConfig": {"subnetIds": ["b"]}}),
        (CLUSTER, {"accessConfig": {"authenticationMode": "API_AND_CONFIG_MAP"}},
         {"accessConfig": {"authenticationMode": "API"}}),
        (CLUSTER, {"kubernetesNetworkConfig": {"ipFamily": "ipv4", "elastic": 1}},
         {"kubernetesNetworkConfig": {"ipFamily": "ipv4", "elastic": 2}}),
        (CLUSTER, {"deletionProtection": True}, {"deletionProtection": False}),
        (CLUSTER, {}, {"encryptionConfig": {"resources": ["secrets"]}}),
        (INGRESS, {"cidrIpv4": "10.0.0.0/8"}, {"cidrIpv4": "10.0.0.0/16"}),
        (EGRESS, {"prefixListId": "pl-1"}, {"prefixListId": "pl-2"}),
        (LOAD_BALANCER, {"subnets": ["a"]}, {"subnets": ["a", "b"]}),
        ("aws:ec2/route:Route", {"natGatewayId": "a"}, {"natGatewayId": "b"}),
        ("aws:ec2/launchTemplate:LaunchTemplate", {"instanceType": "a"}, {"instanceType": "b"}),
        (RECORD, {"healthCheckId": "a"}, {"healthCheckId": "b"}),
        (DEPLOYMENT, {"spec": {"replicas": 1, "selector": {}}},
         {"spec": {"replicas": 2, "selector": {}}}),
        (DEPLOYMENT, {"metadata": {"name": "a"}}, {"metadata": {"name": "a", "labels": {}}}),
        (SERVICE, {"spec": {"ports": [80]}}, {"spec": {"ports": [81]}}),
        (PRIORITY_CLASS, {"name": "a", "spec": {"selector": 1, "clusterIP": 1}}, {}),
        (RELEASE, {"name": "a", "version": "1", "values": {}}, {"name": "a", "version": "2"}),
        (STORAGE_CLASS, {"allowVolumeExpansion": False}, {"allowVolumeExpansion": True}),
        (CLAIM, {"spec": {"accessModes": ["a"], "resources": {"requests": {"storage": "1Gi"}}}},
         {"spec": {"accessModes": ["a"], "resources": {"requests": {"storage": "2Gi"}}}}),
    ],
)  # fmt: skip
def test_a_change_in_place_replaces_nothing(
    type_: str, old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert replacing_inputs(type_, old, new) == set(), "users would be interrupted for no reason"


def test_the_paths_name_the_nested_input() -> None:
    old, new = ({"kubernetesNetworkConfig": {"ipFamily": each}} for each in ("ipv4", "ipv6"))
    assert replacing_paths(CLUSTER, old, new) == {"kubernetesNetworkConfig.ipFamily"}


@pytest.mark.parametrize(
    ("type_", "key"),
    [("pulumi:providers:aws", "region"), ("pulumi:providers:kubernetes", "clusterIdentifier")],
)
def test_a_provider_is_replaced_only_if_its_region_or_cluster_becomes_another(
    type_: str, key: str
) -> None:
    old, new = {key: "a", "other": 1}, {key: "b", "other": 1}
    assert replacing_paths(type_, old, new) == {key}
    assert replacing_paths(type_, old, {**old, "other": 2}) == set()
    assert replacing_paths(type_, {}, new) == replacing_paths(type_, old, {}) == set()


def test_an_aws_resource_is_replaced_in_another_region() -> None:
    old, new = {"region": "us-east-1"}, {"region": "us-west-2"}
    assert replacing_paths("aws:kms/key:Key", old, new) == {"region"}
    assert replacing_paths("aws:kms/key:Key", old, {}) == set(), "it can be that of the provider"
    assert replacing_paths("kubernetes:example.com/v1:Anything", old, new) == set()


def test_types_whose_replacing_inputs_are_incomplete_are_not_known() -> None:
    known = [CLUSTER, DEPLOYMENT, "kubernetes:example.com/v1:Anything", "pulumi:providers:aws"]
    assert all(map(is_known, known))
    assert not is_known("aws:mq/broker:Broker")
    assert not is_known("kubernetes:core/v1:Pod")


def test_a_cluster_without_its_encryption_is_another_cluster() -> None:
    encrypted = {"encryptionConfig": {"resources": ["secrets"]}}
    assert replacing_inputs(CLUSTER, encrypted, {}) == {"encryptionConfig"}


@pytest.mark.parametrize(
    ("type_", "old", "new", "first"),
    [
        (CLUSTER, {"name": "cell"}, {"name": "cell"}, True),
        (LOAD_BALANCER, {"name": "cell"}, {"name": "other"}, True),
        (LOAD_BALANCER, {"internal": False}, {"internal": True}, False),
        (LOAD_BALANCER, {"name": "cell"}, {}, False),
        (NODE_GROUP, {"clusterName": "cell"}, {"clusterName": "cell"}, False),
        (ATTACHMENT, {"role": "a"}, {"role": "b"}, True),
        (RECORD, {"name": "a.example.com"}, {"name": "a.example.com"}, False),
        (DEPLOYMENT, {"metadata": {"name": "a", "namespace": "s"}},
         {"metadata": {"name": "a", "namespace": "s", "labels": {}}}, True),
        (DEPLOYMENT, {"metadata": {"name": "a", "namespace": "s"}},
         {"metadata": {"name": "b", "namespace": "s"}}, False),
        (DEPLOYMENT, {"metadata": {"name": "a", "namespace": "s"}},
         {"metadata": {"name": "a", "namespace": "t"}}, False),
        (PRIORITY_CLASS, {"metadata": {"name": "a"}}, {"metadata": {"name": "a"}}, True),
        (RELEASE, {"name": "a", "namespace": "s"}, {"name": "b", "namespace": "s"}, False),
        (RELEASE, {"name": "a", "namespace": "s"}, {"name": "a", "namespace": "t"}, False),
    ],
)  # fmt: skip
def test_the_old_resource_is_deleted_first_if_both_have_the_same_name(
    type_: str, old: dict[str, Any], new: dict[str, Any], first: bool
) -> None:
    problem = "AlreadyExists" if first else "nothing would exist in between"
    assert deletes_before_create(type_, old, new) is first, problem
