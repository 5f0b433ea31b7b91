"""The deployer of a cell can change the cell, and nothing of others."""

from collections.abc import Mapping

import pytest

from tests.settings.stack_files import config_of
from tests.shared_recordings import recorded, recorded_config
from tests.stacks.random_stacks import in_existing_vpc
from tests.tools.deploy.policy.evaluation import allowed
from tools.deploy.policy.documents import documents
from tools.deploy.policy.statements import release_statements, statements
from tools.deploy.state_bucket import ALIAS
from tools.recording.record import ROOT

ACCOUNT = "210987654321"
CELL, OTHER, TAG_OF_OTHERS = "prod", "staging", {"aws:ResourceTag/team": "payments"}
EKS = f"arn:aws:eks:us-east-1:{ACCOUNT}"
EC2 = f"arn:aws:ec2:us-east-1:{ACCOUNT}"
IAM = f"arn:aws:iam::{ACCOUNT}"
ELB = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}"
LOGS = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group"
ASG = (
    f"arn:aws:autoscaling:us-east-1:{ACCOUNT}:autoScalingGroup:1234:autoScalingGroupName/"
    "eks-nodes-general-us-east-1a-0a1b2c3-1234"
)
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234"
STATE_KEY = f"arn:aws:kms:us-east-2:{ACCOUNT}:key/5678"
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/1234"
ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
ROLE = f"{IAM}:role/nodes-role-0a1b2c3"
LAUNCH_TEMPLATE = {"ec2:LaunchTemplate": f"{EC2}:launch-template/lt-1"}
PASSED = "iam:PassedToService"
RECORDS = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
SERVICE_ROLE = f"{IAM}:role/aws-service-role"


def tag(cell: str) -> Mapping[str, str]:
    """Context of a request for a resource with the tag of a cell."""
    return {"aws:ResourceTag/ha-eks:cell": cell}


def new(cell: str, **more: str) -> Mapping[str, str]:
    """Context of a request that gives a resource the tag of a cell."""
    return {"aws:RequestTag/ha-eks:cell": cell, **more}


