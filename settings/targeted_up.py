"""The environment variable that tells the program that `pulumi up` has targets.

Before Pulumi writes a resource that is not a target to the state, it writes the dependencies that
the resource has in the state. Therefore the program must register resources in an order that
matches the state. Otherwise Pulumi reports a duplicate URN.
docs/decisions/0046-remedies-do-not-wait-for-pods.md
"""

import os

VARIABLE = "HA_EKS_TARGETS"

ENVIRONMENT = {VARIABLE: "1"}
"""Environment variables of a `pulumi up` with targets."""


def has_targets() -> bool:
    """True if the `up` has targets, according to the environment variable."""
    return bool(os.environ.get(VARIABLE))
