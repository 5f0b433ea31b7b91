"""OpenTelemetry variables and log annotations of an app."""

from typing import Any

import pytest

from tests.components.app.deployed_apps import DEPLOYMENT, app, container, settings
from tests.components.app.test_files_secrets_volume_and_spread import POLICY, READ

AGENT: Any = {
    "podSelector": {"matchLabels": {"app.kubernetes.io/component": "amazon-cloudwatch-agent"}},
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "amazon-cloudwatch"}},
}


def env(**changes: Any) -> dict[str, str]:
    """Returns the variables of a traced app, including its own."""
    return {e["name"]: e["value"] for e in container(traced=True, **changes)["env"] if "value" in e}


def annotations(**changes: Any) -> dict[str, str] | None:
    template = app(**changes).one(DEPLOYMENT).inputs["spec"]["template"]
    return template["metadata"].get("annotations")


def test_an_app_that_is_not_traced_has_no_variables_of_opentelemetry() -> None:
    assert "env" not in container()
    assert [each["name"] for each in container(env={"A": "1"})["env"]] == ["A"]


def test_a_traced_app_exports_traces_to_the_agent_only() -> None:
    variables = env()
    assert variables["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] == (
        "http://cloudwatch-agent.amazon-cloudwatch:4317"
    )
    assert variables["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] == "grpc", "port 4317 accepts gRPC only"
    assert variables["OTEL_TRACES_EXPORTER"] == "otlp"
    assert variables["OTEL_METRICS_EXPORTER"] == variables["OTEL_LOGS_EXPORTER"] == "none", (
        "the agent refuses them, and every attempt would log an error"
    )
    assert variables["OTEL_SERVICE_NAME"] == "prod/web", (
        "no X-Ray group and no sampling rule would match"
    )
    assert variables["OTEL_PROPAGATORS"] == "tracecontext,baggage,xray"
    assert variables["OTEL_TRACES_SAMPLER"] == "parentbased_traceidratio"
    assert variables["OTEL_TRACES_SAMPLER_ARG"] == "0.05"


def test_resource_attributes_name_version_zone_and_pod() -> None:
    digest = f"sha256:{'a' * 64}"
    variables = env(image=f"example.com/web:1.0@{digest}")["OTEL_RESOURCE_ATTRIBUTES"]
    assert dict(each.split("=") for each in variables.split(",")) == {
        "service.version": f"1.0@{digest}",
        "deployment.environment.name": "prod",
        "cloud.region": "us-east-1",
        "cloud.availability_zone": "$(TELEMETRY_ZONE)",
        "k8s.cluster.name": "prod",
        "k8s.namespace.name": "web",
        "k8s.pod.name": "$(TELEMETRY_POD)",
    }


@pytest.mark.parametrize(
    ("image", "version"),
    [("example.com:5000/web:1.0", "1.0"), (f"web@sha256:{'b' * 64}", f"sha256:{'b' * 64}")],
)
def test_the_version_attribute_is_a_tag_or_a_digest(image: str, version: str) -> None:
    assert env(image=image)["OTEL_RESOURCE_ATTRIBUTES"].startswith(f"service.version={version},")


def test_variables_precede_the_variables_that_refer_to_them() -> None:
    variables = container(traced=True)["env"]
    names = [each["name"] for each in variables]
    pod, zone, attributes = map(
        names.index, ("TELEMETRY_POD", "TELEMETRY_ZONE", "OTEL_RESOURCE_ATTRIBUTES")
    )
    assert max(pod, zone) < attributes, "Kubernetes would not expand the reference"
    path = variables[zone]["valueFrom"]["fieldRef"]["fieldPath"]
    assert path == "metadata.labels['topology.kubernetes.io/zone']"
    assert variables[pod]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"


def test_variables_of_the_app_override_those_of_opentelemetry() -> None:
    own = {"OTEL_TRACES_SAMPLER": "always_on", "MINE": "$(OTEL_SERVICE_NAME)"}
    secret = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": {"secret": "vendor", "key": "url"}}
    names = [e["name"] for e in container(traced=True, env=own, secretEnv=secret)["env"]]
    assert len(names) == len(set(names))
    assert names.index("OTEL_SERVICE_NAME") < names.index("MINE")
    variables = env(env=own, secretEnv=secret)
    assert variables["OTEL_TRACES_SAMPLER"] == "always_on"
    assert "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" not in variables, "the value comes from a Secret"


def test_only_a_traced_app_can_reach_the_agent() -> None:
    for traced in (True, False):
        egress = app(traced=traced).one(POLICY).inputs["spec"]["egress"]
        found = [rule["ports"] for rule in egress if rule["to"] == [AGENT]]
        assert found == (
            [[{"port": port, "protocol": "TCP"} for port in (4317, 4318, 2000)]] if traced else []
        )


def test_an_annotation_excludes_the_logs_of_an_app() -> None:
    assert annotations() is None
    assert annotations(logs={"collected": False}) == {"fluentbit.io/exclude": "true"}
    both = annotations(logs={"collected": False}, policies=(READ,))
    assert both is not None
    assert set(both) == {"fluentbit.io/exclude", "ha-eks/identity"}


def test_by_default_an_app_is_not_traced_and_its_logs_are_collected() -> None:
    assert settings().traced is False
    assert settings().logs.collected is True
