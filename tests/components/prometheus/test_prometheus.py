"""The Prometheus workspace and its scraper."""

from typing import Any

import yaml

from components.prometheus import Prometheus, PrometheusArgs
from settings.app.apps import App
from tests.components.deploy import (
    REGION,
    Deployed,
    context,
    deploy,
    show,
)

WORKSPACE = "aws:amp/workspace:Workspace"
SCRAPER = "aws:amp/scraper:Scraper"


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
        )
        component = Prometheus("prometheus", args)
        source = component.source
        show(
            workspace_arn=component.workspace_arn,
            address=source.address,
            region=source.region,
            ready=[resource.urn for resource in source.ready],
        )

    return deploy(build)


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
    assert shown["workspace_arn"] == f"arn:aws:aps:{REGION}:123456789012:workspace/{id_}"


def test_apps_scale_on_queries_after_the_scraper_exists() -> None:
    kinds = [urn.split("::")[2].rpartition("$")[2] for urn in prometheus().shown()["ready"]]
    assert kinds == [SCRAPER]


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
