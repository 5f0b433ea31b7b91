"""The interface to AWS, with a fake `aws` CLI."""

from collections.abc import Callable
from typing import Any

import pytest

from core.tags import CELL, POOL, ZONE
from live.cell import NodeGroup, Shape
from tools.deploy.aws_cli import AwsError
from tools.deploy.replace_nodes.aws import Aws
from tools.deploy.replace_nodes.interfaces import REMEDY, ReplaceError

WEB = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/prod-web/0123456789abcdef"
API = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/prod-api/0123456789abcdef"


def described(**changes: Any) -> dict[str, Any]:
    """Returns the description of a node group of the cell in AWS."""
    return {
        "nodegroupName": "nodes-1",
        "version": "1.36",
        "status": "ACTIVE",
        "capacityType": "ON_DEMAND",
        "scalingConfig": {"minSize": 2, "maxSize": 8, "desiredSize": 3},
        "amiType": "AL2023_x86_64_STANDARD",
        "subnets": ["subnet-a"],
        "tags": {CELL: "prod", POOL: "general", ZONE: "us-east-1a", "Name": "x"},
        **changes,
    }


GROUP = NodeGroup(
    name="nodes-1",
    pool="general",
    zone="us-east-1a",
    subnets=("subnet-a",),
    shape=Shape(
        ami_type="AL2023_x86_64_STANDARD",
        capacity_type="ON_DEMAND",
        instance_types=(),
        zones=("us-east-1a",),
    ),
    version="1.36",
    status="ACTIVE",
    min=2,
    desired=3,
    max=8,
)


