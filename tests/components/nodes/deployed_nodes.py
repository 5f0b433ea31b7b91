"""Deploys node groups for tests of their resources."""

from typing import Any

import pulumi

from components.nodes import NodeGroups, NodeGroupsArgs
from core.node_group_size import RunningSize
from settings.pool.pools import Pool
from tests.components.deploy import Deployed, context, deploy, show, with_aws

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
TAG = "aws:autoscaling/tag:Tag"
RESERVATION = "aws:ec2/capacityReservation:CapacityReservation"


def pool(**changes: Any) -> Pool:
    defaults = {"instanceTypes": ("m7i.large",), "perZone": {"min": 2, "max": 8}}
    return Pool.model_validate({**defaults, **changes})


def nodes(
    zones_in: tuple[str, ...] = ZONES,
    running: dict[tuple[str, str], RunningSize] | None = None,
    **pools: Pool,
) -> Deployed:
    def build() -> None:
        egress = {zone: [pulumi.ComponentResource("test:index:Egress", zone)] for zone in ZONES}
        args = NodeGroupsArgs(
            context=context(cluster_name="cluster-of-prod"),
            pools=pools,
            kubernetes_version="1.36",
            subnet_ids={zone: f"subnet-{zone}" for zone in ZONES},
            zones_in=zones_in,
            running=running or {},
            egress=egress,
            before_nodes=[],
            tags={"team": "a", "Name": "of the stack file"},
        )
        show(spot_groups=NodeGroups("nodes", args, with_aws()).spot_groups)

    return deploy(build)


def groups(**changes: Any) -> list[dict[str, Any]]:
    """Returns the inputs of the node groups of one pool, one per zone."""
    found = [each.inputs for each in nodes(general=pool(**changes)).of_type(GROUP)]
    assert len(found) == len(ZONES)
    return found


def template(**changes: Any) -> dict[str, Any]:
    """Returns the inputs of the launch template of one pool."""
    return nodes(general=pool(**changes)).one(TEMPLATE).inputs
