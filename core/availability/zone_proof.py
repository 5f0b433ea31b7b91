"""Proof that a cell survives the loss of a zone, with the effects of other failures beside it.

A zone's loss is calculated once, with the fullest zone of every workload, because each zone can be
the fullest one. The result is therefore a lower bound for each zone.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.availability.failures import Cell, Failure, cell_at_rest, fail
from core.availability.zone_failure import is_evicted
from core.availability.zone_loss import ZoneModel, sum_of

PART_OF_A_ZONE = 0.6
"""Share of the nodes of a zone that fail together in the scenario of a part of a zone."""

ScenarioKind = Literal["zone", "node", "part of a zone", "spot pool", "two zones"]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A failure, and its effects."""

    kind: ScenarioKind
    """zone, two zones: all nodes of the zones. node: the node whose pods request most, in the
    fullest zone. part of a zone: 60% of the nodes of the fullest zone. spot pool: an interruption
    of all nodes of the pool."""
    zones: Sequence[str]
    """Names of the zones in the order of the numbers in `failure`."""
    failure: Failure
    lost_zones: Sequence[str] = ()
    """Names of the zones whose nodes all fail."""
    pool: str = ""
    """Name of the spot pool."""
    eviction: bool = True
    """True if Kubernetes evicts the pods of the failed nodes; False if it may leave them."""
    also: Sequence[str] = ()
    """Further effects, such as the loss of a NAT gateway."""


@dataclass(frozen=True, kw_only=True)
class ZoneLossProof:
    """Effects of failures on a cell at rest."""

    zones: Sequence[Scenario]
    """The loss of each zone in service; empty if only one zone is in service."""
    others: Sequence[Scenario]
    """Further failures, for which ha-eks makes no claim."""
    at_rest: Cell
    """Nodes and pods before a failure."""

    @property
    def holds(self) -> bool:
        """True if the loss of any zone leaves the needed pods of each app without evictions."""
        return bool(self.zones) and not any(each.failure.below_needed for each in self.zones)

    @property
    def complete(self) -> bool:
        """True if, in addition, all evicted pods start on existing nodes, and nothing else fails
        with a zone."""
        return self.holds and not any(each.failure.waiting or each.also for each in self.zones)


def zone_loss_proof(
    model: ZoneModel,
    zones: Sequence[str],
    *,
    spot: Collection[str] = (),
    also: Mapping[str, Sequence[str]] | None = None,
) -> ZoneLossProof:
    """Returns the effects of all failures on a cell.

    `zones` are the zones in service, `spot` the names of the spot pools, and `also` further effects
    of the loss of a zone, by its name.
    """
    cell, further = cell_at_rest(model), also or {}
    failure = fail(model, cell, _in(cell, {0}))
    return ZoneLossProof(
        zones=[
            Scenario(
                kind="zone",
                zones=[zone, *(other for other in zones if other != zone)],
                failure=failure,
                lost_zones=[zone],
                eviction=False,
                also=further.get(zone, ()),
            )
            for zone in (zones if len(zones) > 1 else ())
        ],
        others=_others(model, cell, zones, spot),
        at_rest=cell,
    )


def _others(
    model: ZoneModel, cell: Cell, zones: Sequence[str], spot: Collection[str]
) -> Sequence[Scenario]:
    first = sorted(_in(cell, {0}), key=lambda index: -_requested(cell, index))
    found: list[Scenario] = []
    if first:
        failure = fail(model, cell, first[:1])
        found.append(Scenario(kind="node", zones=zones, failure=failure))
    part = math.ceil(PART_OF_A_ZONE * len(first))
    if part < len(first):
        failure, evicted = fail(model, cell, first[:part]), is_evicted(part, len(first))
        found.append(
            Scenario(kind="part of a zone", zones=zones, failure=failure, eviction=evicted)
        )
    for pool in model.pools:
        nodes = [index for index, node in enumerate(cell.nodes) if node.pool == pool]
        if pool in spot and nodes:
            failure = fail(model, cell, nodes)
            found.append(Scenario(kind="spot pool", zones=zones, failure=failure, pool=pool))
    if len(zones) > 2:
        both = [fail(model, cell, _in(cell, {0, other})) for other in range(1, len(zones))]
        worst = max(both, key=lambda each: (len(each.below_needed), each.lost))
        lost = [zones[0], zones[both.index(worst) + 1]]
        found.append(
            Scenario(kind="two zones", zones=zones, failure=worst, lost_zones=lost, eviction=False)
        )
    return found


def _in(cell: Cell, zones: Collection[int]) -> list[int]:
    """Returns the indexes of the nodes in some zones."""
    return [index for index, node in enumerate(cell.nodes) if node.zone in zones]


def _requested(cell: Cell, index: int) -> int:
    """Returns the size of the requests of a node's pods, without headroom."""
    return sum_of([pod for pod in cell.nodes[index].pods if not pod.headroom]).size
