from typing import Any

from components.overprovisioner import Overprovisioner, OverprovisionerArgs
from core.availability.resources import Resources
from core.availability.zone_loss import SYSTEM, HeadroomPods
from core.facts.versions import CLUSTER_PROPORTIONAL_AUTOSCALER, PAUSE_IMAGE
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


def app(needed: int = 4, **given: Any) -> App:
    defaults = {
        "image": "example.com/web:1.0",
        "port": 8080,
        "requests": {"cpu": "250m", "memory": "128Mi"},
        "replicas": {"needed": needed, "max": 100},
    }
    return App.model_validate({**defaults, **given})


def headroom(
    *zones: str,
    mode: str = "pausePods",
    nodes_per_pod: int = 10,
    headroom_pods: dict[str, int] | None = None,
    max_pods: dict[str, int] | None = None,
    **apps: App,
) -> Deployed:
    """Room for two pods of each app in each of three zones, unless it is said otherwise."""
    args = OverprovisionerArgs(
        headroom=Headroom.model_validate({"mode": mode, "nodesPerPod": nodes_per_pod}),
        apps=apps,
        pools=POOLS,
        zones=zones or ZONES,
        headroom_pods=HeadroomPods(
            pods=dict.fromkeys(apps, 2) if headroom_pods is None else headroom_pods,
            max_pods=max_pods or {},
            system=Resources(cpu=360, memory=830, pods=4),
        ),
        priority_class="ha-eks-headroom",
        pulled=copied,
    )
    return deploy(lambda: Overprovisioner("overprovisioner", args, with_kubernetes()))


def tolerated(spec: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["key"], each["effect"]) for each in spec["tolerations"]]


LOST = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
]


def pod(**given: Any) -> dict[str, Any]:
    """The pod that holds room for `web` in the second of three zones."""
    made = headroom(web=app(**given)).one(DEPLOYMENT, "overprovisioner-web-us-east-1b")
    return made.inputs["spec"]["template"]["spec"]


def test_every_app_has_room_in_every_zone_and_only_there() -> None:
    made = headroom(web=app(), cache=app()).of_type(DEPLOYMENT)
    assert {
        each.inputs["metadata"]["name"]: each.inputs["spec"]["template"]["spec"]["nodeSelector"]
        for each in made
    } == {f"{name}-{zone}": {ZONE: zone} for name in ("web", "cache") for zone in ZONES}
    assert len(made) == 6


def test_a_zone_holds_as_many_pods_as_it_is_told_and_none_of_others() -> None:
    made = headroom(web=app(), cache=app(), idle=app(), headroom_pods={"web": 3, "idle": 0})
    replicas = {each.name: each.inputs["spec"]["replicas"] for each in made.of_type(DEPLOYMENT)}
    assert replicas == {f"overprovisioner-web-{zone}": 3 for zone in ZONES}


def test_a_zone_that_is_out_holds_nothing() -> None:
    made = headroom("us-east-1a", "us-east-1c", web=app()).of_type(DEPLOYMENT)
    assert [each.name for each in made] == [
        "overprovisioner-web-us-east-1a",
        "overprovisioner-web-us-east-1c",
    ]


def test_a_zone_holds_room_for_the_system_s_pods_on_nodes_without_taints() -> None:
    made = headroom(web=app(), headroom_pods={SYSTEM: 1})
    assert len(made.of_type(DEPLOYMENT)) == len(ZONES)
    spec = made.one(DEPLOYMENT, "overprovisioner-system-us-east-1a").inputs["spec"]
    assert spec["replicas"] == 1
    own = spec["template"]["spec"]
    assert own["nodeSelector"] == {ZONE: "us-east-1a"}
    assert tolerated(own) == LOST
    (pause,) = own["containers"]
    assert pause["resources"] == {
        "requests": {"cpu": "360m", "memory": "830Mi"},
        "limits": {"memory": "830Mi"},
    }


def test_each_app_and_zone_counts_its_own_pods() -> None:
    made = [each.inputs for each in headroom(web=app(), cache=app()).of_type(DEPLOYMENT)]
    labels = [each["spec"]["selector"]["matchLabels"] for each in made]
    for index, each in enumerate(made):
        assert each["spec"]["template"]["metadata"]["labels"] == labels[index]
        assert labels.count(labels[index]) == 1, "two Deployments fight over the same pods"