class Cli:
    """A CLI with node groups and targets, which records the requested changes."""

    def __init__(self, **groups: dict[str, Any]) -> None:
        self.groups = {name.replace("_", "-"): each for name, each in groups.items()}
        self.targets: dict[str, list[str]] = {}
        self.changes: list[tuple[str, ...]] = []
        self.subnets: list[str] = []
        """Subnets whose zone was requested."""
        self.slept: list[float] = []
        self.after_sleep: Callable[[], None] = lambda: None
        """Changes AWS while a replacement sleeps."""

    def ask(self, *arguments: str) -> Any:
        service, command, *rest = arguments
        if service == "elbv2":
            assert (command, rest[0], len(rest)) == (
                "describe-target-health", "--target-group-arn", 2,
            )  # fmt: skip
            states = self.targets[rest[1]]
            return {"TargetHealthDescriptions": [{"TargetHealth": {"State": s}} for s in states]}
        if service == "ec2":
            assert (command, rest[0]) == ("describe-subnets", "--subnet-ids")
            self.subnets += rest[1:]
            zones = [f"us-east-1{each.split('-')[1]}" for each in rest[1:]]
            return {"Subnets": [{"AvailabilityZone": zone} for zone in zones]}
        assert service == "eks"
        index = rest.index("--cluster-name")
        assert rest[index + 1] == "prod"
        if command == "list-nodegroups":
            return {"nodegroups": list(self.groups)}
        name = rest[rest.index("--nodegroup-name") + 1]
        if command == "describe-nodegroup":
            return {"nodegroup": self.groups[name]}
        self.changes.append((command, name, *rest[:index]))
        status = {"delete-nodegroup": "DELETING", "update-nodegroup-config": "UPDATING"}[command]
        self.groups[name]["status"] = status
        return {"nodegroup": self.groups[name]}

    # Replaces the module `time`.

    def monotonic(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.after_sleep()


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Cli:
    fake = Cli(nodes_1=described())
    monkeypatch.setattr("tools.deploy.replace_nodes.aws.time", fake)
    return fake


def aws(cli: Cli, **targets: int) -> Aws:
    return Aws(cli.ask, "prod", {{"web": WEB, "api": API}[name]: n for name, n in targets.items()})


def test_a_node_group_is_read_from_aws(cli: Cli) -> None:
    assert aws(cli).node_groups() == {"nodes-1": GROUP}


@pytest.mark.parametrize(
    ("types", "shape"),
    [
        (None, ()),
        ([], ()),
        (["m7i.large", "m6i.large"], ("m7i.large", "m6i.large")),
    ],
)
def test_the_instance_types_of_a_node_group_are_part_of_its_shape(
    cli: Cli, types: list[str] | None, shape: tuple[str, ...]
) -> None:
    cli.groups["nodes-1"]["instanceTypes"] = types
    assert aws(cli).node_groups()["nodes-1"].shape.instance_types == shape


def test_the_zones_of_a_node_group_are_the_zones_of_its_subnets(cli: Cli) -> None:
    cli.groups["nodes-1"]["subnets"] = ["subnet-c", "subnet-a", "subnet-b"]
    cli.groups["nodes-1"]["tags"][ZONE] = "spanning"
    [group] = aws(cli).node_groups().values()
    assert group.shape.zones == ("us-east-1a", "us-east-1b", "us-east-1c")
    assert group.subnets == ("subnet-a", "subnet-b", "subnet-c")
    assert group.zone == "spanning"


def test_the_zone_of_a_subnet_is_requested_once(cli: Cli) -> None:
    cloud = aws(cli)
    for _ in range(3):
        cloud.node_groups()
    assert cli.subnets == ["subnet-a"]


@pytest.mark.parametrize(
    "tags",
    [{}, {CELL: "prod"}, {POOL: "general", ZONE: "a"},
     {CELL: "prod-standby", POOL: "general", ZONE: "us-east-1a"}],
)  # fmt: skip
def test_node_groups_without_the_tags_of_the_cell_are_ignored(
    cli: Cli, tags: dict[str, str]
) -> None:
    cli.groups["other"] = described(tags=tags)
    cli.groups["bare"] = described()
    del cli.groups["bare"]["tags"]
    assert list(aws(cli).node_groups()) == ["nodes-1"], "nodes of another owner would be drained"


def test_a_resize_waits_until_the_node_group_is_active(cli: Cli) -> None:
    def done() -> None:
        if len(cli.slept) == 3:
            cli.groups["nodes-1"]["status"] = "ACTIVE"

    cli.after_sleep = done
    aws(cli).resize(GROUP, min=0, max=4, desired=3)
    size = "minSize=0,maxSize=4,desiredSize=3"
    assert cli.changes == [("update-nodegroup-config", "nodes-1", "--scaling-config", size)]
    assert len(cli.slept) == 3, (
        "AWS would refuse the next change of a node group that is being updated"
    )


def test_a_deletion_waits_until_the_node_group_is_deleted(cli: Cli) -> None:
    def done() -> None:
        if len(cli.slept) == 4:
            del cli.groups["nodes-1"]

    cli.after_sleep = done
    aws(cli).delete(GROUP)
    assert cli.changes == [("delete-nodegroup", "nodes-1")]
    assert len(cli.slept) == 4


def test_a_deletion_in_progress_is_not_requested_again(cli: Cli) -> None:
    cli.groups["nodes-1"]["status"] = "DELETING"
    [deleting] = aws(cli).node_groups().values()
    cli.after_sleep = cli.groups.clear
    aws(cli).delete(deleting)
    assert cli.changes == []
    assert len(cli.slept) == 1


def test_a_failed_deletion_is_requested_again(cli: Cli) -> None:
    cli.groups["nodes-1"]["status"] = "DELETE_FAILED"
    [failed] = aws(cli).node_groups().values()
    cli.after_sleep = cli.groups.clear
    aws(cli).delete(failed)
    assert cli.changes == [("delete-nodegroup", "nodes-1")]


@pytest.mark.parametrize(
    "change",
    [lambda cloud: cloud.resize(GROUP, min=0, max=4, desired=3), lambda cloud: cloud.delete(GROUP)],
    ids=["resize", "delete"],
)
def test_a_change_that_takes_longer_than_an_hour_stops_the_replacement(
    cli: Cli, change: Callable[[Aws], None]
) -> None:
    with pytest.raises(ReplaceError) as caught:
        change(aws(cli))
    assert str(caught.value) == (f"nodes-1: AWS has not applied the change after an hour; {REMEDY}")
    assert 3600 <= cli.monotonic() < 3700
    assert min(cli.slept) >= 5, "AWS would throttle the requests"


def test_healthy_target_groups_are_ready(cli: Cli) -> None:
    cli.targets = {WEB: ["healthy"] * 6, API: ["healthy", "healthy", "draining", "unused"]}
    assert aws(cli, web=6, api=2).not_ready() == []


@pytest.mark.parametrize(
    ("states", "healthy"),
    [(["healthy"] * 5, 5), ([], 0), (["healthy"] * 6 + ["initial"], 6),
     (["healthy"] * 7 + ["unhealthy"], 7), (["draining"] * 6, 0)],
)  # fmt: skip
def test_a_target_group_with_missing_or_unhealthy_targets_is_not_ready(
    cli: Cli, states: list[str], healthy: int
) -> None:
    cli.targets = {WEB: states, API: ["healthy"] * 2}
    assert aws(cli, web=6, api=2).not_ready() == [f"prod-web: {healthy} of 6 targets are healthy"]
    assert len(aws(cli, web=6, api=3).not_ready()) == 2


def test_a_cell_without_target_groups_is_ready(cli: Cli) -> None:
    assert aws(cli).not_ready() == []


def test_an_error_of_aws_is_one_line_with_the_command() -> None:
    def ask(*arguments: str) -> None:
        raise AwsError("Rate exceeded")

    with pytest.raises(ReplaceError) as caught:
        Aws(ask, "prod", {}).node_groups()
    assert str(caught.value) == f"aws eks list-nodegroups: Rate exceeded; {REMEDY}"
