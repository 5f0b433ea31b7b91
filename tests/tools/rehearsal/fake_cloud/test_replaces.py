"""Which changes replace a resource, and whether the old one goes first."""

import importlib
import inspect
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.tools.rehearsal.clouds import created_by
from tools.recording import Recording
from tools.recording.record import ROOT
from tools.rehearsal.fake_cloud.replaces import deleted_first, replaced_by

TABLE: Mapping[str, Any] = tomllib.loads(
    (Path(ROOT) / "tools/rehearsal/fake_cloud/replaces.toml").read_text(encoding="utf-8")
)

GROUP = "aws:eks/nodeGroup:NodeGroup"
CLUSTER = "aws:eks/cluster:Cluster"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
RECORD = "aws:route53/record:Record"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SERVICE = "kubernetes:core/v1:Service"
PRIORITY = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
RELEASE = "kubernetes:helm.sh/v3:Release"
CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
FILES = "kubernetes:core/v1:ConfigMap"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def parameters_of(type_: str, *inside: str) -> set[str]:
    """What the Args class of a type takes, or that of an object inside of it."""
    _, module, name = type_.split(":")
    within = importlib.import_module(f"pulumi_aws.{module.partition('/')[0]}")
    of = name + "".join(key[0].upper() + key[1:] for key in inside)
    # With another class of that name, an object inside of something else, it has this one.
    args = getattr(within, f"{of}InitArgs", None) or getattr(within, f"{of}Args")
    return set(inspect.signature(args.__init__).parameters)


def test_every_type_of_a_plan_was_looked_up(recording: Recording) -> None:
    types = {each.type for each in created_by(recording) if not each.type.startswith("kubernetes:")}
    assert len(types) > 20
    assert types - set(TABLE) == set(), "an edit of one of these would end in a KeyError"
    for each in created_by(recording):
        assert replaced_by(each.type, each.inputs, each.inputs) == set()


def test_a_type_that_nobody_looked_up_is_an_error_and_no_guess() -> None:
    with pytest.raises(KeyError, match="aws:sqs/queue:Queue"):
        replaced_by("aws:sqs/queue:Queue", {}, {})


@pytest.mark.parametrize("type_", TABLE)
def test_an_entry_names_its_source_and_real_inputs(type_: str) -> None:
    entry = TABLE[type_]
    assert set(entry) == {"source", "inputs"}
    assert re.fullmatch(r"[a-z0-9]+/[a-z0-9_]+\.go", entry["source"]), "nobody could look it up"
    assert len(entry["inputs"]) == len(set(entry["inputs"]))
    for path in entry["inputs"]:
        *inside, key = path.split(".")
        assert snake(key) in parameters_of(type_, *inside), f"{path} would never be seen"
        for number, step in enumerate(inside):
            assert snake(step) in parameters_of(type_, *inside[:number]), path


@pytest.mark.parametrize("type_", [type_ for type_, entry in TABLE.items() if entry["inputs"]])
def test_each_input_of_the_table_replaces_by_itself(type_: str) -> None:
    for path in TABLE[type_]["inputs"]:
        top, *rest = path.split(".")
        old, new = ({top: value} for value in ("old", "new"))
        for key in reversed(rest):
            old[top], new[top] = {key: old[top]}, {key: new[top]}
        assert replaced_by(type_, old, new) == {top}
        assert replaced_by(type_, old, {}) == replaced_by(type_, {}, new) == {top}
        assert replaced_by(type_, old, {**old, "tags": {"a": "b"}}) == set()


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
        (GROUP, {"launchTemplate": {"id": "a", "version": "1"}},
         {"launchTemplate": {"id": "b", "version": "1"}}, {"launchTemplate"}),
        (GROUP, {"subnetIds": ["a"]}, {"subnetIds": ["a", "b"]}, {"subnetIds"}),
        (DEPLOYMENT, {"spec": {"selector": {"a": "b"}}}, {"spec": {"selector": {}}}, {"spec"}),
        (SERVICE, {"spec": {"clusterIP": "None"}}, {"spec": {}}, {"spec"}),
        (DEPLOYMENT, {"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}, {"metadata"}),
        (PRIORITY, {"metadata": {"namespace": "a"}}, {"metadata": {}}, {"metadata"}),
        (RELEASE, {"name": "a"}, {"name": "b"}, {"name"}),
        (RELEASE, {"namespace": "a"}, {"namespace": "b"}, {"namespace"}),
        (CLASS, {"parameters": {"type": "gp2"}}, {"parameters": {"type": "gp3"}}, {"parameters"}),
        (CLASS, {"provisioner": "a"}, {"provisioner": "b"}, {"provisioner"}),
        (FILES, {"data": {"a": "b"}}, {"data": {"a": "c"}}, {"data"}),
        (CLAIM, {"spec": {"storageClassName": "a"}}, {"spec": {"storageClassName": "b"}}, {"spec"}),
        (ASSOCIATION, {"accessScope": {"namespaces": ["a"]}},
         {"accessScope": {"namespaces": ["a", "b"]}}, {"accessScope"}),
    ],
)  # fmt: skip
def test_what_replaces_is_told_by_its_top_level_input(
    type_: str, old: dict[str, Any], new: dict[str, Any], expected: set[str]
) -> None:
    assert replaced_by(type_, old, new) == expected
    assert replaced_by(type_, new, old) == expected


