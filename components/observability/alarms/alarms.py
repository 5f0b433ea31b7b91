"""The alarms of a cell: who is told when users are hurt, or when the reserve is gone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.observability.alarms import route53_health_checks as by_route53
from components.observability.alarms.alarm import Alarm, AlarmTarget, Kind, register
from components.observability.alarms.autoscaler_log_filters import filters
from components.observability.alarms.aws_services import services
from components.observability.alarms.composites import composite
from components.observability.alarms.nodes import nodes
from components.observability.alarms.pods import pods
from components.observability.alarms.route53_health_checks import health
from components.observability.alarms.topics import topic
from components.observability.alarms.user_impact import impact
from components.observability.metric_sources import MetricSources
from core.facts.system_deployments import system_deployments
from settings.autoscaling.autoscaling import Autoscaling
from settings.observability.observability import Alarms as AlarmsSettings

_COMPOSITES: Mapping[Kind, str] = {
    "impact": "Users are hurt. The alarms that it is made of say how. Stop what is being rolled "
    "out or tried; users come first, causes later.",
    "redundancy": "Users notice nothing yet, but the reserve is gone or would not come. Begin no "
    "practice run and no rollout. The alarms that it is made of say where.",
}
"""What each kind says that is one alarm in all."""


@dataclass(frozen=True, kw_only=True)
class AlarmsArgs:
    """What the alarms of a cell need."""

    alarms: AlarmsSettings
    """The stack file's `observability.alarms`."""
    autoscaling: Autoscaling
    """The stack file's `autoscaling`."""
    reads_queries: bool
    """Whether an app follows a query, and KEDA is there."""
    metric_sources: MetricSources
    """The cell, as those see it who watch it."""
    after: Sequence[pulumi.Resource]
    """What has to serve before it can be missed: a new cell is not born in alarm."""


class Alarms(pulumi.ComponentResource):
    """Topics with their keys and subscriptions, alarms, and two alarms over them."""

    impact_arn: pulumi.Output[str]
    """ARN of the alarm that says: users are hurt."""
    redundancy_arn: pulumi.Output[str]
    """ARN of the alarm that says: the reserve is gone, or would not come."""
    alarm_arns: Mapping[str, pulumi.Output[str]]
    """ARN of every other alarm, by its key."""
    readable: Sequence[str]
    """Keys of the alarms on users that Route 53 can read."""
    topic_arn: pulumi.Output[str]
    """ARN of the topic in the cell's region."""

    def __init__(
        self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Alarms", name, None, opts)
        metric_sources, child = args.metric_sources, pulumi.ResourceOptions(parent=self)
        filters(name, metric_sources.cell, metric_sources.log_groups["application"], child)
        of_cell, of_route53 = [*_of_cell(args)], [*health(metric_sources)]
        regions = [metric_sources.region, *(by_route53.REGION for _ in of_route53)]
        told = {
            region: self._told(name, args, region, of_cell=region == metric_sources.region)
            for region in dict.fromkeys(regions)
        }
        made = {
            each.key: register(name, each, told[region])
            for region, alarms in (
                (metric_sources.region, of_cell),
                (by_route53.REGION, of_route53),
            )
            for each in alarms
        }
        whole = {
            kind: composite(
                f"{name}-{kind}",
                kind,
                says,
                {each.key: made[each.key].name for each in of_cell if each.kind == kind},
                told[metric_sources.region],
            )
            for kind, says in _COMPOSITES.items()
        }
        self.impact_arn, self.redundancy_arn = whole["impact"].arn, whole["redundancy"].arn
        self.alarm_arns = {key: each.arn for key, each in made.items()}
        self.readable = [e.key for e in of_cell if e.plain and e.kind == "impact"]
        self.topic_arn = pulumi.Output.from_input(told[metric_sources.region].topic_arn)
        self.register_outputs(
            {
                "impact_arn": self.impact_arn,
                "redundancy_arn": self.redundancy_arn,
                "alarm_arns": self.alarm_arns,
                "readable": self.readable,
                "topic_arn": self.topic_arn,
            }
        )

    def _told(self, name: str, args: AlarmsArgs, region: str, *, of_cell: bool) -> AlarmTarget:
        """A region's topic; where only Route 53's metrics are, it is named so."""
        cell = args.metric_sources.cell
        own = topic(
            name if of_cell else f"{name}-health",
            cell,
            region,
            args.alarms.subscriptions,
            self,
        )
        return AlarmTarget(
            cell=cell,
            runbooks=args.alarms.runbooks,
            region=region,
            topic_arn=own.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[own.ready, *args.after]),
        )


def _of_cell(args: AlarmsArgs) -> Iterator[Alarm]:
    """The alarms of the cell's region."""
    scaling = args.autoscaling
    system = [*system_deployments(descheduler=scaling.descheduler, keda=args.reads_queries)]
    yield from impact(args.metric_sources)
    yield from pods(args.metric_sources, scaling.node_provision_minutes, system)
    yield from nodes(args.metric_sources)
    yield from services(args.metric_sources)
