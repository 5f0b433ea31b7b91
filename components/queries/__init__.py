"""What lets apps scale on metrics of their own: Amazon Managed Prometheus, and KEDA to ask it."""

from components.queries.queries import Queries, QueriesArgs, Source

__all__ = ["Queries", "QueriesArgs", "Source"]
