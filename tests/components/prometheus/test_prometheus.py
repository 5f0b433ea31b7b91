"""What answers queries."""

import json
from typing import Any

import pytest
import yaml

from components.images import Pulled
from components.prometheus import Prometheus, PrometheusArgs, keda
from core.facts.system_pods import CONTROLLERS
from core.facts.versions import KEDA
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
"""The chart's names of its parts, in most places and in the others."""


def app(**given: Any) -> App:
    defaults = {
        "image": "example.com/web:1.0",
        "port": 8080,
        "requests": {"cpu": "250m", "memory": "128Mi"},
        "replicas": {"needed": 4, "max": 60},
    }
    return App.model_validate({**defaults, **given})


def queries(
    apps: dict[str, App] | None = None,
    pulled: Pulled = upstream,
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
            pulled=pulled,
        )
        source = Prometheus("prometheus", args, with_kubernetes()).source
        show(
            address=source.address,
            region=source.region,
            ready=[resource.urn for resource in source.ready],
        )

    return deploy(build)


def values(pulled: Pulled = upstream) -> dict[str, Any]:
    return queries(pulled=pulled).one(RELEASE).inputs["values"]


def jobs(**apps: App) -> dict[str, Any]:
    text = queries(apps).one(SCRAPER).inputs["scrapeConfiguration"]
    return {each["job_name"]: each for each in yaml.safe_load(text)["scrape_configs"]}


def kept(job: dict[str, Any]) -> dict[str, str]:
    rules = job["relabel_configs"]
    return {each["source_labels"][0]: each["regex"] for each in rules if each["action"] == "keep"}


def test_queries_are_sent_to_the_workspace_without_a_double_slash() -> None:
    made = queries()
    shown, id_ = made.shown(), made.id_of(made.one(WORKSPACE))
    host = f"https://aps-workspaces.{REGION}.amazonaws.com"
    assert shown["address"] == f"{host}/workspaces/{id_}"
    assert shown["region"] == REGION


def test_an_app_follows_a_query_when_keda_and_its_metrics_are_there() -> None:
    kinds = [urn.split("::")[2].rpartition("$")[2] for urn in queries().shown()["ready"]]
    assert kinds == [RELEASE, SCRAPER]


def test_the_workspace_needs_no_roles_for_a_key() -> None:
    assert queries().one(WORKSPACE).inputs == {"alias": "cell"}


def test_the_scraper_is_in_the_cluster_s_own_subnets_whatever_their_order() -> None:
    source = queries(zones=("us-east-1b", "us-east-1a")).one(SCRAPER).inputs["source"]
    assert source == {
        "eks": {
            "clusterArn": f"arn:aws:eks:{REGION}:123456789012:cluster/cell",
            "subnetIds": ["subnet-us-east-1a", "subnet-us-east-1b"],
            "securityGroupIds": ["sg-1"],
        }
    }


def test_the_scraper_writes_into_the_workspace_and_is_waited_for() -> None:
    made = queries()
    scraper = made.one(SCRAPER).inputs
    id_ = made.id_of(made.one(WORKSPACE))
    arn = f"arn:aws:aps:{REGION}:123456789012:workspace/{id_}"
    assert scraper["destination"] == {"amp": {"workspaceArn": arn}}
    assert scraper["timeouts"] == {"create": "45m", "update": "45m", "delete": "45m"}


def test_every_app_that_shows_metrics_is_read_at_its_own_port_and_path() -> None:
    found = jobs(
        web=app(metrics={}),
        api=app(metrics={"port": "admin", "path": "/m"}, otherPorts={"admin": 9000}),
        silent=app(),
    )
    assert list(found) == ["api", "web", "cluster-autoscaler"]
    assert (found["web"]["metrics_path"], found["api"]["metrics_path"]) == ("/metrics", "/m")
    pod = "__meta_kubernetes_pod"
    for name, port in (("web", "app"), ("api", "admin")):
        assert kept(found[name]) == {
            "__meta_kubernetes_namespace": name,
            f"{pod}_phase": "Running",
            f"{pod}_label_app_kubernetes_io_name": name,
            f"{pod}_container_port_name": port,
        }


def test_the_cluster_autoscaler_is_read_for_its_own_metrics() -> None:
    job = jobs(web=app())["cluster-autoscaler"]
    assert kept(job) == {
        "__meta_kubernetes_namespace": "cluster-autoscaler",
        "__meta_kubernetes_pod_phase": "Running",
        "__meta_kubernetes_pod_container_port_number": "8085",
    }
    [own] = job["metric_relabel_configs"]
    assert own == {
        "action": "keep", "source_labels": ["__name__"], "regex": "cluster_autoscaler_.*",
    }  # fmt: skip


