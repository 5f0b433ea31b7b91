"""AWS Backup of the cluster: objects, EBS volumes and shared volumes in one recovery point.

AWS Backup creates an access entry for its role, and reads the cluster without an agent in it. The
two managed policies are those that AWS requires, and that AWS extends with its features.
https://docs.aws.amazon.com/aws-backup/latest/devguide/eks-backups.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-eks.html
docs/decisions/0074-backups-outlive-their-cell.md
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.cell_context import ClusterContext
from components.resilience.event_rule import publish_events
from core.aws_cron import aws_expression
from core.iam import trust
from core.short_names import rule_prefix, short_name
from core.tags import CELL
from settings.resilience.backup import Backup

_FAILED = {
    "$or": [
        {"state": ["FAILED", "ABORTED", "EXPIRED"]},
        {"status": ["FAILED", "ABORTED", "PARTIAL", "EXPIRED"]},
    ]
}
"""States of jobs, and of recovery points, that a person must know. Events have one of two fields.
https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html"""
_EVENTS = (
    "Backup Job State Change",
    "Copy Job State Change",
    "Recovery Point State Change",
    "Restore Job State Change",
)
"""Types of events of AWS Backup."""
_TEXT = "<event> of <kind>, at <time>. Job: <state><status>. <reason> What to do: docs/backups.md"
_POLICIES = "arn:aws:iam::aws:policy/service-role/"
_START_MINUTES, _COMPLETION_MINUTES = 8 * 60, 7 * 24 * 60
"""Time in which a job starts, and in which it completes: the defaults of AWS. With those of the
provider, 1 and 3 hours, AWS Backup would abort the first backup of a large volume.
https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html"""
_SUNDAYS = "cron(0 6 ? * SUN *)"
"""Start times of restore tests, in UTC."""
_MAX_CELL = 42
"""Characters of the name of a cell in the name of a restore testing plan, which has at most 50."""
_MAX_WINDOW = 365
"""Maximum age in days of a backup that a restore test uses.
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingRecoveryPointSelection.html
"""


def backup(
    name: str,
    settings: Backup,
    context: ClusterContext,
    topic_arn: pulumi.Input[str],
    parent: pulumi.Resource,
) -> Mapping[str, pulumi.Output[str]]:
    """Creates vault, plan, roles and restore tests; returns what a restore needs.

    Failed jobs are published to the topic.

    Vaults, their keys and the role of backups remain when they are deleted: AWS deletes no vault
    with backups, a backup without its key is lost, and AWS Backup deletes expired backups with the
    role that created them.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/deleting-backups.html
    """
    child = pulumi.ResourceOptions(parent=parent)
    kept = pulumi.ResourceOptions(parent=parent, retain_on_delete=True)
    role = _role(f"{name}-backup", "AWSBackupServiceRolePolicyForBackup", kept)
    restore = _role(f"{name}-restore", "AWSBackupServiceRolePolicyForRestores", child)
    vault = _vault(f"{name}-backup", context, context.region, kept)
    lifecycle = aws.backup.PlanRuleLifecycleArgs(delete_after=settings.retention_days)
    copies: list[aws.backup.PlanRuleCopyActionArgs] = []
    if settings.copy_region:
        copy = _vault(f"{name}-backup-copy", context, settings.copy_region, kept)
        copies.append(
            aws.backup.PlanRuleCopyActionArgs(
                destination_vault_arn=copy.arn,
                lifecycle=aws.backup.PlanRuleCopyActionLifecycleArgs(
                    delete_after=settings.retention_days
                ),
            )
        )
    plan = aws.backup.Plan(
        f"{name}-backup",
        aws.backup.PlanArgs(
            rules=[
                aws.backup.PlanRuleArgs(
                    rule_name="cluster",
                    target_vault_name=vault.name,
                    schedule=aws_expression(settings.schedule),
                    start_window=_START_MINUTES,
                    completion_window=_COMPLETION_MINUTES,
                    lifecycle=lifecycle,
                    copy_actions=copies or None,
                    recovery_point_tags={CELL: context.cell},
                )
            ],
        ),
        opts=child,
    )
    aws.backup.Selection(
        f"{name}-backup",
        aws.backup.SelectionArgs(
            plan_id=plan.id, iam_role_arn=role, resources=[context.cluster_arn]
        ),
        opts=child,
    )
    if settings.restore_tests:
        _restore_tests(f"{name}-restore", settings, context, vault.arn, restore, child)
    _notify_failures(f"{name}-backups", context.cell, [role, restore], topic_arn, child)
    return {"vault": vault.name, "restoreRole": restore}


def _role(name: str, policy: str, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Creates a role that AWS Backup assumes; returns its ARN once the policy is attached."""
    role = aws.iam.Role(
        name,
        aws.iam.RoleArgs(
            assume_role_policy=pulumi.Output.json_dumps(trust("backup.amazonaws.com"))
        ),
        opts=opts,
    )
    attachment = aws.iam.RolePolicyAttachment(
        name,
        aws.iam.RolePolicyAttachmentArgs(role=role.name, policy_arn=f"{_POLICIES}{policy}"),
        opts=opts,
    )
    return pulumi.Output.all(role.arn, attachment.id).apply(lambda values: values[0])


