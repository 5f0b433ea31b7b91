"""Resources of a cell that an experiment may act on."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.tags import CELL


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Resources of a cell that an experiment may act on. ARNs can be outputs."""

    cell: str
    """Name of the cell."""
    region: str
    """Region of the cell."""
    account: str
    """Account ID."""
    zone: str
    """Zone in which experiments act."""
    pool: str
    """Pool whose nodes may be terminated."""
    pool_zone: str | None
    """Zone of the terminated nodes; None: their node group spans all zones."""
    cluster: object
    """ARN of the cluster."""
    node_group: object
    """ARN of the node group whose nodes may be terminated."""
    scaling_groups: object
    """ARN patterns of the Auto Scaling groups in the zone."""
    shifted: object
    """ARNs of what can be shifted away from the zone: load balancers and cluster."""
    vpc: object
    """ARN of the VPC."""
    zone_subnets: object
    """ARNs of the subnets of the cell in the zone."""
    private_subnets: object
    """ARNs of the private subnets of all zones."""
    owns_vpc: bool
    """True if the program creates the VPC, so that endpoints have the tag of the cell."""

    def arns(self, kind: str) -> str:
        """Returns the ARN pattern of all resources of a kind of EC2 in account and region."""
        return f"arn:aws:ec2:{self.region}:{self.account}:{kind}/*"

    def tagged(self, prefix: str = "aws:ResourceTag/", **tags: str) -> Mapping[str, str]:
        """Returns the condition that a resource has the tag of the cell."""
        return {f"{prefix}{CELL}": self.cell, **tags}
