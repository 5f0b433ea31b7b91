"""Resources whose outputs an input contains, and secret inputs."""

from collections.abc import Callable
from pathlib import Path

from tools.recording import Recording, record


def test_each_input_names_the_resources_whose_outputs_it_contains(
    previewed: Callable[[str], Recording],
) -> None:
    recording = previewed("prod")
    group, *_ = recording.of_type("aws:eks/nodeGroup:NodeGroup")
    names = {key: [recording.get(urn).name for urn in urns] for key, urns in group.sources.items()}
    assert names == {
        "clusterName": ["cluster-eksCluster", "cluster"],
        "launchTemplate": ["nodes-general"],
        "nodeRoleArn": ["nodes-role"],
        "subnetIds": ["network-private-us-east-1a"],
    }
    assert {urn for urns in group.sources.values() for urn in urns} <= {*group.dependencies}


PROGRAM = """
import pulumi, pulumi_aws as aws
provider = aws.Provider("aws", region="us-east-1")
aws.rds.Instance(
    "database",
    instance_class="db.t4g.micro",
    username="app",
    password=pulumi.Output.secret("hunter2"),
    tags={"a": "b", "c": pulumi.Output.secret("d")},
    vpc_security_group_ids=["e", pulumi.Output.secret("f")],
    opts=pulumi.ResourceOptions(provider=provider),
)
"""


def test_the_paths_of_secret_inputs_are_recorded(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    [database] = record("dev", program=program).of_type("aws:rds/instance:Instance")
    assert database.secrets == ("password", "tags.c", "vpcSecurityGroupIds[1]")
    assert database.inputs["password"] == "hunter2"
