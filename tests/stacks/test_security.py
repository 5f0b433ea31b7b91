"""Encryption, retention and IAM permissions of every stack."""

import json
from collections.abc import Iterator
from typing import Any

from tests.stacks.resources import by_id, outputs_of
from tools.recording import Recording

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
"""Read actions for which AWS supports no resource types, so that upstream allows them on "*"
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
"""Managed policies of AWS that roles of a cell have."""
OF_BACKUPS = {
    "service-role/AWSBackupServiceRolePolicyForBackup",
    "service-role/AWSBackupServiceRolePolicyForRestores",
}
"""Managed policies of AWS that roles of a cell with backups have."""


def statements(recording: Recording) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields each statement of inline and customer policies, with the name of the policy, except
    for those of experiments, which have tests of their own."""
    for policy in recording.of_type("aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"):
        if policy.name.startswith("experiments-"):
            continue
        for statement in json.loads(str(policy.inputs["policy"]))["Statement"]:
            yield policy.name, statement


def as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def test_no_policy_has_a_wildcard_action(recording: Recording) -> None:
    found = list(statements(recording))
    assert found
    for name, statement in found:
        assert statement["Effect"] == "Allow"
        assert "NotAction" not in statement
        for action in as_list(statement["Action"]):
            assert "*" not in action, f"{name} allows {action}"


def test_actions_with_resource_types_are_restricted_to_resources(recording: Recording) -> None:
    for name, statement in statements(recording):
        scoped = statement.get("Condition") or "*" not in as_list(statement["Resource"])
        unscoped = set(as_list(statement["Action"])) - UNSCOPED
        assert scoped or not unscoped, f"{name} allows {unscoped} on resources of others"


def test_only_read_actions_are_allowed_on_all_resources(recording: Recording) -> None:
    for action in UNSCOPED:
        assert action.partition(":")[2].startswith(("Describe", "Get")), action
    seen = {each for _, statement in statements(recording) for each in as_list(statement["Action"])}
    assert seen >= UNSCOPED, "an unused action is in UNSCOPED"


def test_resources_and_conditions_of_policies_belong_to_the_cell(recording: Recording) -> None:
    settings = recording.settings
    for name, statement in statements(recording):
        if set(as_list(statement["Action"])) <= UNSCOPED:
            continue
        text = json.dumps([statement["Resource"], statement.get("Condition")])
        names = [
            recording.stack,
            ":targetgroup/lb-",
            ":::observability-archive-",
            *workspaces(recording),
            *(
                each.queue
                for app in settings.replicated.values()
                for each in app.scaling.queues.values()
            ),
            *(
                arn
                for workload in settings.workloads.values()
                for arn in (*workload.aws_secrets.values(), *workload.aws_secret_keys)
            ),
        ]
        assert any(each in text for each in names), f"{name} allows resources of others: {text}"


def test_roles_have_only_reviewed_managed_policies(recording: Recording) -> None:
    attachments = recording.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    app_policies = {arn for app in recording.settings.workloads.values() for arn in app.policies}
    arns = [
        arn for each in attachments if (arn := str(each.inputs["policyArn"])) not in app_policies
    ]
    expected = MANAGED | (OF_BACKUPS if recording.settings.resilience.backup else set())
    assert {arn.partition(":policy/")[2] for arn in arns} == expected
    assert all(arn.startswith("arn:aws:iam::aws:policy/") for arn in arns)


def test_only_the_account_and_one_service_may_use_a_key(recording: Recording) -> None:
    """The resource "*" of a key policy is the key itself.

    EventBridge sends neither the account nor the rule: its statement has no condition.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
    """
    policies = [
        json.loads(str(e.inputs["policy"])) for e in recording.of_type(KEY) if "policy" in e.inputs
    ]
    assert policies
    for policy in policies:
        for statement in policy["Statement"]:
            root = str(statement["Principal"].get("AWS", "")).endswith(":root")
            events = statement["Principal"].get("Service") == "events.amazonaws.com"
            assert root or events or statement["Condition"], (
                "other accounts could use the key through the service"
            )
            assert root or "kms:*" not in as_list(statement["Action"])


