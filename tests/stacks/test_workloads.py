"""Deployments of apps: replicas, probes, spread, termination, rollouts and pod security."""

import math
import re
from collections.abc import Callable
from typing import Any

import pytest

from core.facts.accelerators import RESOURCES
from settings import check
from tests.conftest import STACKS
from tests.stacks.metric_values import scaling_groups
from tests.stacks.objects import (
    autoscaled,
    autoscaler_of,
    containers_of,
    deployments,
    headroom_deployments,
    of_kind,
    pod_of,
    selects,
    values_of,
)
from tools.recording import Recording

ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
IN_CLUSTER = 5
"""Seconds from deletion of a pod until other pods send it no requests."""


def test_every_deployment_is_an_app_or_headroom(recording: Recording) -> None:
    apps = deployments(recording)
    assert len(of_kind(recording, "Deployment")) == len(apps) + len(headroom_deployments(recording))


def test_only_the_autoscaler_sets_the_replicas(recording: Recording) -> None:
    ignored = {
        each.name: each.options.get("ignoreChanges")
        for each in recording.of_type("kubernetes:apps/v1:Deployment")
    }
    network = recording.settings.network
    for name in autoscaled(recording):
        minimum = autoscaler_of(recording, name)["minReplicas"]
        spec = deployments(recording)[name]["spec"]
        # While a zone is out, the autoscaler adds pods: decision 0046.
        assert spec["replicas"] >= minimum or network.zones_out, (
            "the first `up` would end before the cell has capacity"
        )
        assert ignored[name] == ["spec.replicas"], "`pulumi up` would undo scaling"


def test_an_app_with_a_volume_has_one_pod_and_is_recreated(
    recording: Recording,
) -> None:
    for name in set(deployments(recording)) - set(autoscaled(recording)):
        spec = deployments(recording)[name]["spec"]
        assert spec["replicas"] == 1
        assert spec["strategy"] == {"type": "Recreate"}, (
            "the new pod would wait forever for the volume of the old one"
        )
        for kind in ("HorizontalPodAutoscaler", "ScaledObject"):
            assert name not in {each["metadata"]["namespace"] for each in of_kind(recording, kind)}


def test_after_a_zone_failure_the_other_zones_carry_the_load(recording: Recording) -> None:
    zones = recording.settings.network.effective_zones
    for name, app in autoscaled(recording).items():
        spec = autoscaler_of(recording, name)
        minimum = spec["minReplicas"]
        assert minimum - math.ceil(minimum / zones) >= app.replicas.needed
        assert spec["maxReplicas"] >= minimum
        assert spec["cpu"] * zones / (zones - 1) <= 90
        assert app.scaling.cpu_percent or spec["cpu"] * zones / (zones - 1) > 80


def test_every_container_has_probes_requests_and_a_memory_limit(
    recording: Recording,
) -> None:
    for name, deployment in deployments(recording).items():
        for container in containers_of(pod_of(deployment)):
            resources = container["resources"]
            devices = {r: n for r, n in resources["limits"].items() if r in RESOURCES.values()}
            assert {*resources["requests"]} - {*devices} == {"cpu", "memory", "ephemeral-storage"}
            limits = dict(resources["limits"])
            storage = limits.pop("ephemeral-storage", None)
            assert bool(storage) == bool(
                recording.settings.workloads[name].limits.ephemeral_storage
            )
            assert limits == {"memory": resources["requests"]["memory"], **devices}
        for container in pod_of(deployment)["containers"]:
            if name not in recording.settings.served:
                continue  # a worker has the probes of the stack file only
            startup = container["startupProbe"]
            liveness, readiness = container["livenessProbe"], container["readinessProbe"]
            assert startup["failureThreshold"] > 0
            handlers = ("httpGet", "tcpSocket", "grpc", "exec")
            for each in handlers:
                assert startup.get(each) == liveness.get(each), (
                    "liveness could fail although startup succeeded"
                )
            alive = liveness["periodSeconds"] * liveness["failureThreshold"]
            ready = readiness["periodSeconds"] * readiness["failureThreshold"]
            assert alive > ready, "a pod would be restarted before it is deregistered"


