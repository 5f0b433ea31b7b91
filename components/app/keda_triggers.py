"""Triggers of a ScaledObject of KEDA: CPU, memory, Prometheus queries and SQS queues."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from components.prometheus import Source
from core.availability.cpu_target import cpu_target
from settings.workload.replicated import Replicated
from settings.workload.scaling import Query, Queue

_Spec = Mapping[str, Any]  # Any: JSON of any shape


def triggers(name: str, app: Replicated, zones: int, source: Source | None) -> Iterator[_Spec]:
    """Yields the triggers of the workload `name`. Its TriggerAuthentication has the same name."""
    scaling = app.scaling
    container = name if app.scales_on_container else None
    for resource, target in scaling.resource_targets(zones):
        yield _resource(resource, target, container)
    for metric, query in sorted(scaling.prometheus.items()):
        if source is None:
            raise ValueError(f"{name} scales on queries, but there is no Prometheus server")
        yield _external("prometheus", metric, _query(query, zones, source), name)
    for metric, queue in sorted(scaling.queues.items()):
        yield _external("aws-sqs-queue", metric, _queue(queue, zones), name)


def _resource(resource: str, percent: int, container: str | None) -> _Spec:
    """Returns a metric of pods, or of one of their containers. KEDA's metadata are strings.

    https://github.com/kedacore/keda/blob/v2.20.2/pkg/scalers/cpu_memory_scaler.go
    """
    container_name = {"containerName": container} if container else {}
    metadata = {"value": str(percent), **container_name}
    return {"type": resource, "metricType": "Utilization", "metadata": metadata}


def _external(type_: str, metric: str, metadata: _Spec, authentication: str) -> _Spec:
    return {
        "type": type_,
        "name": metric,
        "metricType": "AverageValue",
        "metadata": metadata,
        "authenticationRef": {"name": authentication},
    }


def _query(query: Query, zones: int, source: Source) -> _Spec:
    """Returns a query for KEDA. A query without a result is an error: as 0, it would scale down.

    https://github.com/kedacore/keda/blob/v2.20.2/pkg/scalers/prometheus_scaler.go
    """
    return {
        "serverAddress": source.address,
        "query": query.query,
        "threshold": _threshold(query.target_per_pod, zones),
        "awsRegion": source.region,
        "ignoreNullValues": "false",
    }


def _threshold(target_per_pod: float, zones: int) -> str:
    """Returns the query value per pod to scale to, as a decimal number without an exponent.

    If a zone fails, the value rises to CPU_PERCENT_AFTER_ZONE_LOSS percent of `target_per_pod`, in
    the same way as the CPU utilization.
    """
    share = Decimal(repr(target_per_pod)) * cpu_target(zones) / 100
    return f"{share.normalize():f}"


def _queue(queue: Queue, zones: int) -> _Spec:
    """Returns a queue for KEDA, whose length per pod is an integer, with the same share.

    Messages in flight count, so that pods are not removed while they work.
    https://github.com/kedacore/keda/blob/v2.20.2/pkg/scalers/aws_sqs_queue_scaler.go
    """
    return {
        "queueURL": queue.url,
        "queueLength": str(max(1, queue.messages_per_pod * cpu_target(zones) // 100)),
        "awsRegion": queue.region,
        "scaleOnInFlight": "true",
    }
