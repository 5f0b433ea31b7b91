"""Where made-up answers are given from: an account, a region, and a VPC that is there already."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

ACCOUNT = "123456789012"
"""The account of AWS's own documentation."""

PRINCIPALS = frozenset(f"arn:aws:iam::{ACCOUNT}:{who}" for who in ("root", "role/deployer"))
"""Who is in that account without us."""

Outputs = dict[str, Any]  # Any: the values of resource properties are JSON of any shape
Inputs = Mapping[str, Any]


def digest(text: str, length: int = 17) -> str:
    """Hexadecimal digits that stand for a random id, the same in every run."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def uuid(text: str) -> str:
    """An id of the form that many services have, the same in every run."""
    d = digest(text, 32)
    return f"{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:32]}"


class NotThereError(Exception):
    """What an invoke fails with that asks for something by an id which nothing has."""


class Place(NamedTuple):
    """Where a subnet is that no stack made."""

    zone: str
    vpc_id: str
    cidr: str


class Cloud:
    """A region of the made-up account."""

    def __init__(self, region: str, subnets: Mapping[str, Place] | None = None) -> None:
        self.region = region
        self.subnets = subnets or {}

    def arn(
        self, service: str, resource: str, *, regional: bool = True, region: str | None = None
    ) -> str:
        """An ARN in the made-up account; `region` is that of a resource that is in another one."""
        where = (region or self.region) if regional else ""
        return f"arn:aws:{service}:{where}:{ACCOUNT}:{resource}"


Answer = Callable[[Cloud, str, Inputs], tuple[str, Outputs]]
"""Id and outputs of a resource, by its name and inputs."""
