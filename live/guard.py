"""Refuses changes of the stack file that a plain `pulumi up` cannot make to the running cell."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pulumi
import pulumi_aws as aws

from core.facts.versions.kubernetes import minor_of
from core.node_group_size import RunningSize
from core.tags import SPANNING
from live.cell import Live, NodeGroup, Running, shape_of
from live.load_balancers import address_cautions, move_cautions, protection_problems
from live.read import read
from settings import Problem, Settings, refusal
from settings.node_replacement import Replacement
from settings.pool.pools import Pool
from settings.stack import NAMESPACE

_VERSION = f"{NAMESPACE}:cluster.version"


def check_running_cell(
    settings: Settings,
    cell: str,
    provider: aws.Provider,
    replacing: Replacement | None,
    *,
    targeted: bool,
) -> Running:
    """Returns the facts about the running cell on which the program depends.

    Raises SettingsError with every change that the running cell cannot make in place, and warns of
    changes that interrupt requests. Changes of node groups are not checked during a replacement of
    nodes, and changes of load balancers not in an `up` with targets.
    """
    live = read(cell, provider)
    if live is None:
        return Running(targeted=targeted)
    problems = [
        *version_problems(settings, live),
        *control_plane_problems(settings, live),
        *subnet_problems(settings, live),
    ]
    if replacing is None:
        problems += pool_problems(settings, live, cell)
    if not targeted:
        problems += protection_problems(settings, live)
    if problems:
        raise refusal(problems)
    if not targeted:
        for caution in (*move_cautions(settings, live), *address_cautions(settings, live)):
            pulumi.log.warn(str(caution))
    return Running(
        exists=True,
        deployer=live.deployer,
        sizes=sizes_now(live),
        apps=live.apps,
        ipv6=live.ipv6,
        targeted=targeted,
    )


def sizes_now(live: Live) -> Mapping[tuple[str, str], RunningSize]:
    """Returns the sizes of the node groups by pool and zone.

    During a replacement a zone has two node groups of a pool. The result has the size of the
    largest node group that is not being deleted.
    """
    ordered = sorted(live.node_groups, key=lambda each: (each.status != "DELETING", each.desired))
    return {
        (each.pool, each.zone): RunningSize(min=each.min, desired=each.desired, max=each.max)
        for each in ordered
    }


def version_problems(settings: Settings, live: Live) -> Iterator[Problem]:
    """Yields a problem unless the version is the current or next minor version.

    The next minor version is allowed only if all nodes run the current one.
    """
    wanted, now = settings.cluster.version, live.version
    if minor_of(wanted) < minor_of(now):
        message = (
            f"must be at least {now}, which the control plane runs; to roll back an upgrade, run "
            f"make rollback-version STACK={pulumi.get_stack()}"
        )
        yield Problem(key=_VERSION, message=message)
    elif minor_of(wanted) > minor_of(now) + 1:
        message = (
            f"must be at most 1.{minor_of(now) + 1}: the control plane runs {now}, and EKS "
            "upgrades one minor version at a time"
        )
        yield Problem(key=_VERSION, message=message)
    elif minor_of(wanted) > minor_of(now):
        outdated = [each for each in live.node_groups if minor_of(each.version) < minor_of(now)]
        for group in outdated[:1]:
            message = (
                f"must be {now} until all nodes run {now}: node group {group.name} runs "
                f"{group.version}; write {now}, run make up STACK={pulumi.get_stack()}, then "
                "upgrade"
            )
            yield Problem(key=_VERSION, message=message)


def control_plane_problems(settings: Settings, live: Live) -> Iterator[Problem]:
    """Yields a problem if the zones of the control plane differ from those of its creation."""
    if frozenset(settings.network.control_plane_zones) != live.control_plane_zones:
        message = (
            "cannot change: EKS keeps the zones in which the cluster was created; write "
            f"[{', '.join(sorted(live.control_plane_zones))}]"
        )
        yield Problem(key=f"{NAMESPACE}:network.controlPlaneZones", message=message)


def subnet_problems(settings: Settings, live: Live) -> Iterator[Problem]:
    """Yields a problem for each zone of an existing VPC whose nodes run in another subnet."""
    existing = settings.network.existing
    for zone, subnet in existing.private_subnets.items() if existing else ():
        in_other_subnets = [
            group
            for group in _remaining(live)
            if group.pool in settings.pools
            and zone in group.shape.zones
            and subnet not in group.subnets
        ]
        for group in in_other_subnets[:1]:
            message = (
                f"cannot change while node group {group.name} is in "
                f"{' and '.join(group.subnets)}: a node group keeps its subnets; write the "
                f"previous subnet, use another zone, or use another pool instead of {group.pool}"
            )
            key = f"{NAMESPACE}:network.existing.privateSubnets.{zone}"
            yield Problem(key=key, message=message)


def pool_problems(settings: Settings, live: Live, cell: str) -> Iterator[Problem]:
    """Yields a problem for each pool whose node groups cannot change in place.

    A pool with two node groups in a zone is in the middle of a replacement.
    """
    remaining = _remaining(live)
    for name, pool in settings.pools.items():
        groups = [each for each in remaining if each.pool == name]
        key = f"{NAMESPACE}:pools.{name}"
        command = f"make replace-nodes STACK={cell} POOL={name}"
        zones_with_two = [
            zone for zone, n in Counter(each.zone for each in groups).items() if n > 1
        ]
        if zones_with_two:
            names = " and ".join(each.name for each in groups if each.zone == zones_with_two[0])
            message = (
                f"the replacement of the nodes is not complete: {zones_with_two[0]} has the node "
                f"groups {names}; run {command}"
            )
            yield Problem(key=key, message=message)
            continue
        for group in [each for each in groups if not _matches_pool(settings, pool, each)][:1]:
            yield from _changes(settings, key, pool, group, command)


def _remaining(live: Live) -> Sequence[NodeGroup]:
    """Returns the node groups that are not being deleted."""
    return [each for each in live.node_groups if each.status != "DELETING"]


def _matches_pool(settings: Settings, pool: Pool, group: NodeGroup) -> bool:
    """True if a node group has the shape that its pool requires, or its zone is removed."""
    zones = pool.node_groups(settings.network.zones)
    if group.zone in zones:
        return group.shape == shape_of(pool, zones[group.zone])
    return pool.layout == "perZone" and group.zone != SPANNING


def _changes(
    settings: Settings, key: str, pool: Pool, group: NodeGroup, command: str
) -> Iterator[Problem]:
    zones_of_groups = pool.node_groups(settings.network.zones)
    if group.zone not in zones_of_groups:
        layout = "spanning" if group.zone == SPANNING else "perZone"
        message = (
            f"cannot change: node group {group.name} was created for layout {layout}; write "
            f"{layout}, or add another pool and then remove this one (docs/replace-nodes.md)"
        )
        yield Problem(key=f"{key}.layout", message=message)
        return
    now, wanted = group.shape, shape_of(pool, zones_of_groups[group.zone])
    for place, new, old in (
        (f"{key}.amiType", wanted.ami_type, now.ami_type),
        (f"{key}.capacityType", wanted.capacity_type, now.capacity_type),
        (f"{key}.instanceTypes", wanted.instance_types, now.instance_types),
        (f"{NAMESPACE}:network.zones", wanted.zones, now.zones),
    ):
        if new != old:
            message = (
                f"cannot change in place: node group {group.name} has {_display(old)}; "
                f"run {command} to replace the nodes zone by zone (docs/replace-nodes.md)"
            )
            yield Problem(key=place, message=message)


def _display(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ", ".join(value) or "one instance type"
