"""Route 53: the cell's records, and the health checks that fail the cell over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, route53

from components.cell_context import CellContext
from components.failover_latch import FailoverLatch, FailoverLatchArgs
from components.hosted_zones import private_zone, refuse_public_zones
from components.metric_health_check import metric_health_check, triggers_of
from core.tags import MAX_TAG_VALUE
from settings.load_balancing.load_balancer import LoadBalancer
from settings.traffic.traffic import Names
from settings.traffic.traffic import Traffic as TrafficSettings


@dataclass(frozen=True, kw_only=True)
class TrafficArgs:
    """Arguments of Traffic."""

    traffic: TrafficSettings
    """The `traffic` section of the stack file."""
    balancer: LoadBalancer
    """The load balancer in the stack file, with the hosts that have a record: the domain, and those
    of routes."""
    names: Names
    """Domain and hosted zones of the load balancer."""
    context: CellContext
    """Name, region and account of the cell. The name is the set identifier of the record."""
    dns_name: pulumi.Input[str]
    """DNS name of the load balancer."""
    zone_id: pulumi.Input[str]
    """Hosted zone ID of the load balancer's DNS name."""
    alarms: Mapping[str, cloudwatch.MetricAlarm]
    """Alarm of each deciding app, by app, if Route 53 reads alarms (`balancer.read_by_metrics`)."""
    vpc_id: pulumi.Input[str]
    """ID of the VPC, for which a private hosted zone is created if there is none."""
    awaited_apps: Mapping[str, Sequence[pulumi.Resource]]
    """Resources that exist once an app serves, by app, for each app whose health check is
    registered after it."""
    record_awaits_apps: bool
    """True if the record is registered after these apps too."""


