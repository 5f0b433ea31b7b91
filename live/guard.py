"""What a plain `up` may not do to a running cell, each with what to do instead."""

from collections import Counter
from collections.abc import Iterator

import pulumi
import pulumi_aws as aws

from core.tags import SPANNING
from live.cell import Live, NodeGroup, Shape, shape_of
from live.read import read
from settings import Problem, Settings, SettingsError
from settings.cell import NAMESPACE
from settings.replacement import Replacement

_VERSION = f"{NAMESPACE}:cluster.version"


def guard(
    settings: Settings, cell: str, provider: aws.Provider, replacing: Replacement | None
) -> None:
    """Lets a program go on whose settings the running cell can take in place.

    Raises SettingsError with every change that it cannot. What `replacing` asks for is let through.
    """
    live = read(cell, provider)
    if live is None:
        return
    problems = [*version_problems(settings, live), *control_plane_problems(settings, live)]
    if replacing is None:
        problems += pool_problems(settings, live, cell)
    if problems:
        raise SettingsError(f"Pulumi.{pulumi.get_stack()}.yaml", problems)


def version_problems(settings: Settings, live: Live) -> Iterator[Problem]:
    """A control plane goes on by one minor, and only once its nodes have followed the last one."""
    wanted, now = settings.cluster.version, live.version
    if _minor(wanted) < _minor(now):
        yield Problem(
            key=_VERSION,
            value=wanted,
            allowed=f"{now} or later: the control plane has it already, and the way back is not "
            "by this file (docs/upgrade.md)",
        )
    elif _minor(wanted) > _minor(now) + 1:
        yield Problem(
            key=_VERSION,
            value=wanted,
            allowed=f"{_next(now)}: the control plane has {now}, and goes on one minor at a time",
        )
    elif _minor(wanted) > _minor(now):
        behind = [each for each in live.node_groups if _minor(each.version) < _minor(now)]
        for group in behind[:1]:
            yield Problem(
                key=_VERSION,
                value=wanted,
                allowed=f"{now}, until all nodes have it: those of {group.name} have "
                f"{group.version}; set {now}, make up STACK={pulumi.get_stack()}, then upgrade",
            )


def control_plane_problems(settings: Settings, live: Live) -> Iterator[Problem]:
    """A cluster's subnets stay in the zones of its creation."""
    wanted = settings.network.control_plane_zones
    if set(wanted) != live.control_plane_zones:
        yield Problem(
            key=f"{NAMESPACE}:network.controlPlaneZones",
            value=list(wanted),
            allowed=f"[{', '.join(sorted(live.control_plane_zones))}], those of the cluster's "
            "creation: EKS takes subnets in no other zones, and in each of these for ever",
        )


def pool_problems(settings: Settings, live: Live, cell: str) -> Iterator[Problem]:
    """What a node group keeps for its life stays, and no replacement is left half way."""
    there = [each for each in live.node_groups if each.status != "DELETING"]
    for name, pool in settings.pools.root.items():
        own = [each for each in there if each.pool == name]
        key = f"{NAMESPACE}:pools.{name}"
        command = f"make replace-nodes STACK={cell} POOL={name}"
        twice = [zone for zone, count in Counter(each.zone for each in own).items() if count > 1]
        if twice:
            names = ", ".join(each.name for each in own if each.zone == twice[0])
            yield Problem(
                key=key,
                value=f"{names} in {twice[0]}",
                allowed=f"one node group: a replacement is under way; {command} goes on with it",
            )
            continue
        spanning = pool.layout == SPANNING
        other = [each for each in own if (each.zone == SPANNING) != spanning]
        for group in other[:1]:
            now = "perZone" if spanning else SPANNING
            yield Problem(
                key=f"{key}.layout",
                value=pool.layout,
                allowed=f"{now}, as {group.name} is: this cannot change in place; {command} puts "
                "others beside it (docs/replace-nodes.md)",
            )
        different = [each for each in own if each.shape != shape_of(pool)]
        for group in different[:1]:
            yield from _changes(key, shape_of(pool), group, command)


def _changes(key: str, wanted: Shape, group: NodeGroup, command: str) -> Iterator[Problem]:
    now = group.shape
    for field, new, old in (
        ("amiType", wanted.ami_type, now.ami_type),
        ("capacityType", wanted.capacity_type, now.capacity_type),
        ("instanceTypes", wanted.instance_types, now.instance_types),
    ):
        if new != old:
            stands = old if isinstance(old, str) else ", ".join(old) or "one type"
            yield Problem(
                key=f"{key}.{field}",
                value=new if isinstance(new, str) else ", ".join(new) or "one type",
                allowed=f"{stands}, as the nodes in {group.zone} are: this cannot change in "
                f"place; {command} puts others beside them, zone by zone (docs/replace-nodes.md)",
            )


def _minor(version: str) -> int:
    return int(version.split(".")[1])


def _next(version: str) -> str:
    return f"1.{_minor(version) + 1}"