def test_secrets_are_encrypted_by_a_key_of_the_cell(recording: Recording) -> None:
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    encryption = cluster.inputs["encryptionConfig"]
    assert encryption["resources"] == ["secrets"]
    assert encryption["provider"]["keyArn"] in key_policies(recording)


def test_every_volume_is_encrypted(recording: Recording) -> None:
    templates = recording.of_type("aws:ec2/launchTemplate:LaunchTemplate")
    classes = recording.of_type("kubernetes:storage.k8s.io/v1:StorageClass")
    assert templates
    assert classes
    for template in templates:
        mappings = template.inputs["blockDeviceMappings"]
        assert mappings, "the volume of the AMI is not encrypted"
        for mapping in mappings:
            assert mapping["ebs"]["encrypted"] == "true"
    for each in classes:
        assert each.inputs["parameters"]["encrypted"] == "true", f"{each.name}: volumes of claims"


def test_every_log_group_is_encrypted_and_has_a_retention(recording: Recording) -> None:
    groups = recording.of_type(LOGS)
    assert groups
    for group in groups:
        if group.name.endswith("-latch"):  # contains changes of alarms, which are not encrypted
            continue
        policy = json.loads(key_policies(recording)[group.inputs["kmsKeyId"]])
        services = [each["Principal"].get("Service") for each in policy["Statement"]]
        assert f"logs.{recording.settings.aws.region}.amazonaws.com" in services
        assert group.inputs["retentionInDays"], "the cell would store and pay for logs forever"


