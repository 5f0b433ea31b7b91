"""What keeps the applications up, in the plan of every stack."""

import math
from collections.abc import Callable

import pytest

from plan import Plan
from settings import check
from tests.conftest import STACKS
from tests.plan.objects import (
    Object,
    in_namespace,
    of_kind,
    pod_of,
    scaler_of,
    selects,
    values_of,
)

ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
LETS_GO = {True: 20, False: 5}
"""Seconds until nobody sends a pod anything more: behind a load balancer, and not."""


def deployments(plan: Plan) -> dict[str, Object]:
    """The Deployment of each app, by its name."""
    found = {each["metadata"]["name"]: each for each in of_kind(plan, "Deployment")}
    return {name: found[name] for name in plan.settings.apps.root}


def headroom(plan: Plan) -> list[Object]:
    return [e for e in of_kind(plan, "Deployment") if e["metadata"]["namespace"] == "headroom"]


def test_every_deployment_is_an_app_or_headroom(plan: Plan) -> None:
    apps = deployments(plan)
    assert len(of_kind(plan, "Deployment")) == len(apps) + len(headroom(plan))


def test_every_app_has_a_budget_that_never_protects_broken_pods(plan: Plan) -> None:
    for name in deployments(plan):
        spec = in_namespace(plan, "PodDisruptionBudget", name)["spec"]
        assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_an_autoscaler_has_the_replicas_to_itself(plan: Plan) -> None:
    for name, deployment in deployments(plan).items():
        assert scaler_of(plan, name)
        assert "replicas" not in deployment["spec"], "every up would scale it back"


def test_with_a_zone_gone_what_is_left_carries_the_load(plan: Plan) -> None:
    zones = len(plan.settings.network.zones)
    for name, app in plan.settings.apps.root.items():
        spec = scaler_of(plan, name)
        least = spec["minReplicas"]
        assert least - math.ceil(least / zones) >= app.replicas.needed
        assert spec["maxReplicas"] >= least
        assert 80 < spec["cpu"] * zones / (zones - 1) <= 90


def test_an_eviction_leaves_what_the_load_needs(plan: Plan) -> None:
    for name, app in plan.settings.apps.root.items():
        least = scaler_of(plan, name)["minReplicas"]
        gone = in_namespace(plan, "PodDisruptionBudget", name)["spec"]["maxUnavailable"]
        assert least - gone >= app.replicas.needed


def test_every_container_is_asked_for_its_health_and_says_what_it_needs(plan: Plan) -> None:
    for deployment in deployments(plan).values():
        for container in pod_of(deployment)["containers"]:
            liveness, readiness = container["livenessProbe"], container["readinessProbe"]
            assert container["startupProbe"]["failureThreshold"] > 1
            alive = liveness["periodSeconds"] * liveness["failureThreshold"]
            ready = readiness["periodSeconds"] * readiness["failureThreshold"]
            assert alive > ready, "a pod would be restarted before it is taken out of traffic"
            resources = container["resources"]
            assert set(resources["requests"]) == {"cpu", "memory"}
            assert resources["limits"] == {"memory": resources["requests"]["memory"]}


def test_every_app_is_spread_over_zones_and_nodes_and_still_scheduled_without_one(
    plan: Plan,
) -> None:
    for deployment in deployments(plan).values():
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        spread = pod_of(deployment)["topologySpreadConstraints"]
        assert [each["topologyKey"] for each in spread] == [ZONE, HOST]
        for each in spread:
            assert each["whenUnsatisfiable"] == "ScheduleAnyway"
            assert selects(each["labelSelector"]["matchLabels"], labels)


def test_the_drain_of_every_app_adds_up(plan: Plan) -> None:
    groups = {group.name: group.inputs for group in plan.of_type("aws:lb/targetGroup:TargetGroup")}
    for name, deployment in deployments(plan).items():
        app, pod = plan.settings.apps.root[name], pod_of(deployment)
        [sleep] = values_of(pod, "sleep")
        assert sleep["seconds"] >= LETS_GO[app.expose is not None]
        shutdown = app.shutdown_seconds or app.longest_request_seconds
        assert shutdown >= app.longest_request_seconds
        assert pod["terminationGracePeriodSeconds"] >= sleep["seconds"] + shutdown + 5
        if app.expose:
            delay = groups[f"lb-{name}"]["deregistrationDelay"]
            assert delay >= app.longest_request_seconds + 5
        else:
            assert f"lb-{name}" not in groups


def test_the_autoscaler_waits_for_the_longest_drain(plan: Plan) -> None:
    [release] = [
        each
        for each in plan.of_type("kubernetes:helm.sh/v3:Release")
        if each.inputs["chart"] == "cluster-autoscaler"
    ]
    waits = release.inputs["values"]["extraArgs"]["max-graceful-termination-sec"]
    for deployment in of_kind(plan, "Deployment"):
        assert pod_of(deployment)["terminationGracePeriodSeconds"] <= waits


