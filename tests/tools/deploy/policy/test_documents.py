"""The policies of each stack are valid according to AWS's Service Authorization Reference."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pulumi
import pytest

from tests.shared_recordings import recorded
from tests.tools.deploy.policy.evaluation import matches
from tests.tools.deploy.policy.service_authorization import (
    Action,
    Target,
    action,
    covered,
    general_key,
    overlap,
)
from tools.deploy.policy.documents import MAX_CHARACTERS, MAX_POLICIES, documents, size
from tools.deploy.policy.statements import release_statements, statements
from tools.deploy.policy.tables import scopes, types
from tools.recording import Recording
from tools.recording.made_up_outputs import MadeUpOutputs
from tools.recording.made_up_outputs.account import ACCOUNT
from tools.recording.record import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("Pulumi.*.yaml"))

Statement = Mapping[str, Any]  # Any: JSON of any shape

READ_EVERYWHERE = {
    "arc-zonal-shift:GetManagedResource": "the reference has no type for a cluster: "
    "https://docs.aws.amazon.com/r53recovery/latest/dg/security_iam_service-with-iam-zonal-shift.html",
    "cloudwatch:DescribeAlarmHistory": "returns composite alarms only with permission for all",
    "cloudwatch:DescribeAlarms": "returns composite alarms only with permission for all alarms",
}
"""Actions that AWS can limit to resources, but that the deployer needs for all of them."""

RESOURCE_IDENTIFIER = "arc-zonal-shift:ResourceIdentifier"
"""Condition key that limits actions of zonal shift to resources of all types. The reference has no
type for a cluster.
https://docs.aws.amazon.com/r53recovery/latest/dg/security_iam_service-with-iam-zonal-shift.html"""

NEVER = {
    "elasticloadbalancing:CreateRule": {"listener/net"},
    "elasticloadbalancing:DeleteListener": {"listener/gwy", "listener/net"},
    "elasticloadbalancing:DeleteRule": {"listener-rule/net"},
    "elasticloadbalancing:ModifyListener": {"listener/gwy", "listener/net"},
    "elasticloadbalancing:ModifyListenerAttributes": {"listener/gwy", "listener/net"},
    "elasticloadbalancing:ModifyRule": {"listener-rule/net"},
    "elasticloadbalancing:SetRulePriorities": {"listener-rule/net"},
    "route53:ChangeTagsForResource": {"hostedzone"},
}
"""Required resource types of which a request has only one, and never this one."""


def all_statements(recording: Recording) -> list[Statement]:
    return [each for group in statements(recording, ACCOUNT).values() for each in group]


def known(name: str) -> Action:
    found = action(name)
    assert found, f"{name} is no IAM action"
    return found


def wrong(recording: Recording) -> Iterator[str]:
    """Yields the parts of the policies of a recording that AWS would ignore or refuse."""
    yield from wrong_in(all_statements(recording))
    for app in recording.settings.apps:
        released = release_statements(recording, ACCOUNT, app)
        yield from wrong_in([each for group in released.values() for each in group])


def wrong_in(found: Sequence[Statement]) -> Iterator[str]:
    """Yields the parts of statements that AWS would ignore or refuse."""
    for statement in found:
        sid, resources = statement["Sid"], statement["Resource"]
        for name in statement["Action"]:
            targets = known(name).targets
            if resources == ["*"]:
                limited = any(
                    RESOURCE_IDENTIFIER in keys for keys in statement.get("Condition", {}).values()
                )
                if targets and name not in READ_EVERYWHERE and not limited:
                    yield f"{sid}: {name} can be limited to {', '.join(targets)}"
                continue
            used = [each for each in targets.values() if covered(resources, each)]
            if not used:
                yield f"{sid}: {name} never applies to these resources"
                continue
            yield from _unsupported(statement, name, used)
        for arn in resources:
            if arn != "*" and not any(
                overlap(arn, target.arn)
                for name in statement["Action"]
                for target in known(name).targets.values()
            ):
                yield f"{sid}: no action applies to {arn}"
    yield from _not_covered(found)


def _unsupported(statement: Statement, name: str, used: Sequence[Target]) -> Iterator[str]:
    """Yields the condition keys that AWS does not evaluate for an action."""
    for keys in statement.get("Condition", {}).values():
        for key in keys:
            supported = known(name).condition_keys.union(*(each.condition_keys for each in used))
            if general_key(key) not in supported:
                yield f"{statement['Sid']}: {name} has no condition key {key}"


def _not_covered(found: Sequence[Statement]) -> Iterator[str]:
    """Yields required resource types of actions for which no statement allows the action."""
    for name in sorted({name for each in found for name in each["Action"]}):
        arns = [arn for each in found if name in each["Action"] for arn in each["Resource"]]
        for type_, target in known(name).targets.items():
            unneeded = type_ in NEVER.get(name, ()) or "*" in arns
            if target.required and not unneeded and not covered(arns, target):
                yield f"{name} also needs permission for {type_}"


