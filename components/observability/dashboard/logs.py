"""What do the logs say?"""

from collections.abc import Iterator

from components.observability.dashboard.grid import Row
from components.observability.dashboard.widgets import Table
from components.observability.metric_sources import MetricSources
from core.log_queries import REFUSED_NODES, errors_of_apps


def logs(metric_sources: MetricSources) -> Iterator[Row]:
    """The last errors of apps whose logs are kept, and of the autoscaler."""
    kept = [name for name, app in metric_sources.apps.items() if app.logs.collected]
    queries = [*([errors_of_apps(kept)] if kept else []), REFUSED_NODES]
    yield Row(
        [
            Table(title=query.name, query=query, log_group=metric_sources.log_groups[query.group])
            for query in queries
        ],
        8,
    )
