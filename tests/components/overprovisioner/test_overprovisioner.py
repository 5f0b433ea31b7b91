from typing import Any

from components.overprovisioner import Overprovisioner, OverprovisionerArgs
from core.availability.resources import Resources
from core.availability.zone_loss import SYSTEM, HeadroomPods
from core.facts.versions.charts import CLUSTER_PROPORTIONAL_AUTOSCALER
from core.facts.versions.images import PAUSE_IMAGE
from settings.app.apps import App
from settings.headroom.headroom import Headroom
from settings.pool.pools import Pool
from tests.components.deploy import Deployed, copied, deploy, with_kubernetes

NAMESPACE = "kubernetes:core/v1:Namespace"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"

RELEASE = "kubernetes:helm.sh/v3:Release"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
BUFFER = "kubernetes:autoscaling.x-k8s.io/v1beta1:CapacityBuffer"
TEMPLATE = "kubernetes:core/v1:PodTemplate"
CPA = CLUSTER_PROPORTIONAL_AUTOSCALER

ZONE = "topology.kubernetes.io/zone"
HOST = "kubernetes.io/hostname"
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")

POOLS = {
    "batch": Pool.model_validate(
        {
            "instanceTypes": ("m7i.large",),
            "perZone": {"min": 1, "max": 3},
            "taints": ({"key": "batch", "value": "yes", "effect": "NO_EXECUTE"},),
        }
    )
}


def app(needed: int = 4, **changes: Any) -> App:
    defaults = {
        "image": "example.com/web:1.0",
        "port": 8080,
        "requests": {"cpu": "250m", "memory": "128Mi"},
        "replicas": {"needed": needed, "max": 100},
    }
    return App.model_validate({**defaults, **changes})


def overprovisioner(
    *zones: str,
    mode: str = "pausePods",
    nodes_per_pod: int = 10,
    headroom_pods: dict[str, int] | None = None,
    max_pods: dict[str, int] | None = None,
    **apps: App,
) -> Deployed:
    """Deploys headroom for two pods of each app in each of three zones, unless overridden."""
    args = OverprovisionerArgs(
        headroom=Headroom.model_validate({"mode": mode, "nodesPerPod": nodes_per_pod}),
        apps=apps,
        pools=POOLS,
        zones=zones or ZONES,
        headroom_pods=HeadroomPods(
            pods=dict.fromkeys(apps, 2) if headroom_pods is None else headroom_pods,
            max_pods=max_pods or {},
            system_requests=Resources(cpu=360, memory=830, pods=4),
        ),
        priority_class="ha-eks-headroom",
        resolve_image=copied,
    )
    return deploy(lambda: Overprovisioner("overprovisioner", args, with_kubernetes()))


def tolerated(spec: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["key"], each["effect"]) for each in spec["tolerations"]]


FAILED_NODE = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
]


def pause_pod(**changes: Any) -> dict[str, Any]:
    """Returns the pause pod for `web` in the second of three zones."""
    deployed = overprovisioner(web=app(**changes))
    deployment = deployed.one(DEPLOYMENT, "overprovisioner-web-us-east-1b")
    return deployment.inputs["spec"]["template"]["spec"]


def test_every_app_has_pause_pods_in_every_zone_pinned_to_that_zone() -> None:
    deployed = overprovisioner(web=app(), cache=app()).of_type(DEPLOYMENT)
    assert {
        each.inputs["metadata"]["name"]: each.inputs["spec"]["template"]["spec"]["nodeSelector"]
        for each in deployed
    } == {f"{name}-{zone}": {ZONE: zone} for name in ("web", "cache") for zone in ZONES}
    assert len(deployed) == 6


def test_each_zone_has_the_configured_number_of_pause_pods() -> None:
    deployed = overprovisioner(
        web=app(), cache=app(), idle=app(), headroom_pods={"web": 3, "idle": 0}
    )
    replicas = {each.name: each.inputs["spec"]["replicas"] for each in deployed.of_type(DEPLOYMENT)}
    assert replicas == {f"overprovisioner-web-{zone}": 3 for zone in ZONES}


