"""Service quotas of an AWS account in a region that a cell can exceed.

The quotas of load balancers that a stack file alone decides are in settings/load_balancing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A service quota that AWS raises on request."""

    service: str
    """Code of the service, such as ec2."""
    code: str
    """Code of the quota, such as L-0263D0A3."""
    name: str
    """Name of the quota in the Service Quotas console."""


def _ec2(code: str, name: str) -> Quota:
    return Quota(service="ec2", code=code, name=name)


def _vpc(code: str, name: str) -> Quota:
    return Quota(service="vpc", code=code, name=name)


_STANDARD = "Standard (A, C, D, H, I, M, R, T, Z)"

ON_DEMAND: Mapping[str, Quota] = {
    "DL": _ec2("L-6E869C2A", "Running On-Demand DL instances"),
    "F": _ec2("L-74FC7D96", "Running On-Demand F instances"),
    "G": _ec2("L-DB2E81BA", "Running On-Demand G and VT instances"),
    "High Memory": _ec2("L-43DA4232", "Running On-Demand High Memory instances"),
    "HPC": _ec2("L-F7808C92", "Running On-Demand HPC instances"),
    "Inf": _ec2("L-1945791B", "Running On-Demand Inf instances"),
    "P": _ec2("L-417A185B", "Running On-Demand P instances"),
    "Standard": _ec2("L-1216C47A", f"Running On-Demand {_STANDARD} instances"),
    "Trn": _ec2("L-2C3B7624", "Running On-Demand Trn instances"),
    "X": _ec2("L-7295265B", "Running On-Demand X instances"),
}
"""vCPUs of the on-demand instances of a region, by group of instance families.

Unused capacity reservations count. A new account has 5 vCPUs of Standard, and 0 of the others.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits
"""

SPOT: Mapping[str, Quota] = {
    "DL": _ec2("L-85EED4F7", "All DL Spot Instance Requests"),
    "F": _ec2("L-88CF9481", "All F Spot Instance Requests"),
    "G": _ec2("L-3819A6DF", "All G and VT Spot Instance Requests"),
    "Inf": _ec2("L-B5D1601B", "All Inf Spot Instance Requests"),
    "P": _ec2("L-7212CCBC", "All P Spot Instance Requests"),
    "Standard": _ec2("L-34B43A08", f"All {_STANDARD} Spot Instance Requests"),
    "Trn": _ec2("L-6B0D517C", "All Trn Spot Instance Requests"),
    "X": _ec2("L-E3A00192", "All X Spot Instance Requests"),
}
"""vCPUs of the spot instances of a region, by group of instance families.

A new account has 5 vCPUs of Standard, and 0 of the others.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html
"""

ELASTIC_IPS = _ec2("L-0263D0A3", "EC2-VPC Elastic IPs")
"""Elastic IP addresses of a region, 5 in a new account.
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-eips"""

NAT_GATEWAYS = _vpc("L-FE5A380F", "NAT gateways per Availability Zone")
"""NAT gateways of a zone that are pending, available or being deleted, 5 in a new account.
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-gateways"""

VPCS = _vpc("L-F678F1CE", "VPCs per Region")
"""VPCs of a region, 5 in a new account. The quota of internet gateways is the same.
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-vpcs-subnets"""

SECURITY_GROUP_RULES = _vpc("L-0EA8095F", "Inbound or outbound rules per security group")
"""Inbound rules, and outbound rules, of a security group, 60 in a new account.
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups"""

PULL_THROUGH_RULES = 50
"""Pull-through cache rules of a region. AWS does not raise this quota.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html"""

_GROUPS: Mapping[str, str] = {
    **dict.fromkeys(("a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"), "Standard"),
    **dict.fromkeys(("g", "gr", "vt"), "G"),
    "dl": "DL", "f": "F", "hpc": "HPC", "inf": "Inf", "p": "P", "trn": "Trn",
    "u": "High Memory", "x": "X",
}  # fmt: skip
"""Group of instance families, by the letters at the start of a type. High Memory are u and u7i.
https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
https://aws.amazon.com/blogs/aws/amazon-ec2-high-memory-u7i-instances-for-large-in-memory-databases/"""


def vcpu_quota(instance_type: str, *, spot: bool) -> Quota | None:
    """Returns the quota of vCPUs that an instance type counts against; None if it is unknown."""
    letters = re.match("[a-z]*", instance_type)
    group = _GROUPS.get(letters[0]) if letters else None
    return (SPOT if spot else ON_DEMAND).get(group) if group else None
