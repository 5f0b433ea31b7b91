"""Failure of any one zone, calculated from the applied manifests, node groups and charts.

If no pod is evicted, the needed replicas remain in the other zones. If all pods of the zone are
evicted, they fit into the other zones without a new node. Two tests show that both checks can fail.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from core.availability.cpu_target import cpu_target
from core.availability.failures import Failure, fail_zone
from core.availability.headroom import headroom_effect
from core.availability.packing import NodeGroupModel, Pod
from core.availability.resources import Resources
from core.availability.zone_loss import SYSTEM, Workload, ZoneModel
from core.facts.accelerators import RESOURCES
from core.tags import RESOURCE, SPANNING
from settings.availability import zone_model_of
from tests.conftest import STACKS
from tests.stacks.objects import Object, of_kind, pod_of
from tools.drills.objects import requests_of
from tools.preview.zone_loss import loss_lines, proof_of
from tools.recording import Recording

HEADROOM_FOR, HEADROOM_IN = "ha-eks/headroom-for", "ha-eks/headroom-in"
POOL, NAME = "ha-eks/pool", "app.kubernetes.io/name"
ZONE = "topology.kubernetes.io/zone"
GROUP = "aws:eks/nodeGroup:NodeGroup"
RELEASE = "kubernetes:helm.sh/v3:Release"


def app_deployments(recording: Recording) -> list[Object]:
    return [
        each for each in of_kind(recording, "Deployment")
        if each["metadata"]["labels"].get("app.kubernetes.io/part-of") == "ha-eks"
    ]  # fmt: skip


def replica_limits(recording: Recording) -> Mapping[str, tuple[int, int]]:
    """Returns minimum and maximum replicas of each app, from its autoscaler or its Deployment."""
    found = {
        each["metadata"]["name"]: (each["spec"]["minReplicas"], each["spec"]["maxReplicas"])
        for each in of_kind(recording, "HorizontalPodAutoscaler")
    }
    for each in of_kind(recording, "ScaledObject"):
        spec = each["spec"]
        found[each["metadata"]["name"]] = (spec["minReplicaCount"], spec["maxReplicaCount"])
    for each in app_deployments(recording):
        pods = each["spec"]["replicas"]
        found.setdefault(each["metadata"]["name"], (pods, pods))
    return found


def zone_bound(pod: Object) -> bool:
    """True if a pod has a volume, which is in one zone."""
    volumes = [each for each in pod.get("volumes", []) if each["name"] != "shared"]
    return any("persistentVolumeClaim" in each for each in volumes)


def proportional_minimums(recording: Recording) -> Mapping[str, int]:
    """Returns the minimum replicas of each headroom Deployment of the proportional autoscaler."""
    return {
        target.removeprefix("deployment/"): values["config"]["linear"]["min"]
        for release in recording.of_type(RELEASE)
        if release.inputs["chart"] == "cluster-proportional-autoscaler"
        for values in [_any(release.inputs["values"])]
        for target in values["options"]["target"].split(",")
    }


def _any(value: object) -> Any:
    return value


def headroom_pods(recording: Recording) -> Iterator[tuple[str, str, int, Object]]:
    """Yields app, zone, number of pods and pod spec of all headroom."""
    minimums = proportional_minimums(recording)
    for each in of_kind(recording, "Deployment"):
        labels = each["metadata"]["labels"]
        if HEADROOM_FOR in labels:
            pods = each["spec"].get("replicas", minimums.get(each["metadata"]["name"]))
            yield labels[HEADROOM_FOR], labels[HEADROOM_IN], pods, pod_of(each)
    templates = {each["metadata"]["name"]: each for each in of_kind(recording, "PodTemplate")}
    for each in of_kind(recording, "CapacityBuffer"):
        labels, spec = each["metadata"]["labels"], each["spec"]
        template = templates[spec["podTemplateRef"]["name"]]
        yield (
            labels[HEADROOM_FOR],
            labels[HEADROOM_IN],
            spec["replicas"],
            template["template"]["spec"],
        )


def headroom_of(recording: Recording, zone: str) -> dict[str, int]:
    return {name: pods for name, part, pods, _ in headroom_pods(recording) if part == zone}


def node_limits(recording: Recording, zone: str) -> dict[str, tuple[int, int]]:
    """Returns minimum and maximum nodes of each pool in a zone.

    A node group that spans zones counts with its share.
    """
    zones = recording.settings.network.zones
    found: dict[str, tuple[int, int]] = {}
    for group in recording.of_type(GROUP):
        part, size = _any(group.inputs)["tags"]["ha-eks:zone"], _any(group.inputs)["scalingConfig"]
        minimum, maximum = size["minSize"], size["maxSize"]
        pool = _any(group.inputs)["labels"][POOL]
        if part == SPANNING:
            zones_in = len(recording.settings.network.zones_in)
            found[pool] = (-(-minimum // zones_in), maximum // len(zones))
        elif part == zone:
            found[pool] = (minimum, maximum)
    return found


def taints_and_devices(recording: Recording) -> dict[str, tuple[set[str], set[str]]]:
    """Returns the keys of the hard taints of the nodes of each pool, and their accelerators."""
    return {
        group.inputs["labels"][POOL]: (
            {
                each["key"]
                for each in group.inputs.get("taints", [])
                if each["effect"] != "PREFER_NO_SCHEDULE"
            },
            {each.removeprefix(RESOURCE) for each in group.inputs["tags"]},
        )
        for group in recording.of_type(GROUP)
    }


def applied(recording: Recording) -> ZoneModel:
    """Returns the zone model with nodes, replicas and headroom from the applied resources."""
    known, zone = zone_model_of(recording.settings), recording.settings.network.zones_in[0]
    limits = node_limits(recording, zone)
    pools: dict[str, NodeGroupModel] = {
        name: replace(group, min=limits[name][0], max=limits[name][1])
        for name, group in known.pools.items()
    }
    apps: list[Workload] = []
    nodes = taints_and_devices(recording)
    for each in app_deployments(recording):
        name, pod = each["metadata"]["name"], pod_of(each)
        anti = pod.get("affinity", {}).get("podAntiAffinity", {})
        selector = pod.get("nodeSelector", {}).get(POOL)
        app = recording.settings.replicated.get(name)
        tolerated = {each["key"] for each in pod.get("tolerations", [])}
        devices = {*pod["containers"][0]["resources"]["limits"]} & {*RESOURCES.values()}
        pools_of_app = {
            pool
            for pool, (taints, resources) in nodes.items()
            if selector in (None, pool) and taints <= tolerated and devices <= resources
        }
        apps.append(
            Workload(
                pod=Pod(
                    name=name,
                    requests=requests_of({"spec": pod}),
                    pools=frozenset(pools_of_app),
                    one_per_node="requiredDuringSchedulingIgnoredDuringExecution" in anti,
                ),
                pods=replica_limits(recording)[name][0],
                needed=app.replicas.needed if app else 0,
                zone_bound=zone_bound(pod),
                strict=any(
                    spread["topologyKey"] == ZONE and spread["whenUnsatisfiable"] == "DoNotSchedule"
                    for spread in pod.get("topologySpreadConstraints", [])
                ),
                kind="app" if name in recording.settings.apps else "worker" if app else "singleton",
                peers=any(
                    variable["name"] == "PEERS_DNS"
                    for container in pod["containers"]
                    for variable in container.get("env", [])
                ),
            )
        )
    return replace(known, pools=pools, apps=apps, headroom=headroom_of(recording, zone))


def survives_zone_failures(recording: Recording) -> bool:
    """True if the cell has more than one zone in service."""
    return len(recording.settings.network.zones_in) > 1


def loss_of(recording: Recording) -> Failure:
    return fail_zone(applied(recording))


def test_zones_in_service_are_equal_and_zones_in_zones_out_have_no_headroom(
    recording: Recording,
) -> None:
    network = recording.settings.network
    first = network.zones_in[0]
    for zone in network.zones_in:
        assert headroom_of(recording, zone) == headroom_of(recording, first)
        assert node_limits(recording, zone) == node_limits(recording, first)
    for zone in network.zones_out:
        assert headroom_of(recording, zone) == {}
        for pool, (minimum, _) in node_limits(recording, zone).items():
            spanning = recording.settings.pools[pool].layout == SPANNING
            assert spanning or minimum == 0


def test_the_zone_model_of_the_settings_matches_the_applied_resources(recording: Recording) -> None:
    known, read = zone_model_of(recording.settings), applied(recording)
    assert {each.pod.name: each for each in read.apps} == {e.pod.name: e for e in known.apps}
    assert read.headroom == {name: pods for name, pods in known.headroom.items() if pods}
    for name, group in known.pools.items():
        assert (read.pools[name].min, read.pools[name].max) == (group.min, group.max)


def test_headroom_pods_have_requests_and_pool_of_their_app_and_select_their_zone(
    recording: Recording,
) -> None:
    apps = {each["metadata"]["name"]: pod_of(each) for each in app_deployments(recording)}
    for name, zone, _, pod in headroom_pods(recording):
        assert pod["nodeSelector"][ZONE] == zone
        if name != SYSTEM:
            assert requests_of({"spec": pod}) == requests_of({"spec": apps[name]}), (
                "a pod of the app may not fit into its headroom"
            )
            assert pod["nodeSelector"].get(POOL) == apps[name].get("nodeSelector", {}).get(POOL)


def test_without_evictions_the_needed_replicas_remain(recording: Recording) -> None:
    if not survives_zone_failures(recording):
        return
    loss = loss_of(recording)
    assert loss.below_needed == []
    remaining = {each.name: sum(each.during) for each in loss.apps}
    for name, app in recording.settings.replicated.items():
        assert remaining[name] >= app.replicas.needed


def test_after_a_zone_failure_utilization_is_at_most_90_percent(recording: Recording) -> None:
    zones = recording.settings.network.effective_zones
    for each in of_kind(recording, "HorizontalPodAutoscaler"):
        for metric in each["spec"]["metrics"]:
            [resource] = [metric[key] for key in ("resource", "containerResource") if key in metric]
            assert resource["target"]["averageUtilization"] * zones / (zones - 1) <= 90
    for each in of_kind(recording, "ScaledObject"):
        for trigger in each["spec"]["triggers"]:
            if trigger["type"] in ("cpu", "memory"):
                assert int(trigger["metadata"]["value"]) * zones / (zones - 1) <= 90
    for name, app in recording.settings.replicated.items():
        for query in app.scaling.prometheus.values():
            thresholds = _thresholds(recording, name, "threshold")
            expected = query.target_per_pod * cpu_target(zones) / 100
            assert [each for each in thresholds if each == pytest.approx(expected)]
        for queue in app.scaling.queues.values():
            expected = max(1, queue.messages_per_pod * cpu_target(zones) // 100)
            assert expected in _thresholds(recording, name, "queueLength")


def _thresholds(recording: Recording, name: str, key: str) -> list[float]:
    return [
        float(trigger["metadata"][key])
        for each in of_kind(recording, "ScaledObject")
        if each["metadata"]["name"] == name
        for trigger in each["spec"]["triggers"]
        if key in trigger["metadata"]
    ]


def test_evicted_pods_fit_into_the_other_zones_without_a_new_node(recording: Recording) -> None:
    headroom = recording.settings.headroom
    if not survives_zone_failures(recording) or headroom.size == "none" or headroom.pods:
        return
    loss = loss_of(recording)
    assert loss.lost
    system = {each.pod.name: each.pod for each in applied(recording).system}
    for name in [each.name for each in loss.waiting]:
        # The headroom of system pods holds one place in the maximum number of pods of a node:
        # docs/scaling.md
        pod = system[name]
        fitting = [
            node
            for node in loss.nodes
            if node.pool in pod.pools and replace(pod.requests, pods=0).fits(node.free)
        ]
        assert fitting
        assert all(node.free.pods == 0 for node in fitting)
    stated = headroom_effect(zone_model_of(recording.settings)).pending_with_headroom
    assert stated == len(loss.waiting), "preview states another number of waiting pods"
    scheduled = Counter(pod.name for node in loss.nodes for pod in node.pods)
    for each in applied(recording).apps:
        # A pod with a volume stays pending if its volume is in the failed zone.
        assert each.zone_bound or scheduled[each.pod.name] == each.pods


def test_the_proof_of_preview_follows_from_the_applied_manifests(recording: Recording) -> None:
    """Left and lost pods add up, and no node runs more than its allocatable resources."""
    settings, model = recording.settings, zone_model_of(recording.settings)
    proof = proof_of(settings)
    assert [each.lost_zones for each in proof.zones] == [
        [zone] for zone in settings.network.zones_in if survives_zone_failures(recording)
    ]
    for each in proof.zones:
        shown, found = (
            {(one.name, one.kind): (one.lost, sum(one.during)) for one in failure.outcomes}
            for failure in (each.failure, loss_of(recording))
        )
        assert shown == found, "preview promises other pods than the manifests"
    for each in (*proof.zones[:1], *proof.others):
        for node in each.failure.nodes:
            group = model.pools[node.pool]
            assert sum((pod.requests for pod in node.pods), start=node.free) == group.free
            assert Resources(cpu=0, memory=0, pods=0).fits(node.free), "the node is overcommitted"
        for found in each.failure.outcomes:
            assert sum(found.during) + found.lost == sum(found.before)
            assert sum(found.during) <= sum(found.after) <= sum(found.before)
    assert all(len(line) <= 80 for line in loss_lines(proof))


def test_budgets_allow_evictions_and_leave_the_needed_replicas(
    recording: Recording,
) -> None:
    for each in of_kind(recording, "PodDisruptionBudget"):
        name = each["metadata"]["namespace"]
        if name in recording.settings.deployments:
            minimum = replica_limits(recording)[name][0]
            app = recording.settings.deployments[name]
            spare = max(1, minimum - app.needed)
            assert 1 <= each["spec"]["maxUnavailable"] <= spare


def test_deployments_start_with_the_minimum_replicas(recording: Recording) -> None:
    autoscaled = {each["metadata"]["name"] for kind in ("HorizontalPodAutoscaler", "ScaledObject")
              for each in of_kind(recording, kind)}  # fmt: skip
    for each in app_deployments(recording):
        name = each["metadata"]["name"]
        assert (name in autoscaled) is (name in recording.settings.replicated)
        # While a zone is out, the autoscaler adds pods: decision 0046.
        minimum, zones_out = (
            replica_limits(recording)[name][0],
            recording.settings.network.zones_out,
        )
        assert each["spec"]["replicas"] >= minimum or zones_out, (
            "the first `up` would end before the app has its minimum replicas"
        )
    for numbers in (replica_limits(recording), proportional_minimums(recording)):
        assert json.dumps(numbers), "a number of pods is an unresolved output"


# The checks can fail.


@pytest.fixture
def prod(previewed: Callable[[str], Recording]) -> ZoneModel:
    return applied(previewed("prod"))


def test_without_headroom_evicted_pods_of_prod_are_unschedulable(prod: ZoneModel) -> None:
    assert len(fail_zone(replace(prod, headroom={})).waiting) == 2


def test_with_only_the_needed_replicas_prod_is_below_needed_after_a_zone_failure(
    prod: ZoneModel,
) -> None:
    without_spare = replace(prod, apps=[replace(each, pods=each.needed) for each in prod.apps])
    assert {*fail_zone(without_spare).below_needed} == {"web", "cache"}


def test_the_shipped_stacks_have_several_zones_and_automatic_headroom(
    previewed: Callable[[str], Recording],
) -> None:
    for stack in STACKS:
        assert survives_zone_failures(previewed(stack))
        assert previewed(stack).settings.headroom.size == "auto"
