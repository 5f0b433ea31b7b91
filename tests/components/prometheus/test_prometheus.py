"""The Prometheus workspace, its scraper, and KEDA."""

import json
from typing import Any

import pytest
import yaml

from components.images import ImageResolver
from components.prometheus import Prometheus, PrometheusArgs, keda
from core.facts.system_pods import CONTROLLERS
from core.facts.versions.charts import KEDA
from settings.app.apps import App
from tests.components.deploy import (
    REGION,
    Deployed,
    context,
    copied,
    deploy,
    show,
    upstream,
    with_kubernetes,
)

WORKSPACE = "aws:amp/workspace:Workspace"
SCRAPER = "aws:amp/scraper:Scraper"
RELEASE = "kubernetes:helm.sh/v3:Release"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"

PARTS = {"operator": "operator", "metricServer": "metricsServer", "webhooks": "webhooks"}
"""Parts of the chart: the usual name, and the name in the other places."""


def app(**changes: Any) -> App:
    defaults = {
        "image": "example.com/web:1.0",
        "port": 8080,
        "requests": {"cpu": "250m", "memory": "128Mi"},
        "replicas": {"needed": 4, "max": 60},
    }
    return App.model_validate({**defaults, **changes})


def prometheus(
    apps: dict[str, App] | None = None,
    resolve_image: ImageResolver = upstream,
    zones: tuple[str, ...] = ("us-east-1a", "us-east-1b"),
) -> Deployed:
    def build() -> None:
        args = PrometheusArgs(
            context=context("cell", "cell"),
            metrics={
                name: each.metrics
                for name, each in (apps or {"web": app(metrics={})}).items()
                if each.metrics
            },
            control_plane_subnet_ids={zone: f"subnet-{zone}" for zone in zones},
            security_group_id="sg-1",
            access=[],
            before_pods=[],
            resolve_image=resolve_image,
        )
        source = Prometheus("prometheus", args, with_kubernetes()).source
        show(
            address=source.address,
            region=source.region,
            ready=[resource.urn for resource in source.ready],
        )

    return deploy(build)


def values(resolve_image: ImageResolver = upstream) -> dict[str, Any]:
    return prometheus(resolve_image=resolve_image).one(RELEASE).inputs["values"]


def jobs(**apps: App) -> dict[str, Any]:
    text = prometheus(apps).one(SCRAPER).inputs["scrapeConfiguration"]
    return {each["job_name"]: each for each in yaml.safe_load(text)["scrape_configs"]}


def kept_labels(job: dict[str, Any]) -> dict[str, str]:
    rules = job["relabel_configs"]
    return {each["source_labels"][0]: each["regex"] for each in rules if each["action"] == "keep"}


def test_the_address_of_the_workspace_has_no_trailing_slash() -> None:
    deployed = prometheus()
    shown, id_ = deployed.shown(), deployed.id_of(deployed.one(WORKSPACE))
    host = f"https://aps-workspaces.{REGION}.amazonaws.com"
    assert shown["address"] == f"{host}/workspaces/{id_}"
    assert shown["region"] == REGION


def test_apps_scale_on_queries_after_keda_and_the_scraper_exist() -> None:
    kinds = [urn.split("::")[2].rpartition("$")[2] for urn in prometheus().shown()["ready"]]
    assert kinds == [RELEASE, SCRAPER]


def test_the_workspace_has_no_customer_managed_key() -> None:
    assert prometheus().one(WORKSPACE).inputs == {"alias": "cell"}


def test_the_scraper_is_in_the_control_plane_subnets_in_sorted_order() -> None:
    source = prometheus(zones=("us-east-1b", "us-east-1a")).one(SCRAPER).inputs["source"]
    assert source == {
        "eks": {
            "clusterArn": f"arn:aws:eks:{REGION}:123456789012:cluster/cell",
            "subnetIds": ["subnet-us-east-1a", "subnet-us-east-1b"],
            "securityGroupIds": ["sg-1"],
        }
    }


def test_the_scraper_writes_to_the_workspace_with_long_timeouts() -> None:
    deployed = prometheus()
    scraper = deployed.one(SCRAPER).inputs
    id_ = deployed.id_of(deployed.one(WORKSPACE))
    arn = f"arn:aws:aps:{REGION}:123456789012:workspace/{id_}"
    assert scraper["destination"] == {"amp": {"workspaceArn": arn}}
    assert scraper["timeouts"] == {"create": "45m", "update": "45m", "delete": "45m"}


def test_every_app_with_metrics_is_scraped_at_its_port_and_path() -> None:
    found = jobs(
        web=app(metrics={}),
        api=app(metrics={"port": "admin", "path": "/m"}, otherPorts={"admin": 9000}),
        silent=app(),
    )
    assert list(found) == ["api", "web", "cluster-autoscaler"]
    assert (found["web"]["metrics_path"], found["api"]["metrics_path"]) == ("/metrics", "/m")
    pod = "__meta_kubernetes_pod"
    for name, port in (("web", "app"), ("api", "admin")):
        assert kept_labels(found[name]) == {
            "__meta_kubernetes_namespace": name,
            f"{pod}_phase": "Running",
            f"{pod}_label_app_kubernetes_io_name": name,
            f"{pod}_container_port_name": port,
        }


def test_the_cluster_autoscaler_is_scraped_for_its_own_metrics() -> None:
    job = jobs(web=app())["cluster-autoscaler"]
    assert kept_labels(job) == {
        "__meta_kubernetes_namespace": "cluster-autoscaler",
        "__meta_kubernetes_pod_phase": "Running",
        "__meta_kubernetes_pod_container_port_number": "8085",
    }
    [rule] = job["metric_relabel_configs"]
    assert rule == {
        "action": "keep", "source_labels": ["__name__"], "regex": "cluster_autoscaler_.*",
    }  # fmt: skip