@pytest.mark.parametrize(
    ("type_", "old", "new"),
    [
        (GROUP, {"tags": {}}, {"tags": {"a": "b"}}),
        (GROUP, {"launchTemplate": {"id": "a", "version": "1"}},
         {"launchTemplate": {"id": "a", "version": "2"}}),
        (GROUP, {"scalingConfig": {"maxSize": 1}}, {"scalingConfig": {"maxSize": 2}}),
        (GROUP, {"version": "1.35"}, {"version": "1.36"}),
        (GROUP, {"releaseVersion": "1"}, {"releaseVersion": "2"}),
        (CLUSTER, {"version": "1.35"}, {"version": "1.36"}),
        (CLUSTER, {"vpcConfig": {"subnetIds": ["a"]}}, {"vpcConfig": {"subnetIds": ["b"]}}),
        (CLUSTER, {"accessConfig": {"authenticationMode": "API_AND_CONFIG_MAP"}},
         {"accessConfig": {"authenticationMode": "API"}}),
        (CLUSTER, {"kubernetesNetworkConfig": {"ipFamily": "ipv4", "elastic": 1}},
         {"kubernetesNetworkConfig": {"ipFamily": "ipv4", "elastic": 2}}),
        (CLUSTER, {"deletionProtection": True}, {"deletionProtection": False}),
        (BALANCER, {"subnets": ["a"]}, {"subnets": ["a", "b"]}),
        ("aws:ec2/route:Route", {"natGatewayId": "a"}, {"natGatewayId": "b"}),
        ("aws:ec2/launchTemplate:LaunchTemplate", {"instanceType": "a"}, {"instanceType": "b"}),
        (RECORD, {"healthCheckId": "a"}, {"healthCheckId": "b"}),
        (DEPLOYMENT, {"spec": {"replicas": 1, "selector": {}}},
         {"spec": {"replicas": 2, "selector": {}}}),
        (DEPLOYMENT, {"metadata": {"name": "a"}}, {"metadata": {"name": "a", "labels": {}}}),
        (SERVICE, {"spec": {"ports": [80]}}, {"spec": {"ports": [81]}}),
        (PRIORITY, {"name": "a", "spec": {"selector": 1, "clusterIP": 1}}, {}),
        (RELEASE, {"name": "a", "version": "1", "values": {}}, {"name": "a", "version": "2"}),
        (CLASS, {"allowVolumeExpansion": False}, {"allowVolumeExpansion": True}),
        (CLAIM, {"spec": {"accessModes": ["a"], "resources": {"requests": {"storage": "1Gi"}}}},
         {"spec": {"accessModes": ["a"], "resources": {"requests": {"storage": "2Gi"}}}}),
    ],
)  # fmt: skip
def test_what_is_changed_in_place_replaces_nothing(
    type_: str, old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert replaced_by(type_, old, new) == set(), "people would be cut off for nothing"


@pytest.mark.parametrize(
    ("type_", "old", "new", "first"),
    [
        (CLUSTER, {"name": "cell"}, {"name": "cell"}, True),
        (BALANCER, {"name": "cell"}, {"name": "other"}, True),
        (BALANCER, {"internal": False}, {"internal": True}, False),
        (BALANCER, {"name": "cell"}, {}, False),
        (GROUP, {"clusterName": "cell"}, {"clusterName": "cell"}, False),
        (ATTACHMENT, {"role": "a"}, {"role": "b"}, True),
        (RECORD, {"name": "a.example.com"}, {"name": "a.example.com"}, False),
        (DEPLOYMENT, {"metadata": {"name": "a", "namespace": "s"}},
         {"metadata": {"name": "a", "namespace": "s", "labels": {}}}, True),
        (DEPLOYMENT, {"metadata": {"name": "a", "namespace": "s"}},
         {"metadata": {"name": "b", "namespace": "s"}}, False),
        (DEPLOYMENT, {"metadata": {"name": "a", "namespace": "s"}},
         {"metadata": {"name": "a", "namespace": "t"}}, False),
        (PRIORITY, {"metadata": {"name": "a"}}, {"metadata": {"name": "a"}}, True),
        (RELEASE, {"name": "a", "namespace": "s"}, {"name": "b", "namespace": "s"}, False),
        (RELEASE, {"name": "a", "namespace": "s"}, {"name": "a", "namespace": "t"}, False),
    ],
)  # fmt: skip
def test_the_old_one_goes_first_where_both_would_have_one_name(
    type_: str, old: dict[str, Any], new: dict[str, Any], first: bool
) -> None:
    why = "AlreadyExists" if first else "nothing would be there in between"
    assert deleted_first(type_, old, new) is first, why
