"""How many pods an app has and what its number follows: what the claim allows of it."""

from collections.abc import Iterator

from core.availability.replicas import cpu_target, minimum_replicas
from settings.app.apps import App
from settings.availability import pools_of
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings


def _apps(settings: Settings) -> Iterator[tuple[str, App]]:
    """Key and settings of each app."""
    for name, app in settings.apps.items():
        yield f"{NAMESPACE}:apps.{name}", app


def _minimum(settings: Settings) -> Iterator[Problem]:
    zones = settings.network.effective_zones
    for key, app in _apps(settings):
        replicas = app.replicas
        if app.volume:
            continue
        derived = minimum_replicas(replicas.needed, zones)
        why = f"{replicas.needed} needed with one of {zones} zones lost makes {derived} at least"
        if replicas.min is not None and replicas.min < derived:
            left = replicas.min - -(-replicas.min // zones)
            yield Problem(
                key=f"{key}.replicas.min",
                value=replicas.min,
                message=f"{derived} or more: {why}; {replicas.min} would leave {left}",
            )
        least = max(derived, replicas.minimum(zones))
        if replicas.max < least:
            yield Problem(
                key=f"{key}.replicas.max",
                value=replicas.max,
                message=f"{least} or more: {why if least == derived else 'that is min'}",
            )


def _evictions(settings: Settings) -> Iterator[Problem]:
    zones = settings.network.effective_zones
    for key, app in _apps(settings):
        own, least = app.replicas.max_unavailable, app.replicas.minimum(zones)
        if own is None:
            continue
        spare = max(1, least - app.replicas.needed)
        if own < 1:
            yield Problem(
                key=f"{key}.replicas.maxUnavailable",
                value=own,
                message=f"1 to {spare}: at {own} no pod may be evicted, and no node drained",
            )
        elif own > spare:
            yield Problem(
                key=f"{key}.replicas.maxUnavailable",
                value=own,
                message=f"1 to {spare}: {least} at least − {app.replicas.needed} needed; {own} "
                f"evicted at once would leave {least - own}",
            )


def _targets(settings: Settings) -> Iterator[Problem]:
    zones = settings.network.effective_zones
    most = cpu_target(zones)
    for key, app in _apps(settings):
        for name, own in (
            ("cpuPercent", app.scaling.cpu_percent),
            ("memoryPercent", app.scaling.memory_percent),
        ):
            if own is not None and own > most:
                yield Problem(
                    key=f"{key}.scaling.{name}",
                    value=own,
                    message=f"10 to {most}: 90 % × {zones - 1} / {zones} zones; the loss of a "
                    f"zone makes {own} % {-(-own * zones // (zones - 1))} % in the others",
                )


def _nodes_for_one_each(settings: Settings) -> Iterator[Problem]:
    zones = len(settings.network.zones_in)
    for key, app in _apps(settings):
        nodes = zones * sum(pool.per_zone.max for pool in pools_of(settings, app).values())
        if app.spread.one_per_node and nodes and app.replicas.max > nodes:
            yield Problem(
                key=f"{key}.replicas.max",
                value=app.replicas.max,
                message=f"at most {nodes}: it runs one on a node, and its pools have no more nodes",
            )


def _not_on_spot_alone(settings: Settings) -> Iterator[Problem]:
    for key, app in _apps(settings):
        pools = pools_of(settings, app)
        if (
            pools
            and not app.volume
            and all(pool.capacity_type == "SPOT" for pool in pools.values())
        ):
            needed, least = (
                app.replicas.needed,
                app.replicas.minimum(settings.network.effective_zones),
            )
            yield Problem(
                key=f"{key}.pool",
                value=app.pool or sorted(pools),
                message=f"an ON_DEMAND pool, alone or beside: of {least} pods {needed} are to be "
                "left when a zone is lost, and spot instances may go in all zones at once",
            )


def _metrics(settings: Settings) -> Iterator[Problem]:
    shown = [app for _, app in _apps(settings) if app.metrics]
    for key, app in _apps(settings):
        if app.metrics and app.metrics.port not in app.ports:
            yield Problem(
                key=f"{key}.metrics.port",
                value=app.metrics.port,
                message=f"one of its ports: {', '.join(sorted(app.ports))}",
            )
        if app.scaling.prometheus and not shown:
            yield Problem(
                key=f"{key}.scaling.prometheus",
                value=sorted(app.scaling.prometheus),
                message="a query on metrics that are collected: those of apps with `metrics`, and "
                "there is none",
            )


RULES = (_minimum, _evictions, _targets, _nodes_for_one_each, _not_on_spot_alone, _metrics)
