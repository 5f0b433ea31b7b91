"""Pods of an app: termination, resources, security, spread and tolerations."""

from typing import Any

import pytest

from tests.components.app.deployed_apps import ACCOUNT, DEPLOYMENT, EXPOSED, app, container, pod
from tests.components.deploy import copied

ZONE = "topology.kubernetes.io/zone"
HOST = "kubernetes.io/hostname"
LOST = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


@pytest.mark.parametrize(
    ("changes", "sleep", "grace"),
    [
        ({"longestRequestSeconds": 15, "shutdownSeconds": 20, **EXPOSED}, 20, 45),
        ({"longestRequestSeconds": 15, "shutdownSeconds": 20}, 5, 30),
        ({"longestRequestSeconds": 40, **EXPOSED}, 20, 65),
        ({"longestRequestSeconds": 40}, 5, 50),
    ],
)
def test_a_terminating_pod_serves_until_it_is_deregistered_and_then_shuts_down(
    changes: dict[str, Any], sleep: int, grace: int
) -> None:
    spec = pod(**changes)
    (main,) = spec["containers"]
    assert main["lifecycle"] == {"preStop": {"sleep": {"seconds": sleep}}}
    assert spec["terminationGracePeriodSeconds"] == grace


def test_a_pod_has_a_memory_limit_equal_to_its_request_and_no_cpu_limit() -> None:
    assert container()["resources"] == {
        "requests": {"cpu": "250m", "memory": "128Mi", "ephemeral-storage": "64Mi"},
        "limits": {"memory": "128Mi"},
    }


def test_a_pod_requests_the_storage_of_its_scratch_directories_and_logs() -> None:
    requests = {"cpu": "250m", "memory": "128Mi"}
    scratch = {"/data": "64Mi", "/tmp": "1Gi"}
    resources = container(scratch=scratch, requests=requests)["resources"]
    assert resources["requests"]["ephemeral-storage"] == "1152Mi"
    assert resources["limits"] == {"memory": "128Mi"}, "the kubelet would evict healthy pods"
    less = container(scratch=scratch, requests={**requests, "ephemeralStorage": "1Gi"})["resources"]
    assert less["requests"]["ephemeral-storage"] == "1024Mi"


def test_a_pod_has_the_storage_limit_of_the_stack_file() -> None:
    limited = container(limits={"ephemeralStorage": "2Gi"})["resources"]
    assert limited["limits"] == {"memory": "128Mi", "ephemeral-storage": "2Gi"}


