"""The step of a node group replacement, which `make replace-nodes` passes to the program."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

import pulumi

from settings import targeted_up

VARIABLE = "HA_EKS_REPLACE"
"""Environment variable with the step, as STEP:GROUP."""

Step = Literal["retain", "create"]
"""`retain` keeps the node group in AWS when it leaves the state; `create` creates its successor."""


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """One step of the replacement of one node group; other node groups do not change."""

    step: Step
    group: str
    """Logical name of the node group."""

    def __str__(self) -> str:
        """Returns the value of the variable."""
        return f"{self.step}:{self.group}"

    @property
    def environment(self) -> Mapping[str, str]:
        """Environment variables of the `pulumi up` that performs the step."""
        return {VARIABLE: str(self), **targeted_up.ENVIRONMENT}


def replacement() -> Replacement | None:
    """Returns the step in the environment variable; None if the variable is not set.

    Raises RunError, which Pulumi shows without a stack trace, for a malformed value.
    """
    text = os.environ.get(VARIABLE)
    if not text:
        return None
    step, _, group = text.partition(":")
    if step not in get_args(Step) or not group:
        raise pulumi.RunError(
            f"{VARIABLE}={text}: must be STEP:GROUP, with a STEP of {' or '.join(get_args(Step))}"
        )
    return Replacement(step=cast("Step", step), group=group)
