"""What keeps the applications up, in the plan of every stack."""

import math
import re
from collections.abc import Callable

import pytest

from core.availability.zone_loss import SYSTEM
from settings import check
from settings.app.apps import App
from settings.availability import headroom_of
from tests.conftest import STACKS
from tests.stacks.objects import (
    Object,
    of_kind,
    pod_of,
    scaler_of,
    selects,
    values_of,
)
from tools.recording import Recording

ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
LOST = "node.kubernetes.io/"
DEREGISTERED = {True: 20, False: 5}
"""Seconds until a deleted pod receives no new requests, by whether its app is exposed."""


def deployments(recording: Recording) -> dict[str, Object]:
    """The Deployment of each app, by its name."""
    found = {each["metadata"]["name"]: each for each in of_kind(recording, "Deployment")}
    return {name: found[name] for name in recording.settings.apps}


def scaled(recording: Recording) -> dict[str, App]:
    """The apps that have an autoscaler: all but those of one pod, which keep a volume."""
    return {name: app for name, app in recording.settings.apps.items() if not app.volume}


def headroom(recording: Recording) -> list[Object]:
    return [e for e in of_kind(recording, "Deployment") if e["metadata"]["namespace"] == "headroom"]


def test_every_deployment_is_an_app_or_headroom(recording: Recording) -> None:
    apps = deployments(recording)
    assert len(of_kind(recording, "Deployment")) == len(apps) + len(headroom(recording))


def test_an_autoscaler_has_the_replicas_to_itself(recording: Recording) -> None:
    for name in scaled(recording):
        assert scaler_of(recording, name)
        spec = deployments(recording)[name]["spec"]
        assert "replicas" not in spec, "every up would scale it back"


def test_an_app_that_keeps_a_volume_is_one_pod_that_ends_before_the_next_begins(
    recording: Recording,
) -> None:
    for name in set(deployments(recording)) - set(scaled(recording)):
        spec = deployments(recording)[name]["spec"]
        assert spec["replicas"] == 1
        assert spec["strategy"] == {"type": "Recreate"}, "two would wait for one volume for ever"
        for kind in ("HorizontalPodAutoscaler", "ScaledObject"):
            assert name not in {each["metadata"]["namespace"] for each in of_kind(recording, kind)}


def test_with_a_zone_gone_what_is_left_carries_the_load(recording: Recording) -> None:
    zones = recording.settings.network.effective_zones
    for name, app in scaled(recording).items():
        spec = scaler_of(recording, name)
        least = spec["minReplicas"]
        assert least - math.ceil(least / zones) >= app.replicas.needed
        assert spec["maxReplicas"] >= least
        assert spec["cpu"] * zones / (zones - 1) <= 90
        assert app.scaling.cpu_percent or spec["cpu"] * zones / (zones - 1) > 80


def test_every_container_is_asked_for_its_health_and_says_what_it_needs(
    recording: Recording,
) -> None:
    for deployment in deployments(recording).values():
        for container in pod_of(deployment)["containers"]:
            startup = container["startupProbe"]
            liveness, readiness = container["livenessProbe"], container["readinessProbe"]
            assert startup["failureThreshold"] > 0
            how = ("httpGet", "tcpSocket", "grpc", "exec")
            for each in how:
                assert startup.get(each) == liveness.get(each), "alive by another answer"
            alive = liveness["periodSeconds"] * liveness["failureThreshold"]
            ready = readiness["periodSeconds"] * readiness["failureThreshold"]
            assert alive > ready, "a pod would be restarted before it is taken out of traffic"
            resources = container["resources"]
            assert set(resources["requests"]) == {"cpu", "memory"}
            assert resources["limits"] == {"memory": resources["requests"]["memory"]}


