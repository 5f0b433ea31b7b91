"""The scenarios of a drill. Each causes a failure, and compares what is seen with the claim."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tools.drills.drill import Drill
from tools.drills.result import Result
from tools.drills.scenarios import burst, drain, node_loss, rollout, zone_loss
from tools.toolchain import METRICS_SERVER, Tool


@dataclass(frozen=True)
class Scenario:
    """A failure or another event in a running cell."""

    run: Callable[[Drill], Iterator[Result]]
    needs: tuple[Tool, ...] = ()
    """Programs besides those of the control plane. The scenario finds their paths in
    `Drill.programs`."""


SCENARIOS: Mapping[str, Scenario] = {
    "zones": Scenario(zone_loss.without_eviction),
    "part": Scenario(node_loss.lose_part_of_zone),
    "events": Scenario(zone_loss.after_events),
    "node": Scenario(node_loss.lose_node),
    "drain": Scenario(drain.drain_zone),
    "rollout": Scenario(rollout.rolling_update),
    "eviction": Scenario(zone_loss.with_eviction),
    "burst": Scenario(burst.with_headroom, needs=(METRICS_SERVER,)),
    "burst-without-headroom": Scenario(burst.without_headroom, needs=(METRICS_SERVER,)),
}
"""All scenarios by name, in the order in which they run."""
