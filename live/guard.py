"""What a plain `up` may not do to a running cell, each with what to do instead."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pulumi
import pulumi_aws as aws

from core.facts.versions import minor_of
from core.tags import SPANNING
from live.cell import Live, NodeGroup, shape_of
from live.read import read
from settings import Problem, Settings, SettingsError
from settings.node_replacement import Replacement
from settings.pool.pools import Pool
from settings.stack import NAMESPACE

_VERSION = f"{NAMESPACE}:cluster.version"


def guard(
    settings: Settings, cell: str, provider: aws.Provider, replacing: Replacement | None
) -> Mapping[tuple[str, str], int]:
    """Lets a program go on whose settings the running cell can take in place.

    Gives the nodes that each node group is to have now, by pool and zone. Raises SettingsError
    with every change that the cell cannot take. What `replacing` asks for is let through.
    """
    live = read(cell, provider)
    if live is None:
        return {}
    problems = [
        *version_problems(settings, live),
        *control_plane_problems(settings, live),
        *subnet_problems(settings, live),
    ]
    if replacing is None:
        problems += pool_problems(settings, live, cell)
    if problems:
        raise SettingsError(f"Pulumi.{pulumi.get_stack()}.yaml", problems)
    return nodes_now(live)


def nodes_now(live: Live) -> Mapping[tuple[str, str], int]:
    """Nodes that each node group is to have now, by pool and zone; of several the largest that
    stays."""
    ordered = sorted(live.node_groups, key=lambda each: (each.status != "DELETING", each.desired))
    return {(each.pool, each.zone): each.desired for each in ordered}


def version_problems(settings: Settings, live: Live) -> Iterator[Problem]:
    """A control plane goes on by one minor, and only once its nodes have followed the last one."""
    wanted, now = settings.cluster.version, live.version
    if minor_of(wanted) < minor_of(now):
        yield Problem(
            key=_VERSION,
            value=wanted,
            message=f"{now} or later: the control plane has it already, and the way back is not "
            "by this file (docs/upgrade.md)",
        )
    elif minor_of(wanted) > minor_of(now) + 1:
        yield Problem(
            key=_VERSION,
            value=wanted,
            message=f"{_next(now)}: the control plane has {now}, and goes on one minor at a time",
        )
    elif minor_of(wanted) > minor_of(now):
        behind = [each for each in live.node_groups if minor_of(each.version) < minor_of(now)]
        for group in behind[:1]:
            yield Problem(
                key=_VERSION,
                value=wanted,
                message=f"{now}, until all nodes have it: those of {group.name} have "
                f"{group.version}; set {now}, make up STACK={pulumi.get_stack()}, then upgrade",
            )


def control_plane_problems(settings: Settings, live: Live) -> Iterator[Problem]:
    """A cluster's subnets stay in the zones of its creation."""
    wanted = settings.network.control_plane_zones
    if frozenset(wanted) != live.control_plane_zones:
        yield Problem(
            key=f"{NAMESPACE}:network.controlPlaneZones",
            value=list(wanted),
            message=f"[{', '.join(sorted(live.control_plane_zones))}], those of the cluster's "
            "creation: EKS takes subnets in no other zones, and in each of these for ever",
        )


def subnet_problems(settings: Settings, live: Live) -> Iterator[Problem]:
    """The nodes of a zone stay in the subnet that they are in, if its VPC is somebody else's."""
    existing = settings.network.existing
    for zone, subnet in existing.private_subnets.items() if existing else ():
        elsewhere = [
            group
            for group in _there(live)
            if group.pool in settings.pools
            and zone in group.shape.zones
            and subnet not in group.subnets
        ]
        for group in elsewhere[:1]:
            yield Problem(
                key=f"{NAMESPACE}:network.existing.privateSubnets.{zone}",
                value=subnet,
                message=f"{' or '.join(group.subnets)}, where the nodes of {group.name} are: a "
                "node group stays in its subnets; bring another zone, or another pool in place of "
                f"{group.pool}",
            )


def pool_problems(settings: Settings, live: Live, cell: str) -> Iterator[Problem]:
    """What a node group keeps for its life stays, and no replacement is left half way."""
    there = _there(live)
    for name, pool in settings.pools.items():
        own = [each for each in there if each.pool == name]
        key = f"{NAMESPACE}:pools.{name}"
        command = f"make replace-nodes STACK={cell} POOL={name}"
        twice = [zone for zone, count in Counter(each.zone for each in own).items() if count > 1]
        if twice:
            names = ", ".join(each.name for each in own if each.zone == twice[0])
            yield Problem(
                key=key,
                value=f"{names} in {twice[0]}",
                message=f"one node group: a replacement is under way; {command} goes on with it",
            )
            continue
        for group in [each for each in own if not _fits(settings, pool, each)][:1]:
            yield from _changes(settings, key, pool, group, command)


def _there(live: Live) -> Sequence[NodeGroup]:
    """The node groups that are not about to go."""
    return [each for each in live.node_groups if each.status != "DELETING"]


def _fits(settings: Settings, pool: Pool, group: NodeGroup) -> bool:
    """Whether a group is as its pool has it; one whose zone has gone from the file goes anyway."""
    zones = pool.node_groups(settings.network.zones)
    if group.zone in zones:
        return group.shape == shape_of(pool, zones[group.zone])
    return pool.layout == "perZone" and group.zone != SPANNING


def _changes(
    settings: Settings, key: str, pool: Pool, group: NodeGroup, command: str
) -> Iterator[Problem]:
    parts = pool.node_groups(settings.network.zones)
    if group.zone not in parts:
        yield Problem(
            key=f"{key}.layout",
            value=pool.layout,
            message=f"that of {group.name}, which is for {group.zone}: a pool keeps its layout; "
            "bring another pool, and take this one out after it (docs/replace-nodes.md)",
        )
        return
    now, wanted = group.shape, shape_of(pool, parts[group.zone])
    for at, new, old in (
        (f"{key}.amiType", wanted.ami_type, now.ami_type),
        (f"{key}.capacityType", wanted.capacity_type, now.capacity_type),
        (f"{key}.instanceTypes", wanted.instance_types, now.instance_types),
        (f"{NAMESPACE}:network.zones", wanted.zones, now.zones),
    ):
        if new != old:
            yield Problem(
                key=at,
                value=_shown(new),
                message=f"{_shown(old)}, as the nodes of {group.name} are: this cannot change in "
                f"place; {command} puts others beside them, zone by zone (docs/replace-nodes.md)",
            )


def _shown(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ", ".join(value) or "one type"


def _next(version: str) -> str:
    return f"1.{minor_of(version) + 1}"