def test_aws_evaluates_every_action_resource_and_condition(recording: Recording) -> None:
    assert [*wrong(recording)] == []


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_aws_evaluates_the_policies_of_every_example(file: Path) -> None:
    recording = recorded(file.name.removeprefix("Pulumi.").removesuffix(".yaml"), file.parent)
    assert [*wrong(recording)] == []
    test_iam_accepts_the_size_and_number_of_policies(recording)
    test_the_policy_covers_every_resource_by_its_arn(recording)


def test_iam_accepts_the_size_and_number_of_policies(recording: Recording) -> None:
    found = documents(statements(recording, ACCOUNT))
    assert len(found) <= MAX_POLICIES
    for app in recording.settings.apps:
        found = {**found, **documents(release_statements(recording, ACCOUNT, app))}
    for name, document in found.items():
        text = "".join(json.dumps(document).split())
        assert len(text) <= MAX_CHARACTERS, f"IAM refuses the policy {name}"
        sids = re.findall(r'"Sid":"([^"]*)"', text)
        assert len(sids) == len(set(sids)), f"IAM refuses two statements of a name in {name}"
        assert all(each.isalnum() for each in sids)


def statement(sid: str, characters: int) -> Statement:
    empty = {"Sid": sid, "Effect": "Allow", "Action": ["s3:Get"], "Resource": [""]}
    return {**empty, "Resource": ["r" * (characters - len(json.dumps(empty).replace(" ", "")))]}


def test_groups_share_the_documents_for_what_does_not_fit() -> None:
    """A role has at most ten policies by default."""
    found = documents(
        {
            "network": [statement("A", 3000), statement("B", 2500)],
            "roles": [statement("C", 4000), statement("D", 3500), statement("E", 1500)],
            "edge": [statement("F", 5000), statement("G", 2000)],
            "state": [statement("H", 100)],
        }
    )
    sids = {
        name: [each["Sid"] for each in cast("list[Statement]", document["Statement"])]
        for name, document in found.items()
    }
    assert sids == {
        "network": ["A", "B"],
        "roles": ["C", "E"],
        "edge": ["F"],
        "state": ["H"],
        "roles-2": ["D", "G"],
    }
    assert all(size(each) <= MAX_CHARACTERS for each in found.values())


def test_the_policy_covers_every_resource_by_its_arn(recording: Recording) -> None:
    """A statement with writing actions matches each made-up ARN that has the form of AWS."""
    made_up_outputs = MadeUpOutputs(recording.settings.aws.region)
    by_sid = {each["Sid"]: each for each in all_statements(recording)}
    checked: set[str] = set()
    missing: list[str] = []
    for resource in recording.resources:
        if not resource.type.startswith("aws:"):
            continue
        id_, outputs = made_up_outputs.new_resource(
            pulumi.runtime.MockResourceArgs(
                resource.type, resource.name, dict(resource.inputs), custom=True
            )
        )
        writing = [
            by_sid[sid]
            for sid in types()[resource.type]
            if sid in by_sid and scopes()[sid].group != "read"
        ]
        names = {name for each in writing for name in each["Action"]}
        arn = next(
            (
                outputs[each]
                for each in ("arn", "accessEntryArn", "associationArn")
                if each in outputs
            ),
            made_up_outputs.arn(
                "fis", f"experiment-template/{id_}"
            ),  # pulumi-aws has no such output
        )
        arns = {each.arn for name in names for each in known(name).targets.values()}
        if any(overlap(arn, each) for each in arns):
            checked.add(resource.type)
            if not any(matches(arn, each["Resource"]) for each in writing):
                missing.append(f"{resource.type}: {arn}")
    assert missing == [], "AWS denies changes of these resources"
    assert len(checked) >= 15


def test_statements_are_sorted_and_stable(recording: Recording) -> None:
    found = statements(recording, ACCOUNT)
    assert found == statements(recording, ACCOUNT)
    for group in found.values():
        assert [each["Sid"] for each in group] == sorted(each["Sid"] for each in group)
        for each in group:
            assert each["Action"] == sorted(set(each["Action"]))
            assert each["Resource"] == sorted(set(each["Resource"]))


def test_only_actions_of_recorded_types_are_allowed(recording: Recording) -> None:
    """A stack without Route 53 or a firewall gets no permissions for them."""
    text = json.dumps(all_statements(recording))
    for type_, prefix in {
        "aws:amp/workspace:Workspace": "aps:",
        "aws:route53/record:Record": "route53:ChangeResourceRecordSets",
        "aws:wafv2/webAcl:WebAcl": "wafv2:CreateWebACL",
        "aws:wafv2/webAclAssociation:WebAclAssociation": "wafv2:",
        "aws:xray/group:Group": "xray:",
    }.items():
        assert (prefix in text) is bool(recording.of_type(type_)), type_