def test_every_app_is_spread_over_zones_and_nodes_and_still_scheduled_without_one(
    recording: Recording,
) -> None:
    for name, deployment in deployments(recording).items():
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        spread = recording.settings.apps[name].spread
        strict = {"strict": "DoNotSchedule", "preferred": "ScheduleAnyway"}
        asked = {ZONE: strict[spread.zones]}
        if spread.nodes == "strict":
            asked[HOST] = "DoNotSchedule"
        constraints = pod_of(deployment)["topologySpreadConstraints"]
        assert {each["topologyKey"]: each["whenUnsatisfiable"] for each in constraints} == asked
        for each in constraints:
            assert selects(each["labelSelector"]["matchLabels"], labels)
            assert each["nodeTaintsPolicy"] == "Honor", "pods would wait for nodes that are lost"
            assert each["matchLabelKeys"] == ["pod-template-hash"]
        anti = pod_of(deployment)["affinity"]["podAntiAffinity"]
        terms = {
            each["podAffinityTerm"]["topologyKey"]: each["podAffinityTerm"]
            for each in anti["preferredDuringSchedulingIgnoredDuringExecution"]
        }
        assert set(terms) == {ZONE, HOST}
        for each in terms.values():
            assert each["namespaces"] == [name]
            assert selects(each["labelSelector"]["matchLabels"], labels)


def test_every_app_says_how_long_it_stays_on_a_lost_node(recording: Recording) -> None:
    for name, deployment in deployments(recording).items():
        own = recording.settings.apps[name].toleration_seconds
        stays = {
            each["key"].removeprefix("node.kubernetes.io/"): each["tolerationSeconds"]
            for each in pod_of(deployment)["tolerations"]
            if each["effect"] == "NoExecute" and "tolerationSeconds" in each
        }
        assert stays == {"not-ready": own.not_ready, "unreachable": own.unreachable}


def test_the_drain_of_every_app_adds_up(recording: Recording) -> None:
    groups = {
        group.name: group.inputs for group in recording.of_type("aws:lb/targetGroup:TargetGroup")
    }
    for name, deployment in deployments(recording).items():
        app, pod = recording.settings.apps[name], pod_of(deployment)
        own = app.pre_stop
        [hook] = values_of(pod, "preStop")
        assert hook == (
            {"exec": {"command": [*own.command]}} if own else {"sleep": hook.get("sleep")}
        )
        waits = own.seconds if own else hook["sleep"]["seconds"]
        assert waits >= DEREGISTERED[app.expose is not None]
        shutdown = app.shutdown_seconds or app.longest_request_seconds
        assert shutdown >= app.longest_request_seconds
        assert pod["terminationGracePeriodSeconds"] >= waits + shutdown + 5
        if app.expose:
            delay = groups[f"lb-{name}"]["deregistrationDelay"]
            assert delay >= app.longest_request_seconds + 5
        else:
            assert f"lb-{name}" not in groups


def test_the_autoscaler_waits_for_the_longest_drain(recording: Recording) -> None:
    [release] = [
        each
        for each in recording.of_type("kubernetes:helm.sh/v3:Release")
        if each.inputs["chart"] == "cluster-autoscaler"
    ]
    waits = release.inputs["values"]["extraArgs"]["max-graceful-termination-sec"]
    for deployment in of_kind(recording, "Deployment"):
        assert pod_of(deployment)["terminationGracePeriodSeconds"] <= waits


def test_rolling_out_never_takes_a_pod_before_its_successor_serves(recording: Recording) -> None:
    zones = recording.settings.network.effective_zones
    for name in scaled(recording):
        rolling = deployments(recording)[name]["spec"]["strategy"]["rollingUpdate"]
        assert rolling == {"maxSurge": zones, "maxUnavailable": 0}


def test_a_rollout_is_given_up_after_its_nodes_and_pods_had_time_and_pulumi_waits_as_long(
    recording: Recording,
) -> None:
    node = recording.settings.autoscaling.node_provision_minutes * 60
    for name, app in recording.settings.apps.items():
        [made] = [
            each for each in recording.of_type("kubernetes:apps/v1:Deployment") if each.name == name
        ]
        deadline = made.inputs["spec"]["progressDeadlineSeconds"]
        assert deadline > node + app.probes.startup_seconds
        timeouts = made.options["customTimeouts"]
        assert set(timeouts) == {"create", "update", "delete"}
        seconds = {key: int(value.removesuffix("s")) for key, value in timeouts.items()}
        assert min(seconds["create"], seconds["update"]) > deadline, "nobody would learn of it"
        assert seconds["delete"] > app.termination.grace


def held_for(each: Object) -> str:
    """The app that a headroom Deployment holds room for, or the system."""
    return each["spec"]["selector"]["matchLabels"]["ha-eks/headroom-for"]