def test_every_app_has_the_spread_of_the_stack_file_over_zones_and_nodes(
    recording: Recording,
) -> None:
    found = deployments(recording)
    for name, app in recording.settings.replicated.items():
        deployment, spread = found[name], app.spread
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        actions = {"strict": "DoNotSchedule", "preferred": "ScheduleAnyway"}
        expected = {ZONE: actions[spread.zones]}
        if spread.nodes == "strict":
            expected[HOST] = "DoNotSchedule"
        constraints = pod_of(deployment)["topologySpreadConstraints"]
        assert {each["topologyKey"]: each["whenUnsatisfiable"] for each in constraints} == expected
        for each in constraints:
            assert selects(each["labelSelector"]["matchLabels"], labels)
            assert each["nodeTaintsPolicy"] == "Honor", (
                "pods would stay pending for nodes of a failed zone"
            )
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


def test_pods_tolerate_a_failed_node_for_the_seconds_of_the_stack_file(
    recording: Recording,
) -> None:
    for name, deployment in deployments(recording).items():
        expected = recording.settings.deployments[name].toleration_seconds
        found = {
            each["key"].removeprefix("node.kubernetes.io/"): each["tolerationSeconds"]
            for each in pod_of(deployment)["tolerations"]
            if each["effect"] == "NoExecute" and "tolerationSeconds" in each
        }
        assert found == {"not-ready": expected.not_ready, "unreachable": expected.unreachable}


def test_the_grace_period_covers_deregistration_and_in_flight_requests(
    recording: Recording,
) -> None:
    groups = {
        group.name: group.inputs for group in recording.of_type("aws:lb/targetGroup:TargetGroup")
    }
    for name, deployment in deployments(recording).items():
        app, pod = recording.settings.deployments[name], pod_of(deployment)
        pre_stop, hooks = app.pre_stop, [*values_of(pod, "preStop")]
        assert len(hooks) == bool(pre_stop or name in recording.settings.served), (
            "a pod that receives no requests would wait before it stops"
        )
        pre_stop_seconds = pre_stop.seconds if pre_stop else 0
        for hook in hooks:
            sleep = {"sleep": hook.get("sleep")}
            assert hook == ({"exec": {"command": [*pre_stop.command]}} if pre_stop else sleep)
            pre_stop_seconds = pre_stop.seconds if pre_stop else hook["sleep"]["seconds"]
            expose = recording.settings.exposed.get(name)
            deregistered = expose.deregistration_seconds if expose else IN_CLUSTER
            assert pre_stop_seconds >= (deregistered if app.ports else 0)
        shutdown = app.shutdown_seconds or app.longest_work
        assert shutdown >= app.longest_work
        assert pod["terminationGracePeriodSeconds"] >= pre_stop_seconds + shutdown + 5
        if name in recording.settings.exposed:
            for balancer in recording.settings.load_balancers.values():
                if name in balancer.exposed:
                    group = groups[f"{balancer.resource_name}-{name}"]
                    assert group["deregistrationDelay"] >= app.longest_work + 5
        else:
            assert f"lb-{name}" not in groups


def test_the_cluster_autoscaler_waits_for_the_longest_grace_period(recording: Recording) -> None:
    [release] = [
        each
        for each in recording.of_type("kubernetes:helm.sh/v3:Release")
        if each.inputs["chart"] == "cluster-autoscaler"
    ]
    maximum = release.inputs["values"]["extraArgs"]["max-graceful-termination-sec"]
    for deployment in of_kind(recording, "Deployment"):
        assert pod_of(deployment)["terminationGracePeriodSeconds"] <= maximum, (
            "scale-down would cut off requests"
        )


def test_a_rollout_removes_a_pod_only_after_a_new_pod_is_ready(recording: Recording) -> None:
    zones = len(recording.settings.network.zones)
    for name in autoscaled(recording):
        rolling = deployments(recording)[name]["spec"]["strategy"]["rollingUpdate"]
        assert rolling == {"maxSurge": zones, "maxUnavailable": 0}, (
            "taking a zone out would change every Deployment"
        )


