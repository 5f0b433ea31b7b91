"""Changes of load balancers that fail, or interrupt requests, in a running cell."""

import re
from collections.abc import Iterator, Mapping

import pulumi
import pulumi_aws as aws

from core.load_balancers import KINDS, Kind, resource_name
from core.tags import CELL
from live.cell import Live, RunningBalancer
from settings import Problem, Settings
from settings.reading.caution import Caution
from settings.stack import NAMESPACE

_DNS_TTL = 60
"""Seconds for which resolvers keep the addresses of a load balancer.
https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html#request-routing"""


def read_load_balancers(cell: str, options: pulumi.InvokeOptions) -> Mapping[Kind, RunningBalancer]:
    """Returns the load balancers of a cell, by kind; not those of extensions."""
    found: dict[Kind, RunningBalancer] = {}
    for arn in sorted(aws.lb.get_lbs(tags={CELL: cell}, opts=options).arns):
        balancer = aws.lb.get_load_balancer(arn=arn, opts=options)
        for kind in KINDS:
            if re.fullmatch(rf"{resource_name(kind)}-[0-9a-f]{{7}}", balancer.name):
                found[kind] = RunningBalancer(
                    protected=balancer.enable_deletion_protection,
                    dualstack=balancer.ip_address_type == "dualstack",
                )
    return found


def protection_problems(settings: Settings, live: Live) -> Iterator[Problem]:
    """Yields a problem for each protected load balancer that the stack file no longer has.

    The `up` would delete its listeners, and then fail.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#deletion-protection
    """
    for kind, running in live.load_balancers.items():
        if running.protected and kind not in settings.load_balancers:
            message = (
                f"no route leads to the {kind} load balancer, and AWS refuses to delete it while "
                "it is protected; write its last route again and protected: false, run make up "
                f"STACK={pulumi.get_stack()}, then remove the route"
            )
            yield Problem(key=f"{NAMESPACE}:protected", message=message)


def move_cautions(settings: Settings, live: Live) -> Iterator[Caution]:
    """Yields a caution for each app that moves from one load balancer to the other in one step.

    The network policy of the app admits the new load balancer instead of the old one before DNS
    records change.
    docs/decisions/0063-routes-decide-between-a-public-and-an-internal-load-balancer.md
    """
    for name, kind in sorted(live.exposed):
        other: Kind = "internal" if kind == "public" else "public"
        wanted = {each for each, found in settings.load_balancers.items() if name in found.exposed}
        if wanted == {other} and (name, other) not in live.exposed:
            yield Caution(
                key=settings.key_of(name, "expose"),
                text=f"{name} moves from the {kind} to the {other} load balancer in one step, so "
                "that requests fail until clients use the new address; deploy routes of both "
                "first (docs/requests.md#internal-load-balancer)",
            )


def address_cautions(settings: Settings, live: Live) -> Iterator[Caution]:
    """Yields a caution for each load balancer that loses its IPv6 addresses.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-ip-address-type.html
    """
    for kind, running in live.load_balancers.items():
        wanted = settings.load_balancers.get(kind)
        if wanted and running.dualstack and not wanted.settings.dualstack:
            yield Caution(
                key=f"{wanted.key}.ipAddressType",
                text=f"the {kind} load balancer loses its IPv6 addresses, which resolvers keep for "
                f"up to {_DNS_TTL}s; meanwhile, requests of IPv6 clients fail unless the clients "
                "try IPv4 too, as browsers do",
            )
