"""Every recorded type, invoke and command of the AWS CLI has exactly its permissions."""

import ast
import importlib
import inspect
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.session import get_session

from core.tags import CELL
from tests.aws_requests import REQUESTS, WITHOUT_REQUEST
from tests.shared_recordings import recorded
from tests.tools.deploy.policy.service_authorization import action
from tools.deploy.policy.statements import PolicyError, statements
from tools.deploy.policy.tables import calls, scopes, types
from tools.deploy.state_bucket import configuration
from tools.recording import Recording
from tools.recording.made_up_outputs.invokes import INVOKES
from tools.recording.record import ROOT

PREFIXES = {"amp": "aps", "efs": "elasticfilesystem", "elbv2": "elasticloadbalancing"}
"""IAM prefix of each service of botocore that has another name."""

OTHER_ACTIONS = {
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}
"""IAM action of each operation that has another name.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html"""

PROGRAM = [
    ROOT / "__main__.py",
    *(file for part in ("components", "live") for file in (ROOT / part).rglob("*.py")),
]

OF_OTHER_REQUESTS = {
    "ec2": {"ecs": "flow logs of ECS tasks", "ssm": "images by an SSM parameter"},
    "servicequotas": dict.fromkeys(
        ("autoscaling", "cloudformation", "dynamodb", "elasticloadbalancing", "iam", "kinesis",
         "rds", "route53"),
        "quotas of this service",
    ),
    "wafv2": {
        **dict.fromkeys(
            ("amplify", "apigateway", "apprunner", "appsync", "cognito-idp", "ec2"),
            "firewalls of this service",
        ),
        "wafv2": "policies of rule groups",
    },
}  # fmt: skip
"""Services of dependent actions that only other requests of a service need."""

ADMINISTRATION = {
    "create-alias", "create-bucket", "create-key", "enable-key-rotation", "head-bucket",
    "describe-key", *(command for command, _, _ in configuration("bucket", "key")),
}  # fmt: skip
"""Commands of `make state-bucket`, which an administrator runs once for each account."""


def actions_of(type_: str) -> set[str]:
    return {name for actions in types()[type_].values() for name in actions}


def test_every_recorded_type_has_permissions(recording: Recording) -> None:
    recorded_types = {each.type for each in recording.resources if each.type.startswith("aws:")}
    assert sorted(recorded_types - {*types()}) == []


def test_the_types_are_those_of_the_table_of_requests() -> None:
    """The table of requests has exactly the types of all stacks, examples and random stacks."""
    assert {*types()} == {*REQUESTS} | {*WITHOUT_REQUEST}


def test_a_type_without_permissions_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(types())
    for each in ("aws:ec2/vpc:Vpc", "aws:eks/cluster:Cluster"):
        del known[each]
    monkeypatch.setattr("tools.deploy.policy.statements.types", lambda: known)
    with pytest.raises(PolicyError) as error:
        statements(recorded("dev"), "123456789012")
    assert str(error.value).splitlines() == [
        f"{each}: no permissions are known for this resource type; add a row to "
        "tools/deploy/policy/types"
        for each in ("aws:ec2/vpc:Vpc", "aws:eks/cluster:Cluster")
    ]


def action_of(type_: str) -> str:
    """Returns the IAM action of the operation that creates a resource."""
    request = REQUESTS[type_]
    name = f"{PREFIXES.get(request.service, request.service)}:{request.operation}"
    return OTHER_ACTIONS.get(name, name)


@pytest.mark.parametrize("type_", sorted(REQUESTS))
def test_the_operation_that_creates_a_resource_is_allowed(type_: str) -> None:
    assert action_of(type_) in actions_of(type_)


def test_every_type_can_be_read_and_deleted() -> None:
    """A refresh and a destroy of each type are possible, where AWS has such actions."""
    kept = {
        *WITHOUT_REQUEST,
        "aws:acm/certificateValidation:CertificateValidation",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:arczonalshift/autoshiftObserverNotificationStatus:AutoshiftObserverNotificationStatus",
        "aws:efs/backupPolicy:BackupPolicy",
        "aws:route53/record:Record",
        "aws:sns/topicPolicy:TopicPolicy",
    }  # deleted by the action that creates them, or with their parent
    deleting = re.compile(
        r":(Cancel|Delete|Detach|Disassociate|Release|RemoveListener|RemoveTargets|Revoke|"
        r"ScheduleKeyDeletion|Unsubscribe)"
    )
    reading = re.compile(r":(Describe|Get|List)")
    for type_ in types():
        names = actions_of(type_)
        assert any(map(reading.search, names)), f"{type_} cannot be refreshed"
        assert type_ in kept or any(map(deleting.search, names)), f"{type_} cannot be deleted"


