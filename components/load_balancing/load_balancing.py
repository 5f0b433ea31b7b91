"""The load balancer, its target groups, and the controller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import lb

from components.controller import Controller, ControllerArgs
from components.images import Pulled
from components.load_balancing import bindings
from components.load_balancing.listeners import routes
from components.load_balancing.security_groups import rules_to_pods, security_group
from core.versions import AWS_LOAD_BALANCER_CONTROLLER
from settings.apps import App
from settings.load_balancing import LoadBalancing as LoadBalancingSettings


@dataclass(frozen=True, kw_only=True)
class LoadBalancingArgs:
    """What load balancing needs."""

    load_balancing: LoadBalancingSettings
    """The stack file's `loadBalancing`."""
    apps: Mapping[str, App]
    """The apps of the stack file, by name, one of them exposed at "/"."""
    domain: str | None
    """Name that people use; None: that of the load balancer."""
    region: str
    """Region of the cell."""
    vpc_id: pulumi.Input[str]
    """The VPC."""
    public_subnet_ids: Mapping[str, pulumi.Input[str]]
    """Public subnet of each zone."""
    pod_security_group_id: pulumi.Input[str]
    """Security group of the pods: the one that EKS makes and nodes carry."""
    cluster_name: pulumi.Input[str]
    """Name of the cluster, taken from the cluster itself so that order holds."""
    before_pods: Sequence[pulumi.Resource]
    """What pods need: nodes, and the cluster's DNS."""
    pulled: Pulled
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
    zone_id: pulumi.Output[str]
    """Hosted zone of that name, for alias records."""
    targets: Mapping[str, Target]
    """Target of each exposed app, by name."""
    urls: Mapping[str, pulumi.Output[str]]
    """Where people find each exposed app, by name."""
    health_path: str
    """Path at which the app at "/" answers 200 while it can serve."""

    def __init__(
        self, name: str, args: LoadBalancingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:LoadBalancing", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        exposed = {app_name: app for app_name, app in args.apps.items() if app.expose}
        paths = {app_name: app.expose.path for app_name, app in exposed.items() if app.expose}
        [root] = [app_name for app_name, path in paths.items() if path == "/"]
        certificate = args.load_balancing.certificate

        group = security_group(name, args.vpc_id, (80, 443) if certificate else (80,), child)
        rules = rules_to_pods(
            name,
            group.id,
            args.pod_security_group_id,
            [app.port for app in exposed.values()],
            child,
        )
        balancer = lb.LoadBalancer(
            name,
            lb.LoadBalancerArgs(
                load_balancer_type="application",
                internal=False,
                subnets=list(args.public_subnet_ids.values()),
                security_groups=[group.id],
                idle_timeout=args.load_balancing.idle_timeout_seconds,
                drop_invalid_header_fields=True,
                enable_zonal_shift=True,
                enable_deletion_protection=args.load_balancing.deletion_protection,
            ),
            opts=child,
        )
        groups = {
            app_name: self._target_group(f"{name}-{app_name}", app, args.vpc_id)
            for app_name, app in exposed.items()
        }
        ways = routes(
            name,
            balancer.arn,
            certificate,
            paths,
            {app_name: group.arn for app_name, group in groups.items()},
            child,
        )
        controller = Controller(
            f"{name}-{AWS_LOAD_BALANCER_CONTROLLER.name}",
            ControllerArgs(
                chart=AWS_LOAD_BALANCER_CONTROLLER,
                cluster_name=args.cluster_name,
                policy=bindings.policy_for(name, args.region),
                values=bindings.values(
                    cluster_name=args.cluster_name,
                    region=args.region,
                    vpc_id=args.vpc_id,
                    pulled=args.pulled,
                ),
                after=args.before_pods,
            ),
            child,
        )
        self.dns_name = balancer.dns_name
        self.zone_id = balancer.zone_id
        self.targets = {
            app_name: Target(arn=group.arn, ready=[controller.release, ways[app_name], *rules])
            for app_name, group in groups.items()
        }
        scheme, host = "https" if certificate else "http", args.domain or balancer.dns_name
        self.urls = {
            app_name: pulumi.Output.format("{0}://{1}{2}", scheme, host, path)
            for app_name, path in paths.items()
        }
        self.health_path = exposed[root].probes.readiness.path or "/"
        self.register_outputs(
            {"dns_name": self.dns_name, "zone_id": self.zone_id, "urls": self.urls}
        )

    def _target_group(self, name: str, app: App, vpc_id: pulumi.Input[str]) -> lb.TargetGroup:
        return lb.TargetGroup(
            name,
            lb.TargetGroupArgs(
                vpc_id=vpc_id,
                target_type="ip",
                protocol="HTTP",
                # Pods are registered with their own port; a changed one would replace the group.
                port=80,
                deregistration_delay=app.drain.deregistration_delay,
                health_check=lb.TargetGroupHealthCheckArgs(
                    protocol="HTTP",
                    port="traffic-port",
                    path=app.probes.readiness.path,
                    matcher="200",
                    interval=10,
                    timeout=5,
                    healthy_threshold=2,
                    unhealthy_threshold=2,
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
