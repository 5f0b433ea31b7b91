"""The policies allow the deployer to create each resource with the tags in the request."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from core.tags import CELL
from tests.aws_requests import REQUESTS
from tests.shared_recordings import recorded
from tests.tools.deploy.policy.evaluation import allowed
from tests.tools.deploy.policy.service_authorization import action, overlap
from tests.tools.deploy.policy.test_documents import EXAMPLES, NEVER, all_statements
from tests.tools.deploy.policy.test_tables import action_of
from tools.recording import Recording
from tools.recording.made_up_outputs.account import ACCOUNT

PARENTS = {"elasticfilesystem:CreateAccessPoint": {"file-system"}}
"""Resource types that exist before an action, whose request has the tags of another resource."""


def samples(pattern: str, arn: str) -> Iterator[str]:
    """Yields ARNs that match a pattern of a policy, or the pattern of a resource type."""
    yield pattern.replace("*", "x").replace("?", "0")
    fixed = pattern.split(":")[:5]  # arn, partition, service, region and account
    yield ":".join([*fixed, *arn.replace("*", "x").split(":")[5:]])


def denied(recording: Recording) -> Iterator[str]:
    """Yields the creations that a policy denies, in a request for the resources of the cell."""
    cell, found = recording.stack, all_statements(recording)
    document = {"Version": "2012-10-17", "Statement": found}
    traffic = recording.settings.traffic
    attached = recording.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    cluster = f"arn:aws:eks:{recording.settings.aws.region}:{ACCOUNT}:cluster/{cell}"
    always = {
        "arc-zonal-shift:ResourceIdentifier": cluster,
        "autoscaling:ResourceTag/eks:cluster-name": cell,
        "iam:PolicyARN": str(attached[0].inputs["policyArn"]),
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": traffic.domain if traffic else "",
    }
    for type_ in sorted({each.type for each in recording.resources} & {*REQUESTS}):
        name = action_of(type_)
        known = action(name)
        assert known
        for kind, target in known.targets.items():
            if not target.required or kind in NEVER.get(name, ()):
                continue
            created = target.created and kind not in PARENTS.get(name, ())
            tag = "RequestTag" if created else "ResourceTag"
            context: Mapping[str, str] = {**always, f"aws:{tag}/{CELL}": cell}
            arns = [
                arn
                for statement in found
                if name in statement["Action"]
                for pattern in statement["Resource"]
                if overlap(pattern, target.arn)
                for arn in samples(pattern, target.arn)
            ]
            if not any(allowed([document], name, arn, context) for arn in arns):
                yield f"{type_}: {name} of {kind}"


def test_the_deployer_may_create_every_resource(recording: Recording) -> None:
    assert [*denied(recording)] == []


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_the_deployer_may_create_every_resource_of_an_example(file: Path) -> None:
    stack = file.name.removeprefix("Pulumi.").removesuffix(".yaml")
    assert [*denied(recorded(stack, file.parent))] == []
