"""What the cloud tells of what exists: the invokes whose answer is its inventory."""

from collections.abc import Callable
from typing import cast

import pulumi

from tools.recording.made_up_outputs import Place
from tools.rehearsal.fake_cloud.cloud import (
    CLUSTER,
    GROUP,
    Cloud,
    CloudResource,
    RefusedError,
    Values,
)

Answer = tuple[Values, list[tuple[str, str]]]


def asked(cloud: Cloud, args: pulumi.runtime.MockCallArgs) -> Answer | None:
    """The answer to an invoke, with its failures; None for one that needs no inventory."""
    lookup = _LOOKUPS.get(args.token)
    if lookup is None:
        return None
    try:
        return lookup(cloud, cast("Values", args.args)), []  # pyright: ignore[reportUnknownMemberType]  # a bare dict
    except RefusedError as error:
        return {}, [("", str(error))]


def _clusters(cloud: Cloud, args: Values) -> Values:
    names = [thing.id for thing in cloud.of_type(CLUSTER)]
    return {"id": cloud.answers.region, "names": names, "region": cloud.answers.region}


def _cluster(cloud: Cloud, args: Values) -> Values:
    cluster = _one(cloud, CLUSTER, args["name"])
    return {**cluster.outputs, "id": cluster.id}


def _node_groups(cloud: Cloud, args: Values) -> Values:
    groups = [each for each in cloud.of_type(GROUP)
              if each.inputs["clusterName"] == args["clusterName"]]  # fmt: skip
    names = [name_of(each) for each in groups]
    return {"id": args["clusterName"], "clusterName": args["clusterName"], "names": names}


def _node_group(cloud: Cloud, args: Values) -> Values:
    group = _one(cloud, GROUP, f"{args['clusterName']}:{args['nodeGroupName']}")
    inputs = group.inputs
    return {
        **inputs,
        "id": group.id,
        "nodeGroupName": name_of(group),
        "instanceTypes": inputs.get("instanceTypes") or [],
        "scalingConfigs": [inputs["scalingConfig"]],
        "status": "ACTIVE",
    }


def _subnet(cloud: Cloud, args: Values) -> Values:
    place = place_of(cloud, args["id"])
    return {
        "id": args["id"],
        "availabilityZone": place.zone,
        "vpcId": place.vpc_id,
        "cidrBlock": place.cidr,
    }


def place_of(cloud: Cloud, subnet: str) -> Place:
    """Where a subnet is, one of ours or one that is there without us."""
    given = cloud.answers.subnets.get(subnet)
    if given:
        return given
    inputs = _one(cloud, "aws:ec2/subnet:Subnet", subnet).inputs
    return Place(inputs["availabilityZone"], inputs["vpcId"], inputs["cidrBlock"])


def name_of(group: CloudResource) -> str:
    """Name in AWS of a node group."""
    return group.id.partition(":")[2]


def _one(cloud: Cloud, type_: str, id_: str) -> CloudResource:
    thing = cloud.resources.get((type_, id_))
    if thing is None:
        raise RefusedError("ResourceNotFoundException", f"{id_} does not exist")
    return thing


_LOOKUPS: dict[str, Callable[[Cloud, Values], Values]] = {
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:eks/getCluster:getCluster": _cluster,
    "aws:eks/getClusters:getClusters": _clusters,
    "aws:eks/getNodeGroup:getNodeGroup": _node_group,
    "aws:eks/getNodeGroups:getNodeGroups": _node_groups,
}
