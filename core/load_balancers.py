"""Kinds of load balancers, and the names that distinguish them."""

from typing import Literal

Kind = Literal["public", "internal"]
"""Kind of a load balancer: reached from the internet, or from the VPC and connected networks."""

KINDS: tuple[Kind, ...] = ("public", "internal")
"""The load balancers that a cell can have."""

INTERNAL_SUFFIX = "-internal"
"""End of the names of alarms, logs and rules for the internal load balancer, if the public one has
the same without this end."""


def suffix_of(kind: Kind) -> str:
    """Returns the end of the names of alarms, logs and rules for a load balancer."""
    return INTERNAL_SUFFIX if kind == "internal" else ""


def resource_name(kind: Kind) -> str:
    """Returns the name of a load balancer in Pulumi, with which the names of its parts begin.

    The name is short, because AWS limits the name of a target group to 32 characters, and AWS
    refuses load balancers whose names begin with `internal-`.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
    """
    return "ilb" if kind == "internal" else "lb"
