"""Cost of a stack by time: prices per hour or month of resources that exist.

At rest, every app runs at its minimum replicas and receives no requests. Everything that is billed
by usage is left out (see by_use.py): traffic, logs, metrics, traces, images and objects in buckets.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from core.facts.prices import (
    HOURS_PER_MONTH,
    alarms,
    control_plane,
    health_checks,
    hosted_zones,
    instances,
    kms_keys,
    load_balancer,
    nat_gateway,
    prometheus,
    public_ipv4,
    volumes,
    vpc_endpoints,
    web_acl,
)

ENDPOINT = "zonal interface endpoint"
"""Name of the item of an interface endpoint in one zone."""

Group = Literal["nodes", "control plane", "NAT gateways", "load balancers", "other", "alarms"]
"""Part of the cost that is shown as a sum."""


@dataclass(frozen=True, kw_only=True)
class Instances:
    """EC2 instances that are billed alike."""

    instance_types: Sequence[str]
    """Types that the instances may have, one or more."""
    count: int
    """Number of instances."""
    note: str = ""
    """Kind of the instances, such as `warm pool`; empty for on-demand nodes."""


@dataclass(frozen=True, kw_only=True)
class BilledResources:
    """Quantities of everything that AWS bills by time."""

    instances: Sequence[Instances] = ()
    """Instances of all pools, at rest."""
    control_planes: int = 0
    """EKS clusters."""
    extended_support: bool = False
    """True if the Kubernetes version is in extended support."""
    tier: str = "standard"
    """Scaling tier of the control plane."""
    nat_gateways: int = 0
    """NAT gateways; a regional NAT gateway counts once per zone."""
    load_balancers: int = 0
    """Application Load Balancers."""
    reserved_lcus: int = 0
    """Reserved capacity units of load balancers."""
    public_ipv4: int = 0
    """Public IPv4 addresses, also of NAT gateways and load balancers."""
    volume_gib: int = 0
    """Size of all gp3 volumes together, of nodes and of apps."""
    endpoints: int = 0
    """Interface endpoints; an endpoint counts once per zone."""
    kms_keys: int = 0
    """Customer managed keys."""
    hosted_zones: int = 0
    """Route 53 hosted zones that the cell creates."""
    health_checks: int = 0
    """Route 53 health checks."""
    health_check_options: int = 0
    """Optional features of all health checks together."""
    web_acls: int = 0
    """Web ACLs of AWS WAF."""
    web_acl_rules: int = 0
    """Rules of all web ACLs together."""
    alarm_metrics: int = 0
    """Metrics of all alarms together, in standard resolution."""
    high_resolution_alarm_metrics: int = 0
    """Metrics of all alarms together, with periods below 60 seconds."""
    composite_alarms: int = 0
    """Composite alarms."""
    dashboards: int = 0
    """CloudWatch dashboards."""
    prometheus_collectors: int = 0
    """Managed collectors (scrapers) of Amazon Managed Service for Prometheus."""
    without_price: Sequence[str] = ()
    """Names of resources that are billed by time, but whose price is unknown."""


@dataclass(frozen=True, kw_only=True)
class CostItem:
    """Cost of some resources of one kind."""

    group: Group
    """Part of the cost that the item belongs to."""
    what: str
    """The resources, in the singular, such as `NAT gateway`."""
    quantity: int
    """Number of resources, or GiB of volumes."""
    unit_price: float
    """Dollars per hour of one of them."""

    @property
    def per_hour(self) -> float:
        """Dollars per hour of all of them."""
        return self.quantity * self.unit_price


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Cost of a stack by time."""

    items: Sequence[CostItem]
    """Every item with a quantity above 0."""
    without_price: Sequence[str]
    """Names of resources that the cost does not include, because their price is unknown."""

    def of(self, group: Group) -> float:
        """Returns dollars per hour of a group."""
        return sum(item.per_hour for item in self.items if item.group == group)

    @property
    def per_hour(self) -> float:
        """Dollars per hour."""
        return sum(item.per_hour for item in self.items)

    @property
    def per_month(self) -> float:
        """Dollars per month."""
        return self.per_hour * HOURS_PER_MONTH