def test_each_zone_that_is_in_holds_the_room_that_its_settings_ask_for(
    recording: Recording,
) -> None:
    zones, wanted = recording.settings.network.zones_in, headroom_of(recording.settings)
    asked = {
        (name, zone): None if name in wanted.max_pods else pods
        for name, pods in wanted.pods.items()
        for zone in zones
        if pods
    }
    if recording.settings.headroom.mode == "pausePods":
        assert asked == {
            (held_for(each), pod_of(each)["nodeSelector"][ZONE]): each["spec"].get("replicas")
            for each in headroom(recording)
        }
    grown = {
        each.inputs["name"].removeprefix("headroom-"): each.inputs["values"]["config"]["linear"]
        for each in recording.of_type("kubernetes:helm.sh/v3:Release")
        if each.inputs["chart"] == "cluster-proportional-autoscaler"
    }
    assert {name: (each["min"], each["max"]) for name, each in grown.items()} == {
        name: (wanted.pods[name], most) for name, most in wanted.max_pods.items()
    }


def test_room_is_as_large_as_what_it_is_held_for(recording: Recording) -> None:
    system = headroom_of(recording.settings).system_requests
    for each in headroom(recording):
        [ours] = pod_of(each)["containers"]
        name = held_for(each)
        if name == SYSTEM:
            requests = {"cpu": f"{system.cpu}m", "memory": f"{system.memory}Mi"}
            assert ours["resources"]["requests"] == requests
            continue
        app = deployments(recording)[name]
        [theirs] = pod_of(app)["containers"]
        assert ours["resources"] == theirs["resources"], "the app's pod would not fit"
        own = [e for e in pod_of(each)["tolerations"] if not e["key"].startswith(LOST)]
        assert own == [
            e for e in pod_of(app).get("tolerations", []) if not e["key"].startswith(LOST)
        ]
        pool = pod_of(app).get("nodeSelector", {}).get("ha-eks/pool")
        assert pod_of(each)["nodeSelector"].get("ha-eks/pool") == pool


def test_by_default_a_zone_holds_its_share_of_what_another_runs(recording: Recording) -> None:
    zones, wanted = recording.settings.network.effective_zones, headroom_of(recording.settings)
    for name in set(scaled(recording)) - set(recording.settings.headroom.pods):
        least = scaler_of(recording, name)["minReplicas"]
        if recording.settings.headroom.size != "none":
            assert wanted.pods[name] * (zones - 1) >= math.ceil(least / zones)


