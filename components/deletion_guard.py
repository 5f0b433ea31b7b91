"""Refuses to delete a protected cell before anything of it is deleted."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class DeletionGuardArgs:
    """Arguments of DeletionGuard."""

    protected: bool
    """True if `pulumi destroy` is refused."""
    resources: Sequence[pulumi.Resource]
    """All components of the cell."""


class DeletionGuard(pulumi.ComponentResource):
    """Depends on everything in the cell, so that `pulumi destroy` deletes it first.

    AWS protects the cluster and the load balancer, but Pulumi would delete the record, the apps and
    the node groups before it reaches them. Pulumi refuses to delete a protected resource, and
    deletes nothing that the resource depends on:
    https://www.pulumi.com/docs/iac/concepts/resources/options/protect/
    """

    def __init__(
        self, name: str, args: DeletionGuardArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "ha-eks:index:DeletionGuard",
            name,
            None,
            pulumi.ResourceOptions.merge(
                opts,
                pulumi.ResourceOptions(depends_on=[*args.resources], protect=args.protected),
            ),
        )
        self.register_outputs({})
