"""Zonal autoshift with practice runs, and backups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.cell_context import ClusterContext
from components.resilience.autoshift import autoshift
from components.resilience.backup import backup
from components.resilience.notifications import notify_zonal_shifts
from core.load_balancers import Kind
from settings.resilience.autoshift import Practiced
from settings.resilience.resilience import Resilience as ResilienceSettings


@dataclass(frozen=True, kw_only=True)
class ResilienceArgs:
    """Arguments of Resilience."""

    context: ClusterContext
    """Name, region and account of the cell, and the name of its cluster."""
    resilience: ResilienceSettings
    """The `resilience` section of the stack file, with at least one section."""
    practiced: Sequence[Practiced]
    """Resources that ARC can shift away from a zone."""
    load_balancers: Mapping[Kind, pulumi.Input[str]]
    """ARN of each load balancer."""
    stop_alarm_arns: Sequence[pulumi.Input[str]]
    """ARNs of the alarms that stop practice runs and experiments."""
    harm_alarm_arns: Sequence[pulumi.Input[str]]
    """ARNs of the alarms on harm to users that a failed zone must not cause, the most important
    first."""
    topic_arn: pulumi.Input[str]
    """ARN of the topic of the alarms."""


class Resilience(pulumi.ComponentResource):
    """Creates what the sections of `ha-eks:resilience` need."""

    backups: Mapping[str, pulumi.Output[str]] | None
    """Name of the vault of backups, and ARN of the role of restores; None without backups."""

    def __init__(
        self, name: str, args: ResilienceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Resilience", name, None, opts)
        if args.resilience.autoshift:
            arns: dict[Practiced, pulumi.Input[str]] = {"cluster": args.context.cluster_arn}
            for kind, arn in args.load_balancers.items():
                arns["internalLoadBalancer" if kind == "internal" else "loadBalancer"] = arn
            autoshift(
                name,
                args.resilience.autoshift,
                {each: arns[each] for each in args.practiced},
                stop_alarm_arns=args.stop_alarm_arns,
                harm_alarm_arns=args.harm_alarm_arns,
                parent=self,
            )
            notify_zonal_shifts(
                name,
                args.context.cell,
                args.topic_arn,
                observer=args.resilience.autoshift.observer,
                parent=self,
            )
        backups = args.resilience.backup
        self.backups = None
        if backups:
            self.backups = backup(name, backups, args.context, args.topic_arn, self)
        self.register_outputs({"backups": self.backups})
