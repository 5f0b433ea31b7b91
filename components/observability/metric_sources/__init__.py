"""What of a cell is watched."""

from components.observability.metric_sources.metric_sources import MetricSources
from components.observability.metric_sources.series import Series

__all__ = ["MetricSources", "Series"]
