"""The vaults, plan, roles and restore tests of the example with backups."""

import json
import re
from datetime import date
from typing import Any

import pytest

from components.cell_context import ClusterContext
from components.resilience import Resilience, ResilienceArgs
from core.tags import CELL
from settings.resilience.backup import Backup
from settings.resilience.resilience import Resilience as Settings
from tests.components.deploy import context, deploy, with_aws
from tests.examples.test_examples import EXAMPLES
from tests.shared_recordings import recorded
from tools.deploy.down.cell import refusals, summary
from tools.preview.cost import cell_cost_of
from tools.recording import Resource

RECORDING = recorded("stateful", EXAMPLES)
VAULT, KEY = "aws:backup/vault:Vault", "aws:kms/key:Key"
ROLE, ATTACHMENT = "aws:iam/role:Role", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
PLAN, SELECTION = "aws:backup/plan:Plan", "aws:backup/selection:Selection"
TESTS = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
TESTED = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
CLUSTER_ARN = "arn:aws:eks:us-east-1:123456789012:cluster/stateful"


def found(type_: str) -> list[Resource]:
    """Returns the resources of a type that the component creates."""
    return [each for each in RECORDING.of_type(type_) if "Resilience$" in each.urn]


def arguments(context: ClusterContext, backup: Backup) -> ResilienceArgs:
    """Returns the arguments of the component for a cell with backups only."""
    return ResilienceArgs(
        context=context,
        resilience=Settings(backup=backup),
        practiced=[],
        load_balancers={},
        stop_alarm_arns=[],
        harm_alarm_arns=[],
        topic_arn="",
    )


def rule() -> dict[str, Any]:
    """Returns the one rule of the plan."""
    [plan] = found(PLAN)
    [only] = plan.inputs["rules"]
    return only


def test_the_cluster_is_backed_up_with_the_role_of_backups() -> None:
    [selection] = found(SELECTION)
    [plan] = found(PLAN)
    assert selection.inputs["resources"] == [CLUSTER_ARN]
    assert plan.urn in selection.dependencies
    [attachment] = [each for each in found(ATTACHMENT) if each.name == "resilience-backup"]
    assert attachment.urn in selection.dependencies, "AWS Backup refuses a role without its policy"


def test_backups_have_a_schedule_an_end_and_the_tag_of_the_cell() -> None:
    assert rule()["schedule"] == "cron(0 3 * * ? *)"
    assert rule()["lifecycle"] == {"deleteAfter": 35}
    assert rule()["recoveryPointTags"] == {CELL: "stateful"}
    assert (rule()["startWindow"], rule()["completionWindow"]) == (480, 10080), (
        "the provider's defaults abort the first backup of a large volume"
    )


def test_copies_are_in_another_region_with_a_key_of_that_region() -> None:
    own, copy = sorted(found(VAULT), key=lambda each: each.name)
    regions = [(each.name, each.inputs["region"]) for each in (own, copy)]
    assert regions == [("resilience-backup", "us-east-1"), ("resilience-backup-copy", "us-west-2")]
    [action] = rule()["copyActions"]
    assert action["destinationVaultArn"].split(":")[3] == "us-west-2"
    assert action["lifecycle"] == {"deleteAfter": 35}
    for key in found(KEY):
        assert key.inputs["enableKeyRotation"] is True
        assert (
            key.inputs["region"]
            == RECORDING.get(key.urn.replace("kms/key:Key", "backup/vault:Vault")).inputs["region"]
        ), "a vault cannot use a key of another region"


def test_what_backups_need_remains_after_the_cell() -> None:
    kept = {
        (each.type.split(":")[-1], each.name)
        for each in RECORDING.resources
        if each.options.get("retainOnDelete")
    }
    assert kept == {
        *((type_, "resilience-backup") for type_ in ("Key", "Role", "RolePolicyAttachment")),
        ("Vault", "resilience-backup"),
        ("Key", "resilience-backup-copy"),
        ("Vault", "resilience-backup-copy"),
    }, "AWS deletes no vault with backups, and backups without their key or role are lost"


def test_both_roles_have_the_policy_of_aws_and_trust_aws_backup() -> None:
    policies = {
        each.name: each.inputs["policyArn"].rpartition("/")[2] for each in found(ATTACHMENT)
    }
    assert policies == {
        "resilience-backup": "AWSBackupServiceRolePolicyForBackup",
        "resilience-restore": "AWSBackupServiceRolePolicyForRestores",
    }
    for role in found(ROLE):
        [statement] = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        assert statement["Principal"] == {"Service": "backup.amazonaws.com"}


