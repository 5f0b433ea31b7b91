"""What do the logs say?"""

from collections.abc import Iterator

from components.dashboard.grid import Row
from components.dashboard.widgets import Table
from components.watched import Watched
from core.log_queries import REFUSED_NODES, errors_of_apps


def logs(watched: Watched) -> Iterator[Row]:
    """The last errors of apps whose logs are kept, and of the autoscaler."""
    kept = [name for name, app in watched.apps.items() if app.logs.collected]
    queries = [*([errors_of_apps(kept)] if kept else []), REFUSED_NODES]
    yield Row(
        [
            Table(title=query.name, query=query, log_group=watched.log_groups[query.group])
            for query in queries
        ],
        8,
    )
