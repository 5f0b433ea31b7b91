"""A time series of CloudWatch: one metric, its dimensions, one statistic."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from core.facts.metrics import Metric


@dataclass(frozen=True, kw_only=True)
class Series:
    """A metric with the dimensions of one resource, and one statistic.

    Raises ValueError if the metric is not published with these dimensions.
    """

    metric: Metric
    """The metric."""
    dimensions: Mapping[str, pulumi.Input[str]] = field(
        default_factory=dict[str, pulumi.Input[str]]
    )
    """Values of the dimensions, by name."""
    statistic: str
    """Sum, Minimum, Maximum, Average, or a percentile such as p99."""
    period: int = 60
    """Period in seconds, a multiple of 60."""

    def __post_init__(self) -> None:
        """Refuses a series that would never have data."""
        if not self.metric.is_published(self.dimensions, self.statistic):
            names = ", ".join(sorted(self.dimensions)) or "no dimensions"
            raise ValueError(
                f"{self.metric.namespace} publishes no {self.statistic} of {self.metric.name} "
                f"with {names}; see {self.metric.source}"
            )
