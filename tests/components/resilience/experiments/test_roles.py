"""The role of each experiment can do its actions on resources of its cell, and nothing else."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from core.experiments.catalog import EXPERIMENTS
from tests.components.resilience.experiments.documented_permissions import PERMISSIONS
from tests.components.resilience.experiments.requests import EXAMPLES
from tests.shared_recordings import recorded
from tests.tools.deploy.policy.evaluation import allowed, matches
from tests.tools.deploy.policy.service_authorization import action as action_named

CELL = "experiments"
EC2 = "arn:aws:ec2:us-east-1:123456789012"

EVIDENCE = {
    "cloudwatch:GetDashboard", "cloudwatch:GetMetricWidgetImage", "logs:CreateLogDelivery",
    "logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "logs:PutResourcePolicy",
    "s3:GetObject", "s3:PutObject",
}  # fmt: skip
"""Permissions for log and report."""

WITHOUT_RESOURCES = {
    "logs:CreateLogDelivery", "logs:PutResourcePolicy", "ssm:CancelCommand",
}  # fmt: skip
"""Actions that change something and that AWS limits to no resource or cell."""

Statement = Mapping[str, Any]  # Any: JSON of any shape


def policy_of(experiment: str) -> Mapping[str, Any]:
    policies = recorded(CELL, EXAMPLES).of_type("aws:iam/rolePolicy:RolePolicy")
    [text] = [each.inputs["policy"] for each in policies if each.name == f"{CELL}-{experiment}"]
    document = json.loads(str(text))
    for each in document["Statement"]:
        if isinstance(each["Resource"], str):
            each["Resource"] = [each["Resource"]]
    return document


def statements() -> Iterator[Statement]:
    for name in EXPERIMENTS:
        yield from policy_of(name)["Statement"]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_role_has_exactly_the_documented_permissions_of_its_actions(name: str) -> None:
    given = {each for part in policy_of(name)["Statement"] for each in part["Action"]}
    needed = {each for part in EXPERIMENTS[name].actions for each in PERMISSIONS[part.id]}
    assert given == needed | EVIDENCE


def test_every_action_exists_and_supports_resources_and_conditions() -> None:
    for statement in statements():
        for name in statement["Action"]:
            found = action_named(name)
            assert found, name
            arns = [arn for arn in statement["Resource"] if arn != "*"]
            types = [
                each
                for each in found.targets.values()
                if any(matches(arn, [each.arn]) or matches(each.arn, [arn]) for arn in arns)
            ]
            assert types or not arns, f"{name} on {arns}"
            keys = {key for each in statement.get("Condition", {}).values() for key in each}
            general = {*found.condition_keys, *(k for t in types for k in t.condition_keys)}
            general |= {k for t in found.targets.values() for k in t.condition_keys if not arns}
            unknown = {key for key in keys if generic(key) not in general | GLOBAL}
            assert not unknown, f"{name}: {unknown}"


GLOBAL = {"aws:RequestTag/${TagKey}", "aws:ResourceTag/${TagKey}"}


def generic(key: str) -> str:
    prefix, slash, _ = key.partition("/")
    return f"{prefix}/${{TagKey}}" if slash else key


def test_changes_are_limited_to_the_cell() -> None:
    dashboards = [
        each["Resource"] for each in statements() if "cloudwatch:GetDashboard" in each["Action"]
    ]
    assert {arn for arns in dashboards for arn in arns} == {
        f"arn:aws:cloudwatch::123456789012:dashboard/eks-{CELL}"
    }
    for statement in statements():
        wild = [arn for arn in statement["Resource"] if arn.endswith("*") and CELL not in arn]
        if not wild or "Condition" in statement:
            continue
        changing = {each for each in statement["Action"] if not reads(each)}
        assert changing <= WITHOUT_RESOURCES, f"{statement} is not limited to the cell"


def reads(name: str) -> bool:
    return name.partition(":")[2].startswith(("Describe", "Get", "List"))


NODE = {
    "aws:ResourceTag/ha-eks:cell": CELL,
    "aws:ResourceTag/ha-eks:pool": "general",
    "ssm:resourceTag/ha-eks:cell": CELL,
    "ec2:AvailabilityZone": "us-east-1b",
}
CHANGES = {
    "lose-a-zone": "ec2:StopInstances",
    "terminate-nodes": "ec2:TerminateInstances",
    "interrupt-spot": "ec2:SendSpotInstanceInterruptions",
    "stress-cpu": "ssm:SendCommand",
    "slow-zone": "ssm:SendCommand",
    "lossy-zone": "ssm:SendCommand",
}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_role_changes_only_instances_of_its_cell_by_its_own_action(name: str) -> None:
    document, instance = policy_of(name), f"{EC2}:instance/i-1"
    for change in {*CHANGES.values()}:
        own = CHANGES.get(name) == change
        assert allowed([document], change, instance, NODE) is own, change
        for key in ("aws:ResourceTag/ha-eks:cell", "ssm:resourceTag/ha-eks:cell"):
            other = {**NODE, key: "prod"}
            used = change.startswith("ssm:") == key.startswith("ssm:")
            assert allowed([document], change, instance, other) is (own and not used), change
    elsewhere = {**NODE, "ec2:AvailabilityZone": "us-east-1a"}
    if name in CHANGES and not CHANGES[name].startswith("ssm:"):
        assert not allowed([document], CHANGES[name], instance, elsewhere)


def test_only_nodes_of_the_pool_are_terminated() -> None:
    other = {**NODE, "aws:ResourceTag/ha-eks:pool": "spot"}
    document = policy_of("terminate-nodes")
    assert not allowed([document], "ec2:TerminateInstances", f"{EC2}:instance/i-1", other)


def test_launches_are_refused_only_to_auto_scaling_groups_of_the_zone() -> None:
    document = policy_of("lose-a-zone")
    [groups] = [
        each["Condition"]["ForAllValues:ArnLike"]["ec2:FisTargetArns"]
        for each in document["Statement"]
        if each["Action"] == ["ec2:InjectApiError"]
    ]
    assert len(groups) == 2, "a group of each pool"
    refusal = {"ec2:FisActionId": "aws:ec2:asg-insufficient-instance-capacity-error"}
    of_group = {**refusal, "ec2:FisTargetArns": groups[0]}
    assert allowed([document], "ec2:InjectApiError", "*", of_group)
    assert not allowed([document], "ec2:InjectApiError", "*", refusal), "of any group"


def test_only_fis_of_the_account_assumes_a_role() -> None:
    roles = recorded(CELL, EXAMPLES).of_type("aws:iam/role:Role")
    found = [each for each in roles if each.name.startswith(f"{CELL}-")]
    assert len(found) == len(EXPERIMENTS)
    for role in found:
        [trust] = json.loads(str(role.inputs["assumeRolePolicy"]))["Statement"]
        assert trust["Principal"] == {"Service": "fis.amazonaws.com"}
        assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
