"""The scenarios of a drill. Each causes a failure, and compares what is seen with the claim."""

from collections.abc import Callable, Iterator, Mapping

from tools.drills.drill import Drill
from tools.drills.result import Result
from tools.drills.scenarios import drain, rollout, zone_loss

SCENARIOS: Mapping[str, Callable[[Drill], Iterator[Result]]] = {
    "zones": zone_loss.without_eviction,
    "events": zone_loss.after_events,
    "drain": drain.drain_zone,
    "rollout": rollout.rolling_update,
    "eviction": zone_loss.with_eviction,
}
"""All scenarios by name, in the order in which they run."""
