"""AWS, by its CLI, as the cloud of a replacement."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from core.tags import CELL, POOL, ZONE
from live.cell import NodeGroup, Shape
from tools.deploy.aws_cli import Ask, AwsError
from tools.deploy.replace_nodes.interfaces import AGAIN, ReplaceError

_POLL = 10.0
_LONGEST = 60 * 60
"""Seconds that AWS has for one change of a node group: it drains before it deletes."""


class Aws:
    """AWS, in the region and account of a cell."""

    def __init__(self, ask: Ask, cell: str, targets: Mapping[str, int]) -> None:
        """`targets` are the ARNs of its target groups, with the healthy targets each is to have."""
        self._ask, self._cell, self._targets = ask, cell, targets
        self._zone = cache(self._asked_zone)

    def node_groups(self) -> Mapping[str, NodeGroup]:
        """The cell's node groups, by name."""
        found = {name: self._described(name) for name in self._names()}
        return {name: group for name, group in found.items() if group}

    def resize(self, group: NodeGroup, *, min: int, max: int, desired: int) -> None:
        """Sets a group's size, and waits until AWS has taken it."""
        size = f"minSize={min},maxSize={max},desiredSize={desired}"
        self._on(group.name, "update-nodegroup-config", "--scaling-config", size)
        self._until(lambda: self._group(group.name)["status"] == "ACTIVE", group.name)

    def delete(self, group: NodeGroup) -> None:
        """Deletes a group, unless that is under way, and waits until it is gone."""
        if group.status != "DELETING":
            self._on(group.name, "delete-nodegroup")
        self._until(lambda: group.name not in self._names(), group.name)

    def lacking(self) -> Sequence[str]:
        """A line for each target group with fewer healthy targets than it is to have."""
        lines: list[str] = []
        for arn, wanted in self._targets.items():
            answer = self._answer("elbv2", "describe-target-health", "--target-group-arn", arn)
            states = [each["TargetHealth"]["State"] for each in answer["TargetHealthDescriptions"]]
            pending = [each for each in states if each in ("initial", "unhealthy")]
            if states.count("healthy") < wanted or pending:
                name = arn.split("/")[1]
                lines.append(f"{name}: {states.count('healthy')} of {wanted} targets are healthy")
        return lines

    def _answer(self, *arguments: str) -> Any:  # Any: JSON of any shape
        try:
            return self._ask(*arguments)
        except AwsError as error:
            raise ReplaceError(f"aws {' '.join(arguments[:2])}: {error}; {AGAIN}") from error

    def _asked_zone(self, subnet: str) -> str:
        [found] = self._answer("ec2", "describe-subnets", "--subnet-ids", subnet)["Subnets"]
        return found["AvailabilityZone"]

    def _names(self) -> Sequence[str]:
        return self._answer("eks", "list-nodegroups", "--cluster-name", self._cell)["nodegroups"]

    def _until(self, done: Callable[[], bool], group: str) -> None:
        until = time.monotonic() + _LONGEST
        while not done():
            if time.monotonic() > until:
                raise ReplaceError(f"{group}: AWS is not done after an hour; run this again")
            time.sleep(_POLL)

    def _on(self, group: str, *command: str) -> Any:
        own = ("--cluster-name", self._cell, "--nodegroup-name", group)
        return self._answer("eks", *command, *own)

    def _group(self, name: str) -> Any:
        return self._on(name, "describe-nodegroup")["nodegroup"]

    def _described(self, name: str) -> NodeGroup | None:
        """A group of a pool of the cell; None for one that somebody else made."""
        group = self._group(name)
        tags, size = group.get("tags", {}), group["scalingConfig"]
        if tags.get(CELL) != self._cell or POOL not in tags:
            return None
        return NodeGroup(
            name=name,
            pool=tags[POOL],
            zone=tags[ZONE],
            subnets=tuple(sorted(group["subnets"])),
            shape=Shape(
                ami_type=group["amiType"],
                capacity_type=group["capacityType"],
                instance_types=tuple(group.get("instanceTypes") or ()),
                zones=tuple(sorted({self._zone(subnet) for subnet in group["subnets"]})),
            ),
            version=group["version"],
            status=group["status"],
            min=size["minSize"],
            desired=size["desiredSize"],
            max=size["maxSize"],
        )
