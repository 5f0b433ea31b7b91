"""Counts the resources of a recording that AWS bills by time.

A test checks that every resource type of a recording is either counted here or in
`no_fixed_price.py`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, cast

from core.cost.by_time import BilledResources
from core.facts.versions.kubernetes import KUBERNETES
from settings.reading.quantities import mebibytes
from tools.preview.billed_nodes import (
    NODE_GROUP,
    RESERVATION,
    TEMPLATE,
    Nodes,
    instances,
    node_groups,
    node_volumes,
)
from tools.preview.no_fixed_price import NO_FIXED_PRICE
from tools.recording import Recording

Inputs = dict[str, Any]  # Any: inputs are JSON of any shape

CLUSTER = "aws:eks/cluster:Cluster"


def _load_balancer(inputs: Inputs) -> Mapping[str, int]:
    # A load balancer has at least one address in each subnet; it adds more as traffic grows.
    public = 0 if inputs.get("internal") else len(inputs["subnets"])
    reserved = inputs.get("minimumLoadBalancerCapacity") or {"capacityUnits": 0}
    return {
        "load_balancers": 1,
        "public_ipv4": public,
        "reserved_lcus": reserved["capacityUnits"],
    }


def _nat_gateway(inputs: Inputs) -> Mapping[str, int]:
    # _regional_nat_gateways counts those.
    return {} if inputs.get("availabilityMode") == "regional" else {"nat_gateways": 1}


def _endpoint(inputs: Inputs) -> Mapping[str, int]:
    interface = inputs.get("vpcEndpointType") == "Interface"
    return {"endpoints": len(inputs["subnetIds"])} if interface else {}


def _alarm(inputs: Inputs) -> Mapping[str, int]:
    queries: list[Inputs] = inputs.get("metricQueries") or [{"metric": inputs}]
    periods = [each["metric"].get("period") or 60 for each in queries if "metric" in each]
    return {
        "alarm_metrics": sum(period >= 60 for period in periods),
        "high_resolution_alarm_metrics": sum(period < 60 for period in periods),
    }


def gibibytes(size: str) -> int:
    """Returns a size in GiB, which EBS rounds up."""
    return -(-mebibytes(size) // 1024)


def _claim(inputs: Inputs) -> Mapping[str, int]:
    """Returns the size of an EBS volume. A claim of an existing volume is one of EFS, which is
    billed by use."""
    if "volumeName" in inputs["spec"]:
        return {}
    return {"volume_gib": gibibytes(inputs["spec"]["resources"]["requests"]["storage"])}


def _health_check(inputs: Inputs) -> Mapping[str, int]:
    type_ = str(inputs["type"])
    options = (
        type_.startswith("HTTPS"),
        type_.endswith("STR_MATCH"),
        inputs.get("requestInterval") == 10,
        bool(inputs.get("measureLatency")),
    )
    return {"health_checks": 1, "health_check_options": sum(options)}


_QUANTITIES: Mapping[str, Callable[[Inputs], Mapping[str, int]]] = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": lambda _: {"composite_alarms": 1},
    "aws:cloudwatch/dashboard:Dashboard": lambda _: {"dashboards": 1},
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:ec2/eip:Eip": lambda _: {"public_ipv4": 1},
    "aws:ec2/natGateway:NatGateway": _nat_gateway,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:kms/key:Key": lambda _: {"kms_keys": 1},
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:route53/healthCheck:HealthCheck": _health_check,
    "aws:route53/zone:Zone": lambda _: {"hosted_zones": 1},
    "aws:wafv2/webAcl:WebAcl": lambda inputs: {
        "web_acls": 1,
        "web_acl_rules": len(inputs["rules"]),
    },
    CLUSTER: lambda _: {"control_planes": 1},
    "aws:amp/scraper:Scraper": lambda _: {"prometheus_collectors": 1},
    "kubernetes:core/v1:PersistentVolumeClaim": _claim,
}
"""Fields of BilledResources that a resource adds to, by type of the resource."""

BILLED = frozenset({*_QUANTITIES, NODE_GROUP, TEMPLATE, RESERVATION})
"""Types of resources that are counted."""


def billed_resources(
    recording: Recording, today: date, nodes: Nodes = "at rest"
) -> BilledResources:
    """Returns the quantities that AWS bills by time, with a number of nodes."""
    counts = Counter[str]()
    for resource in recording.cloud_resources:
        count = _QUANTITIES.get(resource.type)
        if count:
            counts.update(count(cast("Inputs", resource.inputs)))
    counts.update(_regional_nat_gateways(recording))
    groups = node_groups(recording, nodes)
    counts["volume_gib"] += node_volumes(recording, groups)
    cluster = _one(recording, CLUSTER)
    return BilledResources(
        instances=list(instances(recording, groups)),
        tier=cluster["controlPlaneScalingConfig"]["tier"],
        extended_support=_in_extended_support(cluster, today),
        without_price=(*_unknown(recording),),
        **counts,
    )


def _unknown(recording: Recording) -> Iterator[str]:
    """Yields the resource types of an extension whose price is unknown."""
    found = {each.type for each in recording.cloud_resources if each.type.startswith("aws:")}
    yield from sorted(found - BILLED - NO_FIXED_PRICE)


def _one(recording: Recording, type_: str) -> Inputs:
    [resource] = recording.of_type(type_)
    return cast("Inputs", resource.inputs)


def _in_extended_support(cluster: Inputs, today: date) -> bool:
    """True if EKS keeps the cluster beyond standard support instead of upgrading the cluster."""
    kept = cluster["upgradePolicy"]["supportType"] == "EXTENDED"
    return kept and today > KUBERNETES[cluster["version"]]


def _regional_nat_gateways(recording: Recording) -> Mapping[str, int]:
    """Returns a NAT gateway with an address for each zone in which a regional one has nodes."""
    regional = sum(
        each.inputs.get("availabilityMode") == "regional"
        for each in recording.of_type("aws:ec2/natGateway:NatGateway")
    )
    zones = regional * len(recording.settings.network.zones_in)
    return {"nat_gateways": zones, "public_ipv4": zones}
