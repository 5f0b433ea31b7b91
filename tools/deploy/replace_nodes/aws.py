"""Implements the interface to AWS with the `aws` CLI."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from core.tags import CELL, POOL, ZONE
from live.cell import NodeGroup, Shape
from tools.deploy.aws_cli import Ask, AwsError
from tools.deploy.replace_nodes.interfaces import REMEDY, ReplaceError

_POLL = 10.0
"""Seconds between two requests; AWS throttles frequent requests."""
_LIMIT = 60 * 60
"""Seconds for one change of a node group. A deletion includes a drain by EKS."""


class Aws:
    """AWS in the region and account of a cell."""

    def __init__(self, ask: Ask, cell: str, targets: Mapping[str, int]) -> None:
        """Takes the expected number of healthy targets by target group ARN in `targets`."""
        self._ask, self._cell, self._targets = ask, cell, targets
        self._zone = cache(self._zone_of_subnet)

    def node_groups(self) -> Mapping[str, NodeGroup]:
        """Returns the node groups of the cell by name."""
        found = {name: self._described(name) for name in self._names()}
        return {name: group for name, group in found.items() if group}

    def resize(self, group: NodeGroup, *, min: int, max: int, desired: int) -> None:
        """Sets the size of a node group and waits until AWS has applied it."""
        size = f"minSize={min},maxSize={max},desiredSize={desired}"
        self._run(group.name, "update-nodegroup-config", "--scaling-config", size)
        self._wait(lambda: self._group(group.name)["status"] == "ACTIVE", group.name)

    def delete(self, group: NodeGroup) -> None:
        """Deletes a node group unless AWS is deleting it already, and waits until it is deleted."""
        if group.status != "DELETING":
            self._run(group.name, "delete-nodegroup")
        self._wait(lambda: group.name not in self._names(), group.name)

    def not_ready(self) -> Sequence[str]:
        """Returns a line for each target group with missing, initial or unhealthy targets."""
        lines: list[str] = []
        for arn, expected in self._targets.items():
            answer = self._answer("elbv2", "describe-target-health", "--target-group-arn", arn)
            states = [each["TargetHealth"]["State"] for each in answer["TargetHealthDescriptions"]]
            pending = [each for each in states if each in ("initial", "unhealthy")]
            if states.count("healthy") < expected or pending:
                name = arn.split("/")[1]
                lines.append(f"{name}: {states.count('healthy')} of {expected} targets are healthy")
        return lines

    def _answer(self, *arguments: str) -> Any:  # Any: JSON of any shape
        try:
            return self._ask(*arguments)
        except AwsError as error:
            raise ReplaceError(f"aws {' '.join(arguments[:2])}: {error}; {REMEDY}") from error

    def _zone_of_subnet(self, subnet: str) -> str:
        [found] = self._answer("ec2", "describe-subnets", "--subnet-ids", subnet)["Subnets"]
        return found["AvailabilityZone"]

    def _names(self) -> Sequence[str]:
        return self._answer("eks", "list-nodegroups", "--cluster-name", self._cell)["nodegroups"]

    def _wait(self, done: Callable[[], bool], group: str) -> None:
        """Waits until a change of a node group is done; raises ReplaceError at the limit."""
        deadline = time.monotonic() + _LIMIT
        while not done():
            if time.monotonic() > deadline:
                raise ReplaceError(
                    f"{group}: AWS has not applied the change after an hour; {REMEDY}"
                )
            time.sleep(_POLL)

    def _run(self, group: str, *command: str) -> Any:
        names = ("--cluster-name", self._cell, "--nodegroup-name", group)
        return self._answer("eks", *command, *names)

    def _group(self, name: str) -> Any:
        return self._run(name, "describe-nodegroup")["nodegroup"]

    def _described(self, name: str) -> NodeGroup | None:
        """Returns a node group; None if its tags do not name a pool of the cell."""
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
