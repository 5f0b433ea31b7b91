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

CALLER = f"arn:aws:iam::{ACCOUNT}:role/deployer"
"""IAM role of the session that the mocks return as the caller."""
OPS = f"arn:aws:iam::{ACCOUNT}:role/ops"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/people/alice"


def settings(**changes: Any) -> ClusterSettings:
    return ClusterSettings.model_validate({"version": "1.36", **changes})


def cluster(
    *,
    deployer: str | None = CALLER,
    admins: tuple[str, ...] = (CALLER,),
    assume_roles: tuple[AssumeRole, ...] = (),
    profile: str | None = None,
    protected: bool = True,
    **changes: Any,
) -> Deployed:
    args = ClusterArgs(
        context=context(),
        cluster=settings(**changes),
        protected=protected,
        deployer=deployer,
        admins=admins,
        vpc_id="vpc-1",
        log_key_arn="key",
        control_plane_subnet_ids={"us-east-1a": "subnet-a", "us-east-1b": "subnet-b"},
        assume_roles=assume_roles,
        profile=profile,
    )
    return deploy(lambda: Cluster("cluster", args, with_aws()))


Grants = dict[str, tuple[str, dict[str, Any]]]
"""Policy and scope of each principal."""

ADMIN = ("AmazonEKSClusterAdminPolicy", {"type": "cluster"})
VIEW = ("AmazonEKSViewPolicy", {"type": "cluster"})


def grants(cell: Deployed) -> Grants:
    """Returns the access policy of each principal with an access entry."""
    principals = [each.inputs["principalArn"] for each in cell.of_type(ENTRY)]
    policies = [each.inputs for each in cell.of_type(POLICY)]
    assert len(principals) == len(set(principals)), "EKS refuses a second entry for a principal"
    assert sorted(each["principalArn"] for each in policies) == sorted(principals)
    return {
        each["principalArn"]: (each["policyArn"].rpartition("/")[2], each["accessScope"])
        for each in policies
    }


def administrators(cell: Deployed) -> list[str]:
    """Returns the principals with access entries, all of which are cluster admins."""
    found = grants(cell)
    assert set(map(repr, found.values())) == {repr(ADMIN)}
    return sorted(found)


def edit(*namespaces: str) -> tuple[str, dict[str, Any]]:
    return "AmazonEKSEditPolicy", {"type": "namespace", "namespaces": [*namespaces]}


def test_the_cluster_has_the_name_version_and_subnets_of_the_cell() -> None:
    eks = cluster().one(EKS).inputs
    assert eks["name"] == "prod"
    assert eks["version"] == "1.36"
    assert eks["vpcId"] == "vpc-1"
    assert eks["subnetIds"] == ["subnet-a", "subnet-b"]


def test_only_access_entries_authenticate() -> None:
    assert cluster().one(EKS).inputs["authenticationMode"] == "API"


def test_without_public_access_cidrs_the_endpoint_is_private() -> None:
    eks = cluster().one(EKS).inputs
    assert eks["endpointPrivateAccess"] is True
    assert eks["endpointPublicAccess"] is False
    assert "publicAccessCidrs" not in eks


def test_with_public_access_cidrs_the_endpoint_is_also_public_for_them() -> None:
    eks = cluster(publicAccessCidrs=("203.0.113.0/24",)).one(EKS).inputs
    assert eks["endpointPrivateAccess"] is True
    assert eks["endpointPublicAccess"] is True
    assert eks["publicAccessCidrs"] == ["203.0.113.0/24"]


def test_the_log_group_of_eks_has_the_retention_of_the_stack_file() -> None:
    cell = cluster(logRetentionDays=30, logTypes=("audit",))
    logs = cell.one(LOGS).inputs
    assert logs["name"] == "/aws/eks/prod/cluster"
    assert logs["retentionInDays"] == 30
    assert cell.one(EKS).inputs["enabledClusterLogTypes"] == ["audit"]


def test_secrets_are_encrypted_with_a_rotating_key() -> None:
    cell = cluster(secretsKeyDeletionDays=7)
    key = cell.one(KEY)
    assert key.inputs["enableKeyRotation"] is True
    assert key.inputs["deletionWindowInDays"] == 7
    assert cell.one(EKS).inputs["encryptionConfigKeyArn"].endswith(f":key/{cell.id_of(key)}")


@pytest.mark.parametrize("protected", [True, False])
def test_deletion_protection_follows_the_stack_file(protected: bool) -> None:
    eks = cluster(protected=protected).one(EKS).inputs
    assert eks["deletionProtection"] is protected


