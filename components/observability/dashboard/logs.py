"""Dashboard section with the last errors in the logs."""

from collections.abc import Iterator

from components.observability.dashboard.grid import Row
from components.observability.dashboard.widgets import Table
from components.observability.metric_sources import MetricSources
from core.log_queries import NO_SCALE_UP, app_errors


def log_rows(sources: MetricSources) -> Iterator[Row]:
    """Yields the last errors of apps with collected logs, and those of the Cluster Autoscaler."""
    collected = [name for name, app in sources.apps.items() if app.logs.collected]
    queries = [*([app_errors(collected)] if collected else []), NO_SCALE_UP]
    yield Row(
        [
            Table(title=query.name, query=query, log_group=sources.log_groups[query.log_group])
            for query in queries
        ],
        8,
    )
