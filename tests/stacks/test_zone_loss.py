"""The loss of any one zone, read from what is applied: manifests, node groups and charts.

With nothing evicted what is left carries what is needed; with everything evicted all find a place
without a new node. And both can fail.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from core.availability.cpu_target import cpu_target
from core.availability.packing import NodeGroupModel, Pod
from core.availability.resources import Resources
from core.availability.zone_loss import SYSTEM, Workload, ZoneLoss, ZoneModel, simulate_zone_loss
from core.tags import SPANNING
from settings.availability import zone_model_of
from settings.reading.quantities import mebibytes, millicores
from tests.conftest import STACKS
from tests.stacks.objects import Object, of_kind, pod_of
from tools.recording import Recording

FOR, IN = "ha-eks/headroom-for", "ha-eks/headroom-in"
POOL, NAME = "ha-eks/pool", "app.kubernetes.io/name"
ZONE = "topology.kubernetes.io/zone"
GROUP = "aws:eks/nodeGroup:NodeGroup"
RELEASE = "kubernetes:helm.sh/v3:Release"


def requests_of(pod: Object) -> Resources:
    [container] = pod["containers"]
    requests = container["resources"]["requests"]
    return Resources(cpu=millicores(requests["cpu"]), memory=mebibytes(requests["memory"]))


def app_deployments(recording: Recording) -> list[Object]:
    return [
        each for each in of_kind(recording, "Deployment")
        if each["metadata"]["labels"].get("app.kubernetes.io/part-of") == "ha-eks"
    ]  # fmt: skip


def bounds(recording: Recording) -> Mapping[str, tuple[int, int]]:
    """Pods of each app at least and at most, of whatever scales it, or of itself."""
    found = {
        each["metadata"]["name"]: (each["spec"]["minReplicas"], each["spec"]["maxReplicas"])
        for each in of_kind(recording, "HorizontalPodAutoscaler")
    }
    for each in of_kind(recording, "ScaledObject"):
        spec = each["spec"]
        found[each["metadata"]["name"]] = (spec["minReplicaCount"], spec["maxReplicaCount"])
    for each in app_deployments(recording):
        if "replicas" in each["spec"]:
            pods = each["spec"]["replicas"]
            found[each["metadata"]["name"]] = (pods, pods)
    return found


def zone_bound(pod: Object) -> bool:
    """Whether a pod has a volume, which is in one zone."""
    return any("persistentVolumeClaim" in each for each in pod.get("volumes", []))


def growing(recording: Recording) -> Mapping[str, int]:
    """Pods at least of each Deployment of room that grows with the cell."""
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
    """For whom, in which zone, for how many, and the pod of all room that is held."""
    least = growing(recording)
    for each in of_kind(recording, "Deployment"):
        labels = each["metadata"]["labels"]
        if FOR in labels:
            pods = each["spec"].get("replicas", least.get(each["metadata"]["name"]))
            yield labels[FOR], labels[IN], pods, pod_of(each)
    templates = {each["metadata"]["name"]: each for each in of_kind(recording, "PodTemplate")}
    for each in of_kind(recording, "CapacityBuffer"):
        labels, spec = each["metadata"]["labels"], each["spec"]
        template = templates[spec["podTemplateRef"]["name"]]
        yield labels[FOR], labels[IN], spec["replicas"], template["template"]["spec"]


def headroom_of(recording: Recording, zone: str) -> dict[str, int]:
    return {name: pods for name, where, pods, _ in headroom_pods(recording) if where == zone}


def sizes(recording: Recording, zone: str) -> dict[str, tuple[int, int]]:
    """Least and most nodes of each pool in a zone; of a group over all, its share."""
    zones = recording.settings.network.zones
    found: dict[str, tuple[int, int]] = {}
    for group in recording.of_type(GROUP):
        of, size = _any(group.inputs)["tags"]["ha-eks:zone"], _any(group.inputs)["scalingConfig"]
        least, most = size["minSize"], size["maxSize"]
        pool = _any(group.inputs)["labels"][POOL]
        if of == SPANNING:
            left = len(recording.settings.network.zones_in)
            found[pool] = (-(-least // left), most // len(zones))
        elif of == zone:
            found[pool] = (least, most)
    return found


def applied(recording: Recording) -> ZoneModel:
    """The cell as it is applied: sizes, pods and room from what Kubernetes and AWS are given."""
    known, zone = zone_model_of(recording.settings), recording.settings.network.zones_in[0]
    in_zone = sizes(recording, zone)
    pools: dict[str, NodeGroupModel] = {
        name: replace(kind, min=in_zone[name][0], max=in_zone[name][1])
        for name, kind in known.pools.items()
    }
    apps: list[Workload] = []
    for each in app_deployments(recording):
        name, pod = each["metadata"]["name"], pod_of(each)
        anti = pod.get("affinity", {}).get("podAntiAffinity", {})
        selector = pod.get("nodeSelector", {}).get(POOL)
        tolerated = {each["key"] for each in pod.get("tolerations", [])}
        open_ = {
            pool
            for pool, settings in recording.settings.pools.items()
            if (not settings.tainted and selector in (None, pool))
            or (selector == pool and {taint.key for taint in settings.taints} <= tolerated)
        }
        apps.append(
            Workload(
                pod=Pod(
                    name=name,
                    requests=requests_of(pod),
                    pools=frozenset(open_),
                    one_per_node="requiredDuringSchedulingIgnoredDuringExecution" in anti,
                ),
                pods=bounds(recording)[name][0],
                needed=0 if zone_bound(pod) else recording.settings.apps[name].replicas.needed,
                zone_bound=zone_bound(pod),
            )
        )
    return replace(known, pools=pools, apps=apps, headroom=headroom_of(recording, zone))


def claims(recording: Recording) -> bool:
    """Whether there is a zone to lose."""
    return len(recording.settings.network.zones_in) > 1


def loss_of(recording: Recording) -> ZoneLoss:
    return simulate_zone_loss(applied(recording))


def test_zones_that_are_in_are_alike_and_those_that_are_out_hold_nothing(
    recording: Recording,
) -> None:
    network = recording.settings.network
    first = network.zones_in[0]
    for zone in network.zones_in:
        assert headroom_of(recording, zone) == headroom_of(recording, first)
        assert sizes(recording, zone) == sizes(recording, first)
    for zone in network.zones_out:
        assert headroom_of(recording, zone) == {}
        for pool, (least, _) in sizes(recording, zone).items():
            spanning = recording.settings.pools[pool].layout == SPANNING
            assert spanning or least == 0


def test_what_is_applied_is_what_was_reckoned_with(recording: Recording) -> None:
    known, read = zone_model_of(recording.settings), applied(recording)
    assert {each.pod.name: each for each in read.apps} == {e.pod.name: e for e in known.apps}
    assert read.headroom == {name: pods for name, pods in known.headroom.items() if pods}
    for name, kind in known.pools.items():
        assert (read.pools[name].min, read.pools[name].max) == (kind.min, kind.max)


def test_room_is_shaped_like_what_it_is_for_and_pinned_to_its_zone(recording: Recording) -> None:
    apps = {each["metadata"]["name"]: pod_of(each) for each in app_deployments(recording)}
    for name, zone, _, pod in headroom_pods(recording):
        assert pod["nodeSelector"][ZONE] == zone
        if name != SYSTEM:
            assert requests_of(pod) == requests_of(apps[name]), (
                "a pod of the app may not fit in its place"
            )
            assert pod["nodeSelector"].get(POOL) == apps[name].get("nodeSelector", {}).get(POOL)


def test_with_nothing_evicted_what_is_left_carries_what_is_needed(recording: Recording) -> None:
    if not claims(recording):
        return
    loss = loss_of(recording)
    assert loss.below_needed == []
    for name, app in recording.settings.apps.items():
        assert app.volume or loss.remaining[name] >= app.replicas.needed


def test_the_load_of_a_lost_zone_stays_within_what_pods_are_promised(recording: Recording) -> None:
    zones = recording.settings.network.effective_zones
    for each in of_kind(recording, "HorizontalPodAutoscaler"):
        for metric in each["spec"]["metrics"]:
            [resource] = [metric[key] for key in ("resource", "containerResource") if key in metric]
            assert resource["target"]["averageUtilization"] * zones / (zones - 1) <= 90
    for each in of_kind(recording, "ScaledObject"):
        for trigger in each["spec"]["triggers"]:
            if trigger["type"] in ("cpu", "memory"):
                assert int(trigger["metadata"]["value"]) * zones / (zones - 1) <= 90
    for name, app in recording.settings.apps.items():
        for query in app.scaling.prometheus.values():
            thresholds = _thresholds(recording, name)
            wanted = query.target_per_pod * cpu_target(zones) / 100
            assert [each for each in thresholds if each == pytest.approx(wanted)]


def _thresholds(recording: Recording, name: str) -> list[float]:
    return [
        float(trigger["metadata"]["threshold"])
        for each in of_kind(recording, "ScaledObject")
        if each["metadata"]["name"] == name
        for trigger in each["spec"]["triggers"]
        if trigger["type"] == "prometheus"
    ]


def test_with_everything_evicted_all_find_a_place_without_a_new_node(recording: Recording) -> None:
    headroom = recording.settings.headroom
    if not claims(recording) or headroom.size == "none" or headroom.pods:
        return
    loss = loss_of(recording)
    assert loss.displaced
    assert loss.unschedulable == []
    held = Counter(pod.name for node in loss.nodes for pod in node.pods)
    for each in applied(recording).apps:
        # What keeps a volume may be away with its zone.
        assert each.zone_bound or held[each.pod.name] == each.pods


def test_no_app_s_pods_that_may_be_evicted_at_once_are_none_or_too_many(
    recording: Recording,
) -> None:
    for each in of_kind(recording, "PodDisruptionBudget"):
        name = each["metadata"]["namespace"]
        if name in recording.settings.apps:
            least = bounds(recording)[name][0]
            app = recording.settings.apps[name]
            spare = 1 if app.volume else least - app.replicas.needed
            assert 1 <= each["spec"]["maxUnavailable"] <= spare


def test_an_app_that_something_scales_has_no_number_of_its_own(recording: Recording) -> None:
    scaled = {each["metadata"]["name"] for kind in ("HorizontalPodAutoscaler", "ScaledObject")
              for each in of_kind(recording, kind)}  # fmt: skip
    for each in app_deployments(recording):
        own = each["spec"].get("replicas")
        assert own == (1 if zone_bound(pod_of(each)) else None), "undone by every up"
        assert (each["metadata"]["name"] in scaled) is (own is None)
    for of in (bounds(recording), growing(recording)):
        assert json.dumps(of)


# That they can fail.


@pytest.fixture
def prod(previewed: Callable[[str], Recording]) -> ZoneModel:
    return applied(previewed("prod"))


def test_without_headroom_prod_s_pods_would_wait_for_nodes(prod: ZoneModel) -> None:
    assert simulate_zone_loss(replace(prod, headroom={})).unschedulable.count("web") == 2


def test_with_a_minimum_of_what_is_needed_too_few_would_be_left_of_prod(prod: ZoneModel) -> None:
    tight = replace(prod, apps=[replace(each, pods=each.needed) for each in prod.apps])
    assert {*simulate_zone_loss(tight).below_needed} == {"web", "cache"}


def test_the_shipped_stacks_all_make_the_claim(previewed: Callable[[str], Recording]) -> None:
    for stack in STACKS:
        assert claims(previewed(stack))
        assert previewed(stack).settings.headroom.size == "auto"
