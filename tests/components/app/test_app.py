"""Resources of an app: names, selectors, ports, replicas and disruption budget."""

from typing import Any

import pytest

from tests.components.app.deployed_apps import (
    ACCOUNT,
    AUTOSCALER,
    BINDING,
    BUDGET,
    CIDRS,
    DEPLOYMENT,
    EXPOSED,
    GROUP,
    NAMESPACE,
    SERVICE,
    app,
    deployed,
    settings,
)

GATE = "elbv2.k8s.aws/pod-readiness-gate-inject"


def test_every_object_has_the_name_and_namespace_of_the_app() -> None:
    web = app(**EXPOSED)
    assert web.one(NAMESPACE).inputs["metadata"]["name"] == "web"
    for kind in (ACCOUNT, SERVICE, BINDING, DEPLOYMENT, AUTOSCALER, BUDGET):
        metadata = web.one(kind).inputs["metadata"]
        assert metadata["name"] == "web"
        assert metadata["namespace"] == "web"
        assert metadata["labels"] == {
            "app.kubernetes.io/name": "web",
            "app.kubernetes.io/part-of": "ha-eks",
        }


def test_service_deployment_and_budget_select_the_pods_of_the_app() -> None:
    web = app()
    labels = web.one(DEPLOYMENT).inputs["spec"]["template"]["metadata"]["labels"]
    own = {"app.kubernetes.io/name": "web"}
    assert own.items() <= labels.items(), "no object would select the pods"
    assert web.one(SERVICE).inputs["spec"]["selector"] == own
    assert web.one(DEPLOYMENT).inputs["spec"]["selector"] == {"matchLabels": own}
    assert web.one(BUDGET).inputs["spec"]["selector"] == {"matchLabels": own}


def test_the_autoscaler_scales_the_deployment_of_the_app() -> None:
    assert app().one(AUTOSCALER).inputs["spec"]["scaleTargetRef"] == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": "web",
    }


def test_only_pods_of_exposed_apps_have_a_readiness_gate() -> None:
    labels = app(**EXPOSED).one(NAMESPACE).inputs["metadata"]["labels"]
    assert labels[GATE] == "enabled", (
        "a pod would be ready before the load balancer sends requests to it"
    )
    labels = app().one(NAMESPACE).inputs["metadata"]["labels"]
    assert GATE not in labels, "pods without a target group would depend on the webhook"


@pytest.mark.parametrize("changes", [{}, EXPOSED])
def test_the_namespace_enforces_the_restricted_standard(changes: Any) -> None:
    labels = app(**changes).one(NAMESPACE).inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_pulumi_does_not_wait_for_the_endpoints_of_the_service() -> None:
    annotations = app().one(SERVICE).inputs["metadata"]["annotations"]
    assert annotations["pulumi.com/skipAwait"] == "true", "the first deployment would never finish"


def test_the_service_has_every_port_of_the_container_by_name() -> None:
    web = app(otherPorts={"metrics": 9797, "admin": 9000})
    spec = web.one(SERVICE).inputs["spec"]
    assert spec["type"] == "ClusterIP"
    assert spec["ports"] == [
        {"name": "app", "port": 8080, "targetPort": "app", "protocol": "TCP"},
        {"name": "metrics", "port": 9797, "targetPort": "metrics", "protocol": "TCP"},
        {"name": "admin", "port": 9000, "targetPort": "admin", "protocol": "TCP"},
    ]
    (main,) = web.one(DEPLOYMENT).inputs["spec"]["template"]["spec"]["containers"]
    assert main["ports"] == [
        {"name": "app", "containerPort": 8080, "protocol": "TCP"},
        {"name": "metrics", "containerPort": 9797, "protocol": "TCP"},
        {"name": "admin", "containerPort": 9000, "protocol": "TCP"},
    ]


def test_pods_of_an_exposed_app_are_registered_by_address() -> None:
    assert app(**EXPOSED).one(BINDING).inputs["spec"] == {
        "serviceRef": {"name": "web", "port": 8080},
        "targetGroupARN": GROUP,
        "targetType": "ip",
        "multiClusterTargetGroup": True,
    }


def test_an_app_that_is_not_exposed_has_no_binding() -> None:
    assert app().of_type(BINDING) == []


@pytest.mark.parametrize(("zones", "minimum"), [(2, 8), (3, 6)])
def test_a_new_app_starts_with_its_minimum_replicas(zones: int, minimum: int) -> None:
    spec = app(zones, replicas={"needed": 4, "max": 60}).one(DEPLOYMENT).inputs["spec"]
    assert spec["replicas"] == minimum, "the first up would end with one pod"


@pytest.mark.parametrize("zones", [2, 3, 6])
def test_a_rollout_adds_a_pod_per_zone_before_it_removes_one(zones: int) -> None:
    assert app(zones).one(DEPLOYMENT).inputs["spec"]["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": zones, "maxUnavailable": 0},
    }


@pytest.mark.parametrize(
    ("zones", "needed", "minimum", "target"),
    [(2, 4, 8, 45), (3, 4, 6, 60), (6, 4, 5, 75), (2, 1, 2, 45), (3, 1, 2, 60), (3, 2, 3, 60)],
)
def test_the_minimum_replicas_survive_a_zone_failure(
    zones: int, needed: int, minimum: int, target: int
) -> None:
    spec = app(zones, replicas={"needed": needed, "max": 60}).one(AUTOSCALER).inputs["spec"]
    assert spec["minReplicas"] == minimum, "after a zone failure, fewer pods than needed would run"
    assert spec["maxReplicas"] == 60
    (metric,) = spec["metrics"]
    assert metric == {
        "type": "Resource",
        "resource": {
            "name": "cpu",
            "target": {"type": "Utilization", "averageUtilization": target},
        },
    }


@pytest.mark.parametrize(
    ("zones", "needed", "spare"), [(2, 4, 4), (3, 4, 2), (6, 4, 1), (3, 1, 1), (3, 10, 5)]
)
def test_the_disruption_budget_leaves_the_needed_pods(zones: int, needed: int, spare: int) -> None:
    spec = app(zones, replicas={"needed": needed, "max": 60}).one(BUDGET).inputs["spec"]
    assert spec["maxUnavailable"] == spare
    assert "minAvailable" not in spec


def test_an_unhealthy_pod_does_not_block_a_node_drain() -> None:
    budget = app().one(BUDGET).inputs["spec"]
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_an_app_serves_once_deployment_and_autoscaler_exist() -> None:
    kinds = [urn.split("::")[2].rpartition("$")[2] for urn in app().shown()["serving"]]
    assert kinds == [DEPLOYMENT, AUTOSCALER], (
        "traffic would start before the autoscaler has added pods"
    )


def test_an_app_behind_both_load_balancers_is_registered_with_both() -> None:
    """Each binding adds a readiness gate, and each load balancer must reach the pods."""
    workload = settings(probes={"readiness": {"path": "/ready"}}, **EXPOSED)
    cell = deployed(workload, load_balancers=["public", "internal"])
    names = {each.name: each.inputs["metadata"]["name"] for each in cell.of_type(BINDING)}
    assert names == {"web": "web", "web.internal": "web.internal"}
    policy = cell.one("kubernetes:networking.k8s.io/v1:NetworkPolicy").inputs["spec"]
    assert policy["ingress"][0]["from"] == [{"ipBlock": {"cidr": cidr}} for cidr in CIDRS.values()]