def test_headroom_has_a_namespace_of_its_own_under_the_restricted_standard() -> None:
    cell = headroom(web=app())
    metadata = cell.one(NAMESPACE).inputs["metadata"]
    assert metadata["labels"] == {"pod-security.kubernetes.io/enforce": "restricted"}
    assert metadata["name"] == "headroom"
    for each in cell.of_type(DEPLOYMENT):
        assert each.inputs["metadata"]["namespace"] == "headroom"


def test_nobody_waits_for_pods_that_gave_way() -> None:
    for each in headroom(web=app()).of_type(DEPLOYMENT):
        annotations = each.inputs["metadata"]["annotations"]
        assert annotations["pulumi.com/skipAwait"] == "true", "an update in need never ends"


def test_a_pod_holds_as_much_as_one_of_the_app_s() -> None:
    (pause,) = pod(requests={"cpu": "2", "memory": "3Gi"})["containers"]
    assert pause["resources"] == {
        "requests": {"cpu": "2", "memory": "3Gi"},
        "limits": {"memory": "3Gi"},
    }


def test_a_pod_gives_way_at_once() -> None:
    spec = pod()
    assert spec["priorityClassName"] == "ha-eks-headroom"
    assert spec["terminationGracePeriodSeconds"] == 0


def test_a_pod_does_nothing() -> None:
    (pause,) = pod()["containers"]
    assert pause["image"] == copied(PAUSE_IMAGE)
    assert not {"command", "args", "ports", "env"} & set(pause)


def test_room_is_held_on_the_nodes_of_the_app_s_pool() -> None:
    spec = pod(pool="batch")
    assert spec["nodeSelector"] == {ZONE: "us-east-1b", "ha-eks/pool": "batch"}
    own, *lost = spec["tolerations"]
    assert own == {"key": "batch", "operator": "Equal", "value": "yes", "effect": "NoExecute"}
    assert pod()["tolerations"] == lost


def test_a_pod_stays_on_a_node_that_is_lost() -> None:
    assert tolerated(pod()) == LOST
    for each in pod()["tolerations"]:
        assert each["operator"] == "Exists"
        assert "tolerationSeconds" not in each, "it would be pending, and ask for a node there"


def test_room_for_a_alone_app_is_off_the_nodes_of_its_pods_and_of_each_other() -> None:
    terms = pod(spread={"nodes": "alone"})["affinity"]["podAntiAffinity"]
    own = {
        "topologyKey": HOST,
        "namespaces": ["web"],
        "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "web"}},
    }
    headroom_term = {
        "topologyKey": HOST,
        "namespaces": ["headroom"],
        "labelSelector": {"matchLabels": {"ha-eks/headroom-for": "web"}},
    }
    assert terms == {"requiredDuringSchedulingIgnoredDuringExecution": [own, headroom_term]}


def test_the_pods_that_hold_room_carry_the_label_that_keeps_them_apart() -> None:
    for each in headroom(web=app(spread={"nodes": "alone"})).of_type(DEPLOYMENT):
        labels = each.inputs["spec"]["template"]["metadata"]["labels"]
        assert labels["ha-eks/headroom-for"] == "web"


def test_room_for_other_apps_is_on_several_nodes_where_that_can_be() -> None:
    assert pod()["affinity"] == {
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
    }, "room takes a node for each of its pods, or one node takes all room"


def test_the_descheduler_finds_nothing_to_balance() -> None:
    assert "topologySpreadConstraints" not in pod()


def test_a_pod_carries_no_label_of_the_app() -> None:
    for each in headroom(web=app()).of_type(DEPLOYMENT):
        labels = each.inputs["spec"]["template"]["metadata"]["labels"]
        assert "app.kubernetes.io/name" not in labels, "a replacement keeps off the room for it"


def test_a_pod_is_within_the_restricted_standard() -> None:
    spec = pod()
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


def test_nothing_grows_with_the_cell_unless_it_is_asked_for() -> None:
    assert headroom(web=app()).of_type(RELEASE) == []
    assert headroom(web=app()).of_type(BUDGET) == []


def growing(**given: Any) -> Deployed:
    return headroom(web=app(), cache=app(), max_pods={"web": 9}, **given)


