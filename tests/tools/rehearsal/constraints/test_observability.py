"""Constraints on the log archive, and on X-Ray groups and sampling rules."""

import json

import pytest

from tests.tools.rehearsal.clouds import delete, empty_cloud, make, refused, update
from tools.rehearsal.constraints.observability import CONSTRAINTS
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource

ADD_ON = "aws:eks/addon:Addon"
GROUP = "aws:xray/group:Group"
SAMPLING_RULE = "aws:xray/samplingRule:SamplingRule"


@pytest.fixture
def cloud() -> FakeCloud:
    return empty_cloud("prod", constraints=CONSTRAINTS)


def configuration(bucket: str) -> str:
    """Returns the values of the agents, with an archive in a bucket."""
    files = {"archive.conf": f"[OUTPUT]\n    Name s3\n    bucket {bucket}\n"}
    return json.dumps({"containerLogs": {"fluentBit": {"config": {"extraFiles": files}}}})


def make_agents(cloud: FakeCloud, role: CloudResource, bucket: str | None) -> CloudResource:
    return make(
        cloud, ADD_ON, "agents", addonName="agents", clusterName="prod",
        configurationValues=configuration(bucket) if bucket else "{}",
        podIdentityAssociations=[{"roleArn": role.outputs["arn"], "serviceAccount": "agents"}],
    )  # fmt: skip


def make_role(cloud: FakeCloud, name: str = "agents") -> CloudResource:
    return make(cloud, "aws:iam/role:Role", name, assumeRolePolicy="{}")


def make_policy(
    cloud: FakeCloud, role: CloudResource, resource: str, action: str = "s3:PutObject"
) -> CloudResource:
    statement = {"Effect": "Allow", "Action": [action], "Resource": resource}
    document = json.dumps({"Statement": [statement]})
    type_ = "aws:iam/rolePolicy:RolePolicy"
    return make(cloud, type_, "archive", role=role.outputs["name"], policy=document)


def make_bucket(cloud: FakeCloud) -> str:
    """Creates a bucket; returns its name."""
    return str(make(cloud, "aws:s3/bucket:Bucket", "archive").outputs["bucket"])


# Archive.


def test_agents_with_a_bucket_and_permission_to_write_are_accepted(cloud: FakeCloud) -> None:
    role, bucket = make_role(cloud), make_bucket(cloud)
    make_policy(cloud, role, f"arn:aws:s3:::{bucket}/*")
    make_agents(cloud, role, bucket)


def test_agents_without_an_archive_need_no_permission(cloud: FakeCloud) -> None:
    make_agents(cloud, make_role(cloud), None)


def test_the_bucket_of_the_archive_must_exist(cloud: FakeCloud) -> None:
    role = make_role(cloud)
    make_policy(cloud, role, "arn:aws:s3:::*/*")
    with refused("NoSuchBucket", "bucket nowhere does not exist"):
        make_agents(cloud, role, "nowhere")


@pytest.mark.parametrize(
    ("resource", "action"),
    [
        ("arn:aws:s3:::another/*", "s3:PutObject"),
        ("arn:aws:s3:::{}", "s3:PutObject"),
        ("arn:aws:s3:::{}/*", "s3:GetObject"),
    ],
)
def test_agents_need_permission_to_put_objects_into_the_bucket(
    cloud: FakeCloud, resource: str, action: str
) -> None:
    role, bucket = make_role(cloud), make_bucket(cloud)
    make_policy(cloud, role, resource.format(bucket), action)
    with refused("AccessDenied", f"no IAM policy of agents allows s3:PutObject to {bucket}"):
        make_agents(cloud, role, bucket)


def test_an_update_needs_the_permission_too_and_another_role_does_not_help(
    cloud: FakeCloud,
) -> None:
    role, bucket = make_role(cloud), make_bucket(cloud)
    make_policy(cloud, make_role(cloud, "another"), f"arn:aws:s3:::{bucket}/*")
    agents = make_agents(cloud, role, None)
    inputs = {**agents.inputs, "configurationValues": configuration(bucket)}
    with refused("AccessDenied", f"no IAM policy of agents allows s3:PutObject to {bucket}"):
        update(cloud, agents, **inputs)


# X-Ray.


@pytest.mark.parametrize(("type_", "key"), [(GROUP, "groupName"), (SAMPLING_RULE, "ruleName")])
def test_x_ray_names_have_at_most_32_characters_and_are_unique(
    cloud: FakeCloud, type_: str, key: str
) -> None:
    longest = "x" * 32
    make(cloud, type_, "one", **{key: longest})
    for name, problem in (
        (f"{longest}x", "is longer than 32 characters"),
        (longest, "is already in use"),
        ("Default", "is already in use"),
    ):
        with refused("InvalidRequestException", f"{key} {name} {problem}"):
            make(cloud, type_, "other", **{key: name})


def test_a_sampling_rule_with_the_name_of_the_cluster_can_be_deleted(cloud: FakeCloud) -> None:
    rule = make(cloud, SAMPLING_RULE, "rule", ruleName="prod")
    agents = make_agents(cloud, make_role(cloud), None)
    assert agents.inputs["clusterName"] == "prod"
    delete(cloud, rule)
