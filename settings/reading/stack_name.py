"""Checks the name of a stack, which is the name of its cell in AWS."""

import re
from collections.abc import Iterator

from settings.reading.problem import Problem

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}")
"""Names of EKS clusters. KMS aliases and CloudWatch dashboards also refuse other characters.
https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html#AmazonEKS-CreateCluster-request-name
"""


def stack_name_problems(name: str) -> Iterator[Problem]:
    """Yields a problem if AWS refuses the name of a stack as the name of a cluster."""
    if not _NAME.fullmatch(name):
        yield Problem(
            key="stack name",
            message=f'EKS refuses "{name}" as the name of a cluster; rename the stack to at most '
            "100 letters, digits, - and _, beginning with a letter or digit",
        )
