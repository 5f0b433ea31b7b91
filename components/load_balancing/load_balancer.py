"""One load balancer with its security groups, target groups, listeners, rules and certificates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import lb

from components.cell_context import CellContext
from components.load_balancing.access_logs import access_logs
from components.load_balancing.application_load_balancer import application_load_balancer
from components.load_balancing.certificate import certificate, host_certificates
from components.load_balancing.listener_rules import (
    forbidden,
    forward,
    listener_rules,
    redirect,
)
from components.load_balancing.listeners import (
    answer_all,
    forward_all,
    redirect_to_https,
    serving_listener,
)
from components.load_balancing.security_groups import pod_rules, prefix_list_groups, security_group
from components.load_balancing.target_groups import target_group
from components.load_balancing.web_acl import protect
from components.network.vpc import BalancerSubnets
from core.listener_rules import EVERY_REQUEST, Match
from settings.app.routes import listener_matches
from settings.load_balancing.load_balancer import LoadBalancer


@dataclass(frozen=True, kw_only=True)
class LoadBalancerArgs:
    """Arguments of create_load_balancer."""

    context: CellContext
    """Name, region and account of the cell."""
    balancer: LoadBalancer
    """The load balancer in the stack file, with at least one exposed workload."""
    protected: bool
    """True if load balancer and access logs are protected from deletion."""
    vpc_id: pulumi.Input[str]
    """ID of the VPC."""
    subnets: BalancerSubnets
    """Subnets of the load balancer."""
    pod_security_group_id: pulumi.Input[str]
    """Security group of the pods."""


@dataclass(frozen=True, kw_only=True)
class CreatedLoadBalancer:
    """A load balancer in AWS."""

    arn: pulumi.Output[str]
    """ARN of the load balancer."""
    dns_name: pulumi.Output[str]
    """DNS name of the load balancer."""
    metrics_name: pulumi.Output[str]
    """Value of the metric dimension LoadBalancer: the end of the ARN."""
    zone_id: pulumi.Output[str]
    """Hosted zone ID of `dns_name`, for alias records."""
    certificates: Mapping[str, pulumi.Input[str]]
    """ARN of each certificate, by the host or wildcard that it covers."""
    groups: Mapping[str, lb.TargetGroup]
    """Target group of each exposed app, by app."""
    ready: Mapping[str, Sequence[pulumi.Resource]]
    """Resources that a pod needs to become healthy in the target group of its app, by app."""
    urls: Mapping[str, pulumi.Output[str]]
    """URL of each exposed app, by app."""


def create_load_balancer(
    name: str, args: LoadBalancerArgs, parent: pulumi.Resource
) -> CreatedLoadBalancer:
    """Creates a load balancer and everything that belongs to it, in dependency order."""
    child = pulumi.ResourceOptions(parent=parent)
    written, settings = args.balancer, args.balancer.settings
    certificate_arn = certificate(name, written, child)
    ports = (80,) if certificate_arn is None else (80, 443)
    group, client_rules = security_group(name, args.vpc_id, settings, ports, child)
    checkers_region = args.context.region if written.health_paths else None
    listed = prefix_list_groups(name, args.vpc_id, written, checkers_region, ports[-1], child)
    apps = {app: written.served[app] for app in written.exposed}
    app_ports = [port for each in apps.values() for port in each.balanced_ports.values()]
    port_rules = pod_rules(name, group.id, args.pod_security_group_id, app_ports, child)
    logs = access_logs(
        f"{name}-access-logs",
        args.context.account,
        settings.access_log_days,
        protected=args.protected,
        parent=parent,
    )
    balancer = application_load_balancer(
        name,
        written,
        args.subnets.ids,
        [group.id, *(each.id for each in listed)],
        logs,
        child,
        protected=args.protected,
    )
    if settings.waf:
        protect(name, settings.waf, written.health_paths.values(), balancer.arn, child)
    groups = {
        app: target_group(f"{name}-{app}", served, args.vpc_id, child)
        for app, served in apps.items()
    }
    matches = listener_matches(written.exposed, written.health_paths)
    listener = serving_listener(
        name, balancer.arn, certificate_arn, _default_action(matches, groups), child
    )
    certificates = host_certificates(name, written, listener.arn, child)
    if certificate_arn is not None:
        certificates = {written.domain or "default": certificate_arn, **certificates}
    redirects = {
        Match(host=host, path="/"): redirect(target) for host, target in settings.redirects.items()
    }
    answers = {
        match: forward(groups[app].arn) if app else forbidden()
        for match, app in matches.items()
        if not match.every_request
    }
    rules = listener_rules(name, listener.arn, {**redirects, **answers}, balancer.dns_name, child)
    if certificate_arn is not None:
        redirect_to_https(name, balancer.arn, [listener, *rules.values(), *client_rules], child)
    return CreatedLoadBalancer(
        arn=balancer.arn,
        dns_name=balancer.dns_name,
        metrics_name=balancer.arn_suffix,
        zone_id=balancer.zone_id,
        certificates=certificates,
        groups=groups,
        ready={
            app: [
                *([listener] if matches.get(EVERY_REQUEST) == app else []),
                *[rules[match] for match in answers if matches[match] == app],
                *port_rules,
            ]
            for app in groups
        },
        urls=_urls(written, balancer, "http" if certificate_arn is None else "https"),
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
    written: LoadBalancer, balancer: lb.LoadBalancer, scheme: str
) -> Mapping[str, pulumi.Output[str]]:
    """Returns the URL of the first route of each app."""
    host = written.domain or balancer.dns_name
    first = {app: expose.all_routes[0] for app, expose in written.exposed.items()}
    return {
        app: pulumi.Output.format("{0}://{1}{2}", scheme, route.host or host, route.path)
        for app, route in first.items()
    }
