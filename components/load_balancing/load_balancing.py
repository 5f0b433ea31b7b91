"""Load balancing: the load balancer, its target groups, and the controller that registers pods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import lb

from components.cell_context import ClusterContext
from components.helm_controller import Controller, ControllerArgs
from components.images import ImageResolver
from components.load_balancing.access_logs import access_logs
from components.load_balancing.certificate import certificate, host_certificates
from components.load_balancing.controller_iam import controller_policy
from components.load_balancing.controller_values import controller_values
from components.load_balancing.listener_rules import (
    forbidden,
    forward,
    listener_rules,
    redirect,
)
from components.load_balancing.listeners import answer_all, forward_all, listeners
from components.load_balancing.load_balancer import load_balancer
from components.load_balancing.security_groups import pod_rules, prefix_list_groups, security_group
from components.load_balancing.target_groups import ExposedApp, target_group
from components.load_balancing.web_acl import protect
from core.facts.versions.charts import AWS_LOAD_BALANCER_CONTROLLER
from core.listener_rules import EVERY_REQUEST, Match
from settings.app.routes import listener_matches
from settings.load_balancing.load_balancing import LoadBalancing as LoadBalancingSettings
from settings.traffic.traffic import Traffic


@dataclass(frozen=True, kw_only=True)
class LoadBalancingArgs:
    """Arguments of LoadBalancing."""

    context: ClusterContext
    """Name, region and account of the cell, and the name of its cluster."""
    load_balancing: LoadBalancingSettings
    """The `loadBalancing` section of the stack file."""
    idle_timeout_seconds: int
    """Seconds after which the load balancer closes a connection without data."""
    protected: bool
    """True if load balancer and access logs are protected from deletion."""
    exposed: Mapping[str, ExposedApp]
    """Workloads behind the load balancer, by name; at least one."""
    traffic: Traffic | None
    """The `traffic` section of the stack file; None: users request the load balancer's DNS name."""
    hosts_to_certify: Sequence[str]
    """Hosts beside the domain that get a new certificate."""
    health_paths: Mapping[str, str]
    """Path of each app that Route 53 health checks request, by app; empty: no health checks."""
    vpc_id: pulumi.Input[str]
    """Id of the VPC."""
    subnet_ids: Mapping[str, pulumi.Input[str]]
    """Subnet of the load balancer in each zone."""
    pod_security_group_id: pulumi.Input[str]
    """Security group of the pods: the cluster security group, which nodes use."""
    before_pods: Sequence[pulumi.Resource]
    """Resources that the controller's pods require: nodes and CoreDNS."""
    resolve_image: ImageResolver
    """Returns the address that nodes pull an image from."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """The target group of an app."""

    arn: pulumi.Output[str]
    """ARN of the target group."""
    ready: Sequence[pulumi.Resource]
    """Resources that a pod needs to become healthy in the target group: created before the first
    pod, deleted after the last."""


class LoadBalancing(pulumi.ComponentResource):
    """Creates a load balancer, a target group per exposed app, and the controller."""

    dns_name: pulumi.Output[str]
    """DNS name of the load balancer."""
    metrics_name: pulumi.Output[str]
    """Value of the metric dimension LoadBalancer: the end of the ARN."""
    zone_id: pulumi.Output[str]
    """Hosted zone id of `dns_name`, for alias records."""
    targets: Mapping[str, Target]
    """Target group of each exposed app, by app."""
    group_metrics_names: Mapping[str, pulumi.Output[str]]
    """Value of the metric dimension TargetGroup, by app."""
    urls: Mapping[str, pulumi.Output[str]]
    """URL of each exposed app, by app."""

    def __init__(
        self, name: str, args: LoadBalancingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:LoadBalancing", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings = args.load_balancing
        # ACM validates new certificates through public DNS.
        certified = None if settings.internal else args.traffic
        certificate_arn = certificate(name, settings.certificate, certified, child)
        ports = (80,) if certificate_arn is None else (80, 443)
        group = security_group(name, args.vpc_id, settings, ports, child)
        checkers_region = args.context.region if args.health_paths else None
        listed = prefix_list_groups(name, args.vpc_id, settings, checkers_region, ports[-1], child)
        app_ports = [
            port for each in args.exposed.values() for port in each.app.balanced_ports.values()
        ]
        port_rules = pod_rules(name, group.id, args.pod_security_group_id, app_ports, child)
        logs = access_logs(
            f"{name}-access-logs",
            args.context.account,
            settings.access_log_days,
            protected=args.protected,
            parent=self,
        )
        balancer = load_balancer(
            name,
            settings,
            args.idle_timeout_seconds,
            args.subnet_ids,
            [group.id, *(each.id for each in listed)],
            logs,
            child,
            protected=args.protected,
        )
        if settings.waf:
            protect(name, settings.waf, args.health_paths.values(), balancer.arn, child)
        groups = {
            app: target_group(f"{name}-{app}", exposed, args.vpc_id, child)
            for app, exposed in args.exposed.items()
        }
        exposes = {app: each.expose for app, each in args.exposed.items()}
        matches = listener_matches(exposes, args.health_paths)
        listener = listeners(
            name, balancer.arn, certificate_arn, _default_action(matches, groups), child
        )
        host_certificates(
            name, certified, args.hosts_to_certify, settings.certificates, listener.arn, child
        )
        redirects = {
            Match(host=host, path="/"): redirect(target)
            for host, target in settings.redirects.items()
        }
        answers = {
            match: forward(groups[app].arn) if app else forbidden()
            for match, app in matches.items()
            if not match.every_request
        }
        rules = listener_rules(
            name, listener.arn, {**redirects, **answers}, balancer.dns_name, child
        )
        controller = self._controller(name, args)

        self.dns_name, self.zone_id = balancer.dns_name, balancer.zone_id
        self.metrics_name = balancer.arn_suffix
        self.targets = {
            app: Target(
                arn=group.arn,
                ready=[
                    controller.release,
                    *([listener] if matches.get(EVERY_REQUEST) == app else []),
                    *[rules[match] for match in answers if matches[match] == app],
                    *port_rules,
                ],
            )
            for app, group in groups.items()
        }
        self.group_metrics_names = {app: group.arn_suffix for app, group in groups.items()}
        self.urls = _urls(args, balancer, "http" if certificate_arn is None else "https")
        self.register_outputs(
            {"dns_name": self.dns_name, "zone_id": self.zone_id, "urls": self.urls}
        )

    def _controller(self, name: str, args: LoadBalancingArgs) -> Controller:
        """Creates the AWS Load Balancer Controller, which registers and deregisters pods only."""
        return Controller(
            f"{name}-{AWS_LOAD_BALANCER_CONTROLLER.name}",
            ControllerArgs(
                chart=AWS_LOAD_BALANCER_CONTROLLER,
                context=args.context,
                policy=controller_policy(name, args.context.region),
                values=controller_values(
                    cluster_name=args.context.cluster_name,
                    region=args.context.region,
                    vpc_id=args.vpc_id,
                    resolve_image=args.resolve_image,
                ),
                before_pods=args.before_pods,
            ),
            pulumi.ResourceOptions(parent=self),
        )


def _default_action(
    matches: Mapping[Match, str | None], groups: Mapping[str, lb.TargetGroup]
) -> lb.ListenerDefaultActionArgs:
    """Returns the action for requests that match no rule."""
    if EVERY_REQUEST not in matches:
        return answer_all(404, "not found")
    app = matches[EVERY_REQUEST]
    return forward_all(groups[app].arn) if app else answer_all(403, "forbidden")


def _urls(
    args: LoadBalancingArgs, balancer: lb.LoadBalancer, scheme: str
) -> Mapping[str, pulumi.Output[str]]:
    """Returns the URL of the first route of each app."""
    host = args.traffic.domain if args.traffic else balancer.dns_name
    first = {app: exposed.expose.all_routes[0] for app, exposed in args.exposed.items()}
    return {
        app: pulumi.Output.format("{0}://{1}{2}", scheme, route.host or host, route.path)
        for app, route in first.items()
    }