def test_a_zone_in_zones_out_has_no_pause_pods() -> None:
    deployed = overprovisioner("us-east-1a", "us-east-1c", web=app()).of_type(DEPLOYMENT)
    assert [each.name for each in deployed] == [
        "overprovisioner-web-us-east-1a",
        "overprovisioner-web-us-east-1c",
    ]


def test_headroom_for_system_pods_is_on_nodes_without_taints() -> None:
    deployed = overprovisioner(web=app(), headroom_pods={SYSTEM: 1})
    assert len(deployed.of_type(DEPLOYMENT)) == len(ZONES)
    spec = deployed.one(DEPLOYMENT, "overprovisioner-system-us-east-1a").inputs["spec"]
    assert spec["replicas"] == 1
    template = spec["template"]["spec"]
    assert template["nodeSelector"] == {ZONE: "us-east-1a"}
    assert tolerated(template) == FAILED_NODE
    (pause,) = template["containers"]
    assert pause["resources"] == {
        "requests": {"cpu": "360m", "memory": "830Mi"},
        "limits": {"memory": "830Mi"},
    }


def test_each_deployment_selects_only_its_own_pods() -> None:
    deployed = [each.inputs for each in overprovisioner(web=app(), cache=app()).of_type(DEPLOYMENT)]
    labels = [each["spec"]["selector"]["matchLabels"] for each in deployed]
    for index, each in enumerate(deployed):
        assert each["spec"]["template"]["metadata"]["labels"] == labels[index]
        assert labels.count(labels[index]) == 1, "two Deployments would select the same pods"


def test_headroom_has_its_own_namespace_with_the_restricted_standard() -> None:
    cell = overprovisioner(web=app())
    metadata = cell.one(NAMESPACE).inputs["metadata"]
    assert metadata["labels"] == {"pod-security.kubernetes.io/enforce": "restricted"}
    assert metadata["name"] == "headroom"
    for each in cell.of_type(DEPLOYMENT):
        assert each.inputs["metadata"]["namespace"] == "headroom"


def test_an_update_does_not_wait_for_preempted_pause_pods() -> None:
    for each in overprovisioner(web=app()).of_type(DEPLOYMENT):
        annotations = each.inputs["metadata"]["annotations"]
        assert annotations["pulumi.com/skipAwait"] == "true", (
            "an update after a zone failure would time out"
        )


def test_a_pause_pod_has_the_requests_of_its_app() -> None:
    requests = {"cpu": "2", "memory": "3Gi"}
    (pause,) = pause_pod(requests=requests, scratch={"/tmp": "1Gi"})["containers"]
    assert pause["resources"] == {
        "requests": {"cpu": "2", "memory": "3Gi", "ephemeral-storage": "1088Mi"},
        "limits": {"memory": "3Gi"},
    }


def test_a_pause_pod_is_preempted_first_and_terminates_immediately() -> None:
    spec = pause_pod()
    assert spec["priorityClassName"] == "ha-eks-headroom"
    assert spec["terminationGracePeriodSeconds"] == 0


def test_a_pause_pod_runs_only_the_pause_image() -> None:
    (pause,) = pause_pod()["containers"]
    assert pause["image"] == copied(PAUSE_IMAGE)
    assert not {"command", "args", "ports", "env"} & set(pause)


def test_pause_pods_run_in_the_pool_of_their_app() -> None:
    spec = pause_pod(pool="batch")
    assert spec["nodeSelector"] == {ZONE: "us-east-1b", "ha-eks/pool": "batch"}
    of_pool, *failed_node = spec["tolerations"]
    assert of_pool == {"key": "batch", "operator": "Equal", "value": "yes", "effect": "NoExecute"}
    assert pause_pod()["tolerations"] == failed_node


def test_a_pause_pod_is_not_evicted_from_a_failed_node() -> None:
    assert tolerated(pause_pod()) == FAILED_NODE
    for each in pause_pod()["tolerations"]:
        assert each["operator"] == "Exists"
        assert "tolerationSeconds" not in each, (
            "the pod would be pending and request a node in the failed zone"
        )


