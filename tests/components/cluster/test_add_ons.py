import json

import pytest

from components.cluster.add_ons import BEFORE_NODES, AddOn, AddOns, AddOnsArgs, AddOnSettings
from components.cluster.vpc_cni import vpc_cni
from core.facts.versions import ADD_ONS
from settings.cluster.add_ons import AddOnOverride
from settings.network.network import Pods
from tests.components.deploy import Deployed, context, deploy, with_aws

ADD_ON = "aws:eks/addon:Addon"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


CNI = vpc_cni(Pods(), "us-east-1", {}, "sg-1")


def override(value: dict[str, object]) -> AddOnOverride:
    return AddOnOverride.model_validate(value)


def add_ons(*given: AddOn, **overrides: dict[str, object]) -> Deployed:
    """A phase of add-ons, some of them otherwise; a name's - is _ here."""
    own = {key.replace("_", "-"): override(value) for key, value in overrides.items()}
    args = AddOnsArgs(
        add_ons=given or [CNI, *BEFORE_NODES],
        context=context(),
        add_on_settings=AddOnSettings(kubernetes_version="1.36", overrides=own),
    )
    return deploy(lambda: AddOns("add-ons", args, with_aws()))


def test_every_add_on_of_the_phase_is_made_in_the_cluster() -> None:
    made = [each.inputs for each in add_ons().of_type(ADD_ON)]
    assert {each["clusterName"] for each in made} == {"prod"}
    names = sorted(each["addonName"] for each in made)
    assert names == ["eks-pod-identity-agent", "kube-proxy", "vpc-cni"]


def test_vpc_cni_has_a_role_by_pod_identity() -> None:
    phase = add_ons()
    role = phase.one(ROLE)
    (identity,) = phase.one(ADD_ON, "add-ons-vpc-cni").inputs["podIdentityAssociations"]
    assert identity["serviceAccount"] == "aws-node"
    assert identity["roleArn"].endswith(f":role/{phase.id_of(role)}")
    attachment = phase.one(ATTACHMENT).inputs
    assert attachment["role"] == phase.id_of(role)
    assert attachment["policyArn"] == "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"


def test_the_role_trusts_pod_identity_and_nobody_else() -> None:
    (statement,) = json.loads(add_ons().one(ROLE).inputs["assumeRolePolicy"])["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }


def test_kube_proxy_calls_no_aws_and_has_no_role() -> None:
    phase = add_ons(AddOn(name="kube-proxy"))
    assert "podIdentityAssociations" not in phase.one(ADD_ON).inputs
    assert phase.of_type(ROLE) == []


def test_an_add_on_overwrites_what_stands_in_its_way() -> None:
    made = add_ons().of_type(ADD_ON)
    assert len(made) == 1 + len(BEFORE_NODES)
    for each in made:
        assert each.inputs["resolveConflictsOnCreate"] == "OVERWRITE"
        assert each.inputs["resolveConflictsOnUpdate"] == "OVERWRITE"


def test_configuration_is_json_and_absent_if_there_is_none() -> None:
    phase = add_ons(AddOn(name="coredns", configuration={"replicaCount": 3}), AddOn(name="plain"))
    coredns = phase.one(ADD_ON, "add-ons-coredns").inputs
    assert json.loads(coredns["configurationValues"]) == {"replicaCount": 3}
    assert "configurationValues" not in phase.one(ADD_ON, "add-ons-plain").inputs


def test_a_pinned_add_on_has_the_version_of_the_cluster_s_minor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ADD_ONS, "1.36", {"coredns": "v1.36-pin"})
    monkeypatch.setitem(ADD_ONS, "1.35", {"coredns": "v1.35-pin", "kube-proxy": "v1.35-pin"})
    phase = add_ons(AddOn(name="coredns"), AddOn(name="kube-proxy"))
    assert phase.one(ADD_ON, "add-ons-coredns").inputs["addonVersion"] == "v1.36-pin"
    assert "addonVersion" not in phase.one(ADD_ON, "add-ons-kube-proxy").inputs


def test_a_version_of_the_stack_file_goes_before_the_pinned_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ADD_ONS, "1.36", {"vpc-cni": "v1.0.0-pin", "kube-proxy": "v1.0.0-pin"})
    own = "v1.23.2-eksbuild.1"
    phase = add_ons(vpc_cni={"version": own})
    assert phase.one(ADD_ON, "add-ons-vpc-cni").inputs["addonVersion"] == own
    others = phase.one(ADD_ON, "add-ons-kube-proxy").inputs
    assert others["addonVersion"] == "v1.0.0-pin", "another add-on would be changed with it"


def test_a_configuration_of_the_stack_file_is_merged_over_the_cell_s_own() -> None:
    ours = {"scale": {"least": 2, "most": 9}, "rules": ["a", "b"], "kept": True}
    theirs = {"scale": {"most": 50}, "rules": ("c",), "new": {"deep": {"er": None}}}
    phase = add_ons(AddOn(name="coredns", configuration=ours), coredns={"configuration": theirs})
    assert json.loads(phase.one(ADD_ON).inputs["configurationValues"]) == {
        "scale": {"least": 2, "most": 50},
        "rules": ["c"],
        "kept": True,
        "new": {"deep": {"er": None}},
    }
    assert ours["scale"] == {"least": 2, "most": 9}, "the next cell would be configured by this one"


def test_an_add_on_without_a_configuration_gets_that_of_the_stack_file() -> None:
    phase = add_ons(kube_proxy={"configuration": {"mode": "ipvs"}})
    proxy = phase.one(ADD_ON, "add-ons-kube-proxy").inputs
    assert json.loads(proxy["configurationValues"]) == {"mode": "ipvs"}
    assert "configurationValues" not in phase.one(ADD_ON, "add-ons-eks-pod-identity-agent").inputs
