"""Metrics of apps: Amazon Managed Service for Prometheus, and its scraper."""

from components.prometheus.prometheus import Prometheus, PrometheusArgs, Source

__all__ = ["Prometheus", "PrometheusArgs", "Source"]
