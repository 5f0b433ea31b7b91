"""AWS regions and their zones.

Names: partitions.json of botocore 1.43 (PyPI). Numbers of zones: `core.facts.instance_types`.
"""

import re
from difflib import get_close_matches

from core.facts.instance_types import table, zones_of

_NEWER = ("ap-east-2", "ap-southeast-6", "ap-southeast-7", "mx-central-1")
"""Regions without data on instance types."""

_PARTITIONS = {
    r"cn-.+": "aws-cn",
    r"eusc-.+": "aws-eusc",
    r"us-gov-.+": "aws-us-gov",
    r"(us-iso|us-isob|eu-isoe|us-isof)-.+": "aws-iso",
}
"""Other partitions than `aws`, by a pattern of their regions."""

_LAST_LETTERS = {"ap-northeast-1": "d", "ca-central-1": "d", "us-west-1": "c"}
"""Last letter of a zone in regions with fewer zones for new accounts than the region has had."""

NO_CONTROL_PLANE = {
    "ca-central-1": "cac1-az3",
    "us-east-1": "use1-az3",
    "us-west-1": "usw1-az2",
}
"""ID of the zone in which EKS places no network interface of a control plane, by region. The name
of that zone differs between accounts.
https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html"""


def other_partition(region: str) -> str | None:
    """Returns the partition of a region; None for the partition `aws`."""
    return next((name for form, name in _PARTITIONS.items() if re.fullmatch(form, region)), None)


def is_region(name: str) -> bool:
    """True if a region of the partition `aws` has this name."""
    return name in table().zones or name in _NEWER


def nearest_region(name: str) -> str | None:
    """Returns the region with the most similar name; None if no name is similar."""
    return next(iter(get_close_matches(name, (*table().zones, *_NEWER), n=1)), None)


def last_letter(region: str) -> str | None:
    """Returns the last letter that a zone of a region has in any account; None without data."""
    zones = zones_of(region)
    return None if zones is None else _LAST_LETTERS.get(region, "abcdefghi"[zones - 1])
