"""Kubernetes versions that a cell can run."""

from datetime import date

KUBERNETES = {
    "1.34": date(2026, 12, 2),
    "1.35": date(2027, 3, 27),
    "1.36": date(2027, 8, 2),
}
"""Last day of standard support in EKS, by Kubernetes minor version.

https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html (read November 2026)
"""


def minor_of(version: str) -> int:
    """Returns the minor number of a Kubernetes version, such as 36 of 1.36."""
    return int(version.split(".")[1])
