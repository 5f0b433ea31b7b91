import json

import pytest

from components.cluster.add_ons import BEFORE_NODES, AddOn, AddOns, AddOnsArgs, AddOnSettings
from components.cluster.vpc_cni import vpc_cni
from core.facts.versions.add_ons import ADD_ONS
from settings.cluster.add_ons import AddOnOverride
from settings.network.network import Pods
from tests.components.deploy import Deployed, context, deploy, with_aws

ADD_ON = "aws:eks/addon:Addon"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


CNI = vpc_cni(Pods(), "us-east-1", {}, "sg-1")


def override(value: dict[str, object]) -> AddOnOverride:
    return AddOnOverride.model_validate(value)


def add_ons(*selected: AddOn, **overrides: dict[str, object]) -> Deployed:
    """Deploys add-ons with overrides by name; a - of a name is _ here."""
    own = {key.replace("_", "-"): override(value) for key, value in overrides.items()}
    args = AddOnsArgs(
        add_ons=selected or [CNI, *BEFORE_NODES],
        context=context(),
        add_on_settings=AddOnSettings(kubernetes_version="1.36", overrides=own),
    )
    return deploy(lambda: AddOns("add-ons", args, with_aws()))


def test_every_add_on_is_created_in_the_cluster() -> None:
    created = [each.inputs for each in add_ons().of_type(ADD_ON)]
    assert {each["clusterName"] for each in created} == {"prod"}
    names = sorted(each["addonName"] for each in created)
    assert names == ["eks-pod-identity-agent", "kube-proxy", "vpc-cni"]


def test_vpc_cni_has_a_role_with_pod_identity() -> None:
    deployed = add_ons()
    role = deployed.one(ROLE)
    (identity,) = deployed.one(ADD_ON, "add-ons-vpc-cni").inputs["podIdentityAssociations"]
    assert identity["serviceAccount"] == "aws-node"
    assert identity["roleArn"].endswith(f":role/{deployed.id_of(role)}")
    attachment = deployed.one(ATTACHMENT).inputs
    assert attachment["role"] == deployed.id_of(role)
    assert attachment["policyArn"] == "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"


def test_only_pod_identity_can_assume_the_role() -> None:
    (statement,) = json.loads(add_ons().one(ROLE).inputs["assumeRolePolicy"])["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }


def test_an_add_on_without_a_policy_has_no_role() -> None:
    deployed = add_ons(AddOn(name="kube-proxy"))
    assert "podIdentityAssociations" not in deployed.one(ADD_ON).inputs
    assert deployed.of_type(ROLE) == []


def test_an_add_on_overwrites_conflicting_configuration() -> None:
    created = add_ons().of_type(ADD_ON)
    assert len(created) == 1 + len(BEFORE_NODES)
    for each in created:
        assert each.inputs["resolveConflictsOnCreate"] == "OVERWRITE"
        assert each.inputs["resolveConflictsOnUpdate"] == "OVERWRITE"


def test_a_configuration_is_json_and_an_empty_one_is_absent() -> None:
    deployed = add_ons(
        AddOn(name="coredns", configuration={"replicaCount": 3}), AddOn(name="plain")
    )
    coredns = deployed.one(ADD_ON, "add-ons-coredns").inputs
    assert json.loads(coredns["configurationValues"]) == {"replicaCount": 3}
    assert "configurationValues" not in deployed.one(ADD_ON, "add-ons-plain").inputs


def test_a_pinned_add_on_has_the_version_for_the_cluster_minor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ADD_ONS, "1.36", {"coredns": "v1.36-pin"})
    monkeypatch.setitem(ADD_ONS, "1.35", {"coredns": "v1.35-pin", "kube-proxy": "v1.35-pin"})
    deployed = add_ons(AddOn(name="coredns"), AddOn(name="kube-proxy"))
    assert deployed.one(ADD_ON, "add-ons-coredns").inputs["addonVersion"] == "v1.36-pin"
    default = deployed.one(ADD_ON, "add-ons-kube-proxy").inputs["addonVersion"]
    assert default == "v1.36.0-eksbuild.1", "an upgrade would leave the add-on at its old version"


def test_a_version_of_the_stack_file_overrides_the_pinned_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ADD_ONS, "1.36", {"vpc-cni": "v1.0.0-pin", "kube-proxy": "v1.0.0-pin"})
    own = "v1.23.2-eksbuild.1"
    deployed = add_ons(vpc_cni={"version": own})
    assert deployed.one(ADD_ON, "add-ons-vpc-cni").inputs["addonVersion"] == own
    others = deployed.one(ADD_ON, "add-ons-kube-proxy").inputs
    assert others["addonVersion"] == "v1.0.0-pin", "the override would change another add-on"


def test_a_configuration_of_the_stack_file_is_merged_over_the_default() -> None:
    default = {"scale": {"min": 2, "max": 9}, "rules": ["a", "b"], "same": True}
    other = {"scale": {"max": 50}, "rules": ("c",), "new": {"deep": {"er": None}}}
    deployed = add_ons(
        AddOn(name="coredns", configuration=default), coredns={"configuration": other}
    )
    assert json.loads(deployed.one(ADD_ON).inputs["configurationValues"]) == {
        "scale": {"min": 2, "max": 50},
        "rules": ["c"],
        "same": True,
        "new": {"deep": {"er": None}},
    }
    assert default["scale"] == {"min": 2, "max": 9}, (
        "the merge would change the default of the next cell"
    )


def test_an_add_on_without_a_default_gets_the_configuration_of_the_stack_file() -> None:
    deployed = add_ons(kube_proxy={"configuration": {"mode": "ipvs"}})
    proxy = deployed.one(ADD_ON, "add-ons-kube-proxy").inputs
    assert json.loads(proxy["configurationValues"]) == {"mode": "ipvs"}
    assert (
        "configurationValues" not in deployed.one(ADD_ON, "add-ons-eks-pod-identity-agent").inputs
    )