class Traffic(pulumi.ComponentResource):
    """Creates alias records to a load balancer of the cell, with health checks over HTTPS.

    Route 53 cannot reach the internal load balancer, and sends no gRPC requests. Such health checks
    read the metrics of alarms.
    """

    health_checks: Mapping[str, pulumi.Output[str]]
    """ID of the health check of each app that decides on the health of the cell, by app."""

    def __init__(
        self, name: str, args: TrafficArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Traffic", name, None, opts)
        if args.balancer.internal:
            refuse_public_zones(self, args.names, args.balancer)
        self.health_checks = self._record(name, args, args.traffic)
        self.register_outputs({"health_checks": self.health_checks})

    def _record(
        self, name: str, args: TrafficArgs, traffic: TrafficSettings
    ) -> Mapping[str, pulumi.Output[str]]:
        balancer, names = args.balancer, args.names
        deciding_apps = balancer.health_check_apps
        label = f"{args.context.cell} {names.domain}"
        single = len(deciding_apps) == 1
        by_app = {
            app: self._health_check(
                name if single else f"{name}-app-{app}",
                args,
                app,
                label if single else f"{label} {app}",
            ).id
            for app in deciding_apps
        }
        deciding = [*by_app.values()]
        if traffic.fails_back_manually:
            deciding.append(self._latch(name, args, label, by_app).health_check_id)
        # A threshold above the number of children is never reached. `make drain` sets it too.
        # docs/decisions/0077-a-drain-changes-one-health-check.md
        threshold = len(deciding) + 1 if traffic.drained else len(deciding)
        check_id = self._calculated_check(f"{name}-all", deciding, threshold, label).id
        serving = [resource for app in args.awaited_apps.values() for resource in app]
        after = serving if args.record_awaits_apps else None
        records = {name: names.domain} | {f"{name}-{host}": host for host in balancer.hosts}
        zone_of_domain = names.hosted_zone_id or private_zone(
            self, name, names.domain, args.context, args.vpc_id
        )
        for record, host in records.items():
            zone_id = names.zone_of(host) or zone_of_domain
            self._alias(record, "A", args, host, zone_id, check_id, after)
            if balancer.settings.dualstack:
                self._alias(f"{record}-aaaa", "AAAA", args, host, zone_id, check_id, after)
        return by_app

    def _latch(
        self,
        name: str,
        args: TrafficArgs,
        label: str,
        checks: Mapping[str, pulumi.Output[str]],
    ) -> FailoverLatch:
        """Creates the latch, which the deciding apps set when they have failed for minutes."""
        return FailoverLatch(
            f"{name}-latch",
            FailoverLatchArgs(
                context=args.context,
                internal=args.balancer.internal,
                health_checks=checks,
                label=label,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _alias(
        self,
        name: str,
        type_: str,
        args: TrafficArgs,
        host: str,
        zone_id: pulumi.Input[str],
        health_check_id: pulumi.Input[str],
        after: Sequence[pulumi.Resource] | None,
    ) -> None:
        """Creates the record of a host."""
        traffic = args.traffic
        failover, weighted, latency = _routing_policies(traffic, args.context.region)
        route53.Record(
            name,
            route53.RecordArgs(
                zone_id=zone_id,
                name=host,
                type=type_,
                set_identifier=args.context.cell,
                health_check_id=health_check_id,
                aliases=[
                    route53.RecordAliasArgs(
                        name=args.dns_name,
                        zone_id=args.zone_id,
                        # A load balancer with an empty target group is unhealthy for Route 53:
                        # with several groups, one app without pods would fail over the cell.
                        evaluate_target_health=len(args.balancer.exposed) == 1,
                    )
                ],
                failover_routing_policies=failover,
                weighted_routing_policies=weighted,
                latency_routing_policies=latency,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )

    def _health_check(
        self,
        name: str,
        args: TrafficArgs,
        app: str,
        label: str,
    ) -> route53.HealthCheck:
        """Creates a health check of an app at the load balancer itself, not at the domain.

        Route 53 does not verify the certificate:
        https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html

        The check of a new app comes after the app serves: a failing check fails over the cell.
        """
        if app in args.alarms:
            return metric_health_check(
                name,
                args.alarms[app],
                args.context.region,
                "Unhealthy",  # a target group without targets has no data
                label,
                pulumi.ResourceOptions(parent=self),
                triggers_of(args.alarms[app]),
            )
        return route53.HealthCheck(
            name,
            route53.HealthCheckArgs(
                type="HTTPS",
                fqdn=args.dns_name,
                port=443,
                enable_sni=True,
                resource_path=args.balancer.health_paths[app],
                request_interval=10,
                failure_threshold=3,
                tags={"Name": label[:MAX_TAG_VALUE]},
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.awaited_apps.get(app)),
        )

    def _calculated_check(
        self, name: str, checks: Sequence[pulumi.Input[str]], threshold: int, label: str
    ) -> route53.HealthCheck:
        """Creates a health check that is healthy while `threshold` of the checks are."""
        return route53.HealthCheck(
            name,
            route53.HealthCheckArgs(
                type="CALCULATED",
                child_healthchecks=[*checks],
                child_health_threshold=threshold,
                tags={"Name": label[:MAX_TAG_VALUE]},
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _routing_policies(
    traffic: TrafficSettings, region: str
) -> tuple[
    list[route53.RecordFailoverRoutingPolicyArgs] | None,
    list[route53.RecordWeightedRoutingPolicyArgs] | None,
    list[route53.RecordLatencyRoutingPolicyArgs] | None,
]:
    """Returns three arguments of the record, of which only the one of its policy is set."""
    if traffic.policy == "failover":
        kind = str(traffic.role).upper()
        return [route53.RecordFailoverRoutingPolicyArgs(type=kind)], None, None
    if traffic.policy == "weighted":
        weight = traffic.weight or 0
        return None, [route53.RecordWeightedRoutingPolicyArgs(weight=weight)], None
    return None, None, [route53.RecordLatencyRoutingPolicyArgs(region=region)]
