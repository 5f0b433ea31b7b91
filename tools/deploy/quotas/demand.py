"""Demand of a recorded cell for service quotas."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from core.facts.service_quotas import (
    ELASTIC_IPS,
    NAT_GATEWAYS,
    SECURITY_GROUP_RULES,
    VPCS,
    Quota,
)
from settings.stack import NAMESPACE
from tools.deploy.quotas.vcpus import PoolInstances, pool_instances
from tools.recording import Recording

_CLUSTER = "aws:eks/cluster:Cluster"
_EIP = "aws:ec2/eip:Eip"
_NAT = "aws:ec2/natGateway:NatGateway"
_SUBNET = "aws:ec2/subnet:Subnet"
_VPC = "aws:ec2/vpc:Vpc"
_RULES = {
    "inbound": "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "outbound": "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
}
_PULL_THROUGH_RULE = "aws:ecr/pullThroughCacheRule:PullThroughCacheRule"

_RULES_OF_EKS = 1
"""Inbound rules of the cluster's security group, which EKS creates.
https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html"""


@dataclass(frozen=True, kw_only=True)
class Demand:
    """The part of a quota that the cell needs."""

    quota: Quota
    key: str
    """Key of the stack file that decides on the demand."""
    at_rest: int
    """Needed so that the cell starts."""
    at_rest_sum: str
    """The calculation of `at_rest`, such as `4 nodes of general × 2 vCPUs = 8 vCPUs at rest`."""
    at_most: int
    """Needed at the maximum, at least `at_rest`."""
    at_most_sum: str = ""
    """The calculation of `at_most`; empty if it equals `at_rest`."""
    zone: str | None = None
    """Zone that the quota applies to; None for the region."""


def demands(recording: Recording) -> Iterator[Demand]:
    """Yields the demand of the cell for each quota that AWS raises on request."""
    for quota, pools in pool_instances(recording).items():
        yield _vcpu_demand(quota, pools)
    yield from _fixed(VPCS, "network", len(recording.of_type(_VPC)), "VPC")
    yield from _fixed(ELASTIC_IPS, "network.nat", len(recording.of_type(_EIP)), "Elastic IP")
    for zone, gateways in _nat_gateways(recording).items():
        yield from _fixed(NAT_GATEWAYS, "network.nat", gateways, "NAT gateway", zone)
    rules = _security_group_rules(recording)
    yield from _fixed(SECURITY_GROUP_RULES, "apps", rules, "security group rule")


def pull_through_rules(recording: Recording) -> int:
    """Returns the number of pull-through cache rules that the cell needs."""
    return len(recording.of_type(_PULL_THROUGH_RULE))


def _fixed(
    quota: Quota, key: str, count: int, what: str, zone: str | None = None
) -> Iterator[Demand]:
    """Yields the demand for resources that the cell always has, unless there are none."""
    if not count:
        return
    yield Demand(
        quota=quota,
        key=f"{NAMESPACE}:{key}",
        at_rest=count,
        at_rest_sum=f"the cell needs {count} {what}{'s' if count > 1 else ''}"
        + (f" in {zone}" if zone else ""),
        at_most=count,
        zone=zone,
    )


def _vcpu_demand(quota: Quota, pools: tuple[PoolInstances, ...]) -> Demand:
    at_rest = sum(each.at_rest * each.fewest_vcpus for each in pools)
    at_most = sum((each.at_maximum + each.surge) * each.most_vcpus for each in pools)
    return Demand(
        quota=quota,
        key=f"{NAMESPACE}:pools",
        at_rest=at_rest,
        at_rest_sum="the cell needs "
        + " + ".join(
            f"{each.at_rest} instances of {each.pool} × {each.fewest_vcpus}" for each in pools
        )
        + f" = {at_rest:,} vCPUs at rest",
        at_most=at_most,
        at_most_sum="the cell needs "
        + " + ".join(
            f"({each.at_maximum} instances of {each.pool} at the maximum + {each.surge} during an "
            f"update) × {each.most_vcpus}"
            for each in pools
        )
        + f" = {at_most:,} vCPUs",
    )


def _nat_gateways(recording: Recording) -> Counter[str]:
    """Returns the number of NAT gateways in each zone.

    Regional NAT gateways are not in a zone, and AWS documents no quota for them.
    """
    zones = Counter[str]()
    for gateway in recording.of_type(_NAT):
        subnets = [recording.get(urn) for urn in gateway.dependencies if _type_of(urn) == _SUBNET]
        if gateway.inputs.get("availabilityMode") != "regional":
            zones.update({str(each.inputs["availabilityZone"]) for each in subnets})
    return zones


def _security_group_rules(recording: Recording) -> int:
    """Returns the largest number of rules of one direction in a security group.

    IPv4 and IPv6 rules count separately; a rule for another security group counts as both.
    """
    counts = Counter[tuple[str, str, str]]()
    for direction, type_ in _RULES.items():
        for rule in recording.of_type(type_):
            inputs = cast("dict[str, Any]", rule.inputs)  # Any: inputs are JSON of any shape
            group = inputs["securityGroupId"]
            own = ("IPv4",) if "cidrIpv4" in inputs else ("IPv6",) if "cidrIpv6" in inputs else None
            counts.update((group, direction, family) for family in own or ("IPv4", "IPv6"))
    of_the_cluster = {
        rule.inputs["securityGroupId"]
        for rule in recording.of_type(_RULES["inbound"])
        if any(_type_of(urn) == _CLUSTER for urn in rule.dependencies)
    }
    return max(
        (
            count + (_RULES_OF_EKS if group in of_the_cluster and direction == "inbound" else 0)
            for (group, direction, _), count in counts.items()
        ),
        default=0,
    )


def _type_of(urn: str) -> str:
    return urn.split("::")[2].split("$")[-1]
