"""The CloudWatch agent on every node: what it collects, what it is given, and where apps find it.

Without `application_signals` in its configuration, the add-on's webhook instruments no app by
itself. Keys of the agent:
https://github.com/aws/amazon-cloudwatch-agent/blob/main/translator/config/schema.json
"""

from collections.abc import Mapping

from settings.observability.observability import Agent
from settings.reading.quantities import millicores

AGENT_NAMESPACE = "amazon-cloudwatch"
"""The add-on's own."""

AGENT_LABELS = {"app.kubernetes.io/component": "amazon-cloudwatch-agent"}
"""Of the agents, and of those that their Service sends to.
https://github.com/aws/amazon-cloudwatch-agent-operator/blob/main/internal/manifests/manifestutils/labels.go"""

_NAME = "cloudwatch-agent"
_GRPC, _HTTP, _RULES = 4317, 4318, 2000

AGENT_PORTS = (_GRPC, _HTTP, _RULES)
"""Where traces are taken, by gRPC and by HTTP, and where sampling rules are asked for."""

AGENT_URL = f"http://{_NAME}.{AGENT_NAMESPACE}:{_GRPC}"
"""Where traces are taken by gRPC: a Service whose traffic stays on the node that it comes from.
https://github.com/aws/amazon-cloudwatch-agent-operator/blob/main/internal/manifests/collector/service.go"""


def agent(given: Agent, region: str, *, traced: bool) -> Mapping[str, object]:
    """The agent in the add-on's list `agents`, which takes traces if any app is `traced`.

    Its limit of CPU is twice what it asks for, as the chart has it.
    """
    return {
        "name": _NAME,
        "config": {
            "agent": {"region": region},
            "logs": {"metrics_collected": {"kubernetes": {"enhanced_container_insights": True}}},
            **({"traces": {"traces_collected": _taken()}} if traced else {}),
        },
        "resources": {
            "requests": {"cpu": given.cpu, "memory": given.memory},
            "limits": {"cpu": f"{2 * millicores(given.cpu)}m", "memory": given.memory},
        },
    }


def _taken() -> Mapping[str, object]:
    """Traces from other pods than its own: by itself, it listens on its loopback only."""
    return {
        "otlp": {"grpc_endpoint": f"0.0.0.0:{_GRPC}", "http_endpoint": f"0.0.0.0:{_HTTP}"},
        "xray": {
            "bind_address": f"0.0.0.0:{_RULES}",
            "tcp_proxy": {"bind_address": f"0.0.0.0:{_RULES}"},
        },
    }
