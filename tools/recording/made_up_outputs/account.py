"""The made-up AWS account: account ID, principals, region, and subnets of an existing VPC."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

ACCOUNT = "123456789012"
"""Account ID that the AWS documentation uses in examples."""

DEPLOYER = f"arn:aws:iam::{ACCOUNT}:role/deployer"
"""ARN of the role that runs Pulumi unless the stack file names an administrator."""

SECOND_OPERATOR = f"arn:aws:iam::{ACCOUNT}:role/second-operator"
"""ARN of another role that can run Pulumi."""

PRINCIPALS = frozenset((f"arn:aws:iam::{ACCOUNT}:root", DEPLOYER, SECOND_OPERATOR))
"""ARNs of the IAM principals that exist in the account before the stack is created."""

Outputs = dict[str, Any]  # Any: the values of resource properties are JSON of any shape
Inputs = Mapping[str, Any]


class NotFoundError(Exception):
    """Raised by an invoke that looks up an ID that does not exist."""


class Subnet(NamedTuple):
    """Zone, VPC and CIDR blocks of a subnet that the stack does not create."""

    zone: str
    vpc_id: str
    cidr: str
    ipv6: str = ""


class Account:
    """The made-up account in one region."""

    def __init__(self, region: str, subnets: Mapping[str, Subnet] | None = None) -> None:
        self.region = region
        self.subnets = subnets or {}
        self.add_on_configurations: Mapping[str, Mapping[str, Any]] = {}
        """Configuration of EKS add-ons in the stack file, by name."""
        self.caller = DEPLOYER
        """ARN of the IAM role or user that runs Pulumi."""

    def arn(
        self, service: str, resource: str, *, regional: bool = True, region: str | None = None
    ) -> str:
        """Returns an ARN in the account.

        `region` is set if the resource is in another region than the stack. The ARN of a global
        resource (`regional` is false) has no region.
        """
        location = (region or self.region) if regional else ""
        return f"arn:aws:{service}:{location}:{ACCOUNT}:{resource}"


MakeOutputs = Callable[[Account, str, Inputs], tuple[str, Outputs]]
"""Function that returns the ID and outputs of a resource from its logical name and inputs."""