def test_every_bucket_is_private_encrypted_and_has_an_expiration(recording: Recording) -> None:
    archive = recording.settings.observability.archive
    experiments = recording.settings.resilience.experiments
    retention_days = {
        **{
            f"{each.resource_name}-access-logs": each.settings.access_log_days
            for each in recording.settings.load_balancers.values()
        },
        "observability-archive": archive.days if archive else 0,
        "experiments-reports": experiments.retention_days if experiments.enabled else 0,
    }
    buckets = by_id(recording, BUCKET)
    expected = {name for name, days in retention_days.items() if days}
    assert {each.name for each in buckets.values()} == expected
    for id_, bucket in buckets.items():
        parts = {
            each.type: each.inputs
            for each in recording.resources
            if each.inputs.get("bucket") == id_
        }
        [block] = [inputs for type_, inputs in parts.items() if type_.endswith("PublicAccessBlock")]
        assert all(value for key, value in block.items() if key != "bucket")
        assert len(block) == 5, "public access would be possible"
        [owner] = [inputs for type_, inputs in parts.items() if type_.endswith("OwnershipControls")]
        assert owner["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
        assert [type_ for type_ in parts if type_.endswith("ServerSideEncryptionConfiguration")]
        [lifecycle] = [e for type_, e in parts.items() if type_.endswith("LifecycleConfiguration")]
        days = [
            each["expiration"]["days"] for each in lifecycle["rules"] if each["status"] == "Enabled"
        ]
        assert days == [retention_days[bucket.name]]
        [policy] = [json.loads(e["policy"]) for t, e in parts.items() if t.endswith("BucketPolicy")]
        [deny] = [each for each in policy["Statement"] if each["Effect"] == "Deny"]
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_bucket_is_configured_before_logs_are_written(recording: Recording) -> None:
    balancers = recording.of_type("aws:lb/loadBalancer:LoadBalancer")
    [agents] = [
        each
        for each in recording.of_type("aws:eks/addon:Addon")
        if each.inputs["addonName"] == "amazon-cloudwatch-observability"
    ]
    bucket_parts = [each for each in recording.resources if each.type.startswith("aws:s3/")]
    archive = [each for each in bucket_parts if each.name == "observability-archive"]
    logs = [each for each in bucket_parts if each not in archive]
    logs_of = {
        each.name: [part for part in logs if part.name == f"{each.name}-access-logs"]
        for each in balancers
    }
    for each in balancers:
        assert each.inputs["accessLogs"]["enabled"] is bool(logs_of[each.name])
    assert bool(recording.settings.observability.archive) is bool(archive)
    writers = [(each, logs_of[each.name]) for each in balancers]
    for writer, parts in (*writers, (agents, archive)):
        for each in parts:
            assert each.urn in recording.before(writer), (
                f"logs would be written before {each.type} applies"
            )


def test_agents_may_write_to_the_archive_but_not_read(recording: Recording) -> None:
    found = [
        (name, one) for name, one in statements(recording) if "s3:" in json.dumps(one["Action"])
    ]
    assert bool(found) is bool(recording.settings.observability.archive)
    for name, statement in found:
        assert name == "observability-amazon-cloudwatch-observability"
        assert as_list(statement["Action"]) == ["s3:PutObject"]
        assert all(each.endswith("/*") for each in as_list(statement["Resource"]))


def test_https_has_the_certificate_of_the_stack_file_or_a_validated_one(
    recording: Recording,
) -> None:
    issued = recording.of_type("aws:acm/certificateValidation:CertificateValidation")
    public = recording.settings.load_balancer("public")
    assert bool(issued) is (
        bool(public.exposed) and public.https and not public.settings.certificate
    )
    listeners = {
        e.name: e for e in recording.of_type("aws:lb/listener:Listener") if e.inputs["port"] == 443
    }
    balancers = recording.settings.load_balancers.values()
    assert {*listeners} == {f"{each.resource_name}-https" for each in balancers if each.https}
    for balancer in [each for each in balancers if each.https]:
        listener = listeners[f"{balancer.resource_name}-https"]
        configured = balancer.settings.certificate
        arn = listener.inputs["certificateArn"]
        if configured:
            assert arn == configured
            continue
        [validation] = [each for each in issued if each.name == "lb"]
        assert arn == validation.inputs["certificateArn"]
        assert validation.urn in recording.before(listener), "AWS would refuse the listener"


def test_destroying_a_cell_retains_the_validation_record_that_cells_share(
    recording: Recording,
) -> None:
    for record in recording.of_type("aws:route53/record:Record"):
        shared = record.inputs["type"] == "CNAME"
        assert bool(record.inputs.get("allowOverwrite")) is shared
        assert bool(record.options.get("retainOnDelete")) is shared, (
            "certificates of other cells would not be renewed"
        )


def test_the_firewall_fails_open(recording: Recording) -> None:
    balancers = {each.name: each for each in recording.of_type("aws:lb/loadBalancer:LoadBalancer")}
    associations = recording.of_type("aws:wafv2/webAclAssociation:WebAclAssociation")
    names = {each.name for each in associations}
    for each in recording.settings.load_balancers.values():
        fails_open = balancers[each.resource_name].inputs["enableWafFailOpen"]
        assert (each.resource_name in names) is fails_open is (each.settings.waf is not None)
    for each in associations:
        assert each.options.get("deleteBeforeReplace"), (
            "deleting the old association would remove the new one"
        )


def test_every_key_rotates(recording: Recording) -> None:
    for key in recording.of_type(KEY):
        assert key.inputs["enableKeyRotation"] is True


def test_only_deployer_and_admins_read_secrets_of_the_whole_cluster(recording: Recording) -> None:
    """An editor reads the Secrets of its apps."""
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
        assert each.options.get("deleteBeforeReplace"), (
            "a replacement would delete the new association"
        )


def workspaces(recording: Recording) -> list[str]:
    """Returns the ARNs of the Prometheus workspaces."""
    return [each["arn"] for each in outputs_of(recording, "aws:amp/workspace:Workspace")]


def key_policies(recording: Recording) -> dict[object, str]:
    """Returns the policies of the keys, by ARN."""
    return {each["arn"]: each.get("policy", "{}") for each in outputs_of(recording, KEY)}
