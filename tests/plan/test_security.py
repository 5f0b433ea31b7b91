"""What is encrypted, what is kept for how long, and what each role may do."""

import json
from collections.abc import Iterator
from typing import Any

import pulumi

from plan import Plan
from plan.answers import Answers

KEY = "aws:kms/key:Key"
LOGS = "aws:cloudwatch/logGroup:LogGroup"

UNSCOPED = {
    # https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/cloudprovider/aws/README.md
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeScalingActivities",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:GetInstanceTypesFromInstanceRequirements",
    # https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/docs/install/iam_policy.json
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcs",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
}
"""Reads that upstream's own policies have on all resources: AWS takes no others there
(https://docs.aws.amazon.com/service-authorization/latest/reference/, "Resource types")."""

MANAGED = {
    "AmazonEBSCSIDriverPolicyV2",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEKSClusterPolicy",
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonSSMManagedInstanceCore",
    "CloudWatchAgentServerPolicy",
}
"""AWS's own policies that roles have, each for what its name says."""


def statements(plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement that a role's own policy has, with the policy's name."""
    for policy in plan.of_type("aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"):
        for statement in json.loads(str(policy.inputs["policy"]))["Statement"]:
            yield policy.name, statement


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def test_no_role_may_do_everything_of_anything(plan: Plan) -> None:
    found = list(statements(plan))
    assert found
    for name, statement in found:
        assert statement["Effect"] == "Allow"
        assert "NotAction" not in statement
        for action in listed(statement["Action"]):
            assert "*" not in action, f"{name} may do {action}"


def test_what_can_be_scoped_is_scoped_to_the_cell(plan: Plan) -> None:
    for name, statement in statements(plan):
        scoped = statement.get("Condition") or "*" not in listed(statement["Resource"])
        loose = set(listed(statement["Action"])) - UNSCOPED
        assert scoped or not loose, f"{name} may do {loose} to what is another's"


def test_what_changes_something_is_never_on_everything(plan: Plan) -> None:
    for action in UNSCOPED:
        assert action.partition(":")[2].startswith(("Describe", "Get")), action
    seen = {each for _, statement in statements(plan) for each in listed(statement["Action"])}
    assert seen >= UNSCOPED, "nobody needs it any more"


def test_a_scope_names_the_cell_or_what_is_the_cell_s_alone(plan: Plan) -> None:
    for name, statement in statements(plan):
        if set(listed(statement["Action"])) <= UNSCOPED:
            continue
        text = json.dumps([statement["Resource"], statement.get("Condition")])
        own = [plan.stack, ":targetgroup/lb-", *workspaces(plan)]
        assert any(each in text for each in own), f"{name} is no cell's: {text}"


def test_aws_s_own_policies_are_those_that_were_looked_at(plan: Plan) -> None:
    attached = plan.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    own = {arn for app in plan.settings.apps.root.values() for arn in app.policies}
    arns = [arn for each in attached if (arn := str(each.inputs["policyArn"])) not in own]
    assert {arn.partition(":policy/")[2] for arn in arns} == MANAGED
    assert all(arn.startswith("arn:aws:iam::aws:policy/") for arn in arns)


def test_a_key_is_its_account_s_and_its_service_s(plan: Plan) -> None:
    """A key's policy speaks of that key only, which is its "*"."""
    own = [json.loads(str(e.inputs["policy"])) for e in plan.of_type(KEY) if "policy" in e.inputs]
    assert own
    for policy in own:
        for statement in policy["Statement"]:
            root = str(statement["Principal"].get("AWS", "")).endswith(":root")
            assert root or statement["Condition"], "anybody could use the key"
            assert root or "kms:*" not in listed(statement["Action"])


def test_secrets_are_encrypted_by_a_key_of_the_cell(plan: Plan) -> None:
    [cluster] = plan.of_type("aws:eks/cluster:Cluster")
    encryption = cluster.inputs["encryptionConfig"]
    assert encryption["resources"] == ["secrets"]
    assert encryption["provider"]["keyArn"] in keys(plan)


def test_every_volume_is_encrypted(plan: Plan) -> None:
    templates = plan.of_type("aws:ec2/launchTemplate:LaunchTemplate")
    classes = plan.of_type("kubernetes:storage.k8s.io/v1:StorageClass")
    assert templates
    assert classes
    for template in templates:
        mappings = template.inputs["blockDeviceMappings"]
        assert mappings, "the AMI's own volume is not"
        for mapping in mappings:
            assert mapping["ebs"]["encrypted"] == "true"
    for each in classes:
        assert each.inputs["parameters"]["encrypted"] == "true", f"claims of {each.name}"


def test_every_log_group_is_encrypted_and_ends(plan: Plan) -> None:
    groups = plan.of_type(LOGS)
    assert groups
    for group in groups:
        policy = json.loads(keys(plan)[group.inputs["kmsKeyId"]])
        services = [each["Principal"].get("Service") for each in policy["Statement"]]
        assert f"logs.{plan.settings.aws.region}.amazonaws.com" in services
        assert group.inputs["retentionInDays"], "kept, and paid for, for ever"


def test_every_key_rotates(plan: Plan) -> None:
    for key in plan.of_type(KEY):
        assert key.inputs["enableKeyRotation"] is True


def test_nobody_but_deployer_and_admins_reads_secrets(plan: Plan) -> None:
    """Secrets of the whole cluster; an editor reads those of its own apps."""
    cluster = plan.settings.cluster
    for each in plan.of_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation"):
        principal, policy = each.inputs["principalArn"], each.inputs["policyArn"].rsplit("/")[-1]
        scope = each.inputs["accessScope"]
        if principal in cluster.viewers:
            assert (policy, scope) == ("AmazonEKSViewPolicy", {"type": "cluster"})
        elif policy != "AmazonEKSClusterAdminPolicy":
            assert policy == "AmazonEKSEditPolicy"
            assert scope["type"] == "namespace"
            apps = {app for app, editors in cluster.editors.items() if principal in editors}
            assert set(scope["namespaces"]) == apps
        assert each.options.get("deleteBeforeReplace"), "another scope would end in none"


def workspaces(plan: Plan) -> list[str]:
    """ARNs of the plan's Prometheus workspaces."""
    answers, kind = Answers(plan.settings.aws.region), "aws:amp/workspace:Workspace"
    return [
        answers.new_resource(
            pulumi.runtime.MockResourceArgs(kind, each.name, dict(each.inputs), custom=True)
        )[1]["arn"]
        for each in plan.of_type(kind)
    ]


def keys(plan: Plan) -> dict[object, str]:
    """Policies of the keys by ARN."""
    answers = Answers(plan.settings.aws.region)
    made = (
        answers.new_resource(
            pulumi.runtime.MockResourceArgs(KEY, each.name, dict(each.inputs), custom=True)
        )[1]
        for each in plan.of_type(KEY)
    )
    return {each["arn"]: each.get("policy", "{}") for each in made}
