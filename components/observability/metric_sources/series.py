"""A metric of something in a cell: what alarms and the dashboard are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from core.facts.metrics import Metric


@dataclass(frozen=True, kw_only=True)
class Series:
    """A metric with the dimensions of one thing, and a statistic of each period.

    Raises ValueError if nobody publishes it so.
    """

    metric: Metric
    """The metric."""
    of: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Its dimensions, by name."""
    statistic: str
    """Sum, Minimum, Maximum, Average, or a percentile such as p99."""
    period: int = 60
    """Seconds, in multiples of 60."""

    def __post_init__(self) -> None:
        """Refuses what would never have a value."""
        if not self.metric.published(self.of, self.statistic):
            raise ValueError(f"nobody publishes {self.statistic} of {self.metric.name} {self.of}")