def test_pause_pods_of_a_one_per_node_app_avoid_its_nodes_and_each_other() -> None:
    terms = pause_pod(spread={"nodes": "alone"})["affinity"]["podAntiAffinity"]
    app_pods = {
        "topologyKey": HOST,
        "namespaces": ["web"],
        "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "web"}},
    }
    pause_pods_of_app = {
        "topologyKey": HOST,
        "namespaces": ["headroom"],
        "labelSelector": {"matchLabels": {"ha-eks/headroom-for": "web"}},
    }
    assert terms == {
        "requiredDuringSchedulingIgnoredDuringExecution": [app_pods, pause_pods_of_app]
    }


def test_pause_pods_have_the_label_of_their_anti_affinity() -> None:
    for each in overprovisioner(web=app(spread={"nodes": "alone"})).of_type(DEPLOYMENT):
        labels = each.inputs["spec"]["template"]["metadata"]["labels"]
        assert labels["ha-eks/headroom-for"] == "web"


def test_pause_pods_of_other_apps_prefer_different_nodes() -> None:
    assert pause_pod()["affinity"] == {
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {
                    "weight": 100,
                    "podAffinityTerm": {
                        "topologyKey": HOST,
                        "namespaces": ["headroom"],
                        "labelSelector": {"matchLabels": {"ha-eks/headroom-for": "web"}},
                    },
                }
            ]
        }
    }, "each pause pod would need its own node, or one node failure removes all headroom"


def test_pause_pods_have_no_spread_constraints_for_the_descheduler() -> None:
    assert "topologySpreadConstraints" not in pause_pod()


def test_a_pause_pod_does_not_have_the_labels_of_its_app() -> None:
    for each in overprovisioner(web=app()).of_type(DEPLOYMENT):
        labels = each.inputs["spec"]["template"]["metadata"]["labels"]
        assert "app.kubernetes.io/name" not in labels, (
            "replacements of app pods would avoid the headroom"
        )


