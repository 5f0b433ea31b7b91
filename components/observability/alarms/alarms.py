"""The alarms of a cell: impact, redundancy and health, with their topics and subscribers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from components.cell_context import CellContext
from components.observability.alarms.alarm import Alarm, AlarmTarget, Kind, register
from components.observability.alarms.apps_below_need import apps_below_need_alarms
from components.observability.alarms.autoscaler_log_filters import metric_filters
from components.observability.alarms.certificates import certificate_alarms
from components.observability.alarms.composites import composite
from components.observability.alarms.container_insights import container_insights_alarm
from components.observability.alarms.cron_jobs import cron_job_alarms, cron_job_filters
from components.observability.alarms.kubernetes_api import kubernetes_api_alarms
from components.observability.alarms.nat_gateways import nat_gateway_alarms
from components.observability.alarms.nodes import node_alarms
from components.observability.alarms.pods import pod_alarms
from components.observability.alarms.route53_health_checks import health_check_alarms
from components.observability.alarms.topics import topic
from components.observability.alarms.user_impact import harm_keys, healthy_hosts_key, impact_alarms
from components.observability.metric_sources import MetricSources
from core import load_balancers
from core.facts.metrics import ROUTE53_REGION
from core.facts.system_deployments import system_deployments
from settings.autoscaling.autoscaling import Autoscaling
from settings.observability.observability import Alarms as AlarmsSettings

_COMPOSITES: Mapping[Kind, str] = {
    "impact": "Users are affected: at least one impact alarm is in alarm. Restore service first "
    "and look for the cause later: stop running experiments and roll back the last rollout.",
    "redundancy": "Users are not affected, but reserve capacity is lost or cannot be added: the "
    "next failure can affect users. Start no rollout, upgrade or experiment before you know "
    "the cause.",
}
"""Description of each composite alarm."""


@dataclass(frozen=True, kw_only=True)
class AlarmsArgs:
    """Arguments of Alarms."""

    context: CellContext
    """Name, region and account of the cell."""
    alarms: AlarmsSettings
    """The `observability.alarms` section of the stack file."""
    autoscaling: Autoscaling
    """The `autoscaling` section of the stack file."""
    keda: bool
    """True if the cell runs KEDA."""
    sources: MetricSources
    """Sources of the metrics."""
    notifies_events: bool
    """True if a rule of EventBridge publishes to the topic in the region of the cell."""
    stops_runs: bool
    """True if alarms must stop practice runs or experiments."""
    awaited_apps: Mapping[str, Sequence[pulumi.Resource]]
    """Resources that exist when an app serves, by name; for apps that are awaited. The alarms of an
    app are created after them."""
    all_await_apps: bool
    """True if all other alarms are created after the awaited apps too: in a new cell, in which they
    would have no data."""


class Alarms(pulumi.ComponentResource):
    """Creates topics with keys and subscriptions, metric alarms, and two composite alarms."""

    impact_arn: pulumi.Output[str]
    """ARN of the composite alarm that is in alarm while users are affected."""
    redundancy_arn: pulumi.Output[str]
    """ARN of the composite alarm that is in alarm while reserve capacity is lost."""
    alarm_arns: Mapping[str, pulumi.Output[str]]
    """ARN of each metric alarm, by key."""
    hosts: Mapping[load_balancers.Kind, Mapping[str, cloudwatch.MetricAlarm]]
    """Alarm on the healthy pods of each app behind a load balancer, by app, which Route 53 can
    read."""
    stop_arns: Sequence[pulumi.Output[str]]
    """ARNs of the alarms that stop practice runs and experiments, those of critical apps first."""
    harm_arns: Sequence[pulumi.Output[str]]
    """ARNs of the alarms on harm to users that a failed zone must not cause, the most important
    first: `stop_arns`, errors of the load balancers, and pods, errors and response times of
    apps."""
    topic_arn: pulumi.Output[str]
    """ARN of the topic in the region of the cell."""

    def __init__(
        self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Alarms", name, None, opts)
        sources, child = args.sources, pulumi.ResourceOptions(parent=self)
        metric_filters(name, sources.cell, sources.log_groups["application"], child)
        cron_job_filters(name, sources, child)
        cell_alarms, health_alarms = [*_cell_alarms(args)], [*health_check_alarms(sources)]
        regions = [sources.region, *(ROUTE53_REGION for _ in health_alarms)]
        targets = {region: self._target(name, args, region) for region in dict.fromkeys(regions)}
        alarms = {
            alarm.key: register(name, alarm, targets[region], _after(args, alarm))
            for region, of_region in (
                (sources.region, cell_alarms),
                (ROUTE53_REGION, health_alarms),
            )
            for alarm in of_region
        }
        composites = {
            kind: composite(
                f"{name}-{kind}",
                kind,
                description,
                {alarm.key: alarms[alarm.key].name for alarm in cell_alarms if alarm.kind == kind},
                targets[sources.region],
            )
            for kind, description in _COMPOSITES.items()
        }
        self.impact_arn = composites["impact"].arn
        self.redundancy_arn = composites["redundancy"].arn
        self.alarm_arns = {key: alarm.arn for key, alarm in alarms.items()}
        stop_keys = [alarm.key for alarm in cell_alarms if alarm.kind == "stop"]
        self.stop_arns = [self.alarm_arns[key] for key in stop_keys]
        self.harm_arns = [self.alarm_arns[key] for key in [*stop_keys, *harm_keys(sources)]]
        self.hosts = {
            kind: {
                group.app: alarms[healthy_hosts_key(group)]
                for group in sources.target_groups
                if group.kind == kind
            }
            for kind in sources.load_balancers
        }
        self.topic_arn = pulumi.Output.from_input(targets[sources.region].topic_arn)
        self.register_outputs(
            {
                "impact_arn": self.impact_arn,
                "redundancy_arn": self.redundancy_arn,
                "alarm_arns": self.alarm_arns,
                "stop_arns": self.stop_arns,
                "harm_arns": self.harm_arns,
                "topic_arn": self.topic_arn,
            }
        )

    def _target(self, name: str, args: AlarmsArgs, region: str) -> AlarmTarget:
        """Creates the topic of a region, with another name outside the region of the cell."""
        own = region == args.sources.region
        in_region = topic(
            name if own else f"{name}-health",
            args.context,
            region,
            args.alarms.subscriptions,
            self,
            events=own and args.notifies_events,
        )
        return AlarmTarget(
            cell=args.context.cell,
            runbooks=args.alarms.runbooks,
            region=region,
            topic_arn=in_region.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[in_region.ready]),
        )


def _after(args: AlarmsArgs, alarm: Alarm) -> Sequence[pulumi.Resource]:
    """Returns the resources of apps that must exist before an alarm.

    docs/decisions/0046-remedies-do-not-wait-for-pods.md
    """
    if alarm.kind != "stop" and (alarm.app or not args.all_await_apps):
        return args.awaited_apps.get(alarm.app or "", ())
    return [resource for serving in args.awaited_apps.values() for resource in serving]


def _cell_alarms(args: AlarmsArgs) -> Iterator[Alarm]:
    """Yields the alarms in the region of the cell."""
    sources, scaling = args.sources, args.autoscaling
    system = [*system_deployments(descheduler=scaling.descheduler, keda=args.keda)]
    yield from impact_alarms(sources, scaling.node_provision_minutes)
    yield from pod_alarms(sources, scaling.node_provision_minutes, system)
    yield from node_alarms(sources)
    yield from nat_gateway_alarms(sources)
    yield from certificate_alarms(sources)
    yield from kubernetes_api_alarms(sources)
    yield container_insights_alarm(sources)
    yield from cron_job_alarms(sources)
    if args.stops_runs:
        yield from apps_below_need_alarms(sources)
