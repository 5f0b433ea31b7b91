"""How many pods an app has, when it gets more, and how fast."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from core.availability.replicas import cpu_target, minimum_replicas
from settings.reading.section import Section, refuse

_Percent = Annotated[int, Field(ge=10, le=100)]
_Stabilization = Annotated[int, Field(ge=0, le=3600)]
_Period = Annotated[int, Field(ge=1, le=1800)]


_METRIC_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,28}[a-z0-9])?")


def _metric_name(value: str) -> str:
    if not _METRIC_NAME.fullmatch(value):
        raise refuse("a name of a-z, 0-9 and -, at most 30 characters, beginning with a letter")
    return value


def _query(value: str) -> str:
    text = value.strip()
    pairs = ("()", "{}", "[]")
    if not text or any(text.count(first) != text.count(last) for first, last in pairs):
        raise refuse("a PromQL query with one result, such as sum(rate(requests_total[1m]))")
    return value


class Replicas(Section):
    """How many pods, in all zones together."""

    needed: Annotated[int, Field(ge=1, le=1000)]
    """Pods that carry the app's usual load: as many are left when a zone is lost."""
    max: Annotated[int, Field(ge=1, le=5000)]
    """Pods at most."""
    min: Annotated[int, Field(ge=1, le=5000)] | None = None
    """Pods at least; default, and never less: ceil(needed × zones / (zones − 1))."""
    max_unavailable: Annotated[int, Field(ge=0, le=5000)] | None = None
    """Pods that may be evicted at once, at least 1; default, and never more: the minimum less
    `needed`."""

    def least(self, zones: int) -> int:
        """Pods at least, with so many zones that count."""
        return minimum_replicas(self.needed, zones) if self.min is None else self.min

    def evictable(self, zones: int) -> int:
        """Pods that may be evicted at once."""
        own = self.max_unavailable
        return self.least(zones) - self.needed if own is None else own


class Query(Section):
    """A metric of an app, from Prometheus."""

    query: Annotated[str, AfterValidator(_query)]
    """PromQL for the load of all pods together, one number."""
    target_per_pod: Annotated[float, Field(ge=0.1, le=1e12)]
    """How much of it one pod carries at most, in the query's own unit, 0.1 or more: thousandths
    are all that is counted. The target is the same share of it as the CPU target is of the CPU."""


class ScaleUp(Section):
    """How fast pods come: the more of a share and a number, in each period."""

    stabilization_seconds: _Stabilization = 0
    """For how long the load has to be that high, 0 to 3600 s."""
    percent: Annotated[int, Field(ge=1, le=1000)] = 100
    """Of the pods that there are."""
    pods: Annotated[int, Field(ge=1, le=1000)] = 4
    """Pods."""
    period_seconds: _Period = 15
    """1 to 1800 s."""


class ScaleDown(Section):
    """How fast pods go: a share of them in each period."""

    stabilization_seconds: _Stabilization = 300
    """For how long the load has to be that low, 0 to 3600 s."""
    percent: Annotated[int, Field(ge=1, le=100)] = 10
    """Of the pods that there are; one at least."""
    period_seconds: _Period = 60
    """1 to 1800 s."""


class Scaling(Section):
    """What an app's number of pods follows: whichever of its metrics asks for most."""

    cpu_percent: _Percent | None = None
    """CPU target in percent of the requests; default, and never more: 90 × (zones − 1) / zones,
    so that the loss of a zone makes it 90."""
    memory_percent: _Percent | None = None
    """Memory target in percent of the requests, never more than the CPU's can be; default: memory
    counts for nothing."""
    container_only: bool = False
    """Whether CPU and memory are those of the app's own container, and not also of what a webhook
    puts beside it."""
    prometheus: dict[Annotated[str, AfterValidator(_metric_name)], Query] = Field(
        default_factory=dict[str, Query]
    )
    """Metrics from Prometheus, by a name of your own."""
    up: ScaleUp = ScaleUp()
    down: ScaleDown = ScaleDown()

    def cpu(self, zones: int) -> int:
        """CPU target in percent, with so many zones that count."""
        return cpu_target(zones) if self.cpu_percent is None else self.cpu_percent
