"""The CloudWatch agent on every node: its configuration, its resources and its address for traces.

The configuration contains no `application_signals`, so the webhook of the add-on instruments no
app. Keys of the agent:
https://github.com/aws/amazon-cloudwatch-agent/blob/main/translator/config/schema.json
"""

from collections.abc import Mapping

from settings.observability.observability import Agent
from settings.reading.quantities import millicores

AGENT_NAMESPACE = "amazon-cloudwatch"
"""Namespace of the add-on."""

AGENT_LABELS = {"app.kubernetes.io/component": "amazon-cloudwatch-agent"}
"""Labels of the agents, and selector of their Service.
https://github.com/aws/amazon-cloudwatch-agent-operator/blob/main/internal/manifests/manifestutils/labels.go"""

_NAME = "cloudwatch-agent"
_GRPC, _HTTP, _XRAY = 4317, 4318, 2000

AGENT_PORTS = (_GRPC, _HTTP, _XRAY)
"""Ports for traces over gRPC, traces over HTTP, and X-Ray sampling rules."""

AGENT_URL = f"http://{_NAME}.{AGENT_NAMESPACE}:{_GRPC}"
"""URL for traces over gRPC: a Service whose traffic stays on the node of the client.
https://github.com/aws/amazon-cloudwatch-agent-operator/blob/main/internal/manifests/collector/service.go"""


def agent(settings: Agent, region: str, *, traced: bool) -> Mapping[str, object]:
    """Returns the entry in the list `agents` of the add-on; receives traces if an app is `traced`.

    The CPU limit is twice the CPU request, as in the chart.
    """
    return {
        "name": _NAME,
        "config": {
            "agent": {"region": region},
            "logs": {"metrics_collected": {"kubernetes": {"enhanced_container_insights": True}}},
            **({"traces": {"traces_collected": _traces_collected()}} if traced else {}),
        },
        "resources": {
            "requests": {"cpu": settings.cpu, "memory": settings.memory},
            "limits": {"cpu": f"{2 * millicores(settings.cpu)}m", "memory": settings.memory},
        },
    }


def _traces_collected() -> Mapping[str, object]:
    """Returns listeners on all interfaces; by default, the agent listens only on loopback."""
    return {
        "otlp": {"grpc_endpoint": f"0.0.0.0:{_GRPC}", "http_endpoint": f"0.0.0.0:{_HTTP}"},
        "xray": {
            "bind_address": f"0.0.0.0:{_XRAY}",
            "tcp_proxy": {"bind_address": f"0.0.0.0:{_XRAY}"},
        },
    }
