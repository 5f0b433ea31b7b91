"""Which node group is being replaced: `make replace-nodes` tells the program, nobody else does."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

import pulumi

VARIABLE = "HA_EKS_REPLACE"
"""The environment variable that it is told by: STEP:GROUP."""

Step = Literal["retain", "create"]
"""First the group is marked to stay in AWS when it leaves the state, then another one is made."""


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """A step of the replacement of one node group; all others are left as they are."""

    step: Step
    group: str
    """Logical name of the node group."""

    def __str__(self) -> str:
        """As the variable has it."""
        return f"{self.step}:{self.group}"

    @property
    def environment(self) -> Mapping[str, str]:
        """Environment variables of the `pulumi up` that does it."""
        told = {VARIABLE: str(self)}
        # With a refresh, Pulumi refuses a target that is not in the state, as a reservation that
        # is new is not: checkTargets in
        # https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/resource/deploy/deployment_executor.go
        return told if self.step == "retain" else {**told, "PULUMI_OPTION_REFRESH": "false"}


def replacement() -> Replacement | None:
    """What the running program is told; None: nothing is replaced.

    Raises RunError, which Pulumi shows without a stack trace, for a variable of another form.
    """
    text = os.environ.get(VARIABLE)
    if not text:
        return None
    step, _, group = text.partition(":")
    if step not in get_args(Step) or not group:
        raise pulumi.RunError(
            f"{VARIABLE}={text}: allowed: {' or '.join(get_args(Step))}, :, a group"
        )
    return Replacement(step=cast("Step", step), group=group)
