"""Scaling on custom metrics: Amazon Managed Service for Prometheus, its scraper, and KEDA."""

from components.prometheus.prometheus import Prometheus, PrometheusArgs, Source

__all__ = ["Prometheus", "PrometheusArgs", "Source"]