AT_CREATION = {"ec2:CreateAction": "CreateVpc"}
ALLOWED = [
    ("eks:CreateCluster", "*", new(CELL)),
    ("eks:DeleteCluster", f"{EKS}:cluster/prod", {}),
    ("eks:DeleteNodegroup", f"{EKS}:nodegroup/prod/nodes-general-us-east-1a-0a1b2c3/1234", {}),
    ("ec2:CreateVpc", f"{EC2}:vpc/*", new(CELL)),
    ("ec2:CreateTags", f"{EC2}:vpc/vpc-1", {**new(CELL), **AT_CREATION}),
    ("ec2:CreateSubnet", f"{EC2}:vpc/vpc-1", tag(CELL)),
    ("ec2:CreateSubnet", f"{EC2}:subnet/*", new(CELL)),
    ("ec2:DeleteVpc", f"{EC2}:vpc/vpc-1", tag(CELL)),
    ("ec2:RunInstances", f"{EC2}:instance/*", LAUNCH_TEMPLATE),
    ("ec2:RunInstances", "arn:aws:ec2:us-east-1::image/ami-1", LAUNCH_TEMPLATE),
    ("ec2:AuthorizeSecurityGroupIngress", f"{EC2}:security-group/sg-1", tag(CELL)),
    ("ec2:AuthorizeSecurityGroupIngress", f"{EC2}:security-group-rule/*", {}),
    ("ec2:CreateTags", f"{EC2}:security-group-rule/sgr-1", new(CELL)),
    ("ec2:CreateTags", f"{EC2}:security-group/sg-default", new(CELL)),
    (
        "ec2:AuthorizeSecurityGroupIngress",
        f"{EC2}:security-group/sg-1",
        {"aws:ResourceTag/aws:eks:cluster-name": "prod"},
    ),
    ("iam:CreateRole", ROLE, new(CELL)),
    ("iam:PutRolePolicy", f"{IAM}:role/lb-aws-load-balancer-controller-0a1b2c3", tag(CELL)),
    ("iam:PutRolePolicy", f"{IAM}:role/lb-aws-load-balancer-controller-0a1b2c3", {}),
    ("iam:PassRole", ROLE, {PASSED: "ec2.amazonaws.com"}),
    (
        "iam:AttachRolePolicy",
        ROLE,
        {"iam:PolicyARN": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"},
    ),
    ("iam:DeleteRole", f"{IAM}:role/removed-0a1b2c3", tag(CELL)),
    (
        "iam:CreateServiceLinkedRole",
        f"{SERVICE_ROLE}/eks.amazonaws.com/AWSServiceRoleForAmazonEKS",
        {"iam:AWSServiceName": "eks.amazonaws.com"},
    ),
    ("autoscaling:CreateOrUpdateTags", ASG, {"autoscaling:ResourceTag/eks:cluster-name": "prod"}),
    ("kms:CreateKey", "*", new(CELL)),
    ("kms:TagResource", KEY, new(CELL)),
    ("kms:EnableKeyRotation", KEY, {}),
    ("kms:CreateGrant", KEY, {**tag(CELL), "kms:GrantIsForAWSResource": "true"}),
    ("kms:ScheduleKeyDeletion", KEY, tag(CELL)),
    ("elasticloadbalancing:CreateLoadBalancer", f"{ELB}:loadbalancer/app/lb-0a1b2c3/1", new(CELL)),
    ("elasticloadbalancing:DeleteTargetGroup", f"{ELB}:targetgroup/lb-old-0a1b2c3/1", tag(CELL)),
    ("route53:ChangeResourceRecordSets", ZONE, {RECORDS: "app.example.com"}),
    ("route53:ChangeResourceRecordSets", ZONE, {RECORDS: "_9e61.app.example.com"}),
    (
        "logs:CreateLogGroup",
        f"{LOGS}:/aws/eks/prod/cluster",
        {},
    ),
    ("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:prod/impact", {}),
    ("s3:DeleteBucket", "arn:aws:s3:::lb-access-logs-0a1b2c3", {}),
    ("s3:PutObject", f"arn:aws:s3:::ha-eks-state-{ACCOUNT}-us-east-2/.pulumi/meta.yaml", {}),
    ("kms:Decrypt", STATE_KEY, {"kms:ResourceAliases": ALIAS}),
]
DENIED = [
    ("eks:CreateCluster", "*", {}),
    ("eks:DeleteCluster", f"{EKS}:cluster/staging", {}),
    ("eks:DeleteCluster", f"{EKS}:cluster/prod-standby", {}),
    ("eks:DeleteCluster", f"arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/prod", {}),
    ("eks:DeleteNodegroup", f"{EKS}:nodegroup/prod-standby/nodes/1234", {}),
    ("ec2:CreateVpc", f"{EC2}:vpc/*", {}),
    ("ec2:CreateSubnet", f"{EC2}:vpc/vpc-1", TAG_OF_OTHERS),
    ("ec2:CreateTags", f"{EC2}:vpc/vpc-1", new(CELL)),
    ("ec2:DeleteVpc", f"{EC2}:vpc/vpc-1", tag(OTHER)),
    ("ec2:DeleteVpc", f"{EC2}:vpc/vpc-1", {}),
    ("ec2:RunInstances", f"{EC2}:instance/*", {}),
    ("ec2:TerminateInstances", f"{EC2}:instance/i-1", tag(CELL)),
    ("ec2:AuthorizeSecurityGroupIngress", f"{EC2}:security-group/sg-1", TAG_OF_OTHERS),
    ("ec2:CreateTags", f"{EC2}:security-group/sg-1", {**new(CELL), **tag(OTHER)}),
    ("ec2:CreateTags", f"{EC2}:security-group-rule/sgr-1", {**new(CELL), **tag(OTHER)}),
    ("ec2:CreateTags", f"{EC2}:security-group-rule/sgr-1", new(OTHER)),
    ("iam:CreateRole", f"{IAM}:role/admin", new(CELL)),
    ("iam:CreateRole", ROLE, {}),
    ("iam:PutRolePolicy", f"{IAM}:role/admin", {}),
    ("iam:PutRolePolicy", ROLE, tag(OTHER)),
    ("iam:PassRole", f"{IAM}:role/admin", {PASSED: "ec2.amazonaws.com"}),
    ("iam:PassRole", ROLE, {PASSED: "lambda.amazonaws.com"}),
    ("iam:PassRole", ROLE, {}),
    (
        "iam:AttachRolePolicy",
        ROLE,
        {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"},
    ),
    ("iam:DeleteRole", f"{IAM}:role/admin", {}),
    ("iam:DeleteRole", f"{IAM}:role/ha-eks-prod-deployer", {}),
    ("iam:CreatePolicyVersion", f"{IAM}:policy/ha-eks-prod-roles", {}),
    (
        "iam:CreateServiceLinkedRole",
        f"{SERVICE_ROLE}/spot.amazonaws.com/AWSServiceRoleForEC2Spot",
        {"iam:AWSServiceName": "spot.amazonaws.com"},
    ),
    ("autoscaling:CreateOrUpdateTags", ASG, {"autoscaling:ResourceTag/eks:cluster-name": "own"}),
    ("kms:CreateGrant", KEY, tag(CELL)),
    ("kms:CreateGrant", KEY, {**tag(OTHER), "kms:GrantIsForAWSResource": "true"}),
    ("kms:PutKeyPolicy", KEY, {}),
    ("kms:ScheduleKeyDeletion", KEY, {}),
    ("kms:ScheduleKeyDeletion", KEY, tag(OTHER)),
    ("kms:TagResource", KEY, {**new(CELL), **tag(OTHER)}),
    ("kms:Decrypt", KEY, tag(CELL)),
    ("kms:Decrypt", STATE_KEY, {}),
    ("acm:DeleteCertificate", CERTIFICATE, tag(OTHER)),
    ("elasticloadbalancing:DeleteLoadBalancer", f"{ELB}:loadbalancer/app/shop/1", {}),
    ("elasticloadbalancing:DeleteLoadBalancer", f"{ELB}:loadbalancer/app/lb-1/1", tag(OTHER)),
    ("route53:ChangeResourceRecordSets", ZONE, {RECORDS: "example.com"}),
    ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z9", {}),
    ("logs:DeleteLogGroup", f"{LOGS}:/aws/eks/staging/cluster", {}),
    ("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:staging/impact", {}),
    ("s3:DeleteBucket", "arn:aws:s3:::customers", {}),
    ("s3:DeleteBucket", f"arn:aws:s3:::ha-eks-state-{ACCOUNT}-us-east-2", {}),
    ("s3:GetObject", "arn:aws:s3:::lb-access-logs-0a1b2c3/x", {}),
]  # fmt: skip

Case = tuple[str, str, Mapping[str, str]]


def name_of(case: Case) -> str:
    action, arn, context = case
    return f"{action} {arn.rpartition(':')[2]} {' '.join(context.values())}".strip()


@pytest.mark.parametrize("case", ALLOWED, ids=name_of)
def test_the_deployer_of_prod_may(case: Case) -> None:
    found = documents(statements(recorded(CELL), ACCOUNT)).values()
    assert allowed(found, *case)


@pytest.mark.parametrize("case", DENIED, ids=name_of)
def test_the_deployer_of_prod_may_not(case: Case) -> None:
    found = documents(statements(recorded(CELL), ACCOUNT)).values()
    assert not allowed(found, *case)


def test_only_a_cell_in_an_existing_vpc_uses_a_vpc_without_its_tag() -> None:
    config = config_of(CELL)
    recording = recorded_config(CELL, in_existing_vpc(config))
    found = documents(statements(recording, ACCOUNT)).values()
    vpc = f"{EC2}:vpc/vpc-0123456789abcdef0"
    assert allowed(found, "ec2:CreateSecurityGroup", vpc, {})
    assert not allowed(found, "ec2:CreateSecurityGroup", f"{EC2}:vpc/vpc-1", {})
    own = documents(statements(recorded(CELL), ACCOUNT)).values()
    assert not allowed(own, "ec2:CreateSecurityGroup", vpc, {})


def test_topics_and_keys_of_health_checks_are_in_us_east_1() -> None:
    found = documents(statements(recorded("prod-standby"), ACCOUNT)).values()
    for region, denied in (("us-west-2", False), ("us-east-1", False), ("eu-west-1", True)):
        topic = f"arn:aws:sns:{region}:{ACCOUNT}:alarms-health-0a1b2c3"
        assert allowed(found, "sns:CreateTopic", topic, {}) is not denied
        key = f"arn:aws:kms:{region}:{ACCOUNT}:key/1"
        assert allowed(found, "kms:ScheduleKeyDeletion", key, tag("prod-standby")) is not denied


def test_only_experiments_of_the_cell_are_started_and_stopped() -> None:
    fis, stack = f"arn:aws:fis:us-east-1:{ACCOUNT}", "experiments"
    found = documents(statements(recorded(stack, ROOT / "examples"), ACCOUNT)).values()
    for cell in (stack, OTHER):
        own = cell == stack
        template, run = f"{fis}:experiment-template/EXT1", f"{fis}:experiment/*"
        assert allowed(found, "fis:StartExperiment", template, tag(cell)) is own
        assert allowed(found, "fis:StartExperiment", run, new(cell)) is own
        assert allowed(found, "fis:TagResource", run, new(cell)) is own
        assert allowed(found, "fis:StopExperiment", f"{fis}:experiment/EXP1", tag(cell)) is own
    service = {"iam:AWSServiceName": "fis.amazonaws.com"}
    role = f"{SERVICE_ROLE}/fis.amazonaws.com/AWSServiceRoleForFIS"
    assert allowed(found, "iam:CreateServiceLinkedRole", role, service)
    without = documents(statements(recorded(CELL), ACCOUNT)).values()
    assert not allowed(without, "fis:StartExperiment", template, tag(CELL))


def test_a_policy_without_a_domain_changes_no_records() -> None:
    found = documents(statements(recorded("dev"), ACCOUNT)).values()
    assert not allowed(
        found, "route53:ChangeResourceRecordSets", ZONE, {RECORDS: "app.example.com"}
    )
    assert not allowed(found, "route53:ListResourceRecordSets", ZONE, {})
    check = "arn:aws:route53:::healthcheck/1"
    assert not allowed(found, "route53:GetHealthCheck", check, {})


RELEASE_ALLOWED = [
    ("eks:DescribeCluster", f"{EKS}:cluster/prod", {}),
    ("eks:DescribeNodegroup", f"{EKS}:nodegroup/prod/nodes/1234", {}),
    ("eks:ListClusters", "*", {}),
    ("tag:GetResources", "*", {}),
    ("cloudwatch:DescribeAlarms", "*", {}),
    ("s3:PutObject", f"arn:aws:s3:::ha-eks-state-{ACCOUNT}-us-east-2/.pulumi/meta.yaml", {}),
    ("kms:Decrypt", STATE_KEY, {"kms:ResourceAliases": ALIAS}),
]
STATE_ACTIONS = {"s3:PutObject", "s3:DeleteObject", "kms:Decrypt", "kms:Encrypt"}
READING = ("Describe", "Get", "List")


@pytest.mark.parametrize("case", RELEASE_ALLOWED, ids=name_of)
def test_the_releases_of_an_app_may(case: Case) -> None:
    found = documents(release_statements(recorded(CELL), ACCOUNT, "web")).values()
    assert allowed(found, *case)


def test_the_releases_of_an_app_change_no_resource_of_aws() -> None:
    found = release_statements(recorded(CELL), ACCOUNT, "web")
    assert [*found] == ["web-release", "web-state"]
    actions = {name for each in found["web-release"] for name in each["Action"]}
    assert actions
    assert [each for each in actions if not each.partition(":")[2].startswith(READING)] == []
    state = {name for each in found["web-state"] for name in each["Action"]}
    assert state >= STATE_ACTIONS
    assert {each.partition(":")[0] for each in state} == {"s3", "kms"}


def test_the_releases_of_an_app_read_no_other_cell() -> None:
    found = documents(release_statements(recorded(CELL), ACCOUNT, "web")).values()
    assert not allowed(found, "eks:DescribeCluster", f"{EKS}:cluster/staging", {})
    assert not allowed(found, "kms:Decrypt", KEY, tag(CELL))