def cost_by_time(resources: BilledResources) -> Cost:
    """Returns the cost of resources at the list prices of core/facts/prices."""
    unknown = [
        f"{each.count} × {name(each)}"
        for each in resources.instances
        if each.count and instances.most_expensive(each.instance_types) is None
    ]
    return Cost(
        items=[item for item in _items(resources) if item.quantity],
        without_price=[*unknown, *resources.without_price],
    )


def name(each: Instances) -> str:
    """Returns the types of instances, with their note: `m7i.large or m6i.large (spot)`."""
    types = " or ".join(each.instance_types)
    return f"{types} ({each.note})" if each.note else types


def _items(resources: BilledResources) -> Iterator[CostItem]:
    for each in resources.instances:
        price = instances.most_expensive(each.instance_types)
        if price is not None:
            yield _hourly("nodes", name(each), each.count, price)
    yield _control_plane(resources)
    yield _hourly("NAT gateways", "NAT gateway", resources.nat_gateways, nat_gateway.HOUR)
    yield _hourly("load balancers", "load balancer", resources.load_balancers, load_balancer.HOUR)
    lcus = resources.reserved_lcus
    yield _hourly("load balancers", "reserved LCU", lcus, load_balancer.RESERVED_LCU_HOUR)
    yield _hourly("other", "public IPv4 address", resources.public_ipv4, public_ipv4.HOUR)
    yield _hourly("other", ENDPOINT, resources.endpoints, vpc_endpoints.INTERFACE_HOUR)
    yield _monthly("other", "GiB of volumes", resources.volume_gib, volumes.GP3_GIB_MONTH)
    yield _monthly("other", "KMS key", resources.kms_keys, kms_keys.MONTH)
    yield _monthly("other", "hosted zone", resources.hosted_zones, hosted_zones.MONTH)
    yield _monthly("other", "health check", resources.health_checks, health_checks.MONTH)
    options = resources.health_check_options
    yield _monthly("other", "health check option", options, health_checks.OPTION_MONTH)
    yield _monthly("other", "web ACL", resources.web_acls, web_acl.MONTH)
    yield _monthly("other", "web ACL rule", resources.web_acl_rules, web_acl.RULE_MONTH)
    yield _monthly("alarms", "alarm metric", resources.alarm_metrics, alarms.METRIC_MONTH)
    yield _monthly(
        "alarms",
        "high-resolution alarm metric",
        resources.high_resolution_alarm_metrics,
        alarms.HIGH_RESOLUTION_METRIC_MONTH,
    )
    composites = resources.composite_alarms
    yield _monthly("alarms", "composite alarm", composites, alarms.COMPOSITE_MONTH)
    yield _monthly("alarms", "dashboard", resources.dashboards, alarms.DASHBOARD_MONTH)
    collectors = resources.prometheus_collectors
    yield _hourly("other", "Prometheus collector", collectors, prometheus.COLLECTOR_HOUR)


def _control_plane(resources: BilledResources) -> CostItem:
    extended = resources.extended_support
    support = control_plane.EXTENDED_SUPPORT_HOUR if extended else control_plane.HOUR
    notes = [
        *([resources.tier] if resources.tier != "standard" else []),
        *(["extended support"] if extended else []),
    ]
    what = f"control plane ({', '.join(notes)})" if notes else "control plane"
    price = support + control_plane.TIER_HOUR[resources.tier]
    return _hourly("control plane", what, resources.control_planes, price)


def _hourly(group: Group, what: str, quantity: int, price: float) -> CostItem:
    return CostItem(group=group, what=what, quantity=quantity, unit_price=price)


def _monthly(group: Group, what: str, quantity: int, price: float) -> CostItem:
    return _hourly(group, what, quantity, price / HOURS_PER_MONTH)
