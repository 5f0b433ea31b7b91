"""The environment variable of a `pulumi up` with targets, from which the program learns of them.

For a resource that is no target, Pulumi first writes what it depends on in the state. Therefore a
program must register resources in an order that suits the state, or Pulumi reports a duplicate URN.
docs/decisions/0046-remedies-do-not-wait-for-pods.md
"""

import os

VARIABLE = "HA_EKS_TARGETS"

ENVIRONMENT = {VARIABLE: "1"}
"""Environment variables of a `pulumi up` with targets."""


def has_targets() -> bool:
    """True if the `up` has targets, according to the environment variable."""
    return bool(os.environ.get(VARIABLE))
