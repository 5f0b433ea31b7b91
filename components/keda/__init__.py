"""Scaling on Prometheus queries and SQS queues: KEDA."""

from components.keda.keda import Keda, KedaArgs

__all__ = ["Keda", "KedaArgs"]