def test_pulumi_eks_creates_no_nodes_and_no_add_ons() -> None:
    eks = cluster().one(EKS).inputs
    assert eks["skipDefaultNodeGroup"] is True
    assert eks["bootstrapSelfManagedAddons"] is False
    assert eks["useDefaultVpcCni"] is True
    assert eks["corednsAddonOptions"]["enabled"] is False
    assert eks["kubeProxyAddonOptions"]["enabled"] is False


def test_every_administrator_has_an_access_entry() -> None:
    assert administrators(cluster(admins=(OPS, ALICE))) == sorted([OPS, ALICE])


def test_the_deployer_is_a_tag_of_the_cluster() -> None:
    assert cluster(deployer=OPS).one(EKS).inputs["tags"] == {"ha-eks:deployer": OPS}
    assert "tags" not in cluster(deployer=None).one(EKS).inputs


def test_a_deployer_whose_arn_is_too_long_for_a_tag_is_no_tag() -> None:
    path = "/".join(["p" * 60] * 4)
    long = f"arn:aws:iam::{ACCOUNT}:role/{path}/ops"
    assert "tags" not in cluster(deployer=long).one(EKS).inputs, "AWS refuses the cluster"


def test_the_logical_name_of_an_access_entry_depends_on_the_principal_only() -> None:
    name = f"cluster-access-{ACCOUNT}-role/ops"
    for cell in (
        cluster(deployer=OPS, admins=(OPS,)),
        cluster(deployer=None, admins=(ALICE, OPS)),
        cluster(viewers=(OPS,)),
        cluster(editors={"web": (OPS,)}),
    ):
        assert cell.one(ENTRY, name).inputs["principalArn"] == OPS
        assert cell.one(POLICY, name).inputs["principalArn"] == OPS


def test_principals_with_similar_names_have_different_access_entries() -> None:
    roles = tuple(f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("a/b", "a-b"))
    names = [each.name for each in cluster(admins=roles).of_type(ENTRY)]
    assert sorted(names) == [f"cluster-access-{ACCOUNT}-role/{name}" for name in ("a-b", "a/b")]


def test_viewers_have_the_view_policy_for_the_whole_cluster() -> None:
    assert grants(cluster(viewers=(OPS, ALICE))) == {CALLER: ADMIN, OPS: VIEW, ALICE: VIEW}


def test_editors_have_the_edit_policy_for_the_namespaces_of_their_apps() -> None:
    found = grants(cluster(editors={"web": (OPS,), "cache": (ALICE, OPS)}))
    assert found == {CALLER: ADMIN, OPS: edit("cache", "web"), ALICE: edit("cache")}


def test_the_kubeconfig_uses_the_role_or_profile_of_the_aws_provider() -> None:
    role = AssumeRole.model_validate({"roleArn": OPS})
    assert "providerCredentialOpts" not in cluster().one(EKS).inputs
    by_role = cluster(assume_roles=(role,)).one(EKS).inputs
    assert by_role["providerCredentialOpts"] == {"roleArn": OPS}
    by_profile = cluster(profile="work").one(EKS).inputs
    assert by_profile["providerCredentialOpts"] == {"profileName": "work"}


def test_eks_can_assume_the_role_of_the_control_plane() -> None:
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
    """Returns the result of the transform for a resource that pulumi-eks registers."""
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
def test_the_transform_sets_properties_that_pulumi_eks_does_not_expose(
    shift: bool, tier: str
) -> None:
    provisioned = tier != "standard"
    changes = settings(
        zonalShift=shift, controlPlaneTier=tier, podAutoscalerSeconds=10 if provisioned else 15
    )
    result = transformed("aws:eks/cluster:Cluster", changes)
    assert result is not None
    assert result.props == {
        "name": "prod",
        "accessConfig": {
            "authenticationMode": "API",
            "bootstrapClusterCreatorAdminPermissions": False,
        },
        "zonalShiftConfig": {"enabled": shift},
        "controlPlaneScalingConfig": {"tier": tier},
        **(
            {
                "kubeControllerManagerConfig": {
                    "horizontalPodAutoscalerControllerConfig": {
                        "horizontalPodAutoscalerSyncPeriod": "10s"
                    }
                }
            }
            if provisioned
            else {}
        ),
    }


@pytest.mark.parametrize("type_", ["aws:iam/role:Role", "eks:index:Cluster"])
def test_the_transform_does_not_change_other_resources(type_: str) -> None:
    assert transformed(type_, settings()) is None


def test_the_cluster_has_the_transform() -> None:
    assert len(cluster().one(EKS).transforms) == 1
