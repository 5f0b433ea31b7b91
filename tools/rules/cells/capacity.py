"""MC3: rules about the capacity of the secondary cell for the load of the primary."""

from collections.abc import Iterator

from tools.rules.cells.cells import Cells, at
from tools.rules.rule import Evidence, Rule

_TIERS = ("standard", "tier-xl", "tier-2xl", "tier-4xl", "tier-8xl")


def _workloads(cells: Cells) -> Iterator[Evidence]:
    if cells.pair is None:
        return
    primary, standby = cells.pair
    first, second = (cells.settings[name] for name in cells.pair)
    for name in first.workloads:
        if name not in second.workloads:
            key = first.key_of(name).partition(":")[2]
            yield at(standby, key, f"missing, but {primary} has it; users miss it after a failover")


def _replicas(cells: Cells) -> Iterator[Evidence]:
    if cells.pair is None:
        return
    primary, standby = cells.pair
    first, second = (cells.settings[name] for name in cells.pair)
    for name in {*first.replicated} & {*second.replicated}:
        for field in ("needed", "max"):
            wanted = getattr(first.replicated[name].replicas, field)
            found = getattr(second.replicated[name].replicas, field)
            if found < wanted:
                key = second.key_of(name, f"replicas.{field}").partition(":")[2]
                yield at(
                    standby,
                    key,
                    f"{found}, but {wanted} in {primary}, whose load this cell takes; write "
                    f"{wanted}",
                )


def _nodes(cells: Cells) -> Iterator[Evidence]:
    if cells.pair is None:
        return
    primary, standby = cells.pair
    first, second = (cells.settings[name] for name in cells.pair)
    for name in first.pools:
        if name not in second.pools:
            continue
        one, other = first.pools[name], second.pools[name]
        if one.instance_types != other.instance_types:
            continue
        wanted = one.per_zone.max * len(first.network.zones_in)
        zones = len(second.network.zones_in)
        found = other.per_zone.max * zones
        if found < wanted:
            yield at(
                standby,
                f"pools.{name}.perZone.max",
                f"at most {found} nodes in {zones} zones, but {wanted} in {primary}, whose load "
                f"this cell takes; write {-(-wanted // zones)}",
            )


def _control_plane(cells: Cells) -> Iterator[Evidence]:
    if cells.pair is None:
        return
    primary, standby = cells.pair
    wanted, found = (cells.settings[name].cluster.control_plane_tier for name in cells.pair)
    if _TIERS.index(found) < _TIERS.index(wanted):
        yield at(
            standby,
            "cluster.controlPlaneTier",
            f"{found}, but {wanted} in {primary}, whose load this cell takes; write {wanted}",
        )


def _load_balancer(cells: Cells) -> Iterator[Evidence]:
    if cells.pair is None:
        return
    primary, standby = cells.pair
    wanted, found = (
        cells.settings[name].load_balancing.minimum_capacity_units or 0 for name in cells.pair
    )
    if found < wanted:
        yield at(
            standby,
            "loadBalancing.minimumCapacityUnits",
            f"{found}, but {wanted} in {primary}, whose requests this cell receives at once; write "
            f"{wanted}",
        )


_LATE = "The secondary cell is overloaded when it receives the requests of the primary."

RULES: tuple[Rule[Cells], ...] = (
    Rule(
        id="MC301",
        claim="The secondary cell has all workloads of the primary.",
        why="Users miss a workload after a failover.",
        not_flagged=("workloads that only the secondary cell has", "policies without roles"),
        severity="warning",
        setting="A shared file defines workloads once for all cells (`ha-eks:extends`).",
        find=_workloads,
    ),
    Rule(
        id="MC302",
        claim="The secondary cell can run as many pods of each workload as the primary.",
        why=_LATE,
        not_flagged=("more pods in the secondary cell", "singletons and cron jobs"),
        severity="warning",
        setting="apps.NAME.replicas",
        find=_replicas,
    ),
    Rule(
        id="MC303",
        claim="The pools of the secondary cell can have as many nodes as those of the primary.",
        why=f"{_LATE} `make up` compares the maximum with the quotas of each region.",
        not_flagged=(
            "pools of another name or with other instance types, whose nodes cannot be compared by "
            "number",
        ),
        severity="warning",
        setting="pools.NAME.perZone.max",
        find=_nodes,
    ),
    Rule(
        id="MC304",
        claim="The control plane of the secondary cell has at least the tier of the primary.",
        why=f"{_LATE} https://docs.aws.amazon.com/eks/latest/userguide/"
        "eks-provisioned-control-plane.html",
        not_flagged=("a higher tier in the secondary cell",),
        severity="warning",
        setting="cluster.controlPlaneTier",
        find=_control_plane,
    ),
    Rule(
        id="MC305",
        claim="The load balancer of the secondary cell reserves as much as that of the primary.",
        why="A load balancer without requests is small, and grows within minutes. https://docs.aws."
        "amazon.com/elasticloadbalancing/latest/application/capacity-unit-reservation.html",
        not_flagged=("cells without reserved capacity units", "a higher reservation"),
        severity="warning",
        setting="loadBalancing.minimumCapacityUnits",
        find=_load_balancer,
    ),
)
"""Rules about the capacity of the secondary cell."""
