"""Targets of experiments in a cell, which FIS finds by ARN or by the tag of the cell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import fis

from components.cell_context import ClusterContext
from core.experiments.scope import Scope
from core.facts.fis_actions import (
    ACTIONS,
    DISRUPT_REGION,
    DISRUPT_SUBNETS,
    SHIFT_ZONE,
    TERMINATE_NODES,
)
from core.labels import NAME
from core.tags import CELL, SPANNING


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Resources that the experiments of a cell act on."""

    context: ClusterContext
    """Name, region and account of the cell, and the name of its cluster."""
    zone: str
    """Zone in which experiments act."""
    zones: Sequence[str]
    """All zones with nodes."""
    node_group: tuple[str, str]
    """Node group whose nodes are terminated: pool, and zone or SPANNING."""
    node_group_arn: pulumi.Input[str]
    """ARN of the node group."""
    scaling_groups: Sequence[pulumi.Input[str]]
    """Names of the Auto Scaling groups in the zone."""
    balancer_arns: Sequence[pulumi.Input[str]]
    """ARNs of the load balancers."""
    vpc_id: pulumi.Input[str]
    """ID of the VPC."""
    owns_vpc: bool
    """True if the program creates the VPC."""
    zone_subnet_ids: Sequence[pulumi.Input[str]]
    """IDs of the subnets of the cell in the zone; an ID can be repeated."""
    private_subnet_ids: Sequence[pulumi.Input[str]]
    """IDs of the private subnets of all zones."""

    @property
    def node_zone(self) -> str | None:
        """Zone of the terminated nodes; None: their node group spans all zones."""
        part = self.node_group[1]
        return None if part == SPANNING else part

    @property
    def scope(self) -> Scope:
        """Resources that the roles of experiments may act on."""
        context = self.context
        groups = f"arn:aws:autoscaling:{context.region}:{context.account}:autoScalingGroup"
        return Scope(
            cell=context.cell,
            region=context.region,
            account=context.account,
            zone=self.zone,
            pool=self.node_group[0],
            pool_zone=self.node_zone,
            cluster=context.cluster_arn,
            node_group=self.node_group_arn,
            scaling_groups=[
                pulumi.Output.concat(groups, ":*:autoScalingGroupName/", name)
                for name in self.scaling_groups
            ],
            shifted=self.shifted,
            vpc=pulumi.Output.concat(self._arn("vpc"), self.vpc_id),
            zone_subnets=self.subnet_arns(self.zone_subnet_ids),
            private_subnets=self.subnet_arns(self.private_subnet_ids),
            owns_vpc=self.owns_vpc,
        )

    def target(
        self, name: str, action: str, selection: str, app: str | None
    ) -> fis.ExperimentTemplateTargetArgs:
        """Returns the target `name` of an action; `app` is the app whose pods are the target.

        Resources that the program creates are found by ARN; instances and Auto Scaling groups,
        which others create, by the tag of the cell and the zone. Pods have neither tags nor ARNs.
        https://docs.aws.amazon.com/fis/latest/userguide/targets.html
        """
        type_, arns = ACTIONS[action].resource_type, _BY_ARN.get(action)
        target = fis.ExperimentTemplateTargetArgs(
            name=name, resource_type=type_, selection_mode=selection
        )
        if app is not None:
            target.parameters = {
                "clusterIdentifier": self.context.cluster_name,
                "namespace": app,
                "selectorType": "labelSelector",
                "selectorValue": f"{NAME}={app}",
            }
        elif arns:
            target.resource_arns = arns(self)
        else:
            tag = fis.ExperimentTemplateTargetResourceTagArgs(key=CELL, value=self.context.cell)
            target.resource_tags = [tag]
            target.filters = [
                fis.ExperimentTemplateTargetFilterArgs(path=path, values=[value])
                for path, value in self._filters(type_).items()
            ]
        return target

    def _filters(self, type_: str) -> Mapping[str, str]:
        """Returns values by their path in the description of a resource."""
        if type_ == "aws:ec2:autoscaling-group":
            return {"AvailabilityZones": self.zone}
        return {"Placement.AvailabilityZone": self.zone, "State.Name": "running"}

    @property
    def shifted(self) -> Sequence[pulumi.Input[str]]:
        """ARNs of what is shifted away from the zone."""
        return [*self.balancer_arns, self.context.cluster_arn]

    def subnet_arns(self, ids: Sequence[pulumi.Input[str]]) -> pulumi.Output[Sequence[str]]:
        """Returns the ARNs of subnets without repetitions, such as those of an existing VPC that
        have several purposes."""
        prefix = self._arn("subnet")
        unique = pulumi.Output.all(*ids).apply(dict[str, None].fromkeys)
        return unique.apply(lambda each: [prefix + id_ for id_ in each])

    def _arn(self, kind: str) -> str:
        return f"arn:aws:ec2:{self.context.region}:{self.context.account}:{kind}/"


_BY_ARN: Mapping[str, Callable[[Targets], pulumi.Input[Sequence[pulumi.Input[str]]]]] = {
    DISRUPT_SUBNETS: lambda targets: targets.subnet_arns(targets.zone_subnet_ids),
    DISRUPT_REGION: lambda targets: targets.subnet_arns(targets.private_subnet_ids),
    TERMINATE_NODES: lambda targets: [targets.node_group_arn],
    SHIFT_ZONE: lambda targets: targets.shifted,
}
"""Functions that return the ARNs of the targets of an action."""