def test_a_scraper_takes_what_it_is_told() -> None:
    made = queries({"b": app(metrics={}), "a": app(metrics={})})
    text = made.one(SCRAPER).inputs["scrapeConfiguration"]
    whole = yaml.safe_load(text)
    assert set(whole) == {"global", "scrape_configs"}
    assert whole["global"] == {"scrape_interval": "30s", "scrape_timeout": "10s"}, "15 s is refused"
    for job in whole["scrape_configs"]:
        assert job["kubernetes_sd_configs"] == [{"role": "pod"}]
        rules = [*job["relabel_configs"], *job.get("metric_relabel_configs", [])]
        assert {each["action"] for each in rules} <= {"keep", "replace"}
        labels = {each["target_label"] for each in rules if each["action"] == "replace"}
        assert labels == {"namespace", "app", "pod"}, "each combination of labels is paid for"
    again = queries({"a": app(metrics={}), "b": app(metrics={})})
    assert again.one(SCRAPER).inputs["scrapeConfiguration"] == text


def test_keda_may_ask_the_workspace_and_nothing_else() -> None:
    made = queries()
    [statement] = json.loads(made.one(POLICY).inputs["policy"])["Statement"]
    assert statement["Action"] == ["aps:QueryMetrics"]
    assert statement["Resource"].endswith(f":workspace/{made.id_of(made.one(WORKSPACE))}")


def test_keda_s_operator_is_who_has_the_role() -> None:
    made = queries()
    association = made.one(ASSOCIATION).inputs
    account = made.one(RELEASE).inputs["values"]["serviceAccount"]["operator"]
    assert account == {"create": True, "name": association["serviceAccount"]}
    assert association["namespace"] == made.one(RELEASE).inputs["namespace"] == "keda"


def test_every_part_of_keda_is_there_twice_and_evicted_one_by_one() -> None:
    given = values()
    for part, elsewhere in PARTS.items():
        assert given[elsewhere]["replicaCount"] == 2
        assert given["podDisruptionBudget"][part] == {"maxUnavailable": 1}
    assert set(given["podDisruptionBudget"]) == set(PARTS)
    assert given["priorityClassName"] == "system-cluster-critical"


@pytest.mark.parametrize(
    ("part", "pod"),
    [
        ("operator", "keda-operator"),
        ("metricsServer", "keda-operator-metrics-apiserver"),
        ("webhooks", "keda-admission-webhooks"),
    ],
)
def test_the_pods_of_each_part_spread_by_themselves(part: str, pod: str) -> None:
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
def test_each_part_asks_for_what_the_arithmetic_counts_with(part: str, container: str) -> None:
    asks = CONTROLLERS[container]
    memory = f"{asks.memory}Mi"
    given = keda.values(upstream)["resources"]
    assert set(given) == set(PARTS)
    assert given[part]["requests"] == {"cpu": f"{asks.cpu}m", "memory": memory}
    assert given[part]["limits"] == {"memory": memory}
    assert f"resources.{part}.limits.cpu" in keda.WITHOUT, "the chart's own would stay"


def test_keda_reads_no_secrets_and_scales_what_it_is_for() -> None:
    given = values()
    assert given["rbac"] == {"enabledCustomScaledRefKinds": False}
    for part in ("operator", "metricServer"):
        assert given["permissions"][part] == {"restrict": {"secret": True}}


def test_keda_s_webhook_keeps_nobody_waiting_and_sees_what_was_just_made() -> None:
    given = values()
    assert given["webhooks"]["failurePolicy"] == "Ignore"
    assert given["extraArgs"] == {"webhooks": {"cache-miss-to-direct-client": True}}


@pytest.mark.parametrize("pulled", [upstream, copied])
def test_keda_s_images_are_pulled_by_their_whole_names(pulled: Pulled) -> None:
    given = values(pulled)["image"]
    for part, image in (
        ("keda", "keda"),
        ("metricsApiServer", "keda-metrics-apiserver"),
        ("webhooks", "keda-admission-webhooks"),
    ):
        repository = pulled(f"ghcr.io/kedacore/{image}")
        assert given[part] == {"registry": "", "repository": repository}
    assert given["pullPolicy"] == "IfNotPresent", "no pod starts while the registry is away"


def test_keda_is_the_pinned_chart() -> None:
    release = queries().one(RELEASE).inputs
    assert (release["chart"], release["version"]) == ("keda", KEDA.version)
    assert release["repositoryOpts"]["repo"] == "https://kedacore.github.io/charts"
