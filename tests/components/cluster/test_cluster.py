import json
from typing import Any

import pulumi
import pytest

from components.cluster import Cluster, ClusterArgs, control_plane_settings
from settings.aws import AssumeRole
from settings.cluster.cluster import Cluster as ClusterSettings
from tests.components.deploy import Deployed, context, deploy, with_aws
from tools.recording.made_up_outputs import ACCOUNT

EKS = "eks:index:Cluster"
ENTRY = "aws:eks/accessEntry:AccessEntry"
POLICY = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
KEY = "aws:kms/key:Key"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
KUBERNETES = "pulumi:providers:kubernetes"

CALLER = f"arn:aws:iam::{ACCOUNT}:role/deployer"
"""The role behind the session that the made-up cloud gives as the caller."""
OPS = f"arn:aws:iam::{ACCOUNT}:role/ops"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/people/alice"


def settings(**given: Any) -> ClusterSettings:
    return ClusterSettings.model_validate({"version": "1.36", **given})


def cluster(
    *, assume_roles: tuple[AssumeRole, ...] = (), profile: str | None = None, **given: Any
) -> Deployed:
    args = ClusterArgs(
        context=context(),
        cluster=settings(**given),
        vpc_id="vpc-1",
        log_key_arn="key",
        control_plane_subnet_ids={"us-east-1a": "subnet-a", "us-east-1b": "subnet-b"},
        assume_roles=assume_roles,
        profile=profile,
    )
    return deploy(lambda: Cluster("cluster", args, with_aws()))


Rights = dict[str, tuple[str, dict[str, Any]]]
"""Policy and scope of each principal."""

ADMIN = ("AmazonEKSClusterAdminPolicy", {"type": "cluster"})
VIEW = ("AmazonEKSViewPolicy", {"type": "cluster"})


def rights(cell: Deployed) -> Rights:
    """What each principal with an access entry may do, by one policy."""
    principals = [each.inputs["principalArn"] for each in cell.of_type(ENTRY)]
    policies = [each.inputs for each in cell.of_type(POLICY)]
    assert len(principals) == len(set(principals)), "EKS takes one entry a principal"
    assert sorted(each["principalArn"] for each in policies) == sorted(principals)
    return {
        each["principalArn"]: (each["policyArn"].rpartition("/")[2], each["accessScope"])
        for each in policies
    }


def admins(cell: Deployed) -> list[str]:
    """Principals of the access entries; each must be cluster admin."""
    found = rights(cell)
    assert set(map(repr, found.values())) == {repr(ADMIN)}
    return sorted(found)


def edit(*namespaces: str) -> tuple[str, dict[str, Any]]:
    return "AmazonEKSEditPolicy", {"type": "namespace", "namespaces": [*namespaces]}


def test_the_cluster_takes_its_name_version_and_subnets_from_the_cell() -> None:
    eks = cluster().one(EKS).inputs
    assert eks["name"] == "prod"
    assert eks["version"] == "1.36"
    assert eks["vpcId"] == "vpc-1"
    assert eks["subnetIds"] == ["subnet-a", "subnet-b"]


def test_access_is_by_access_entries_alone() -> None:
    assert cluster().one(EKS).inputs["authenticationMode"] == "API"


def test_without_cidrs_there_is_a_private_endpoint_and_no_public_one() -> None:
    eks = cluster().one(EKS).inputs
    assert eks["endpointPrivateAccess"] is True
    assert eks["endpointPublicAccess"] is False
    assert "publicAccessCidrs" not in eks


def test_with_cidrs_there_is_a_public_endpoint_for_them_beside_the_private_one() -> None:
    eks = cluster(publicAccessCidrs=("203.0.113.0/24",)).one(EKS).inputs
    assert eks["endpointPrivateAccess"] is True
    assert eks["endpointPublicAccess"] is True
    assert eks["publicAccessCidrs"] == ["203.0.113.0/24"]


def test_the_log_group_is_the_one_eks_writes_to_and_is_kept_as_long_as_asked() -> None:
    cell = cluster(logRetentionDays=30, logTypes=("audit",))
    logs = cell.one(LOGS).inputs
    assert logs["name"] == "/aws/eks/prod/cluster"
    assert logs["retentionInDays"] == 30
    assert cell.one(EKS).inputs["enabledClusterLogTypes"] == ["audit"]


def test_secrets_are_encrypted_by_a_key_that_rotates() -> None:
    cell = cluster(secretsKeyDeletionDays=7)
    key = cell.one(KEY)
    assert key.inputs["enableKeyRotation"] is True
    assert key.inputs["deletionWindowInDays"] == 7
    assert cell.one(EKS).inputs["encryptionConfigKeyArn"].endswith(f":key/{cell.id_of(key)}")


@pytest.mark.parametrize("protected", [True, False])
def test_deletion_protection_is_as_asked(protected: bool) -> None:
    eks = cluster(deletionProtection=protected).one(EKS).inputs
    assert eks["deletionProtection"] is protected