def _vault(
    name: str, context: ClusterContext, region: str, opts: pulumi.ResourceOptions
) -> aws.backup.Vault:
    """Creates a vault and its key in a region.

    The key encrypts the objects of the cluster, and copies of snapshots of EBS volumes. A snapshot
    in the region of the cell has the key of its volume.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
    """
    key = aws.kms.Key(
        name,
        aws.kms.KeyArgs(
            description=f"Backups of {context.cell}", enable_key_rotation=True, region=region
        ),
        opts=opts,
    )
    return aws.backup.Vault(
        name, aws.backup.VaultArgs(kms_key_arn=key.arn, region=region), opts=opts
    )


def _restore_tests(
    name: str,
    settings: Backup,
    context: ClusterContext,
    vault_arn: pulumi.Output[str],
    role_arn: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Creates the plan of restore tests. AWS Backup tests volumes, but no clusters.

    Names of plans and selections consist of letters, digits and underscores.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html
    """
    plan = aws.backup.RestoreTestingPlan(
        name,
        aws.backup.RestoreTestingPlanArgs(
            name=f"{short_name(context.cell, _MAX_CELL).replace('-', '_')}_volumes",
            schedule_expression=_SUNDAYS,
            recovery_point_selection=aws.backup.RestoreTestingPlanRecoveryPointSelectionArgs(
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=[vault_arn],
                recovery_point_types=["SNAPSHOT"],
                selection_window_days=min(settings.retention_days, _MAX_WINDOW),
            ),
        ),
        opts=opts,
    )
    aws.backup.RestoreTestingSelection(
        name,
        aws.backup.RestoreTestingSelectionArgs(
            name="volumes",
            restore_testing_plan_name=plan.name,
            iam_role_arn=role_arn,
            protected_resource_type="EBS",
            protected_resource_arns=["*"],
        ),
        opts=opts,
    )


def _notify_failures(
    name: str,
    cell: str,
    role_arns: Sequence[pulumi.Output[str]],
    topic_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Creates a rule that publishes failed jobs of the roles of the cell to a topic."""
    pattern = pulumi.Output.json_dumps(
        {
            "source": ["aws.backup"],
            "detail-type": _EVENTS,
            "detail": {"iamRoleArn": role_arns, **_FAILED},
        }
    )
    publish_events(
        name,
        rule_name=f"{rule_prefix(cell)}-backups",
        description=f"Failed backups, copies and restores of {cell}",
        pattern=pattern,
        paths={
            "event": "$.detail-type",
            "kind": "$.detail.resourceType",
            "time": "$.time",
            "state": "$.detail.state",
            "status": "$.detail.status",
            "reason": "$.detail.statusMessage",
        },
        text=_TEXT,
        topic_arn=topic_arn,
        opts=opts,
    )
