"""What is encrypted, what is kept for how long, and what each role may do."""

import json
from collections.abc import Iterator
from typing import Any

import pulumi

from tests.stacks.test_properties import by_id
from tools.recording import Recording
from tools.recording.made_up_outputs import Answers

KEY = "aws:kms/key:Key"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
BUCKET = "aws:s3/bucket:Bucket"

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


def statements(recording: Recording) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement that a role's own policy has, with the policy's name."""
    for policy in recording.of_type("aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"):
        for statement in json.loads(str(policy.inputs["policy"]))["Statement"]:
            yield policy.name, statement


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def test_no_role_may_do_everything_of_anything(recording: Recording) -> None:
    found = list(statements(recording))
    assert found
    for name, statement in found:
        assert statement["Effect"] == "Allow"
        assert "NotAction" not in statement
        for action in listed(statement["Action"]):
            assert "*" not in action, f"{name} may do {action}"


def test_what_can_be_scoped_is_scoped_to_the_cell(recording: Recording) -> None:
    for name, statement in statements(recording):
        scoped = statement.get("Condition") or "*" not in listed(statement["Resource"])
        loose = set(listed(statement["Action"])) - UNSCOPED
        assert scoped or not loose, f"{name} may do {loose} to what is another's"


def test_what_changes_something_is_never_on_everything(recording: Recording) -> None:
    for action in UNSCOPED:
        assert action.partition(":")[2].startswith(("Describe", "Get")), action
    seen = {each for _, statement in statements(recording) for each in listed(statement["Action"])}
    assert seen >= UNSCOPED, "nobody needs it any more"


def test_a_scope_names_the_cell_or_what_is_the_cell_s_alone(recording: Recording) -> None:
    for name, statement in statements(recording):
        if set(listed(statement["Action"])) <= UNSCOPED:
            continue
        text = json.dumps([statement["Resource"], statement.get("Condition")])
        own = [
            recording.stack,
            ":targetgroup/lb-",
            ":::observability-archive-",
            *workspaces(recording),
        ]
        assert any(each in text for each in own), f"{name} is no cell's: {text}"


def test_aws_s_own_policies_are_those_that_were_looked_at(recording: Recording) -> None:
    attached = recording.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    own = {arn for app in recording.settings.apps.values() for arn in app.policies}
    arns = [arn for each in attached if (arn := str(each.inputs["policyArn"])) not in own]
    assert {arn.partition(":policy/")[2] for arn in arns} == MANAGED
    assert all(arn.startswith("arn:aws:iam::aws:policy/") for arn in arns)


def test_a_key_is_its_account_s_and_its_service_s(recording: Recording) -> None:
    """A key's policy speaks of that key only, which is its "*"."""
    own = [
        json.loads(str(e.inputs["policy"])) for e in recording.of_type(KEY) if "policy" in e.inputs
    ]
    assert own
    for policy in own:
        for statement in policy["Statement"]:
            root = str(statement["Principal"].get("AWS", "")).endswith(":root")
            assert root or statement["Condition"], "anybody could use the key"
            assert root or "kms:*" not in listed(statement["Action"])


def test_secrets_are_encrypted_by_a_key_of_the_cell(recording: Recording) -> None:
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    encryption = cluster.inputs["encryptionConfig"]
    assert encryption["resources"] == ["secrets"]
    assert encryption["provider"]["keyArn"] in keys(recording)


def test_every_volume_is_encrypted(recording: Recording) -> None:
    templates = recording.of_type("aws:ec2/launchTemplate:LaunchTemplate")
    classes = recording.of_type("kubernetes:storage.k8s.io/v1:StorageClass")
    assert templates
    assert classes
    for template in templates:
        mappings = template.inputs["blockDeviceMappings"]
        assert mappings, "the AMI's own volume is not"
        for mapping in mappings:
            assert mapping["ebs"]["encrypted"] == "true"
    for each in classes:
        assert each.inputs["parameters"]["encrypted"] == "true", f"claims of {each.name}"


def test_every_log_group_is_encrypted_and_ends(recording: Recording) -> None:
    groups = recording.of_type(LOGS)
    assert groups
    for group in groups:
        policy = json.loads(keys(recording)[group.inputs["kmsKeyId"]])
        services = [each["Principal"].get("Service") for each in policy["Statement"]]
        assert f"logs.{recording.settings.aws.region}.amazonaws.com" in services
        assert group.inputs["retentionInDays"], "kept, and paid for, for ever"


