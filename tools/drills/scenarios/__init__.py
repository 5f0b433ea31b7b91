"""The scenarios of a drill. Each causes a failure, and compares what is seen with the claim."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from core.facts.versions.charts import AWS_LOAD_BALANCER_CONTROLLER
from tools.drills.charts import FOLDER as CHARTS_FOLDER
from tools.drills.deployed_cell import DeployedCell
from tools.drills.drill import Drill
from tools.drills.result import Result
from tools.drills.scenarios import (
    burst,
    drain,
    events,
    impairment,
    node_loss,
    out_of_stock,
    outages,
    provider,
    remedies,
    replace_nodes,
    rollout,
    termination,
    zone_loss,
)
from tools.toolchain import (
    HAPROXY,
    KUBECTL,
    METRICS_SERVER,
    PULUMI,
    PULUMI_KUBERNETES,
    VEGETA,
    Tool,
)


@dataclass(frozen=True)
class Scenario:
    """A failure or another event in a running cell."""

    run: Callable[[Drill], Iterator[Result]]
    needs: tuple[Tool, ...] = ()
    """Programs besides those of the control plane. The scenario finds their paths in
    `Drill.programs`."""
    given: tuple[str, ...] = ()
    """Parts among `Drill.programs` that only the user can provide, by name."""
    alone: bool = False
    """True if no other scenario may run at the same time, because the scenario needs all cores."""


@dataclass(frozen=True)
class StackScenario:
    """Engine commands and events in a cell of its own, which the real engine deploys."""

    run: Callable[[DeployedCell], Iterator[Result]]
    needs: tuple[Tool, ...] = (PULUMI, PULUMI_KUBERNETES)
    """Programs besides those of the control plane."""
    given: tuple[str, ...] = ()
    """Parts that only the user can provide, by name."""


def _readiness_gates(drill: Drill) -> Iterator[Result]:
    """Rolls out exposed apps with the readiness gates of the real AWS Load Balancer Controller."""
    # Imported here, because it needs moto, which is not in requirements.txt.
    from tools.drills.scenarios.readiness_gates import readiness_gates

    return readiness_gates(drill)


SCENARIOS: Mapping[str, Scenario | StackScenario] = {
    "zones": Scenario(zone_loss.without_eviction),
    "shift": Scenario(outages.zonal_shift),
    "api-server": Scenario(outages.api_server_stopped),
    "part": Scenario(node_loss.lose_part_of_zone),
    "events": Scenario(events.after_events),
    "node": Scenario(node_loss.lose_node),
    "drain": Scenario(drain.drain_zone),
    "drain-at-once": Scenario(drain.drain_zone_at_once),
    "replace-nodes": Scenario(replace_nodes.replace_nodes, needs=(KUBECTL,)),
    "rollout": Scenario(rollout.rolling_update),
    "bad-release": Scenario(rollout.bad_release),
    "rollout-zone": Scenario(rollout.zone_lost),
    "webhook": Scenario(outages.webhook_down),
    "readiness-gates": Scenario(
        _readiness_gates, given=(AWS_LOAD_BALANCER_CONTROLLER.name, CHARTS_FOLDER)
    ),
    "eviction": Scenario(zone_loss.with_eviction),
    "burst": Scenario(burst.with_headroom, needs=(METRICS_SERVER,)),
    "burst-without-headroom": Scenario(burst.without_headroom, needs=(METRICS_SERVER,)),
    "out-of-stock": Scenario(out_of_stock.burst_without_stock, needs=(METRICS_SERVER,)),
    "provider": StackScenario(provider.life_of_a_stack),
    "remedies": StackScenario(remedies.remedies),
    "termination": Scenario(termination.pods_terminated, needs=(HAPROXY, VEGETA), alone=True),
    "impairment": Scenario(impairment.zone_impaired, needs=(HAPROXY, VEGETA), alone=True),
}
"""All scenarios by name, in the order in which they run."""

RECORDED = [name for name, each in SCENARIOS.items() if not each.given]
"""Scenarios of a recorded drill: those that need no part of the user."""

LONG = ("remedies", "provider", "drain", "replace-nodes", "eviction", "burst")
"""Scenarios of more than 80 seconds. If several cells run scenarios, they begin with these."""
