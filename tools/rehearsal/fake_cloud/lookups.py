"""Invokes that the fake cloud answers from its resources."""

from collections.abc import Callable
from typing import cast

import pulumi

from tools.recording.made_up_outputs import Subnet
from tools.rehearsal.fake_cloud.cloud import CLUSTER, NODE_GROUP, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource
from tools.rehearsal.fake_cloud.references import Values

LookupResult = tuple[Values, list[tuple[str, str]]]
"""The result of an invoke, and its failures as pairs of property and reason."""


def look_up(cloud: FakeCloud, args: pulumi.runtime.MockCallArgs) -> LookupResult | None:
    """Answers an invoke; returns None for an invoke that does not depend on the resources."""
    lookup = _LOOKUPS.get(args.token)
    if lookup is None:
        return None
    try:
        return lookup(cloud, cast("Values", args.args)), []  # pyright: ignore[reportUnknownMemberType]  # a bare dict
    except RefusedError as error:
        return {}, [("", str(error))]


def _clusters(cloud: FakeCloud, args: Values) -> Values:
    names = [each.id for each in cloud.of_type(CLUSTER)]
    return {
        "id": cloud.made_up_outputs.region,
        "names": names,
        "region": cloud.made_up_outputs.region,
    }


def _cluster(cloud: FakeCloud, args: Values) -> Values:
    cluster = _get(cloud, CLUSTER, args["name"])
    config = cluster.outputs["vpcConfig"]
    vpc = place_of_subnet(cloud, config["subnetIds"][0]).vpc_id
    return {**cluster.outputs, "id": cluster.id, "vpcConfig": {**config, "vpcId": vpc}}


def _node_groups(cloud: FakeCloud, args: Values) -> Values:
    groups = [each for each in cloud.of_type(NODE_GROUP)
              if each.inputs["clusterName"] == args["clusterName"]]  # fmt: skip
    names = [node_group_name(each) for each in groups]
    return {"id": args["clusterName"], "clusterName": args["clusterName"], "names": names}


def _node_group(cloud: FakeCloud, args: Values) -> Values:
    group = _get(cloud, NODE_GROUP, f"{args['clusterName']}:{args['nodeGroupName']}")
    inputs = group.inputs
    return {
        **inputs,
        "id": group.id,
        "nodeGroupName": node_group_name(group),
        "instanceTypes": inputs.get("instanceTypes") or [],
        "scalingConfigs": [inputs["scalingConfig"]],
        "status": "ACTIVE",
    }


def _subnet(cloud: FakeCloud, args: Values) -> Values:
    place = place_of_subnet(cloud, args["id"])
    return {
        "id": args["id"],
        "availabilityZone": place.zone,
        "vpcId": place.vpc_id,
        "cidrBlock": place.cidr,
        "ipv6CidrBlock": place.ipv6,
    }


def place_of_subnet(cloud: FakeCloud, subnet: str) -> Subnet:
    """Returns zone, VPC and CIDR of a subnet, created by the stack or in an existing VPC."""
    existing = cloud.made_up_outputs.subnets.get(subnet)
    if existing:
        return existing
    inputs = _get(cloud, "aws:ec2/subnet:Subnet", subnet).inputs
    return Subnet(inputs["availabilityZone"], inputs["vpcId"], inputs["cidrBlock"])


def node_group_name(group: CloudResource) -> str:
    """Returns the name of a node group in AWS."""
    return group.id.partition(":")[2]


def _get(cloud: FakeCloud, type_: str, id_: str) -> CloudResource:
    resource = cloud.resources.get((type_, id_))
    if resource is None:
        raise RefusedError("ResourceNotFoundException", f"{id_} does not exist")
    return resource


def _load_balancers(cloud: FakeCloud, args: Values) -> Values:
    arns = [each.outputs["arn"] for each in cloud.of_type(_LOAD_BALANCER)]
    return {"id": cloud.made_up_outputs.region, "arns": arns}


def _load_balancer(cloud: FakeCloud, args: Values) -> Values:
    [balancer] = [
        each for each in cloud.of_type(_LOAD_BALANCER) if each.outputs["arn"] == args["arn"]
    ]
    fields = ("arn", "name", "enableDeletionProtection", "ipAddressType")
    return {"id": balancer.id, **{key: balancer.outputs.get(key) for key in fields}}


def _vpc(cloud: FakeCloud, args: Values) -> Values:
    """Returns a VPC that the stack creates; an existing one has no IPv6 block."""
    vpc = cloud.resources.get(("aws:ec2/vpc:Vpc", args["id"]))
    block = vpc and vpc.outputs.get("ipv6CidrBlock")
    blocks = [{"ipv6CidrBlock": block, "state": "associated"}] if block else []
    return {"id": args["id"], "ipv6CidrBlockAssociations": blocks}


def _tagged(cloud: FakeCloud, args: Values) -> Values:
    """Returns the alarms of the cell; every resource of the cell has the tag of the cell."""
    arns = [each.outputs["arn"] for each in cloud.of_type(*_ALARMS)]
    return {"id": "", "resourceTagMappingLists": [{"resourceArn": arn} for arn in arns]}


_ALARMS = (
    "aws:cloudwatch/compositeAlarm:CompositeAlarm", "aws:cloudwatch/metricAlarm:MetricAlarm"
)  # fmt: skip

_LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"

_LOOKUPS: dict[str, Callable[[FakeCloud, Values], Values]] = {
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:eks/getCluster:getCluster": _cluster,
    "aws:eks/getClusters:getClusters": _clusters,
    "aws:eks/getNodeGroup:getNodeGroup": _node_group,
    "aws:eks/getNodeGroups:getNodeGroups": _node_groups,
    "aws:lb/getLbs:getLbs": _load_balancers,
    "aws:lb/getLoadBalancer:getLoadBalancer": _load_balancer,
    "aws:resourcegroupstaggingapi/getResources:getResources": _tagged,
}