def test_every_bucket_is_nobody_else_s_encrypted_and_ends(recording: Recording) -> None:
    archive = recording.settings.observability.archive
    wanted = {
        "lb-access-logs": recording.settings.load_balancing.access_log_days,
        "observability-archive": archive.days if archive else 0,
    }
    buckets = by_id(recording, BUCKET)
    assert {each.name for each in buckets.values()} == {name for name, of in wanted.items() if of}
    for id_, bucket in buckets.items():
        own = {
            each.type: each.inputs
            for each in recording.resources
            if each.inputs.get("bucket") == id_
        }
        [block] = [inputs for type_, inputs in own.items() if type_.endswith("PublicAccessBlock")]
        assert all(value for key, value in block.items() if key != "bucket")
        assert len(block) == 5, "the rest is open"
        [owner] = [inputs for type_, inputs in own.items() if type_.endswith("OwnershipControls")]
        assert owner["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
        assert [type_ for type_ in own if type_.endswith("ServerSideEncryptionConfiguration")]
        [ends] = [e for type_, e in own.items() if type_.endswith("LifecycleConfiguration")]
        days = [each["expiration"]["days"] for each in ends["rules"] if each["status"] == "Enabled"]
        assert days == [wanted[bucket.name]]
        [policy] = [json.loads(e["policy"]) for t, e in own.items() if t.endswith("BucketPolicy")]
        [deny] = [each for each in policy["Statement"] if each["Effect"] == "Deny"]
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_bucket_is_closed_before_anything_is_written_to_it(recording: Recording) -> None:
    [balancer] = recording.of_type("aws:lb/loadBalancer:LoadBalancer")
    [agents] = [
        each
        for each in recording.of_type("aws:eks/addon:Addon")
        if each.inputs["addonName"] == "amazon-cloudwatch-observability"
    ]
    closed = [each for each in recording.resources if each.type.startswith("aws:s3/")]
    archive = [each for each in closed if each.name == "observability-archive"]
    logs = [each for each in closed if each not in archive]
    assert balancer.inputs["accessLogs"]["enabled"] is bool(logs)
    assert bool(recording.settings.observability.archive) is bool(archive)
    for writer, own in ((balancer, logs), (agents, archive)):
        for each in own:
            assert each.urn in recording.before(writer), f"{each.type} would come late"


def test_logs_are_written_to_the_archive_and_never_read(recording: Recording) -> None:
    found = [
        (name, one) for name, one in statements(recording) if "s3:" in json.dumps(one["Action"])
    ]
    assert bool(found) is bool(recording.settings.observability.archive)
    for name, statement in found:
        assert name == "observability-amazon-cloudwatch-observability"
        assert listed(statement["Action"]) == ["s3:PutObject"]
        assert all(each.endswith("/*") for each in listed(statement["Resource"]))


def test_https_has_a_certificate_that_is_given_or_issued_by_then(recording: Recording) -> None:
    given = recording.settings.load_balancing.certificate
    issued = recording.of_type("aws:acm/certificateValidation:CertificateValidation")
    assert bool(issued) is (recording.settings.traffic is not None and given is None)
    listeners = [
        e for e in recording.of_type("aws:lb/listener:Listener") if e.inputs["port"] == 443
    ]
    assert bool(listeners) is recording.settings.https
    for listener in listeners:
        arn = listener.inputs["certificateArn"]
        if given:
            assert arn == given
            continue
        [validation] = issued
        assert arn == validation.inputs["certificateArn"]
        assert validation.urn in recording.before(listener), "the listener would be refused"


def test_the_record_of_a_certificate_is_left_to_the_other_cells(recording: Recording) -> None:
    for record in recording.of_type("aws:route53/record:Record"):
        shared = record.inputs["type"] == "CNAME"
        assert bool(record.inputs.get("allowOverwrite")) is shared
        assert bool(record.options.get("retainOnDelete")) is shared, "their renewals would fail"


def test_a_firewall_lets_requests_through_when_it_does_not_answer(recording: Recording) -> None:
    [balancer] = recording.of_type("aws:lb/loadBalancer:LoadBalancer")
    guarded = recording.of_type("aws:wafv2/webAclAssociation:WebAclAssociation")
    waf = recording.settings.load_balancing.waf
    assert bool(guarded) is balancer.inputs["enableWafFailOpen"] is (waf is not None)
    for each in guarded:
        assert each.options.get("deleteBeforeReplace"), "the old one's end would be the new one's"


def test_every_key_rotates(recording: Recording) -> None:
    for key in recording.of_type(KEY):
        assert key.inputs["enableKeyRotation"] is True


def test_nobody_but_deployer_and_admins_reads_secrets(recording: Recording) -> None:
    """Secrets of the whole cluster; an editor reads those of its own apps."""
    cluster = recording.settings.cluster
    for each in recording.of_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation"):
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


def workspaces(recording: Recording) -> list[str]:
    """ARNs of the plan's Prometheus workspaces."""
    answers, kind = Answers(recording.settings.aws.region), "aws:amp/workspace:Workspace"
    return [
        answers.new_resource(
            pulumi.runtime.MockResourceArgs(kind, each.name, dict(each.inputs), custom=True)
        )[1]["arn"]
        for each in recording.of_type(kind)
    ]


def keys(recording: Recording) -> dict[object, str]:
    """Policies of the keys by ARN."""
    answers = Answers(recording.settings.aws.region)
    made = (
        answers.new_resource(
            pulumi.runtime.MockResourceArgs(KEY, each.name, dict(each.inputs), custom=True)
        )[1]
        for each in recording.of_type(KEY)
    )
    return {each["arn"]: each.get("policy", "{}") for each in made}
