from typing import Any

import pytest

from components.autoscaling.headroom import Headroom, HeadroomArgs
from core.capacity import minimum_replicas
from settings.apps import App
from settings.pools import Pool
from tests.components.deploy import Deployed, deploy, with_kubernetes

NAMESPACE = "kubernetes:core/v1:Namespace"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"

ZONE = "topology.kubernetes.io/zone"
HOST = "kubernetes.io/hostname"
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e", "us-east-1f")

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


def headroom(zones: int = 3, **apps: App) -> Deployed:
    args = HeadroomArgs(
        apps=apps, pools=POOLS, zones=ZONES[:zones], priority_class="ha-eks-headroom"
    )
    return deploy(lambda: Headroom("room", args, with_kubernetes()))


def pod(**given: Any) -> dict[str, Any]:
    """The pod that holds room for `web` in the second of three zones."""
    made = headroom(web=app(**given)).one(DEPLOYMENT, "room-web-us-east-1b")
    return made.inputs["spec"]["template"]["spec"]


def test_every_app_has_room_in_every_zone_and_only_there() -> None:
    made = headroom(web=app(), cache=app()).of_type(DEPLOYMENT)
    assert {
        each.inputs["metadata"]["name"]: each.inputs["spec"]["template"]["spec"]["nodeSelector"]
        for each in made
    } == {f"{name}-{zone}": {ZONE: zone} for name in ("web", "cache") for zone in ZONES[:3]}
    assert len(made) == 6


@pytest.mark.parametrize(
    ("zones", "needed", "each"), [(2, 4, 4), (3, 4, 1), (3, 1, 1), (3, 10, 3), (6, 4, 1)]
)
def test_a_zone_holds_its_share_of_what_a_lost_zone_ran(zones: int, needed: int, each: int) -> None:
    made = headroom(zones, web=app(needed)).of_type(DEPLOYMENT)
    assert [deployment.inputs["spec"]["replicas"] for deployment in made] == [each] * zones
    lost = -(-minimum_replicas(needed, zones) // zones)
    assert each * (zones - 1) >= lost, "the other zones do not hold a lost zone's pods"


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
    assert pause["image"].startswith("registry.k8s.io/pause:")
    assert not {"command", "args", "ports", "env"} & set(pause)


def test_room_is_held_on_the_nodes_of_the_app_s_pool() -> None:
    spec = pod(pool="batch")
    assert spec["nodeSelector"] == {ZONE: "us-east-1b", "ha-eks/pool": "batch"}
    assert spec["tolerations"] == [
        {"key": "batch", "operator": "Equal", "value": "yes", "effect": "NoExecute"}
    ]
    assert "tolerations" not in pod()


def test_room_for_a_one_per_node_app_is_off_the_nodes_of_its_pods_and_of_each_other() -> None:
    terms = pod(onePerNode=True)["affinity"]["podAntiAffinity"]
    own = {
        "topologyKey": HOST,
        "namespaces": ["web"],
        "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "web"}},
    }
    room = {
        "topologyKey": HOST,
        "namespaces": ["headroom"],
        "labelSelector": {"matchLabels": {"ha-eks/headroom-for": "web"}},
    }
    assert terms == {"requiredDuringSchedulingIgnoredDuringExecution": [own, room]}


def test_the_pods_that_hold_room_carry_the_label_that_keeps_them_apart() -> None:
    for each in headroom(web=app(onePerNode=True)).of_type(DEPLOYMENT):
        labels = each.inputs["spec"]["template"]["metadata"]["labels"]
        assert labels["ha-eks/headroom-for"] == "web"


def test_room_for_other_apps_may_share_a_node_with_them() -> None:
    assert "affinity" not in pod(), "room takes a node for each of its pods"


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
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    (pause,) = spec["containers"]
    assert pause["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
