"""Edits of how clients reach the cell: source ranges, IPv6, an internal load balancer."""

from tools.rehearsal.edits.alarm_operations import (
    UPDATE_COMPOSITE_ALARMS,
    UPDATE_PRACTICE_RUNS,
    metric_alarms,
)
from tools.rehearsal.edits.apps import main_app_section
from tools.rehearsal.edits.edit import Config, Edit, stays_valid
from tools.rehearsal.edits.load_balancing import load_balancing


def add_source_ranges(config: Config) -> None:
    """Limits the clients of the main app to two networks."""
    main_app_section(config)["expose"]["sourceRanges"] = ["198.51.100.0/24", "203.0.113.0/24"]


ADD_SOURCE_RANGES = Edit(
    name="limit the clients of an app",
    change=add_source_ranges,
    expected=("create ListenerRule lb-rule-*", "update Listener lb-http*"),
)


def remove_source_ranges(config: Config) -> None:
    """Lets all clients use the main app again."""
    del main_app_section(config)["expose"]["sourceRanges"]


REMOVE_SOURCE_RANGES = Edit(
    name="let all clients use the app again",
    change=remove_source_ranges,
    expected=("delete ListenerRule lb-rule-*", "update Listener lb-http*"),
)


def use_dual_stack(config: Config) -> None:
    """Gives the load balancer IPv6 addresses."""
    load_balancing(config)["ipAddressType"] = "dualstack"


_IPV6_NETWORKS = ("update Vpc network-vpc", "update Subnet network-public-*")

USE_DUAL_STACK = Edit(
    name="use a dual-stack load balancer",
    change=use_dual_stack,
    expected=(
        *_IPV6_NETWORKS,
        "create Route network-public-internet-ipv6",
        "update LoadBalancer lb",
        "create SecurityGroupIngressRule lb-from-anywhere-ipv6-*",
    ),
    optional=("create Record traffic-*aaaa",),
)


def use_ipv4(config: Config) -> None:
    """Removes the IPv6 addresses of the load balancer."""
    load_balancing(config)["ipAddressType"] = "ipv4"


USE_IPV4 = Edit(
    name="use an IPv4 load balancer again",
    change=use_ipv4,
    expected=(
        "update LoadBalancer lb",
        "delete SecurityGroupIngressRule lb-from-anywhere-ipv6-*",
    ),
    # Two recordings without a running cell differ in its IPv6 networks. Those of a cell remain.
    optional=(
        *_IPV6_NETWORKS,
        "delete Route network-public-internet-ipv6",
        "delete Record traffic-*aaaa",
    ),
)


def add_internal_route(config: Config) -> None:
    """Exposes the main app by the internal load balancer too."""
    expose = main_app_section(config)["expose"]
    expose.pop("path", None)
    expose["routes"] = [{"path": "/"}, {"path": "/", "internal": True}]


_INTERNAL_ALARMS = ("app-APP-*-internal*", "balancer-*-internal")

ADD_INTERNAL_LOAD_BALANCER = Edit(
    name="expose an app by the internal load balancer too",
    change=add_internal_route,
    applies=stays_valid(add_internal_route),
    expected=(
        "create Subnet network-internal-*",
        "create RouteTableAssociation network-internal-*",
        "create SecurityGroup ilb",
        "create SecurityGroup*Rule ilb-*",
        "create LoadBalancer ilb",
        "create TargetGroup ilb-APP",
        "create Listener ilb-http",
        "create TargetGroupBinding APP.internal",
        "update NetworkPolicy APP",
        *metric_alarms("create", *_INTERNAL_ALARMS),
        UPDATE_COMPOSITE_ALARMS,
    ),
    optional=(
        "create Bucket* ilb-access-logs",
        "create ZonalAutoshiftConfiguration resilience-autoshift-ilb",
        *UPDATE_PRACTICE_RUNS,
    ),
)


def remove_internal_route(config: Config) -> None:
    """Removes the last route of the internal load balancer."""
    expose = main_app_section(config)["expose"]
    del expose["routes"]
    expose["path"] = "/"


REMOVE_INTERNAL_LOAD_BALANCER = Edit(
    name="remove the internal load balancer",
    change=remove_internal_route,
    applies=lambda config: "routes" in main_app_section(config)["expose"],
    expected=(
        "delete TargetGroupBinding APP.internal",
        "delete LoadBalancer ilb",
        "delete TargetGroup ilb-APP",
        "delete Subnet network-internal-*",
        "update NetworkPolicy APP",
        *metric_alarms("delete", *_INTERNAL_ALARMS),
        UPDATE_COMPOSITE_ALARMS,
    ),
    optional=(
        "delete RouteTableAssociation network-internal-*",
        "delete SecurityGroup* ilb*",
        "delete Listener ilb-http",
        "delete Bucket* ilb-access-logs",
        "delete ZonalAutoshiftConfiguration resilience-autoshift-ilb",
        *UPDATE_PRACTICE_RUNS,
    ),
)
