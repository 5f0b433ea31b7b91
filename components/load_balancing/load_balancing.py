"""The load balancer, its target groups, and the controller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import lb

from components.cell_context import ClusterContext
from components.helm_controller import Controller, ControllerArgs
from components.images import ImageResolver
from components.load_balancing import load_balancer_controller as bindings
from components.load_balancing.access_logs import access_logs
from components.load_balancing.certificate import certificate
from components.load_balancing.listeners import routes
from components.load_balancing.security_groups import rules_to_pods, security_group
from components.load_balancing.target_groups import ExposedApp, target_group
from components.load_balancing.web_acl import firewall
from core.facts.versions import AWS_LOAD_BALANCER_CONTROLLER
from settings.load_balancing.load_balancing import LoadBalancing as LoadBalancingSettings
from settings.traffic.traffic import Traffic

_CLIENT_KEEP_ALIVE = 300
"""Seconds after which a client's connection is renewed, and finds the zones that DNS has by then: a
zone that is shifted away from keeps the connections that it has.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/zonal-shift.html"""


@dataclass(frozen=True, kw_only=True)
class LoadBalancingArgs:
    """What load balancing needs."""

    load_balancing: LoadBalancingSettings
    """The stack file's `loadBalancing`."""
    exposed: Mapping[str, ExposedApp]
    """Apps behind the load balancer, by name, one of them at "/"."""
    traffic: Traffic | None
    """The stack file's `traffic`, whose domain people use; None: they use the load balancer's own
    name."""
    health_paths: Mapping[str, str]
    """Paths at which Route 53 asks for the cell's health, by app; empty: it does not."""
    vpc_id: pulumi.Input[str]
    """The VPC."""
    public_subnet_ids: Mapping[str, pulumi.Input[str]]
    """Public subnet of each zone."""
    pod_security_group_id: pulumi.Input[str]
    """Security group of the pods: the one that EKS makes and nodes carry."""
    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    before_pods: Sequence[pulumi.Resource]
    """What pods need: nodes, and the cluster's DNS."""
    resolve_image: ImageResolver
    """Where its images are pulled from."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where an app's pods are registered."""

    arn: pulumi.Output[str]
    """ARN of the target group."""
    ready: Sequence[pulumi.Resource]
    """What has to be there before a pod can become healthy in it, and until the last has left."""


class LoadBalancing(pulumi.ComponentResource):
    """An Application Load Balancer, a target group for every exposed app, and the controller."""

    dns_name: pulumi.Output[str]
    """DNS name of the load balancer."""
    metrics_name: pulumi.Output[str]
    """The load balancer as its metrics name it: the end of its ARN."""
    zone_id: pulumi.Output[str]
    """Hosted zone of that name, for alias records."""
    targets: Mapping[str, Target]
    """Target of each exposed app, by name."""
    group_metrics_names: Mapping[str, pulumi.Output[str]]
    """Target group of each exposed app, by the app's name, as its metrics name it."""
    urls: Mapping[str, pulumi.Output[str]]
    """Where people find each exposed app, by name."""

    def __init__(
        self, name: str, args: LoadBalancingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:LoadBalancing", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings, traffic = args.load_balancing, args.traffic
        paths = {app_name: exposed.expose.path for app_name, exposed in args.exposed.items()}
        certificate_arn = certificate(name, settings.certificate, traffic, child)

        listens_on = (80,) if certificate_arn is None else (80, 443)
        group = security_group(name, args.vpc_id, listens_on, child)
        rules = rules_to_pods(
            name,
            group.id,
            args.pod_security_group_id,
            [exposed.app.port for exposed in args.exposed.values()],
            child,
        )
        balancer = lb.LoadBalancer(
            name,
            lb.LoadBalancerArgs(
                load_balancer_type="application",
                internal=False,
                subnets=list(args.public_subnet_ids.values()),
                security_groups=[group.id],
                idle_timeout=settings.idle_timeout_seconds,
                client_keep_alive=_CLIENT_KEEP_ALIVE,
                drop_invalid_header_fields=True,
                enable_zonal_shift=True,
                enable_deletion_protection=settings.deletion_protection,
                enable_waf_fail_open=settings.waf is not None,
                access_logs=access_logs(
                    f"{name}-access-logs",
                    args.context.account,
                    settings.access_log_days,
                    protected=settings.deletion_protection,
                    parent=self,
                ),
            ),
            opts=child,
        )
        if settings.waf:
            firewall(name, settings.waf, args.health_paths.values(), balancer.arn, child)
        groups = {
            app_name: target_group(f"{name}-{app_name}", exposed, args.vpc_id, child)
            for app_name, exposed in args.exposed.items()
        }
        ways = routes(
            name,
            balancer.arn,
            certificate_arn,
            paths,
            {app_name: group.arn for app_name, group in groups.items()},
            child,
        )
        controller = Controller(
            f"{name}-{AWS_LOAD_BALANCER_CONTROLLER.name}",
            ControllerArgs(
                chart=AWS_LOAD_BALANCER_CONTROLLER,
                context=args.context,
                policy=bindings.policy_for(name, args.context.region),
                values=bindings.values(
                    cluster_name=args.context.cluster_name,
                    region=args.context.region,
                    vpc_id=args.vpc_id,
                    resolve_image=args.resolve_image,
                ),
                before_pods=args.before_pods,
            ),
            child,
        )
        self.dns_name = balancer.dns_name
        self.metrics_name = balancer.arn_suffix
        self.zone_id = balancer.zone_id
        self.targets = {
            app_name: Target(
                arn=group.arn,
                ready=[controller.release, ways[app_name], *rules],
            )
            for app_name, group in groups.items()
        }
        self.group_metrics_names = {
            app_name: group.arn_suffix for app_name, group in groups.items()
        }
        scheme = "http" if certificate_arn is None else "https"
        host = traffic.domain if traffic else balancer.dns_name
        self.urls = {
            app_name: pulumi.Output.format("{0}://{1}{2}", scheme, host, path)
            for app_name, path in paths.items()
        }
        self.register_outputs(
            {"dns_name": self.dns_name, "zone_id": self.zone_id, "urls": self.urls}
        )