def test_the_scrape_configuration_uses_only_supported_sections_and_is_stable() -> None:
    deployed = prometheus({"b": app(metrics={}), "a": app(metrics={})})
    text = deployed.one(SCRAPER).inputs["scrapeConfiguration"]
    whole = yaml.safe_load(text)
    assert set(whole) == {"global", "scrape_configs"}
    assert whole["global"] == {"scrape_interval": "30s", "scrape_timeout": "10s"}, (
        "the scraper refuses intervals below 30s"
    )
    for job in whole["scrape_configs"]:
        assert job["kubernetes_sd_configs"] == [{"role": "pod"}]
        rules = [*job["relabel_configs"], *job.get("metric_relabel_configs", [])]
        assert {each["action"] for each in rules} <= {"keep", "replace"}
        labels = {each["target_label"] for each in rules if each["action"] == "replace"}
        assert labels == {"namespace", "app", "pod"}, "each combination of labels is charged"
    again = prometheus({"a": app(metrics={}), "b": app(metrics={})})
    assert again.one(SCRAPER).inputs["scrapeConfiguration"] == text


def test_keda_may_only_query_the_workspace() -> None:
    deployed = prometheus()
    [statement] = json.loads(deployed.one(POLICY).inputs["policy"])["Statement"]
    assert statement["Action"] == ["aps:QueryMetrics"]
    assert statement["Resource"].endswith(f":workspace/{deployed.id_of(deployed.one(WORKSPACE))}")


def test_the_keda_operator_has_the_role() -> None:
    deployed = prometheus()
    association = deployed.one(ASSOCIATION).inputs
    account = deployed.one(RELEASE).inputs["values"]["serviceAccount"]["operator"]
    assert account == {"create": True, "name": association["serviceAccount"]}
    assert association["namespace"] == deployed.one(RELEASE).inputs["namespace"] == "keda"


def test_every_part_of_keda_has_two_replicas_and_a_disruption_budget() -> None:
    changes = values()
    for part, values_key in PARTS.items():
        assert changes[values_key]["replicaCount"] == 2
        assert changes["podDisruptionBudget"][part] == {"maxUnavailable": 1}
    assert set(changes["podDisruptionBudget"]) == set(PARTS)
    assert changes["priorityClassName"] == "system-cluster-critical"


@pytest.mark.parametrize(
    ("part", "pod"),
    [
        ("operator", "keda-operator"),
        ("metricsServer", "keda-operator-metrics-apiserver"),
        ("webhooks", "keda-admission-webhooks"),
    ],
)
def test_the_pods_of_each_part_of_keda_spread_over_zones_and_nodes(part: str, pod: str) -> None:
    spread = values()["topologySpreadConstraints"][part]
    assert [each["topologyKey"] for each in spread] == [
        "topology.kubernetes.io/zone", "kubernetes.io/hostname",
    ]  # fmt: skip
    for each in spread:
        assert each["labelSelector"]["matchLabels"] == {
            "app.kubernetes.io/name": pod,
            "app.kubernetes.io/instance": "keda",
        }


@pytest.mark.parametrize(
    ("part", "container"),
    [
        ("operator", "keda-operator"),
        ("metricServer", "keda-metrics-apiserver"),
        ("webhooks", "keda-admission-webhooks"),
    ],
)
def test_each_part_of_keda_has_the_requests_of_the_headroom_arithmetic(
    part: str, container: str
) -> None:
    requests = CONTROLLERS[container]
    memory = f"{requests.memory}Mi"
    changes = keda.values(upstream)["resources"]
    assert set(changes) == set(PARTS)
    assert changes[part]["requests"] == {"cpu": f"{requests.cpu}m", "memory": memory}
    assert changes[part]["limits"] == {"memory": memory}
    assert f"resources.{part}.limits.cpu" in keda.REMOVED_VALUES, (
        "Helm would merge in the CPU limit of the chart"
    )


def test_keda_cannot_read_secrets_or_scale_custom_resources() -> None:
    changes = values()
    assert changes["rbac"] == {"enabledCustomScaledRefKinds": False}
    for part in ("operator", "metricServer"):
        assert changes["permissions"][part] == {"restrict": {"secret": True}}


def test_the_keda_webhook_fails_open_and_reads_new_deployments_directly() -> None:
    changes = values()
    assert changes["webhooks"]["failurePolicy"] == "Ignore"
    assert changes["extraArgs"] == {"webhooks": {"cache-miss-to-direct-client": True}}


@pytest.mark.parametrize("resolve_image", [upstream, copied])
def test_keda_images_are_pulled_from_the_image_source(resolve_image: ImageResolver) -> None:
    changes = values(resolve_image)["image"]
    for part, image in (
        ("keda", "keda"),
        ("metricsApiServer", "keda-metrics-apiserver"),
        ("webhooks", "keda-admission-webhooks"),
    ):
        repository = resolve_image(f"ghcr.io/kedacore/{image}")
        assert changes[part] == {"registry": "", "repository": repository}
    assert changes["pullPolicy"] == "IfNotPresent", (
        "pods cannot start while the registry is unavailable"
    )


def test_keda_is_the_pinned_chart() -> None:
    release = prometheus().one(RELEASE).inputs
    assert (release["chart"], release["version"]) == ("keda", KEDA.version)
    assert release["repositoryOpts"]["repo"] == "https://kedacore.github.io/charts"