def test_rolling_out_never_takes_a_pod_before_its_successor_serves(plan: Plan) -> None:
    zones = len(plan.settings.network.zones)
    for deployment in deployments(plan).values():
        rolling = deployment["spec"]["strategy"]["rollingUpdate"]
        assert rolling == {"maxSurge": zones, "maxUnavailable": 0}


def test_each_zone_holds_room_for_its_share_of_every_app_in_another(plan: Plan) -> None:
    zones = plan.settings.network.zones
    room: dict[tuple[str, str], Object] = {}
    for each in headroom(plan):
        selector = pod_of(each)["nodeSelector"]
        room[each["spec"]["selector"]["matchLabels"]["ha-eks/headroom-for"], selector[ZONE]] = each
    apps = plan.settings.apps.root if plan.settings.autoscaling.headroom else ()
    assert set(room) == {(name, zone) for name in apps for zone in zones}
    for (name, _), each in room.items():
        app = deployments(plan)[name]
        lost = math.ceil(scaler_of(plan, name)["minReplicas"] / len(zones))
        assert each["spec"]["replicas"] * (len(zones) - 1) >= lost
        [ours], [theirs] = pod_of(each)["containers"], pod_of(app)["containers"]
        assert ours["resources"] == theirs["resources"], "the app's pod would not fit"
        for key in ("tolerations",):
            assert pod_of(each).get(key) == pod_of(app).get(key)
        pool = pod_of(app).get("nodeSelector", {}).get("ha-eks/pool")
        assert pod_of(each)["nodeSelector"].get("ha-eks/pool") == pool


def test_headroom_gives_way_at_once_and_to_everybody(plan: Plan) -> None:
    values = {each["metadata"]["name"]: each["value"] for each in of_kind(plan, "PriorityClass")}
    for each in headroom(plan):
        pod = pod_of(each)
        assert values[pod["priorityClassName"]] == -10, "lower, and the autoscaler ignores it"
        assert pod["terminationGracePeriodSeconds"] == 0
        assert each["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true"
    for deployment in deployments(plan).values():
        assert values[pod_of(deployment)["priorityClassName"]] > 0


def test_replicas_that_never_share_a_node_find_room_where_none_is(plan: Plan) -> None:
    for name, app in plan.settings.apps.root.items():
        pods = [pod_of(deployments(plan)[name])]
        pods += [
            pod_of(each)
            for each in headroom(plan)
            if each["spec"]["selector"]["matchLabels"]["ha-eks/headroom-for"] == name
        ]
        for pod in pods:
            anti = pod.get("affinity", {}).get("podAntiAffinity", {})
            terms = anti.get("requiredDuringSchedulingIgnoredDuringExecution", [])
            own = [t for t in terms if t["namespaces"] == [name] and t["topologyKey"] == HOST]
            assert bool(own) == app.one_per_node


@pytest.mark.parametrize("stack", STACKS)
def test_the_cache_prefers_nodes_that_run_web_and_has_one_to_itself(
    previewed: Callable[[str], Plan], stack: str
) -> None:
    plan = previewed(stack)
    affinity = pod_of(deployments(plan)["cache"])["affinity"]
    [near] = affinity["podAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert near["podAffinityTerm"]["namespaces"] == ["web"]
    [apart] = affinity["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert apart["namespaces"] == ["cache"]
    assert apart["topologyKey"] == HOST


def test_pods_run_restricted(plan: Plan) -> None:
    for each in of_kind(plan, "Namespace"):
        assert each["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for deployment in of_kind(plan, "Deployment"):
        pod = pod_of(deployment)
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            }


def test_an_exposed_app_s_pods_wait_for_their_target_to_be_healthy(plan: Plan) -> None:
    [controller] = [
        each
        for each in plan.of_type("kubernetes:helm.sh/v3:Release")
        if each.inputs["chart"] == "aws-load-balancer-controller"
    ]
    values = controller.inputs["values"]
    assert values["podMutatorWebhookConfig"] == {"failurePolicy": "Fail"}
    caught = values["objectSelector"]["matchLabels"]
    for name, app in plan.settings.apps.root.items():
        [space] = [e for e in of_kind(plan, "Namespace") if e["metadata"]["name"] == name]
        label = space["metadata"]["labels"].get("elbv2.k8s.aws/pod-readiness-gate-inject")
        assert label == ("enabled" if app.expose else None)
        labels = deployments(plan)[name]["spec"]["template"]["metadata"]["labels"]
        assert selects(caught, labels), "its pods would come up without their gate"


def test_no_namespace_of_the_cell_can_be_an_app_s(plan: Plan) -> None:
    ours = {each["metadata"]["name"] for each in of_kind(plan, "Namespace")}
    ours -= set(plan.settings.apps.root)
    app = plan.settings.apps.root[next(iter(plan.settings.apps.root))]
    for name in ours:
        config = {"ha-eks:apps": {name: app.model_dump(mode="json", by_alias=True)}}
        _, problems = check(config)
        assert [each for each in problems if each.key == f"ha-eks:apps.{name}"], name