def test_the_latest_backup_of_each_volume_is_restored_every_week() -> None:
    [plan], [tested] = found(TESTS), found(TESTED)
    assert plan.inputs["scheduleExpression"] == "cron(0 6 ? * SUN *)"
    selection = plan.inputs["recoveryPointSelection"]
    assert selection["algorithm"] == "LATEST_WITHIN_WINDOW"
    assert selection["selectionWindowDays"] == 35
    [vault] = selection["includeVaults"]
    assert vault.startswith("arn:aws:backup:us-east-1:123456789012:backup-vault:resilience-backup-")
    assert selection["recoveryPointTypes"] == ["SNAPSHOT"], "EBS volumes have no others"
    assert tested.inputs["protectedResourceType"] == "EBS"
    [role] = [each for each in found(ROLE) if each.name == "resilience-restore"]
    assert role.urn in tested.dependencies
    assert tested.inputs["restoreTestingPlanName"] == "stateful_volumes"


@pytest.mark.parametrize("cell", ["prod-standby", "a" * 100])
def test_names_of_restore_tests_have_at_most_50_letters_digits_and_underscores(cell: str) -> None:
    args = arguments(context(cell), Backup())
    name = deploy(lambda: Resilience("resilience", args, with_aws())).one(TESTS).inputs["name"]
    assert re.fullmatch(r"[0-9A-Za-z_]{1,50}", name)
    assert name.startswith(cell[:12].replace("-", "_"))


def test_restore_tests_use_backups_of_at_most_a_year() -> None:
    args = arguments(context(), Backup.model_validate({"retentionDays": 400}))
    plan = deploy(lambda: Resilience("resilience", args, with_aws())).one(TESTS)
    assert plan.inputs["recoveryPointSelection"]["selectionWindowDays"] == 365


def test_the_stack_tells_vault_and_role_of_a_restore() -> None:
    backups: Any = RECORDING.outputs["backups"]
    assert "resilience-backup" in backups["vault"]
    assert "resilience-restore" in backups["restoreRole"]


def test_without_restore_tests_and_copies_there_are_no_resources_of_them() -> None:
    args = arguments(context(), Backup.model_validate({"restoreTests": False}))
    cell = deploy(lambda: Resilience("resilience", args, with_aws()))
    assert (cell.of_type(TESTS), cell.of_type(TESTED), len(cell.of_type(VAULT))) == ([], [], 1)
    assert "copyActions" not in cell.one(PLAN).inputs["rules"][0]


def test_subscribers_learn_of_failures_of_this_cell_only() -> None:
    [event_rule] = found("aws:cloudwatch/eventRule:EventRule")
    pattern = json.loads(event_rule.inputs["eventPattern"])
    assert pattern["source"] == ["aws.backup"]
    roles = [each.rpartition("/")[2][:-8] for each in pattern["detail"]["iamRoleArn"]]
    assert roles == ["resilience-backup", "resilience-restore"], "other cells would notify too"
    states = {state for each in pattern["detail"]["$or"] for [values] in [each.values()]
              for state in values}  # fmt: skip
    assert {"FAILED", "ABORTED", "EXPIRED", "PARTIAL"} == states
    [target] = found("aws:cloudwatch/eventTarget:EventTarget")
    transformer = target.inputs["inputTransformer"]
    used = {*re.findall(r"<(\w+)>", json.loads(transformer["inputTemplate"]))}
    assert used == {*transformer["inputPaths"]}, "a notification would show a placeholder"


def test_event_bridge_may_publish_to_the_topic_and_use_its_key() -> None:
    policies = [
        str(each.inputs.get("policy"))
        for type_ in ("aws:sns/topicPolicy:TopicPolicy", KEY)
        for each in RECORDING.of_type(type_)
        if "Alarms$" in each.urn
    ]
    assert sum("events.amazonaws.com" in each for each in policies) == 2, "no failure is reported"


def test_make_down_says_that_backups_remain() -> None:
    state = [
        {
            "urn": each.urn,
            "type": each.type,
            "custom": True,
            "id": f"{each.name}-1234567",
            "retainOnDelete": each.options.get("retainOnDelete"),
        }
        for each in RECORDING.resources
        if "Resilience$" in each.urn
    ]
    assert [*refusals(state, "stateful")] == []
    lines = [*summary(state, "stateful")]
    remaining = lines[lines.index("what remains (docs/teardown.md#what-remains):") + 1 :]
    assert remaining[:2] == [
        f"  the vault {each}-1234567 with its backups until they expire, its key and the role of "
        "backups"
        for each in ("resilience-backup", "resilience-backup-copy")
    ]
    assert not [line for line in remaining if "other cells" in line]


def test_the_cost_of_backups_counts_both_regions() -> None:
    items = {each.what: each.quantity for each in cell_cost_of(RECORDING, date(2026, 11, 1)).use}
    assert items["backups of volumes"] == pytest.approx(2 * 20 * (1 + 35 * 0.02))
