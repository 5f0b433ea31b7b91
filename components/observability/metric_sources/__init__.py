"""Metric sources of a cell, shared by the alarms and the dashboard."""

from components.observability.metric_sources.metric_sources import (
    MetricSources,
    TargetGroup,
)
from components.observability.metric_sources.series import Series

__all__ = ["MetricSources", "Series", "TargetGroup"]
