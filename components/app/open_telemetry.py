"""OpenTelemetry settings of a traced app: environment variables that every SDK reads.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
https://opentelemetry.io/docs/specs/otel/protocol/exporter/
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pulumi_kubernetes import core

from components.app.environment import pod_field
from components.cell_context import CellContext
from components.observability.agents import AGENT_URL
from core.image_names import version
from core.labels import ZONE
from core.trace_names import service_name
from settings.workload.workload import Workload

_POD, _ZONE = "TELEMETRY_POD", "TELEMETRY_ZONE"


@dataclass(frozen=True, kw_only=True)
class Telemetry:
    """Settings of traces that the apps of a cell share."""

    context: CellContext
    """Name and region of the cell."""
    sampled_percent: float
    """Percentage of the requests without a sampling decision of the caller that are traced."""


def environment(name: str, app: Workload, telemetry: Telemetry) -> Iterator[core.v1.EnvVarArgs]:
    """Yields the variables of the app `name`; none unless the app is traced.

    Kubernetes copies the zone label of a node to its pods since 1.35. Before, the zone is empty:
    https://github.com/kubernetes/enhancements/issues/4742
    A variable must precede the variables that refer to it:
    https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
    """
    if not app.traced:
        return
    yield pod_field(_POD, "metadata.name")
    yield pod_field(_ZONE, f"metadata.labels['{ZONE}']")
    for key, value in {
        "OTEL_SERVICE_NAME": service_name(telemetry.context.cell, name),
        "OTEL_RESOURCE_ATTRIBUTES": _attributes(name, app, telemetry),
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": AGENT_URL,
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc",
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_PROPAGATORS": "tracecontext,baggage,xray",
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": _ratio(telemetry.sampled_percent),
    }.items():
        yield core.v1.EnvVarArgs(name=key, value=value)


def _attributes(name: str, app: Workload, telemetry: Telemetry) -> str:
    """Returns the resource attributes; the version is the tag and digest of the image.

    https://opentelemetry.io/docs/specs/semconv/resource/
    """
    attributes: Mapping[str, str] = {
        "service.version": version(app.image)[1:],
        "deployment.environment.name": telemetry.context.cell,
        "cloud.region": telemetry.context.region,
        "cloud.availability_zone": f"$({_ZONE})",
        "k8s.cluster.name": telemetry.context.cell,
        "k8s.namespace.name": name,
        "k8s.pod.name": f"$({_POD})",
    }
    return ",".join(f"{key}={value}" for key, value in attributes.items())


def _ratio(percent: float) -> str:
    """Returns a fraction as a decimal number, without an exponent such as 1e-05."""
    return f"{Decimal(str(percent)) / 100:f}"
