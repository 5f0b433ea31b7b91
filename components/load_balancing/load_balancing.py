"""Load balancing: the load balancers of a cell, and the controller that registers pods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.cell_context import ClusterContext
from components.helm_controller import Controller, ControllerArgs
from components.images import ImageResolver
from components.load_balancing.controller_iam import controller_policy
from components.load_balancing.controller_values import controller_values
from components.load_balancing.load_balancer import (
    CreatedLoadBalancer,
    LoadBalancerArgs,
    create_load_balancer,
)
from components.network.vpc import BalancerSubnets
from core.facts.versions.charts import AWS_LOAD_BALANCER_CONTROLLER
from core.load_balancers import Kind
from settings.load_balancing.load_balancer import LoadBalancer


@dataclass(frozen=True, kw_only=True)
class LoadBalancingArgs:
    """Arguments of LoadBalancing."""

    context: ClusterContext
    """Name, region and account of the cell, and the name of its cluster."""
    load_balancers: Mapping[Kind, LoadBalancer]
    """The load balancers in the stack file, by kind; at least one."""
    protected: bool
    """True if load balancers and access logs are protected from deletion."""
    vpc_id: pulumi.Input[str]
    """Id of the VPC."""
    subnets: Mapping[Kind, BalancerSubnets]
    """Subnets of each load balancer."""
    pod_security_group_id: pulumi.Input[str]
    """Security group of the pods: the cluster security group, which nodes use."""
    before_pods: Sequence[pulumi.Resource]
    """Resources that the controller's pods require: nodes and CoreDNS."""
    resolve_image: ImageResolver
    """Returns the address that nodes pull an image from."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A target group of an app."""

    kind: Kind
    """Load balancer of the target group."""
    arn: pulumi.Output[str]
    """ARN of the target group."""
    cidrs: Sequence[str]
    """CIDRs of the load balancer."""
    ready: Sequence[pulumi.Resource]
    """Resources that a pod needs to become healthy in the target group: created before the first
    pod, deleted after the last."""


class LoadBalancing(pulumi.ComponentResource):
    """Creates the load balancers with a target group per exposed app, and the controller."""

    balancers: Mapping[Kind, CreatedLoadBalancer]
    """The load balancers, by kind."""
    targets: Mapping[str, Sequence[Target]]
    """Target groups of each exposed app, by app."""

    def __init__(
        self, name: str, args: LoadBalancingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:LoadBalancing", name, None, opts)
        self.balancers = {
            kind: create_load_balancer(
                written.resource_name,
                LoadBalancerArgs(
                    context=args.context,
                    balancer=written,
                    protected=args.protected,
                    vpc_id=args.vpc_id,
                    subnets=args.subnets[kind],
                    pod_security_group_id=args.pod_security_group_id,
                ),
                self,
            )
            for kind, written in args.load_balancers.items()
        }
        controller = self._controller(name, args)
        targets: dict[str, list[Target]] = {}
        for kind, balancer in self.balancers.items():
            for app, group in balancer.groups.items():
                target = Target(
                    kind=kind,
                    arn=group.arn,
                    cidrs=args.subnets[kind].cidrs,
                    ready=[controller.release, *balancer.ready[app]],
                )
                targets.setdefault(app, []).append(target)
        self.targets = targets
        self.register_outputs(
            {kind: {"dns_name": each.dns_name} for kind, each in self.balancers.items()}
        )

    def _controller(self, name: str, args: LoadBalancingArgs) -> Controller:
        """Creates the AWS Load Balancer Controller, which registers and deregisters pods only."""
        return Controller(
            f"{name}-{AWS_LOAD_BALANCER_CONTROLLER.name}",
            ControllerArgs(
                chart=AWS_LOAD_BALANCER_CONTROLLER,
                context=args.context,
                policy=controller_policy(args.context.region),
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
