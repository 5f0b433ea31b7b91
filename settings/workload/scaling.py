"""Number of an app's pods, and the metrics that the number follows."""

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from core.availability.cpu_target import cpu_target
from core.availability.replicas import minimum_replicas
from settings.reading.section import Section, refuse

_Percent = Annotated[int, Field(ge=10, le=100)]
_Stabilization = Annotated[int, Field(ge=0, le=3600)]
_Period = Annotated[int, Field(ge=1, le=1800)]


_METRIC_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,28}[a-z0-9])?")


def _metric_name(value: str) -> str:
    if not _METRIC_NAME.fullmatch(value):
        raise refuse(
            "must be a name of a-z, 0-9 and -, at most 30 characters, beginning with a letter"
        )
    return value


def _query(value: str) -> str:
    text = value.strip()
    pairs = ("()", "{}", "[]")
    if not text or any(text.count(first) != text.count(last) for first, last in pairs):
        raise refuse(
            "must be a PromQL query with one result, such as sum(rate(requests_total[1m]))"
        )
    return value


_QUEUE = re.compile(r"arn:aws:sqs:[a-z0-9-]+:[0-9]{12}:(?=.{1,80}$)[A-Za-z0-9_-]+(?:\.fifo)?")
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html"""


def _queue_arn(value: str) -> str:
    if not _QUEUE.fullmatch(value):
        raise refuse(
            "must be the ARN of an SQS queue such as arn:aws:sqs:us-east-1:123456789012:jobs"
        )
    return value


class Replicas(Section):
    """Number of an app's pods, in all zones together."""

    needed: Annotated[int, Field(ge=1, le=1000)]
    """Number of pods that carry the app's usual load, and that remain if a zone fails."""
    max: Annotated[int, Field(ge=1, le=5000)]
    """Highest number of pods; at least the minimum."""
    min: Annotated[int, Field(ge=1, le=5000)] | None = None
    """Lowest number of pods. Default, and lowest value: `needed` × zones / (zones − 1), rounded
    up."""
    max_unavailable: Annotated[int, Field(ge=0, le=5000)] | None = None
    """Number of pods that may be evicted at once, 1 or more. Default, and highest value: the
    minimum − `needed`."""

    def minimum(self, zones: int) -> int:
        """Returns the minimum number of pods for a number of effective zones."""
        return minimum_replicas(self.needed, zones) if self.min is None else self.min

    def disruption_budget(self, zones: int) -> int:
        """Returns the number of pods that may be evicted at once, by number of effective zones."""
        written = self.max_unavailable
        return self.minimum(zones) - self.needed if written is None else written


class Query(Section):
    """A Prometheus metric that the number of pods follows."""

    query: Annotated[str, AfterValidator(_query)]
    """PromQL query whose result is one number: the load of all pods together."""
    target_per_pod: Annotated[float, Field(ge=0.1, le=1e12)]
    """Highest load of one pod, in the unit of the query, with a resolution of 0.001. Autoscaling
    aims at the same percentage of this value as the CPU target is of the CPU requests."""


class Queue(Section):
    """An SQS queue whose messages the number of pods follows."""

    queue: Annotated[str, AfterValidator(_queue_arn)]
    """ARN of a standard or FIFO queue in the region of the cell. KEDA reads the number of messages
    that wait or are in flight. A queue of another account needs a queue policy that allows KEDA's
    role `sqs:GetQueueAttributes`."""
    messages_per_pod: Annotated[int, Field(ge=1, le=1_000_000_000)]
    """Highest number of messages for one pod: those that it works on, and those that may wait for
    it. Autoscaling aims at the same percentage of this value as the CPU target is of the CPU
    requests, rounded down, but at least one message."""

    @property
    def region(self) -> str:
        """Region of the queue."""
        return self.queue.split(":")[3]

    @property
    def url(self) -> str:
        """URL of the queue.

        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
        """
        account, name = self.queue.split(":")[4:]
        return f"https://sqs.{self.region}.amazonaws.com/{account}/{name}"


class ScaleUp(Section):
    """Rate at which pods are added: in each period, `percent` of the pods or `pods`, whichever is
    more."""

    stabilization_seconds: _Stabilization = 0
    """Time for which the load must be high before pods are added."""
    percent: Annotated[int, Field(ge=1, le=1000)] = 100
    """Pods added per period, as a percentage of the current number."""
    pods: Annotated[int, Field(ge=1, le=1000)] = 4
    """Number of pods added per period."""
    period_seconds: _Period = 15
    """Length of a period."""


class ScaleDown(Section):
    """Rate at which pods are removed."""

    stabilization_seconds: _Stabilization = 300
    """Time for which the load must be low before pods are removed."""
    percent: Annotated[int, Field(ge=1, le=100)] = 10
    """Pods removed per period, as a percentage of the current number; at least one pod."""
    period_seconds: _Period = 60
    """Length of a period."""


class Scaling(Section):
    """Metrics that the number of pods follows. The metric that requires the most pods decides."""

    cpu_percent: _Percent | None = None
    """CPU target, as a percentage of the CPU requests. Default, and highest value: 90 × (zones − 1)
    / zones, so that the failure of a zone raises the CPU utilization of the other pods to 90%."""
    memory_percent: _Percent | None = None
    """Memory target, as a percentage of the memory requests; at most 90 × (zones − 1) / zones.
    Default: the number of pods does not depend on memory."""
    container_only: bool | None = None
    """True: the CPU and memory targets apply to the app's container only. False: the targets apply
    to the whole pod, including sidecars and containers that webhooks inject; an idle sidecar then
    lowers the utilization. Default: true if the workload has `sidecars`."""
    prometheus: dict[Annotated[str, AfterValidator(_metric_name)], Query] = Field(
        default_factory=dict[str, Query]
    )
    """Prometheus queries, by a name of your choice of at most 30 characters. Needs an app with
    `metrics`. KEDA then scales the app."""
    queues: dict[Annotated[str, AfterValidator(_metric_name)], Queue] = Field(
        default_factory=dict[str, Queue]
    )
    """SQS queues, by a name of your choice of at most 30 characters. KEDA then scales the app."""
    up: ScaleUp = ScaleUp()
    """Rate at which pods are added."""
    down: ScaleDown = ScaleDown()
    """Rate at which pods are removed."""

    def cpu_target(self, zones: int) -> int:
        """Returns the CPU target in percent for a number of effective zones."""
        return cpu_target(zones) if self.cpu_percent is None else self.cpu_percent

    @property
    def by_keda(self) -> bool:
        """True if KEDA scales the app: on queries or queues."""
        return bool(self.prometheus or self.queues)

    def resource_targets(self, zones: int) -> Iterator[tuple[str, int]]:
        """Yields the resources to scale on, with their target in percent of the requests."""
        yield "cpu", self.cpu_target(zones)
        if self.memory_percent is not None:
            yield "memory", self.memory_percent
