"""What an app that is traced is told of OpenTelemetry: by environment, as every SDK reads it.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
https://opentelemetry.io/docs/specs/otel/protocol/exporter/
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pulumi_kubernetes import core

from components.cell_context import CellContext
from components.labels import ZONE
from components.observability.agents import AGENT_URL
from core.image_names import version
from core.trace_names import service_name
from settings.app.apps import App

_POD, _ZONE = "TELEMETRY_POD", "TELEMETRY_ZONE"


@dataclass(frozen=True, kw_only=True)
class Telemetry:
    """What the apps of a cell are told."""

    context: CellContext
    """Name and region of the cell."""
    sampled_percent: float
    """How many of the requests that nobody decided on before are traced."""


def environment(name: str, app: App, told: Telemetry) -> Iterator[core.v1.EnvVarArgs]:
    """What the app `name` is told; nothing unless it is traced.

    Kubernetes copies the label of a node's zone to its pods from 1.35 on; before, the zone is
    empty: https://github.com/kubernetes/enhancements/issues/4742
    What others refer to stands before them:
    https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
    """
    if not app.traced:
        return
    yield _of_pod(_POD, "metadata.name")
    yield _of_pod(_ZONE, f"metadata.labels['{ZONE}']")
    for key, value in {
        "OTEL_SERVICE_NAME": service_name(told.context.cell, name),
        "OTEL_RESOURCE_ATTRIBUTES": _attributes(name, app, told),
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": AGENT_URL,
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc",
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_PROPAGATORS": "tracecontext,baggage,xray",
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": _ratio(told.sampled_percent),
    }.items():
        yield core.v1.EnvVarArgs(name=key, value=value)


def _of_pod(name: str, path: str) -> core.v1.EnvVarArgs:
    field = core.v1.ObjectFieldSelectorArgs(field_path=path)
    return core.v1.EnvVarArgs(name=name, value_from=core.v1.EnvVarSourceArgs(field_ref=field))


def _attributes(name: str, app: App, told: Telemetry) -> str:
    """Attributes of its resource, by https://opentelemetry.io/docs/specs/semconv/resource/; the
    version is the image's tag, digest, or both."""
    of: Mapping[str, str] = {
        "service.version": version(app.image)[1:],
        "deployment.environment.name": told.context.cell,
        "cloud.region": told.context.region,
        "cloud.availability_zone": f"$({_ZONE})",
        "k8s.cluster.name": told.context.cell,
        "k8s.namespace.name": name,
        "k8s.pod.name": f"$({_POD})",
    }
    return ",".join(f"{key}={value}" for key, value in of.items())


def _ratio(percent: float) -> str:
    """A share as a plain number, never as 1e-05."""
    return f"{Decimal(str(percent)) / 100:f}"
