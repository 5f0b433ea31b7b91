"""What the stand-in cloud refuses of archives and of names in traces."""

import json

import pytest

from tests.tools.rehearsal.clouds import delete, empty_cloud, make, refused, update
from tools.rehearsal.constraints import CONSTRAINTS as ALL
from tools.rehearsal.constraints.observability import CONSTRAINTS
from tools.rehearsal.fake_cloud.cloud import Cloud, CloudResource

ADD_ON = "aws:eks/addon:Addon"
GROUP = "aws:xray/group:Group"
RULE = "aws:xray/samplingRule:SamplingRule"


@pytest.fixture
def cloud() -> Cloud:
    return empty_cloud("prod", constraints=CONSTRAINTS)


def add_on(cloud: Cloud, role: CloudResource, bucket: str | None) -> CloudResource:
    text = f"[OUTPUT]\n    Name s3\n    bucket {bucket}\n" if bucket else ""
    files = {"extraFiles": {"archive.conf": text}}
    given = {"containerLogs": {"fluentBit": {"config": files}}}
    return make(
        cloud, ADD_ON, "agents", addonName="agents", clusterName="prod",
        configurationValues=json.dumps(given),
        podIdentityAssociations=[{"roleArn": role.outputs["arn"], "serviceAccount": "agents"}],
    )  # fmt: skip


def a_role(cloud: Cloud, name: str = "agents") -> CloudResource:
    return make(cloud, "aws:iam/role:Role", name, assumeRolePolicy="{}")


def rights(
    cloud: Cloud, role: CloudResource, resource: str, action: str = "s3:PutObject"
) -> CloudResource:
    statement = {"Effect": "Allow", "Action": [action], "Resource": resource}
    policy = json.dumps({"Statement": [statement]})
    return make(
        cloud, "aws:iam/rolePolicy:RolePolicy", "rights", role=role.outputs["name"], policy=policy
    )


def a_bucket(cloud: Cloud) -> str:
    return str(make(cloud, "aws:s3/bucket:Bucket", "archive").outputs["bucket"])


def test_an_archive_is_written_to_by_whom_it_is_there_for(cloud: Cloud) -> None:
    role, bucket = a_role(cloud), a_bucket(cloud)
    rights(cloud, role, f"arn:aws:s3:::{bucket}/*")
    assert add_on(cloud, role, bucket).inputs["addonName"] == "agents"


def test_without_an_archive_no_rights_are_needed(cloud: Cloud) -> None:
    assert add_on(cloud, a_role(cloud), None)


def test_an_archive_that_is_not_there_is_refused(cloud: Cloud) -> None:
    role = a_role(cloud)
    rights(cloud, role, "arn:aws:s3:::*/*")
    with refused("NoSuchBucket"):
        add_on(cloud, role, "nowhere")


@pytest.mark.parametrize(
    ("resource", "action"),
    [
        ("arn:aws:s3:::another/*", "s3:PutObject"),
        ("arn:aws:s3:::{}", "s3:PutObject"),
        ("arn:aws:s3:::{}/*", "s3:GetObject"),
    ],
)
def test_an_archive_that_nobody_may_write_to_is_refused(
    cloud: Cloud, resource: str, action: str
) -> None:
    role, bucket = a_role(cloud), a_bucket(cloud)
    rights(cloud, role, resource.format(bucket), action)
    with refused("AccessDenied"):
        add_on(cloud, role, bucket)


def test_rights_of_another_role_do_not_help_and_an_update_is_asked_too(cloud: Cloud) -> None:
    role, bucket = a_role(cloud), a_bucket(cloud)
    rights(cloud, a_role(cloud, "another"), f"arn:aws:s3:::{bucket}/*")
    thing = add_on(cloud, role, None)
    told = {"containerLogs": {"fluentBit": {"config": {"extraFiles": {"a": f"bucket {bucket}"}}}}}
    with refused("AccessDenied"):
        update(cloud, thing, **{**thing.inputs, "configurationValues": json.dumps(told)})


@pytest.mark.parametrize(("kind", "key"), [(GROUP, "groupName"), (RULE, "ruleName")])
def test_a_name_in_traces_is_short_and_once_in_a_region(cloud: Cloud, kind: str, key: str) -> None:
    make(cloud, kind, "one", **{key: "x" * 32})
    for name in ("x" * 33, "x" * 32, "Default"):
        with refused("InvalidRequestException"):
            make(cloud, kind, "other", **{key: name})


def test_a_rule_of_traces_may_go_while_a_cluster_of_its_name_is_used(cloud: Cloud) -> None:
    rule = make(cloud, RULE, "rule", ruleName="prod")
    assert add_on(cloud, a_role(cloud), None).inputs["clusterName"] == "prod"
    delete(cloud, rule)


def test_these_laws_are_among_all() -> None:
    assert set(CONSTRAINTS) <= set(ALL)
