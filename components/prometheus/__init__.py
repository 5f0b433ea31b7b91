"""What lets apps scale on metrics of their own: Amazon Managed Prometheus, and KEDA to ask it."""

from components.prometheus.prometheus import Prometheus, PrometheusArgs, Source

__all__ = ["Prometheus", "PrometheusArgs", "Source"]
