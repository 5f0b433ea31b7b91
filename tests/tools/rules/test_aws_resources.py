"""Rules over the cluster and its nodes, of any Pulumi program."""

from typing import Any

import pytest

from tests.shared_recordings import recorded
from tools.recording import Resource
from tools.rules.aws.all_rules import AWS_RULES
from tools.rules.resources import Resources, foreign_resources, recorded_resources
from tools.rules.rule import findings_of


def _resource(type_: str, name: str, *dependencies: str, **inputs: Any) -> Resource:
    return Resource(
        urn=name,
        type=type_,
        name=name,
        custom=True,
        remote=False,
        inputs=inputs,
        parent=None,
        provider=None,
        dependencies=dependencies,
        options={},
        transforms=(),
    )


def _program(
    zones: tuple[str, ...] = ("a", "b"),
    public: tuple[str, ...] = (),
    metadata: dict[str, Any] | None = None,
    logs: tuple[str, ...] = ("audit",),
    **network: Any,
) -> Resources:
    """Returns a program with a node group in a subnet of each zone.

    Nodes of the zones in `public` get public addresses; the other subnets have the default.
    """
    subnets = [
        _resource(
            "aws:ec2/subnet:Subnet",
            f"subnet-{zone}",
            availabilityZone=f"us-east-1{zone}",
            **({"mapPublicIpOnLaunch": True} if zone in public else {}),
        )
        for zone in zones
    ]
    groups = [
        _resource("aws:eks/nodeGroup:NodeGroup", f"group-{zone}", f"subnet-{zone}")
        for zone in zones
    ]
    template = _resource(
        "aws:ec2/launchTemplate:LaunchTemplate", "template", metadataOptions=metadata
    )
    vpc = {"endpointPrivateAccess": True, "publicAccessCidrs": ["203.0.113.0/24"], **network}
    cluster = _resource(
        "aws:eks/cluster:Cluster", "cluster", enabledClusterLogTypes=[*logs], vpcConfig=vpc
    )
    return foreign_resources([*subnets, *groups, template, cluster])


def _found(resources: Resources) -> list[str]:
    return [f"{each.severity} {each}" for each in findings_of(AWS_RULES, resources)]


@pytest.mark.parametrize(
    ("program", "finding"),
    [
        (
            _program(zones=("a",)),
            "error HA802 NodeGroup/group-a: subnetIds: all node groups are in us-east-1a, so that "
            "all pods stop if this zone fails; write subnets of two or more zones",
        ),
        (
            _program(public=("b",)),
            "warning HA803 NodeGroup/group-b: subnetIds: subnet-b gives nodes public addresses, at "
            "which the internet can reach them; write private subnets",
        ),
        (
            _program(metadata={"httpTokens": "optional"}),
            "warning HA804 LaunchTemplate/template: metadataOptions.httpTokens: optional answers "
            "requests without a token, so that a request that a program makes for an attacker "
            "reads the credentials of the node; write required",
        ),
        (
            _program(logs=("api",)),
            "warning HA805 Cluster/cluster: enabledClusterLogTypes: no audit log is kept, so that "
            "after an outage no record shows who deleted or changed an object, and EKS finds no "
            "deprecated API before an upgrade; add audit",
        ),
        (
            _program(publicAccessCidrs=["0.0.0.0/0"]),
            "caution HA806 Cluster/cluster: vpcConfig.publicAccessCidrs: every address on the "
            "internet reaches the Kubernetes API; write the networks of the operators, or "
            "endpointPublicAccess: false",
        ),
        (
            _program(endpointPrivateAccess=False),
            "warning HA807 Cluster/cluster: vpcConfig.endpointPrivateAccess: nodes reach the "
            "control plane through NAT gateways and the internet, so that a failed NAT gateway "
            "makes the nodes of its zone NotReady; write true",
        ),
    ],
)
def test_a_gap_of_another_program_is_found(program: Resources, finding: str) -> None:
    assert _found(program)[0] == finding


@pytest.mark.parametrize(
    "program",
    [
        _program(),
        _program(metadata={"httpTokens": "required"}),
        _program(metadata={"httpTokens": "optional", "httpEndpoint": "disabled"}),
        _program(metadata={"httpPutResponseHopLimit": 1}),
        _program(publicAccessCidrs=None, endpointPublicAccess=False),
        Resources(all=_program(zones=("a",)).all, zones=1),
        foreign_resources([_resource("aws:eks/nodeGroup:NodeGroup", "group", "vpc-module")]),
        foreign_resources(
            [
                *_program(zones=("a",)).all,
                _resource("aws:eks/nodeGroup:NodeGroup", "group", "vpc-module"),
            ]
        ),
        foreign_resources(
            [
                _resource("aws:ec2/subnet:Subnet", "subnet", availabilityZoneId="use1-az1"),
                _resource("aws:eks/nodeGroup:NodeGroup", "group", "subnet"),
            ]
        ),
        _program(publicAccessCidrs=["203.0.113.0/24", "2001:db8::/32"]),
    ],
)
def test_what_a_rule_does_not_flag(program: Resources) -> None:
    assert _found(program) == []


@pytest.mark.parametrize("cidrs", [None, [], ["::/0"], ["203.0.113.0/24", "0.0.0.0/0"]])
def test_an_endpoint_without_networks_or_for_all_addresses_is_open(cidrs: list[str] | None) -> None:
    assert [line[:13] for line in _found(_program(publicAccessCidrs=cidrs))] == ["caution HA806"]


def test_a_broken_shipped_stack_has_findings() -> None:
    resources = recorded_resources(recorded("prod"))
    assert _found(resources) == []
    broken = [
        _resource(each.type, each.name) if each.type == "aws:eks/cluster:Cluster" else each
        for each in resources.all
    ]
    rules = [line.split()[1] for line in _found(Resources(all=broken, zones=3))]
    assert rules == ["HA805", "HA806", "HA807"]
