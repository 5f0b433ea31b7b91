"""A burst while a zone has no capacity for further nodes."""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from core.availability.burst import ready_if_out_of_stock
from settings.availability import zone_model_of
from tools.drills.drill import DETECTION, Drill
from tools.drills.load import FAST_AUTOSCALER, usual_load
from tools.drills.pod_times import pod_times
from tools.drills.result import Result
from tools.drills.scenarios.burst import SETTLED, raise_load, with_node
from tools.drills.scenarios.cell_changes import same_replicas_afterwards
from tools.drills.scenarios.common import by_zone


def burst_without_stock(drill: Drill) -> Iterator[Result]:
    """Doubles the load of each app while a zone receives no nodes: other zones run the pods."""
    drill.controllers.start({**DETECTION, **FAST_AUTOSCALER})
    drill.wait_until_whole("all pods ready")
    scenario, zone = "burst, zone out of stock", drill.settings.network.zones_in[0]
    with same_replicas_afterwards(drill), usual_load(drill) as load:
        with _no_stock(drill, zone), drill.watch(scenario) as watch, pod_times(drill) as times:
            raise_load(drill, load)
            wanted = {app: drill.replicas(app) for app in drill.settings.replicated}
            computed = ready_if_out_of_stock(
                zone_model_of(drill.settings),
                wanted,
                {n for n, app in drill.settings.replicated.items() if app.spread.zones == "strict"},
            )
            deadline = time.monotonic() + SETTLED + drill.supply.failure_seconds
            while time.monotonic() < deadline and any(
                watch.samples[-1].total(app) < count for app, count in computed.items()
            ):
                time.sleep(1)
            last = watch.samples[-1]
        for app, count in computed.items():
            starts = [each.start for each in times.of(app) if each.start is not None]
            yield Result(
                scenario=scenario,
                subject=f"{zone}: {app}",
                bound="at least",
                computed=count,
                unit="pods serve",
                seen=last.total(app),
                detail=f"of {wanted[app]}, {by_zone(last, app)}",
            )
            yield Result(
                scenario=scenario,
                subject=f"{zone}: {app}",
                bound="at most",
                computed=with_node(drill) + drill.supply.failure_seconds,
                unit="s from the creation of each of these pods to its readiness",
                seen=max(starts, default=None),
                detail="a node that does not arrive, and one in another zone",
            )


@contextmanager
def _no_stock(drill: Drill, zone: str) -> Generator[None]:
    """Delivers no nodes in a zone while the block runs."""
    drill.templates.out_of_stock.add(zone)
    try:
        yield
    finally:
        drill.templates.out_of_stock.discard(zone)