def test_replicas_that_grow_with_the_cell_are_not_said_and_others_are() -> None:
    made = growing()
    for zone in ZONES:
        assert "replicas" not in made.one(DEPLOYMENT, f"overprovisioner-web-{zone}").inputs["spec"]
        assert made.one(DEPLOYMENT, f"overprovisioner-cache-{zone}").inputs["spec"]["replicas"] == 2


def test_replicas_that_do_not_grow_any_more_are_taken_back() -> None:
    for each in headroom(web=app()).of_type(DEPLOYMENT):
        annotations = each.inputs["metadata"]["annotations"]
        assert annotations["pulumi.com/patchForce"] == "true", "whose the number is may stop the up"


def test_each_app_s_room_has_an_autoscaler_for_all_its_zones() -> None:
    release = growing(nodes_per_pod=25).one(RELEASE).inputs
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


def test_it_knows_of_several_targets() -> None:
    image = growing().one(RELEASE).inputs["values"]["image"]
    assert image == {"repository": copied(CPA.image), "tag": "v1.10.3"}, (
        "the chart's own knows of one"
    )


def test_autoscalers_of_several_apps_have_names_of_their_own() -> None:
    made = headroom(web=app(), cache=app(), max_pods={"web": 9, "cache": 3})
    names = [each.inputs["name"] for each in made.of_type(RELEASE)]
    assert names == ["headroom-web", "headroom-cache"], "their ClusterRoles would be one"


def test_it_has_two_replicas_apart_where_that_can_be_evicted_one_by_one() -> None:
    made = growing()
    release, budget = made.one(RELEASE).inputs, made.one(BUDGET).inputs
    own = {"app.kubernetes.io/name": CPA.name, "app.kubernetes.io/instance": release["name"]}
    assert release["values"]["replicaCount"] == 2
    assert release["values"]["priorityClassName"] == "system-cluster-critical"
    anti = release["values"]["affinity"]["podAntiAffinity"]
    terms = [
        each["podAffinityTerm"] for each in anti["preferredDuringSchedulingIgnoredDuringExecution"]
    ]
    assert [each["topologyKey"] for each in terms] == [ZONE, HOST]
    for each in terms:
        assert each["labelSelector"] == {"matchLabels": own}
    assert budget["metadata"]["namespace"] == release["namespace"] == CPA.name
    assert budget["spec"] == {
        "selector": {"matchLabels": own},
        "maxUnavailable": 1,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }


def test_it_is_within_the_restricted_standard() -> None:
    made = growing()
    spaces = {each.inputs["metadata"]["name"]: each.inputs for each in made.of_type(NAMESPACE)}
    assert spaces[CPA.name]["metadata"]["labels"] == {
        "pod-security.kubernetes.io/enforce": "restricted"
    }
    values = made.one(RELEASE).inputs["values"]
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


def buffers(**given: Any) -> Deployed:
    headroom_pods = {"web": 3, SYSTEM: 1}
    return headroom(mode="capacityBuffer", headroom_pods=headroom_pods, web=app(**given))


def test_the_autoscaler_is_told_of_the_same_room_in_every_zone() -> None:
    made = buffers()
    assert made.of_type(DEPLOYMENT) == []
    for name, pods in (("web", 3), (SYSTEM, 1)):
        for zone in ZONES:
            given = made.one(BUFFER, f"overprovisioner-{name}-{zone}").inputs
            assert given["apiVersion"] == "autoscaling.x-k8s.io/v1beta1"
            assert given["metadata"]["namespace"] == "headroom"
            assert given["spec"] == {
                "provisioningStrategy": "buffer.x-k8s.io/active-capacity",
                "podTemplateRef": {"name": f"{name}-{zone}"},
                "replicas": pods,
            }
            metadata = made.one(TEMPLATE, f"overprovisioner-{name}-{zone}").inputs["metadata"]
            assert (metadata["namespace"], metadata["name"]) == ("headroom", f"{name}-{zone}")
    assert len(made.of_type(BUFFER)) == len(made.of_type(TEMPLATE)) == 2 * len(ZONES)


def test_its_pods_are_those_that_would_hold_the_room() -> None:
    given = {"pool": "batch", "spread": {"nodes": "alone"}}
    template = buffers(**given).one(TEMPLATE, "overprovisioner-web-us-east-1b").inputs["template"]
    own = dict(template["spec"])
    assert own.pop("priority") == -10, "without a dry run the class counts for nothing"
    assert own == pod(**given)
    assert template["metadata"]["labels"]["ha-eks/headroom-for"] == "web"