def test_pulumi_eks_makes_no_nodes_and_no_add_ons() -> None:
    eks = cluster().one(EKS).inputs
    assert eks["skipDefaultNodeGroup"] is True
    assert eks["bootstrapSelfManagedAddons"] is False
    assert eks["useDefaultVpcCni"] is True
    assert eks["corednsAddonOptions"]["enabled"] is False
    assert eks["kubeProxyAddonOptions"]["enabled"] is False


def test_the_deployer_is_the_role_of_the_caller_unless_the_stack_file_names_one() -> None:
    assert admins(cluster()) == [CALLER]
    assert admins(cluster(deployer=OPS)) == [OPS]


def test_every_admin_has_an_access_entry_beside_the_deployer() -> None:
    assert admins(cluster(admins=(OPS, ALICE))) == sorted([CALLER, OPS, ALICE])


def test_a_deployer_who_is_an_admin_too_has_one_access_entry() -> None:
    assert admins(cluster(admins=(CALLER, OPS))) == sorted([CALLER, OPS])
    assert admins(cluster(deployer=OPS, admins=(OPS,))) == [OPS]


def test_viewers_read_the_whole_cluster_but_for_secrets() -> None:
    assert rights(cluster(viewers=(OPS, ALICE))) == {CALLER: ADMIN, OPS: VIEW, ALICE: VIEW}


def test_editors_change_what_is_in_the_namespaces_of_their_apps() -> None:
    found = rights(cluster(editors={"web": (OPS,), "cache": (ALICE, OPS)}))
    assert found == {CALLER: ADMIN, OPS: edit("cache", "web"), ALICE: edit("cache")}


@pytest.mark.parametrize("given", [{"viewers": (CALLER,)}, {"editors": {"web": (CALLER,)}}])
def test_a_deployer_does_not_lose_the_cluster_by_looking_on(given: dict[str, Any]) -> None:
    with pytest.raises(pulumi.RunError, match="runs Pulumi"):
        cluster(**given)
    [(key, _)] = given.items()
    assert CALLER in rights(cluster(deployer=OPS, **given)), f"{key}: nobody is locked out"


def test_a_kubeconfig_that_changes_does_not_replace_what_is_in_the_cluster() -> None:
    provider = cluster().one(KUBERNETES).inputs
    assert provider["clusterIdentifier"] == "prod"
    assert provider["kubeconfig"] == "{}"


def test_the_kubeconfig_takes_on_the_role_or_profile_of_the_aws_provider() -> None:
    role = AssumeRole.model_validate({"roleArn": OPS})
    assert "providerCredentialOpts" not in cluster().one(EKS).inputs
    by_role = cluster(assume_roles=(role,)).one(EKS).inputs
    assert by_role["providerCredentialOpts"] == {"roleArn": OPS}
    by_profile = cluster(profile="work").one(EKS).inputs
    assert by_profile["providerCredentialOpts"] == {"profileName": "work"}


def test_the_control_plane_has_a_role_that_eks_can_take_on() -> None:
    cell = cluster()
    role = cell.one("aws:iam/role:Role", "cluster-role")
    (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "eks.amazonaws.com"}
    policy = cell.one("aws:iam/rolePolicyAttachment:RolePolicyAttachment").inputs
    assert policy["policyArn"] == "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
    assert policy["role"] == cell.id_of(role)


def transformed(
    type_: str, cluster_settings: ClusterSettings
) -> pulumi.ResourceTransformResult | None:
    """What the transform makes of a resource that pulumi-eks registers."""
    transform = control_plane_settings(cluster_settings)
    result = transform(
        pulumi.ResourceTransformArgs(
            custom=True,
            type_=type_,
            name="cluster-eksCluster",
            props={"name": "prod", "accessConfig": {"authenticationMode": "API"}},
            opts=pulumi.ResourceOptions(),
        )
    )
    assert result is None or isinstance(result, pulumi.ResourceTransformResult)
    return result


@pytest.mark.parametrize(("shift", "tier"), [(True, "standard"), (False, "tier-xl")])
def test_the_transform_sets_what_pulumi_eks_does_not_expose(shift: bool, tier: str) -> None:
    asked = settings(zonalShift=shift, controlPlaneTier=tier)
    result = transformed("aws:eks/cluster:Cluster", asked)
    assert result is not None
    assert result.props == {
        "name": "prod",
        "accessConfig": {
            "authenticationMode": "API",
            "bootstrapClusterCreatorAdminPermissions": False,
        },
        "zonalShiftConfig": {"enabled": shift},
        "controlPlaneScalingConfig": {"tier": tier},
    }


@pytest.mark.parametrize("type_", ["aws:iam/role:Role", "eks:index:Cluster"])
def test_the_transform_leaves_other_resources_alone(type_: str) -> None:
    assert transformed(type_, settings()) is None


def test_the_transform_is_on_the_cluster() -> None:
    assert len(cluster().one(EKS).transforms) == 1
