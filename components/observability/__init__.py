"""Logs and metrics of nodes and pods, and the way of traces out of the cluster."""

from components.observability.agent import AGENT_LABELS, AGENT_NAMESPACE, AGENT_PORTS, AGENT_URL
from components.observability.fluent_bit import EXCLUDED
from components.observability.observability import Observability, ObservabilityArgs

__all__ = [
    "AGENT_LABELS",
    "AGENT_NAMESPACE",
    "AGENT_PORTS",
    "AGENT_URL",
    "EXCLUDED",
    "Observability",
    "ObservabilityArgs",
]
