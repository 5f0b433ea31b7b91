"""AWS accepts the inputs of every resource, according to its service models."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.aws_api import problems
from tests.aws_requests import REQUESTS, WITHOUT_REQUEST
from tests.shared_recordings import recorded
from tools.recording import Recording
from tools.recording.record import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("Pulumi.*.yaml"))


def refused(recording: Recording) -> Iterator[str]:
    """Yields the inputs that AWS would refuse, with the name of the resource."""
    for resource in recording.resources:
        if not resource.type.startswith("aws:") or resource.type in WITHOUT_REQUEST:
            continue
        request = REQUESTS.get(resource.type)
        if request is None:
            yield f"{resource.type}: tests/aws_requests.py has no request of this type"
            continue
        for problem in problems(request, resource.inputs):
            yield f"{resource.name}: {problem}"


def test_aws_accepts_the_inputs_of_every_resource(recording: Recording) -> None:
    assert [*refused(recording)] == []


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_aws_accepts_the_inputs_of_every_example(file: Path) -> None:
    stack = file.name.removeprefix("Pulumi.").removesuffix(".yaml")
    assert [*refused(recorded(stack, file.parent))] == []


@pytest.mark.parametrize(
    ("type_", "inputs", "problem"),
    [
        pytest.param(
            "aws:eks/cluster:Cluster",
            {"name": "prod.x", "roleArn": "arn", "vpcConfig": {}},
            r"CreateCluster.name: prod.x does not match ^[0-9A-Za-z][A-Za-z0-9\-_]*",
            id="pattern",
        ),
        pytest.param(
            "aws:eks/cluster:Cluster",
            {"name": "x" * 101, "roleArn": "arn", "vpcConfig": {}},
            "CreateCluster.name: 101 characters, more than 100",
            id="length",
        ),
        pytest.param(
            "aws:eks/cluster:Cluster",
            {"name": "prod", "vpcConfig": {}},
            "CreateCluster: roleArn is missing",
            id="required member",
        ),
        pytest.param(
            "aws:eks/cluster:Cluster",
            {"name": "prod", "roleArn": "arn", "vpcConfig": {}, "colour": "red"},
            "CreateCluster: no member for colour",
            id="unknown input",
        ),
        pytest.param(
            "aws:ec2/natGateway:NatGateway",
            {"subnetId": "subnet-1", "connectivityType": "open"},
            "CreateNatGateway.ConnectivityType: open is not one of private, public",
            id="enum",
        ),
        pytest.param(
            "aws:route53/healthCheck:HealthCheck",
            {"type": "HTTPS", "failureThreshold": 11},
            "CreateHealthCheck.FailureThreshold: 11, more than 10",
            id="number",
        ),
        pytest.param(
            "aws:cloudwatch/metricAlarm:MetricAlarm",
            {
                "name": "x",
                "evaluationPeriods": 1,
                "comparisonOperator": "GreaterThanThreshold",
                "dimensions": {"A": "x" * 1025},
            },
            "PutMetricAlarm.Dimensions.Value: 1025 characters, more than 1024",
            id="map of names and values",
        ),
        pytest.param(
            "aws:ec2/vpc:Vpc",
            {"cidrBlock": "10.0.0.0/16", "tags": {"aws:team": "shop"}},
            "tag aws:team is not a valid key",
            id="reserved tag key",
        ),
        pytest.param(
            "aws:ec2/vpc:Vpc",
            {"cidrBlock": "10.0.0.0/16", "tags": {"team": "x" * 257}},
            f"tag team: {'x' * 257} is not a valid value",
            id="tag value",
        ),
        pytest.param(
            "aws:ec2/vpc:Vpc",
            {"cidrBlock": "10.0.0.0/16", "tags": {f"tag{n}": "" for n in range(51)}},
            "51 tags, more than 50",
            id="number of tags",
        ),
    ],
)
def test_inputs_that_aws_refuses_are_found(
    type_: str,
    inputs: Mapping[str, Any],  # Any: JSON of any shape
    problem: str,
) -> None:
    assert [*problems(REQUESTS[type_], inputs)] == [problem]