def test_the_progress_deadline_covers_node_and_app_startup_and_pulumi_waits_longer(
    recording: Recording,
) -> None:
    node = recording.settings.autoscaling.node_provision_minutes * 60
    for name, app in recording.settings.deployments.items():
        [created] = [
            each for each in recording.of_type("kubernetes:apps/v1:Deployment") if each.name == name
        ]
        deadline = created.inputs["spec"]["progressDeadlineSeconds"]
        assert deadline > node + app.startup_seconds
        timeouts: Any = created.options["customTimeouts"]
        assert set(timeouts) == {"create", "update", "delete"}
        seconds = {key: int(value.removesuffix("s")) for key, value in timeouts.items()}
        assert min(seconds["create"], seconds["update"]) > deadline, (
            "Pulumi would time out before the Deployment reports the failed rollout"
        )
        assert seconds["create"] == deadline + 300, "all pods of a new app start at once"
        surge = len(recording.settings.network.zones)
        wave = 120 + app.startup_seconds + 9 + 15 + app.termination.grace
        waves = 0 if name in recording.settings.singletons else -(-app.maximum_replicas // surge)
        assert seconds["update"] == max(seconds["create"], node + waves * wave), (
            "Pulumi would cut a rollout that makes progress, or wait longer than it can take"
        )
        assert seconds["delete"] > app.termination.grace


@pytest.mark.parametrize("stack", STACKS)
def test_the_cache_prefers_nodes_of_web_and_has_one_pod_per_node(
    previewed: Callable[[str], Recording], stack: str
) -> None:
    recording = previewed(stack)
    affinity = pod_of(deployments(recording)["cache"])["affinity"]
    [near] = affinity["podAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert near["podAffinityTerm"]["namespaces"] == ["web"]
    [apart] = affinity["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert apart["namespaces"] == ["cache"]
    assert apart["topologyKey"] == HOST


def test_the_priority_expander_scales_up_spot_groups_first(recording: Recording) -> None:
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
        pool = recording.settings.pools[scaling_groups(recording)[name][0]]
        highest = max(
            int(value)
            for value, patterns in priorities.items()
            if any(re.search(str(pattern), name) for pattern in patterns)
        )
        assert (highest == 20) == (pool.capacity_type == "SPOT"), name


def test_pods_meet_the_restricted_standard(recording: Recording) -> None:
    for each in of_kind(recording, "Namespace"):
        # Device plugins mount directories of their nodes.
        level = "privileged" if each["metadata"]["name"] == "device-plugins" else "restricted"
        assert each["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == level
    kinds = ("Deployment", "Job", "CronJob")
    for workload in [each for kind in kinds for each in of_kind(recording, kind)]:
        pod = pod_of(workload)
        app = recording.settings.workloads.get(workload["metadata"]["namespace"])
        assert pod["automountServiceAccountToken"] is (
            app is not None and app.service_account_token
        )
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in containers_of(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            }


def test_pods_of_exposed_apps_have_a_readiness_gate(recording: Recording) -> None:
    [controller] = [
        each
        for each in recording.of_type("kubernetes:helm.sh/v3:Release")
        if each.inputs["chart"] == "aws-load-balancer-controller"
    ]
    values = controller.inputs["values"]
    assert values["podMutatorWebhookConfig"] == {"failurePolicy": "Fail"}
    selector = values["objectSelector"]["matchLabels"]
    for name in recording.settings.deployments:
        [namespace] = [e for e in of_kind(recording, "Namespace") if e["metadata"]["name"] == name]
        label = namespace["metadata"]["labels"].get("elbv2.k8s.aws/pod-readiness-gate-inject")
        assert label == ("enabled" if name in recording.settings.exposed else None)
        labels = deployments(recording)[name]["spec"]["template"]["metadata"]["labels"]
        assert selects(selector, labels), "pods would have no readiness gate"


def test_an_app_cannot_have_the_name_of_a_system_namespace(recording: Recording) -> None:
    reserved = {each["metadata"]["name"] for each in of_kind(recording, "Namespace")}
    reserved -= set(recording.settings.workloads)
    requests = {"cpu": "100m", "memory": "64Mi"}
    app = {"image": "a:1", "port": 80, "requests": requests, "replicas": {"needed": 1, "max": 3}}
    for name in reserved:
        config = {"ha-eks:apps": {name: app}}
        _, problems = check(config)
        assert [each for each in problems if each.key == f"ha-eks:apps.{name}"], name
