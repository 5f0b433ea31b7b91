"""Agents on the nodes: the CloudWatch agent for metrics and traces, Fluent Bit for logs."""

from components.observability.agents.agents import Observability, ObservabilityArgs
from components.observability.agents.cloudwatch_agent import (
    AGENT_LABELS,
    AGENT_NAMESPACE,
    AGENT_PORTS,
    AGENT_URL,
)
from components.observability.agents.fluent_bit import EXCLUDED

__all__ = [
    "AGENT_LABELS",
    "AGENT_NAMESPACE",
    "AGENT_PORTS",
    "AGENT_URL",
    "EXCLUDED",
    "Observability",
    "ObservabilityArgs",
]