def test_headroom_gives_way_at_once_and_to_everybody(recording: Recording) -> None:
    values = {
        each["metadata"]["name"]: each["value"] for each in of_kind(recording, "PriorityClass")
    }
    for each in headroom(recording):
        pod = pod_of(each)
        assert values[pod["priorityClassName"]] == -10, "lower, and the autoscaler ignores it"
        assert pod["terminationGracePeriodSeconds"] == 0
        assert each["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true"


def gives_way(recording: Recording) -> set[tuple[str, str]]:
    """Whose pods may preempt whose: two apps, or an app and HEADROOM."""
    classes = {each["metadata"]["name"]: each for each in of_kind(recording, "PriorityClass")}
    pods = {name: pod_of(each) for name, each in deployments(recording).items()}
    for each in headroom(recording):
        pods["HEADROOM"] = pod_of(each)
    own = {name: classes[pod["priorityClassName"]] for name, pod in pods.items()}
    return {
        (name, other)
        for name, first in own.items()
        for other, second in own.items()
        if first["preemptionPolicy"] != "Never" and first["value"] > second["value"]
    }


def test_headroom_gives_way_to_every_app_and_apps_only_to_critical_ones(
    recording: Recording,
) -> None:
    apps = recording.settings.apps
    critical = {name for name, app in apps.items() if app.critical}
    wanted = {(one, other) for one in critical for other in set(apps) - critical}
    if headroom(recording):
        wanted |= {(name, "HEADROOM") for name in apps}
    assert gives_way(recording) == wanted


def test_pods_that_name_no_priority_have_that_of_apps_as_if_there_were_none(
    recording: Recording,
) -> None:
    classes = of_kind(recording, "PriorityClass")
    [default] = [each for each in classes if each.get("globalDefault")]
    assert default["value"] == 0, "add-ons without a priority would make apps give way"
    assert default["preemptionPolicy"] == "PreemptLowerPriority"
    assert [each["metadata"]["name"] for each in classes if each["value"] < 0] == [
        "ha-eks-headroom"
    ]
    apps = {pod_of(each)["priorityClassName"] for each in deployments(recording).values()}
    assert apps <= {"ha-eks-default", "ha-eks-critical"}


def test_replicas_that_never_share_a_node_find_room_where_none_is(recording: Recording) -> None:
    for name, app in recording.settings.apps.items():
        pods = [pod_of(deployments(recording)[name])]
        pods += [
            pod_of(each)
            for each in headroom(recording)
            if each["spec"]["selector"]["matchLabels"]["ha-eks/headroom-for"] == name
        ]
        for pod in pods:
            anti = pod.get("affinity", {}).get("podAntiAffinity", {})
            terms = anti.get("requiredDuringSchedulingIgnoredDuringExecution", [])
            own = [t for t in terms if t["namespaces"] == [name] and t["topologyKey"] == HOST]
            assert bool(own) == app.spread.one_per_node


@pytest.mark.parametrize("stack", STACKS)
def test_the_cache_prefers_nodes_that_run_web_and_has_one_to_itself(
    previewed: Callable[[str], Recording], stack: str
) -> None:
    recording = previewed(stack)
    affinity = pod_of(deployments(recording)["cache"])["affinity"]
    [near] = affinity["podAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert near["podAffinityTerm"]["namespaces"] == ["web"]
    [apart] = affinity["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert apart["namespaces"] == ["cache"]
    assert apart["topologyKey"] == HOST


def test_spot_pools_groups_go_first_and_all_others_after_them(recording: Recording) -> None:
    [release] = [
        each
        for each in recording.of_type("kubernetes:helm.sh/v3:Release")
        if each.inputs["chart"] == "cluster-autoscaler"
    ]
    priorities = release.inputs["values"].get("expanderPriorities")
    assert bool(priorities) == (recording.settings.autoscaling.expander == "priority")
    if not priorities:
        return
    for tag in recording.of_type("aws:autoscaling/tag:Tag"):
        name = tag.inputs["autoscalingGroupName"]
        [pool] = [
            each
            for each in recording.settings.pools.values()
            for group in recording.of_type("aws:eks/nodeGroup:NodeGroup")
            if tag.name.startswith(f"{group.name}-")
            and each is recording.settings.pools[group.inputs["labels"]["ha-eks/pool"]]
        ]
        highest = max(
            int(value)
            for value, patterns in priorities.items()
            if any(re.search(pattern, name) for pattern in patterns)
        )
        assert (highest == 20) == (pool.capacity_type == "SPOT"), name


def test_pods_run_restricted(recording: Recording) -> None:
    for each in of_kind(recording, "Namespace"):
        assert each["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for deployment in of_kind(recording, "Deployment"):
        pod = pod_of(deployment)
        app = recording.settings.apps.get(deployment["metadata"]["namespace"])
        assert pod["automountServiceAccountToken"] is (
            app is not None and app.service_account_token
        )
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            }


def test_an_exposed_app_s_pods_wait_for_their_target_to_be_healthy(recording: Recording) -> None:
    [controller] = [
        each
        for each in recording.of_type("kubernetes:helm.sh/v3:Release")
        if each.inputs["chart"] == "aws-load-balancer-controller"
    ]
    values = controller.inputs["values"]
    assert values["podMutatorWebhookConfig"] == {"failurePolicy": "Fail"}
    caught = values["objectSelector"]["matchLabels"]
    for name, app in recording.settings.apps.items():
        [space] = [e for e in of_kind(recording, "Namespace") if e["metadata"]["name"] == name]
        label = space["metadata"]["labels"].get("elbv2.k8s.aws/pod-readiness-gate-inject")
        assert label == ("enabled" if app.expose else None)
        labels = deployments(recording)[name]["spec"]["template"]["metadata"]["labels"]
        assert selects(caught, labels), "its pods would come up without their gate"


def test_no_namespace_of_the_cell_can_be_an_app_s(recording: Recording) -> None:
    ours = {each["metadata"]["name"] for each in of_kind(recording, "Namespace")}
    ours -= set(recording.settings.apps)
    app = recording.settings.apps[next(iter(recording.settings.apps))]
    for name in ours:
        config = {"ha-eks:apps": {name: app.model_dump(mode="json", by_alias=True)}}
        _, problems = check(config)
        assert [each for each in problems if each.key == f"ha-eks:apps.{name}"], name
