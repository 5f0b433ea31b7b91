"""Headroom and priorities: pause pods, their requests, and which pods are preempted."""

import math

from core.availability.zone_loss import SYSTEM
from settings.availability import headroom_of
from tests.stacks.objects import (
    Object,
    autoscaled,
    autoscaler_of,
    deployments,
    headroom_deployments,
    of_kind,
    pod_of,
)
from tests.stacks.test_workloads import HOST, ZONE
from tools.recording import Recording

NODE_CONDITION_TAINTS = "node.kubernetes.io/"


def headroom_for(each: Object) -> str:
    """Returns the app of a headroom Deployment, or SYSTEM."""
    return each["spec"]["selector"]["matchLabels"]["ha-eks/headroom-for"]


def test_each_zone_in_service_has_the_headroom_of_the_settings(
    recording: Recording,
) -> None:
    zones, calculated = recording.settings.network.zones_in, headroom_of(recording.settings)
    expected = {
        (name, zone): None if name in calculated.max_pods else pods
        for name, pods in calculated.pods.items()
        for zone in zones
        if pods
    }
    if recording.settings.headroom.mode == "pausePods":
        assert expected == {
            (headroom_for(each), pod_of(each)["nodeSelector"][ZONE]): each["spec"].get("replicas")
            for each in headroom_deployments(recording)
        }
    proportional = {
        each.inputs["name"].removeprefix("headroom-"): each.inputs["values"]["config"]["linear"]
        for each in recording.of_type("kubernetes:helm.sh/v3:Release")
        if each.inputs["chart"] == "cluster-proportional-autoscaler"
    }
    assert {name: (each["min"], each["max"]) for name, each in proportional.items()} == {
        name: (calculated.pods[name], maximum) for name, maximum in calculated.max_pods.items()
    }


def test_headroom_pods_have_requests_tolerations_and_pool_of_their_app(
    recording: Recording,
) -> None:
    system = headroom_of(recording.settings).system_requests
    for each in headroom_deployments(recording):
        [pause] = pod_of(each)["containers"]
        name = headroom_for(each)
        if name == SYSTEM:
            requests = {"cpu": f"{system.cpu}m", "memory": f"{system.memory}Mi"}
            assert pause["resources"]["requests"] == requests
            continue
        app = deployments(recording)[name]
        requests = recording.settings.deployments[name].resource_requests
        limits = {"memory": requests["memory"], **recording.settings.deployments[name].devices}
        assert pause["resources"] == {"requests": requests, "limits": limits}, (
            "a pod of the app would not fit into its headroom"
        )
        tolerations = [
            e for e in pod_of(each)["tolerations"] if not e["key"].startswith(NODE_CONDITION_TAINTS)
        ]
        assert tolerations == [
            e
            for e in pod_of(app).get("tolerations", [])
            if not e["key"].startswith(NODE_CONDITION_TAINTS)
        ]
        pool = pod_of(app).get("nodeSelector", {}).get("ha-eks/pool")
        assert pod_of(each)["nodeSelector"].get("ha-eks/pool") == pool


def test_by_default_a_zone_has_headroom_for_its_share_of_a_failed_zone(
    recording: Recording,
) -> None:
    zones = recording.settings.network.effective_zones
    calculated = headroom_of(recording.settings)
    for name in set(autoscaled(recording)) - set(recording.settings.headroom.pods):
        minimum = autoscaler_of(recording, name)["minReplicas"]
        if recording.settings.headroom.size != "none":
            assert calculated.pods[name] * (zones - 1) >= math.ceil(minimum / zones)


def test_headroom_is_preempted_by_all_apps_without_a_grace_period(recording: Recording) -> None:
    values = {
        each["metadata"]["name"]: each["value"] for each in of_kind(recording, "PriorityClass")
    }
    for each in headroom_deployments(recording):
        pod = pod_of(each)
        assert values[pod["priorityClassName"]] == -10, (
            "below -10 the Cluster Autoscaler adds no nodes for headroom"
        )
        assert pod["terminationGracePeriodSeconds"] == 0
        assert each["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true"


def preemptions(recording: Recording) -> set[tuple[str, str]]:
    """Returns pairs of an app and the app, or HEADROOM, whose pods it may preempt."""
    classes = {each["metadata"]["name"]: each for each in of_kind(recording, "PriorityClass")}
    pods = {name: pod_of(each) for name, each in deployments(recording).items()}
    for each in headroom_deployments(recording):
        pods["HEADROOM"] = pod_of(each)
    priorities = {name: classes[pod["priorityClassName"]] for name, pod in pods.items()}
    return {
        (name, other)
        for name, first in priorities.items()
        for other, second in priorities.items()
        if first["preemptionPolicy"] != "Never" and first["value"] > second["value"]
    }


def test_all_apps_preempt_headroom_and_critical_apps_preempt_other_apps(
    recording: Recording,
) -> None:
    apps = recording.settings.deployments
    critical = {name for name, app in apps.items() if app.critical}
    expected = {(one, other) for one in critical for other in set(apps) - critical}
    if headroom_deployments(recording):
        expected |= {(name, "HEADROOM") for name in apps}
    assert preemptions(recording) == expected


def test_the_default_priority_class_has_priority_zero(
    recording: Recording,
) -> None:
    classes = of_kind(recording, "PriorityClass")
    [default] = [each for each in classes if each.get("globalDefault")]
    assert default["value"] == 0, "add-ons without a priority class would preempt apps"
    assert default["preemptionPolicy"] == "PreemptLowerPriority"
    assert [each["metadata"]["name"] for each in classes if each["value"] < 0] == [
        "ha-eks-headroom"
    ]
    apps = {pod_of(each)["priorityClassName"] for each in deployments(recording).values()}
    assert apps <= {"ha-eks-default", "ha-eks-critical"}


def test_apps_with_one_pod_per_node_share_no_node_with_their_headroom(
    recording: Recording,
) -> None:
    for name, app in recording.settings.deployments.items():
        pods = [pod_of(deployments(recording)[name])]
        pods += [
            pod_of(each)
            for each in headroom_deployments(recording)
            if each["spec"]["selector"]["matchLabels"]["ha-eks/headroom-for"] == name
        ]
        for pod in pods:
            anti = pod.get("affinity", {}).get("podAntiAffinity", {})
            terms = anti.get("requiredDuringSchedulingIgnoredDuringExecution", [])
            per_node = [t for t in terms if t["namespaces"] == [name] and t["topologyKey"] == HOST]
            assert bool(per_node) == app.one_per_node