def test_every_type_whose_creation_needs_a_tag_has_tags() -> None:
    """Otherwise the default tags of the provider do not reach AWS, and AWS denies the creation."""
    tagged = {
        name for name, scope in scopes().items() if "aws:RequestTag" in json.dumps(scope.condition)
    }
    checked: set[str] = set()
    for type_, row in types().items():
        if tagged & {*row}:
            _, module, name = type_.split(":")
            package = importlib.import_module(f"pulumi_aws.{module.split('/')[0]}")
            arguments = getattr(package, f"{name}Args")
            assert "tags" in inspect.signature(arguments).parameters, type_
            checked.add(type_)
    assert len(checked) > 20


def test_conditions_use_the_tag_of_the_cell_and_the_tags_of_eks() -> None:
    known = {
        *(f"aws:{kind}/{CELL}" for kind in ("RequestTag", "ResourceTag")),
        "aws:ResourceTag/aws:eks:cluster-name",
        "autoscaling:ResourceTag/eks:cluster-name",
    }
    keys = {key for scope in scopes().values() for each in scope.condition.values() for key in each}
    assert {key for key in keys if "/" in key} == known


def test_every_scope_is_used_and_every_named_scope_exists() -> None:
    used = {scope for row in types().values() for scope in row}
    used |= {scope for call in calls().values() for scope in call.row}
    assert used == {*scopes()}


def test_every_action_exists() -> None:
    rows = [*types().values(), *(call.row for call in calls().values())]
    names = {name for row in rows for actions in row.values() for name in actions}
    assert sorted(name for name in names if action(name) is None) == []


def test_actions_on_which_other_actions_depend_are_allowed() -> None:
    """A row, or another row of the table, has the actions that AWS checks as well."""
    rows = [*types().values(), *(call.row for call in calls().values())]
    names = {name for row in rows for actions in row.values() for name in actions}
    missing = {
        f"{name}: {each}"
        for name in names
        for found in [action(name)]
        for each in (found.dependent if found else ())
        if each not in names
        and each.partition(":")[0] not in OF_OTHER_REQUESTS.get(name.partition(":")[0], {})
    }
    assert missing == set()


def test_rows_list_each_action_once_and_sorted() -> None:
    for key, row in {**types(), **{key: call.row for key, call in calls().items()}}.items():
        for scope, actions in row.items():
            assert actions == sorted(set(actions)), f"{key}, {scope}"


def invokes() -> set[str]:
    """Returns the tokens of the invokes in the program."""
    found: set[str] = set()
    for file in PROGRAM:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            name, owner = node.func.attr.removesuffix("_output"), node.func.value
            if not name.startswith("get_"):
                continue
            camel = re.sub("_(.)", lambda match: match[1].upper(), name)
            if isinstance(owner, ast.Attribute) and ast.unparse(owner.value) == "aws":
                found.add(f"aws:{owner.attr}/{camel}:{camel}")
            elif ast.unparse(owner) == "aws":
                found.add(f"aws:index/{camel}:{camel}")
    return found


def test_every_invoke_has_permissions_and_no_other() -> None:
    assert invokes() == {each for each in calls() if each.startswith("aws:")}


def test_every_invoke_of_the_recorder_is_found_in_the_program() -> None:
    assert {*INVOKES} <= invokes()


@cache
def operations() -> frozenset[str]:
    """Returns the commands of the AWS CLI for the services that the tools use."""
    services = ("ec2", "ecr", "eks", "elbv2", "kms", "route53", "s3", "service-quotas", "sts",
                "cloudwatch", "logs", "iam", "resourcegroupstaggingapi", "acm", "sns", "route53",
                "autoscaling", "amp", "wafv2", "xray", "secretsmanager",
                "arc-zonal-shift", "fis")  # fmt: skip
    session = get_session()
    return frozenset(
        xform_name(operation, "-")
        for service in services
        for operation in session.get_service_model(service).operation_names
    )


def texts(folder: Path) -> Iterator[str]:
    """Yields every text in the code of a folder."""
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_command_of_the_aws_cli_has_permissions_and_no_other() -> None:
    folders = (ROOT / "tools" / each for each in ("deploy", "fleet"))
    run = {each for folder in folders for each in texts(folder) if each in operations()}
    rows = {each.split()[1] for each in calls() if not each.startswith("aws:")} - {"state"}
    assert run - ADMINISTRATION == rows
    assert run >= ADMINISTRATION