def test_a_pod_meets_the_restricted_standard() -> None:
    spec = pod(runAsUser=100, runAsGroup=101)
    assert spec["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 100,
        "runAsGroup": 101,
        "fsGroup": 101,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    (main,) = spec["containers"]
    assert main["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_a_pod_has_the_service_account_of_the_app_without_its_token() -> None:
    web = app()
    assert web.one(ACCOUNT).inputs["automountServiceAccountToken"] is False
    spec = web.one(DEPLOYMENT).inputs["spec"]["template"]["spec"]
    assert spec["serviceAccountName"] == "web"
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False


def test_a_critical_app_has_a_higher_priority_class() -> None:
    assert pod()["priorityClassName"] == "ha-eks-default", "the app would not preempt headroom"
    assert pod(critical=True)["priorityClassName"] == "ha-eks-critical"


def test_a_container_can_write_to_its_scratch_directories_only() -> None:
    spec = pod(scratch={"/data": "64Mi", "/tmp": "1Gi"})
    (main,) = spec["containers"]
    sizes = {each["name"]: each["emptyDir"]["sizeLimit"] for each in spec["volumes"]}
    mounted = {each["mountPath"]: sizes[each["name"]] for each in main["volumeMounts"]}
    assert mounted == {"/data": "64Mi", "/tmp": "1Gi"}
    assert len(sizes) == 2
    without = pod()
    assert "volumes" not in without
    assert "volumeMounts" not in without["containers"][0]


def test_pods_of_one_version_are_even_over_the_zones() -> None:
    assert pod()["topologySpreadConstraints"] == [
        {
            "maxSkew": 1,
            "topologyKey": ZONE,
            "whenUnsatisfiable": "DoNotSchedule",
            "nodeTaintsPolicy": "Honor",
            "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "web"}},
            "matchLabelKeys": ["pod-template-hash"],
        }
    ], "over nodes the descheduler would move pods back and forth"


def preferred(affinity: dict[str, Any], kind: str) -> dict[tuple[str, str], int]:
    """Returns the weights of affinity terms, by app and topology key."""
    terms = affinity[kind]["preferredDuringSchedulingIgnoredDuringExecution"]
    found: dict[tuple[str, str], int] = {}
    for each in terms:
        term = each["podAffinityTerm"]
        [app] = term["namespaces"]
        assert term["labelSelector"] == {"matchLabels": {"app.kubernetes.io/name": app}}
        found[app, term["topologyKey"]] = each["weight"]
    return found


def test_pods_prefer_other_zones_before_other_nodes() -> None:
    affinity = pod()["affinity"]
    assert set(affinity) == {"podAntiAffinity"}
    weights = preferred(affinity, "podAntiAffinity")
    assert set(weights) == {("web", ZONE), ("web", HOST)}
    assert weights["web", ZONE] >= 10 * weights["web", HOST], (
        "an evicted pod would return to its node"
    )
    for each in affinity["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]:
        assert each["podAffinityTerm"]["matchLabelKeys"] == ["pod-template-hash"]


def test_an_app_near_another_prefers_its_nodes_less_than_another_zone() -> None:
    affinity = pod(near="cache")["affinity"]
    near = preferred(affinity, "podAffinity")
    assert set(near) == {("cache", HOST)}
    [term] = affinity["podAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert "matchLabelKeys" not in term["podAffinityTerm"], "the other app has different versions"
    own = preferred(affinity, "podAntiAffinity")
    assert 2 * own["web", ZONE] >= 10 * near["cache", HOST], (
        "an evicted pod would return to its node"
    )
    assert 2 * own["web", HOST] >= near["cache", HOST], (
        "all pods would share one node of the other app"
    )


def test_no_two_pods_of_an_app_with_one_pod_per_node_share_a_node() -> None:
    [term] = pod(spread={"nodes": "alone"})["affinity"]["podAntiAffinity"][
        "requiredDuringSchedulingIgnoredDuringExecution"
    ]
    assert term == {
        "topologyKey": HOST,
        "namespaces": ["web"],
        "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "web"}},
    }, "pods of two versions would share a node"
    anti = pod()["affinity"]["podAntiAffinity"]
    assert "requiredDuringSchedulingIgnoredDuringExecution" not in anti


def test_an_app_with_a_pool_selects_its_nodes_and_tolerates_its_taints() -> None:
    spec = pod(pool="batch")
    assert spec["nodeSelector"] == {"ha-eks/pool": "batch"}
    assert spec["tolerations"][:3] == [
        {"key": "batch", "operator": "Equal", "value": "yes", "effect": "NoSchedule"},
        {"key": "gone", "operator": "Equal", "value": "", "effect": "NoExecute"},
        {"key": "rather", "operator": "Equal", "value": "", "effect": "PreferNoSchedule"},
    ]


def test_an_app_without_a_pool_runs_on_any_untainted_node() -> None:
    spec = pod()
    assert "nodeSelector" not in spec
    assert {each["key"] for each in spec["tolerations"]} == set(LOST)


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({}, (60, 60)),
        ({"tolerationSeconds": {"notReady": 0, "unreachable": 120}}, (0, 120)),
        ({"tolerationSeconds": {"unreachable": 30}, "pool": "batch"}, (60, 30)),
    ],
)
def test_a_pod_tolerates_an_unreachable_node_for_the_seconds_of_the_stack_file(
    changes: dict[str, Any], seconds: tuple[int, int]
) -> None:
    lost = [each for each in pod(**changes)["tolerations"] if each["key"] in LOST]
    assert lost == [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": expected}
        for key, expected in zip(LOST, seconds, strict=True)
    ], "pods would stay on a failed node for 300s, the default of Kubernetes"


def test_the_container_has_command_args_and_environment_of_the_stack_file() -> None:
    main = container(command=("./web",), args=("--port=8080", ""), env={"LEVEL": "info", "B": ""})
    assert main["name"] == "web"
    assert main["image"] == copied("example.com/web:1.0")
    assert main["command"] == ["./web"]
    assert main["args"] == ["--port=8080", ""]
    assert main["env"] == [{"name": "B", "value": ""}, {"name": "LEVEL", "value": "info"}]


def test_by_default_the_container_runs_the_entrypoint_of_its_image() -> None:
    assert not {"command", "args", "env"} & set(container())
