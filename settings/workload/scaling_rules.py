"""Rules for replicas and scaling: after a zone failure, enough pods remain."""

from collections.abc import Iterator

from core.availability.cpu_target import CPU_PERCENT_AFTER_ZONE_LOSS, cpu_target
from core.availability.replicas import minimum_replicas
from settings.availability import pools_of
from settings.reading.problem import Problem
from settings.reading.wording import counted
from settings.stack import Settings

_MAX_QUEUES = 75
"""Number of queues with the longest names that fit into an inline IAM policy."""


def _minimum(settings: Settings) -> Iterator[Problem]:
    zones = settings.network.effective_zones
    for name, app in settings.replicated.items():
        replicas = app.replicas
        lowest = minimum_replicas(replicas.needed, zones)
        reason = f"{counted(replicas.needed, 'pod')} must remain if one of {zones} zones fails"
        if replicas.min is not None and replicas.min < lowest:
            yield Problem(
                key=settings.key_of(name, "replicas.min"),
                message=f"must be at least {lowest}: {reason}; {_remaining(replicas.min, zones)}",
            )
        minimum = max(lowest, replicas.minimum(zones))
        if replicas.max < minimum:
            reason = f"{reason}; {_remaining(replicas.max, zones)}"
            if minimum > lowest:
                reason = f"replicas.min is {minimum}"
            yield Problem(
                key=settings.key_of(name, "replicas.max"),
                message=f"must be at least {minimum}: {reason}",
            )


def _remaining(pods: int, zones: int) -> str:
    """Returns a clause: the pods that would remain if the zone with the most pods failed."""
    return f"with {counted(pods, 'pod')}, {pods - -(-pods // zones)} would remain"


def _evictions(settings: Settings) -> Iterator[Problem]:
    zones = settings.network.effective_zones
    for name, app in settings.replicated.items():
        configured, minimum = app.replicas.max_unavailable, app.replicas.minimum(zones)
        if configured is None:
            continue
        maximum = max(1, minimum - app.replicas.needed)
        allowed = f"must be between 1 and {maximum}" if maximum > 1 else "must be 1"
        if configured < 1:
            yield Problem(
                key=settings.key_of(name, "replicas.maxUnavailable"),
                message=f"{allowed}: if no pod may be evicted, no node can be drained",
            )
        elif configured > maximum:
            yield Problem(
                key=settings.key_of(name, "replicas.maxUnavailable"),
                message=f"{allowed}: minimum {minimum} − needed {app.replicas.needed} = "
                f"{minimum - app.replicas.needed}; after {configured} evictions at once, "
                f"{counted(max(0, minimum - configured), 'pod')} would remain",
            )


def _targets(settings: Settings) -> Iterator[Problem]:
    zones = settings.network.effective_zones
    maximum = cpu_target(zones)
    for name, app in settings.replicated.items():
        for field, configured in (
            ("cpuPercent", app.scaling.cpu_percent),
            ("memoryPercent", app.scaling.memory_percent),
        ):
            if configured is not None and configured > maximum:
                after_failure = -(-configured * zones // (zones - 1))
                yield Problem(
                    key=settings.key_of(name, f"scaling.{field}"),
                    message=f"must be at most {maximum}: {CPU_PERCENT_AFTER_ZONE_LOSS}% × "
                    f"{zones - 1} / {zones}; with a target of {configured}%, a zone failure would "
                    f"raise the utilization in the other zones to {after_failure}%",
                )


def _one_pod_per_node(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each workload whose rollout has no node for a new pod.

    A rollout terminates an old pod only after a new pod is ready. The rule includes the nodes of
    zones that are out of service, so that the workload is not refused during an outage.
    """
    zones = len(settings.network.zones)
    for name, app in settings.replicated.items():
        max_nodes = zones * sum(pool.per_zone.max for pool in pools_of(settings, app).values())
        if app.spread.one_per_node and 0 < max_nodes < app.replicas.max + 1:
            yield Problem(
                key=settings.key_of(name, "replicas.max"),
                message=f"must be at most {max_nodes - 1}: with spread.nodes: alone, each pod "
                "needs a node, a rollout needs one more, and its pools have at most "
                f"{max_nodes} nodes",
            )


def _not_only_on_spot(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.replicated.items():
        pools = pools_of(settings, app)
        if pools and all(pool.capacity_type == "SPOT" for pool in pools.values()):
            minimum = app.replicas.minimum(settings.network.effective_zones)
            remedy = (
                "write an ON_DEMAND pool" if app.pool else "add an ON_DEMAND pool without taints"
            )
            yield Problem(
                key=settings.key_of(name, "pool"),
                message="the pods run only on spot instances, which can terminate in all zones at "
                f"once, but {app.replicas.needed} of {minimum} pods must remain when a zone fails; "
                f"{remedy}",
            )


def _metrics(settings: Settings) -> Iterator[Problem]:
    has_metrics = any(each.metrics for each in settings.deployments.values())
    for name, each in settings.deployments.items():
        if each.metrics and each.metrics.port not in each.ports:
            ports = ", ".join(each.ports)
            yield Problem(
                key=settings.key_of(name, "metrics.port"),
                message=f"must be the name of a port of the pods: {ports}"
                if ports
                else "there is no port; add the port of the metrics to otherPorts",
            )
    for name, app in settings.replicated.items():
        if app.scaling.prometheus and not has_metrics:
            yield Problem(
                key=settings.key_of(name, "scaling.prometheus"),
                message="Prometheus has no metrics, because no workload has a metrics section; "
                "add metrics to a workload",
            )


def _queues(settings: Settings) -> Iterator[Problem]:
    region = settings.aws.region
    for name, app in settings.replicated.items():
        for queue_name, queue in app.scaling.queues.items():
            key = settings.key_of(name, f"scaling.queues.{queue_name}")
            if queue.region != region:
                yield Problem(
                    key=f"{key}.queue",
                    message=f"the queue is in {queue.region}, but the cell is in {region}, and "
                    "must not depend on another region; write a queue in "
                    f"{region}, or move the workload to a cell in {queue.region}",
                )
            if queue_name in app.scaling.prometheus:
                yield Problem(
                    key=key,
                    message="scaling.prometheus has the same name; write another name",
                )


def _many_queues(settings: Settings) -> Iterator[Problem]:
    """Yields a problem if KEDA's inline policy could exceed 10,240 characters.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    first: dict[str, str] = {}
    for name, app in settings.replicated.items():
        for queue_name, queue in app.scaling.queues.items():
            first.setdefault(queue.queue, settings.key_of(name, f"scaling.queues.{queue_name}"))
    for key in [*first.values()][_MAX_QUEUES:][:1]:
        yield Problem(
            key=key,
            message=f"the cell scales on {len(settings.queues)} queues, but the IAM policy "
            f"of KEDA has space for {_MAX_QUEUES}; scale fewer workers on queues",
        )


RULES = (
    _minimum,
    _evictions,
    _targets,
    _one_pod_per_node,
    _not_only_on_spot,
    _metrics,
    _queues,
    _many_queues,
)
