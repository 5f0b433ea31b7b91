from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from components.app import App, AppArgs, Migrations
from components.autoscaling import PriorityClasses
from components.file_systems import SharedFiles
from components.load_balancing import Target
from components.prometheus import Source
from core.facts.versions.add_ons import OPTIONAL_ADD_ONS
from settings.app.apps import App as AppSettings
from settings.pool.pools import Pool
from settings.singleton.singletons import Singleton
from settings.worker.workers import Worker
from settings.workload.served import Served
from settings.workload.workload import Workload
from tests.components.deploy import Deployed, context, copied, deploy, show, with_kubernetes

NAMESPACE = "kubernetes:core/v1:Namespace"
ACCOUNT = "kubernetes:core/v1:ServiceAccount"
SERVICE = "kubernetes:core/v1:Service"
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"

GATE = "elbv2.k8s.aws/pod-readiness-gate-inject"
ZONE = "topology.kubernetes.io/zone"
HOST = "kubernetes.io/hostname"
GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/1"

EXPOSED = {"expose": {"path": "/"}}

LOST = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")

POOLS = {
    "batch": Pool.model_validate(
        {
            "instanceTypes": ("m7i.large",),
            "perZone": {"min": 1, "max": 3},
            "taints": (
                {"key": "batch", "value": "yes", "effect": "NO_SCHEDULE"},
                {"key": "gone", "effect": "NO_EXECUTE"},
                {"key": "rather", "effect": "PREFER_NO_SCHEDULE"},
            ),
        }
    )
}


_REQUIRED = {
    "image": "example.com/web:1.0",
    "requests": {"cpu": "250m", "memory": "128Mi"},
}


def settings(**changes: Any) -> AppSettings:
    defaults = {"port": 8080, "replicas": {"needed": 4, "max": 60}}
    return AppSettings.model_validate({**_REQUIRED, **defaults, **changes})


def worker(**changes: Any) -> Worker:
    return Worker.model_validate({**_REQUIRED, "replicas": {"needed": 4, "max": 60}, **changes})


def singleton(**changes: Any) -> Singleton:
    return Singleton.model_validate({**_REQUIRED, **changes})


def app(
    zones: int = 3,
    name: str = "web",
    *,
    scraped: bool = False,
    same_zone: bool = False,
    **changes: Any,
) -> Deployed:
    """Deploys an app, with a target group if it is exposed."""
    return deployed(settings(**changes), zones, name, scraped=scraped, same_zone=same_zone)


def deployed(
    workload: AppSettings | Worker | Singleton,
    zones: int = 3,
    name: str = "web",
    *,
    scraped: bool = False,
    same_zone: bool = False,
) -> Deployed:
    """Deploys a workload, with a target group if it is exposed."""
    exposed = isinstance(workload, Served) and workload.expose

    def build() -> None:
        arn = pulumi.Output.from_input(GROUP)
        address = pulumi.Output.from_input("https://aps")
        args = AppArgs(
            context=context(),
            app=workload,
            callers={},
            callees={},
            resolve_image=copied,
            zones=zones,
            effective_zones=zones,
            awaited=True,
            pool=POOLS[workload.pool] if workload.pool else None,
            node_provision_minutes=10,
            prefers_same_zone=same_zone,
            load_balancer_cidrs=["10.0.16.0/22"],
            control_plane_cidrs=["10.0.31.240/28"],
            storage=[],
            before_pods=[],
            priority_classes=PriorityClasses(
                critical=pulumi.Output.from_input("ha-eks-critical"),
                default=pulumi.Output.from_input("ha-eks-default"),
                headroom=pulumi.Output.from_input("ha-eks-headroom"),
            ),
            target=Target(arn=arn, ready=[]) if exposed else None,
            source=Source(address=address, region="us-east-1", ready=[]) if scraped else None,
            keda=None,
            sampled_percent=5,
            migrations=Migrations(provider=kubernetes.Provider("migrations")),
            drivers=drivers(),
            shared_files=shared_files(workload),
        )
        component = App(name, args, with_kubernetes())
        show(serving=[resource.urn for resource in component.serving])

    return deploy(build)


def drivers() -> dict[str, pulumi.Resource]:
    """Returns the optional CSI drivers."""
    return {name: pulumi.ComponentResource("test:index:Driver", name) for name in OPTIONAL_ADD_ONS}


def shared_files(workload: Workload) -> SharedFiles | None:
    """Returns the access point of a workload with a shared volume."""
    if workload.shared_volume is None:
        return None
    target = pulumi.ComponentResource("test:index:MountTarget", "target")
    handle = pulumi.Output.from_input("fs-0123456789abcdef0::fsap-0123456789abcdef0")
    return SharedFiles(handle=handle, ready=[target])


def pod(**changes: Any) -> dict[str, Any]:
    return app(**changes).one(DEPLOYMENT).inputs["spec"]["template"]["spec"]


def container(**changes: Any) -> dict[str, Any]:
    (only,) = pod(**changes)["containers"]
    return only


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


def test_an_app_serves_once_deployment_and_autoscaler_exist() -> None:
    kinds = [urn.split("::")[2].rpartition("$")[2] for urn in app().shown()["serving"]]
    assert kinds == [DEPLOYMENT, AUTOSCALER], (
        "traffic would start before the autoscaler has added pods"
    )
