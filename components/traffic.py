"""This cell's part of a domain: its record, and the health check that takes it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import route53

from components.cell_context import CellContext
from settings.traffic.traffic import Traffic as TrafficSettings


@dataclass(frozen=True, kw_only=True)
class TrafficArgs:
    """What the traffic of a cell needs."""

    traffic: TrafficSettings | None
    """The stack file's `traffic`; None: the cell serves no domain, and nothing is created."""
    context: CellContext
    """Name, region and account of the cell."""
    dns_name: pulumi.Input[str]
    """DNS name of the cell's load balancer."""
    zone_id: pulumi.Input[str]
    """Hosted zone of that name."""
    health_paths: Mapping[str, str]
    """Path at which the load balancer answers 200 while an app can serve, for each app that
    decides on the cell's health, by name."""
    target_groups: int
    """Target groups of the load balancer."""


class Traffic(pulumi.ComponentResource):
    """An alias record to the cell's own load balancer, with a health check over HTTPS."""

    health_checks: Mapping[str, pulumi.Output[str]]
    """Id of the health check of each app that decides on the cell, by name: none without a
    domain."""

    def __init__(
        self, name: str, args: TrafficArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Traffic", name, None, opts)
        self.health_checks = self._serve(name, args, args.traffic) if args.traffic else {}
        self.register_outputs({})

    def _serve(
        self, name: str, args: TrafficArgs, traffic: TrafficSettings
    ) -> Mapping[str, pulumi.Output[str]]:
        label = f"{args.context.cell} {traffic.domain}"
        if len(args.health_paths) == 1:
            [path] = args.health_paths.values()
            checks = [self._asks(name, args, path, label)]
        else:
            checks = [
                self._asks(f"{name}-app-{app}", args, path, f"{label} {app}")
                for app, path in args.health_paths.items()
            ]
        decides = checks[0]
        if traffic.drained:  # a threshold beyond its children is one that is never met
            decides = self._counts(f"{name}-drained", checks, len(checks) + 1, f"{label} drained")
        elif len(checks) > 1:
            decides = self._counts(f"{name}-all", checks, len(checks), label)
        failover, weighted, latency = _policies(traffic, args.context.region)
        route53.Record(
            name,
            route53.RecordArgs(
                zone_id=traffic.hosted_zone_id,
                name=traffic.domain,
                type="A",
                set_identifier=args.context.cell,
                health_check_id=decides.id,
                aliases=[
                    route53.RecordAliasArgs(
                        name=args.dns_name,
                        zone_id=args.zone_id,
                        # With several target groups, one that is empty would take the cell out.
                        evaluate_target_health=args.target_groups == 1,
                    )
                ],
                failover_routing_policies=failover,
                weighted_routing_policies=weighted,
                latency_routing_policies=latency,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return {app: check.id for app, check in zip(args.health_paths, checks, strict=True)}

    def _asks(self, name: str, args: TrafficArgs, path: str, label: str) -> route53.HealthCheck:
        """A check of the cell itself, and not of the domain; certificates are not verified here."""
        return route53.HealthCheck(
            name,
            route53.HealthCheckArgs(
                type="HTTPS",
                fqdn=args.dns_name,
                port=443,
                enable_sni=True,
                resource_path=path,
                request_interval=10,
                failure_threshold=3,
                tags={"Name": label},
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _counts(
        self, name: str, checks: Sequence[route53.HealthCheck], healthy: int, label: str
    ) -> route53.HealthCheck:
        """A check that is met while so many of some checks are."""
        return route53.HealthCheck(
            name,
            route53.HealthCheckArgs(
                type="CALCULATED",
                child_healthchecks=[check.id for check in checks],
                child_health_threshold=healthy,
                tags={"Name": label},
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _policies(
    traffic: TrafficSettings, region: str
) -> tuple[
    list[route53.RecordFailoverRoutingPolicyArgs] | None,
    list[route53.RecordWeightedRoutingPolicyArgs] | None,
    list[route53.RecordLatencyRoutingPolicyArgs] | None,
]:
    """The policy of the record, as the one of three arguments that it stands in."""
    if traffic.policy == "failover":
        kind = str(traffic.role).upper()
        return [route53.RecordFailoverRoutingPolicyArgs(type=kind)], None, None
    if traffic.policy == "weighted":
        weight = traffic.weight or 0
        return None, [route53.RecordWeightedRoutingPolicyArgs(weight=weight)], None
    return None, None, [route53.RecordLatencyRoutingPolicyArgs(region=region)]
