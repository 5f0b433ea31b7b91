"""Reads the running cell from AWS while the program runs."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache

import pulumi
import pulumi_aws as aws

from core.load_balancers import KINDS, Kind, suffix_of
from core.tags import CELL, DEPLOYER, POOL, ZONE
from live.cell import Live, NodeGroup, Shape
from live.load_balancers import read_load_balancers


def read(cell: str, provider: aws.Provider) -> Live | None:
    """Returns the running cell of a name; None if its cluster does not exist."""
    options = pulumi.InvokeOptions(provider=provider)
    if cell not in aws.eks.get_clusters(opts=options).names:
        return None
    cluster = aws.eks.get_cluster(name=cell, opts=options)
    groups = [
        aws.eks.get_node_group(cluster_name=cell, node_group_name=name, opts=options)
        for name in sorted(aws.eks.get_node_groups(cluster_name=cell, opts=options).names)
    ]

    @cache
    def zone(subnet: str) -> str:
        return aws.ec2.get_subnet(id=subnet, opts=options).availability_zone

    vpc = aws.ec2.get_vpc(id=cluster.vpc_config.vpc_id, opts=options)
    alarms = list(_alarms_of_apps(cell, options))
    return Live(
        version=cluster.version,
        control_plane_zones=frozenset(map(zone, cluster.vpc_config.subnet_ids)),
        node_groups=[_node_group(group, zone) for group in groups if POOL in group.tags],
        deployer=cluster.tags.get(DEPLOYER),
        apps=frozenset(app for app, _ in alarms),
        exposed=frozenset((app, _HOSTS[alarm]) for app, alarm in alarms if alarm in _HOSTS),
        load_balancers=read_load_balancers(cell, options),
        ipv6=any(each.state == "associated" for each in vpc.ipv6_cidr_block_associations),
    )


_HOSTS: Mapping[str, Kind] = {f"hosts{suffix_of(kind)}": kind for kind in KINDS}
"""Alarms that each exposed app has, each with the load balancer that it reads."""


def _alarms_of_apps(cell: str, options: pulumi.InvokeOptions) -> Iterator[tuple[str, str]]:
    """Yields app and key of each alarm of an app; the name of an alarm is CELL/app/APP/KEY.

    https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
    """
    found = aws.resourcegroupstaggingapi.get_resources(
        resource_type_filters=["cloudwatch:alarm"],
        tag_filters=[{"key": CELL, "values": [cell]}],
        opts=options,
    )
    for each in found.resource_tag_mapping_lists:
        name = each.resource_arn.partition(":alarm:")[2].split("/", 3)
        if name[:2] == [cell, "app"]:
            yield name[2], name[3]


def _node_group(group: aws.eks.GetNodeGroupResult, zone: Callable[[str], str]) -> NodeGroup:
    size = group.scaling_configs[0]
    return NodeGroup(
        name=group.node_group_name,
        pool=group.tags[POOL],
        zone=group.tags[ZONE],
        subnets=tuple(sorted(group.subnet_ids)),
        shape=Shape(
            ami_type=group.ami_type,
            capacity_type=group.capacity_type,
            instance_types=tuple(group.instance_types),
            zones=tuple(sorted({zone(subnet) for subnet in group.subnet_ids})),
        ),
        version=group.version,
        status=group.status,
        min=size.min_size,
        desired=size.desired_size,
        max=size.max_size,
    )