def test_a_pause_pod_meets_the_restricted_standard() -> None:
    spec = pause_pod()
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert spec["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65535,
        "runAsGroup": 65535,
        "fsGroup": 65535,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    (pause,) = spec["containers"]
    assert pause["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_headroom_is_fixed_by_default() -> None:
    assert overprovisioner(web=app()).of_type(RELEASE) == []
    assert overprovisioner(web=app()).of_type(BUDGET) == []


def proportional(**changes: Any) -> Deployed:
    return overprovisioner(web=app(), cache=app(), max_pods={"web": 9}, **changes)


def test_only_fixed_headroom_sets_replicas() -> None:
    deployed = proportional()
    for zone in ZONES:
        assert (
            "replicas" not in deployed.one(DEPLOYMENT, f"overprovisioner-web-{zone}").inputs["spec"]
        )
        assert (
            deployed.one(DEPLOYMENT, f"overprovisioner-cache-{zone}").inputs["spec"]["replicas"]
            == 2
        )


def test_pulumi_takes_over_replicas_after_proportional_headroom() -> None:
    for each in overprovisioner(web=app()).of_type(DEPLOYMENT):
        annotations = each.inputs["metadata"]["annotations"]
        assert annotations["pulumi.com/patchForce"] == "true", (
            "`pulumi up` would fail with a field conflict"
        )


def test_one_proportional_autoscaler_per_app_scales_all_zones() -> None:
    release = proportional(nodes_per_pod=25).one(RELEASE).inputs
    assert (release["name"], release["chart"]) == ("headroom-web", CPA.name)
    assert release["version"] == CPA.version
    assert release["atomic"] is True
    assert release["values"]["options"] == {
        "namespace": "headroom",
        "target": ",".join(f"deployment/web-{zone}" for zone in ZONES),
    }
    assert release["values"]["config"] == {
        "linear": {
            "nodesPerReplica": 25,
            "min": 2,
            "max": 9,
            "preventSinglePointFailure": False,
            "includeUnschedulableNodes": True,
        }
    }


def test_the_proportional_autoscaler_supports_several_targets() -> None:
    image = proportional().one(RELEASE).inputs["values"]["image"]
    assert image == {"repository": copied(CPA.image), "tag": "v1.10.3"}, (
        "the default image of the chart supports one target"
    )


def test_the_proportional_autoscalers_of_two_apps_have_distinct_names() -> None:
    deployed = overprovisioner(web=app(), cache=app(), max_pods={"web": 9, "cache": 3})
    names = [each.inputs["name"] for each in deployed.of_type(RELEASE)]
    assert names == ["headroom-web", "headroom-cache"], "their ClusterRoles would collide"


def test_the_proportional_autoscaler_has_two_spread_replicas_and_a_budget() -> None:
    deployed = proportional()
    release, budget = deployed.one(RELEASE).inputs, deployed.one(BUDGET).inputs
    labels = {"app.kubernetes.io/name": CPA.name, "app.kubernetes.io/instance": release["name"]}
    assert release["values"]["replicaCount"] == 2
    assert release["values"]["priorityClassName"] == "system-cluster-critical"
    affinity = release["values"]["affinity"]["podAntiAffinity"]
    terms = [
        each["podAffinityTerm"]
        for each in affinity["preferredDuringSchedulingIgnoredDuringExecution"]
    ]
    assert [each["topologyKey"] for each in terms] == [ZONE, HOST]
    for each in terms:
        assert each["labelSelector"] == {"matchLabels": labels}
    assert budget["metadata"]["namespace"] == release["namespace"] == CPA.name
    assert budget["spec"] == {
        "selector": {"matchLabels": labels},
        "maxUnavailable": 1,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }


def test_the_proportional_autoscaler_meets_the_restricted_standard() -> None:
    deployed = proportional()
    namespaces = {
        each.inputs["metadata"]["name"]: each.inputs for each in deployed.of_type(NAMESPACE)
    }
    assert namespaces[CPA.name]["metadata"]["labels"] == {
        "pod-security.kubernetes.io/enforce": "restricted"
    }
    values = deployed.one(RELEASE).inputs["values"]
    assert values["podSecurityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65535,
        "runAsGroup": 65535,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert values["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert values["resources"]["limits"] == {"memory": values["resources"]["requests"]["memory"]}


def capacity_buffers(**changes: Any) -> Deployed:
    headroom_pods = {"web": 3, SYSTEM: 1}
    return overprovisioner(mode="capacityBuffer", headroom_pods=headroom_pods, web=app(**changes))


def test_each_app_and_zone_has_one_capacity_buffer() -> None:
    deployed = capacity_buffers()
    assert deployed.of_type(DEPLOYMENT) == []
    for name, pods in (("web", 3), (SYSTEM, 1)):
        for zone in ZONES:
            inputs = deployed.one(BUFFER, f"overprovisioner-{name}-{zone}").inputs
            assert inputs["apiVersion"] == "autoscaling.x-k8s.io/v1beta1"
            assert inputs["metadata"]["namespace"] == "headroom"
            assert inputs["spec"] == {
                "provisioningStrategy": "buffer.x-k8s.io/active-capacity",
                "podTemplateRef": {"name": f"{name}-{zone}"},
                "replicas": pods,
            }
            metadata = deployed.one(TEMPLATE, f"overprovisioner-{name}-{zone}").inputs["metadata"]
            assert (metadata["namespace"], metadata["name"]) == ("headroom", f"{name}-{zone}")
    assert len(deployed.of_type(BUFFER)) == len(deployed.of_type(TEMPLATE)) == 2 * len(ZONES)


def test_the_template_of_a_capacity_buffer_is_that_of_the_pause_pod() -> None:
    changes = {"pool": "batch", "spread": {"nodes": "alone"}}
    template = (
        capacity_buffers(**changes)
        .one(TEMPLATE, "overprovisioner-web-us-east-1b")
        .inputs["template"]
    )
    spec = dict(template["spec"])
    assert spec.pop("priority") == -10, "the Cluster Autoscaler ignores the PriorityClass"
    assert spec == pause_pod(**changes)
    assert template["metadata"]["labels"]["ha-eks/headroom-for"] == "web"
