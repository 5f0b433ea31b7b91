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

from core.capacity import cpu_target
from core.packing import NodeKind, Pod
from core.resources import Resources
from core.tags import SPANNING
from core.zone_loss import SYSTEM, Cell, Loss, Workload, lose_a_zone
from plan import Plan
from settings.capacity import cell_of
from settings.quantities import mebibytes, millicores
from tests.conftest import STACKS
from tests.plan.objects import Object, of_kind, pod_of

FOR, IN = "ha-eks/headroom-for", "ha-eks/headroom-in"
POOL, NAME = "ha-eks/pool", "app.kubernetes.io/name"
ZONE = "topology.kubernetes.io/zone"
GROUP = "aws:eks/nodeGroup:NodeGroup"
RELEASE = "kubernetes:helm.sh/v3:Release"


def asks_of(pod: Object) -> Resources:
    [container] = pod["containers"]
    requests = container["resources"]["requests"]
    return Resources(cpu=millicores(requests["cpu"]), memory=mebibytes(requests["memory"]))


def app_deployments(plan: Plan) -> list[Object]:
    return [
        each for each in of_kind(plan, "Deployment")
        if each["metadata"]["labels"].get("app.kubernetes.io/part-of") == "ha-eks"
    ]  # fmt: skip


def bounds(plan: Plan) -> Mapping[str, tuple[int, int]]:
    """Pods of each app at least and at most, of whatever scales it, or of itself."""
    found = {
        each["metadata"]["name"]: (each["spec"]["minReplicas"], each["spec"]["maxReplicas"])
        for each in of_kind(plan, "HorizontalPodAutoscaler")
    }
    for each in of_kind(plan, "ScaledObject"):
        spec = each["spec"]
        found[each["metadata"]["name"]] = (spec["minReplicaCount"], spec["maxReplicaCount"])
    for each in app_deployments(plan):
        if "replicas" in each["spec"]:
            pods = each["spec"]["replicas"]
            found[each["metadata"]["name"]] = (pods, pods)
    return found


def bound(pod: Object) -> bool:
    """Whether a pod has a volume, which is in one zone."""
    return any("persistentVolumeClaim" in each for each in pod.get("volumes", []))


def growing(plan: Plan) -> Mapping[str, int]:
    """Pods at least of each Deployment of room that grows with the cell."""
    return {
        target.removeprefix("deployment/"): values["config"]["linear"]["min"]
        for release in plan.of_type(RELEASE)
        if release.inputs["chart"] == "cluster-proportional-autoscaler"
        for values in [_any(release.inputs["values"])]
        for target in values["options"]["target"].split(",")
    }


def _any(value: object) -> Any:
    return value


def rooms(plan: Plan) -> Iterator[tuple[str, str, int, Object]]:
    """For whom, in which zone, for how many, and the pod of all room that is held."""
    least = growing(plan)
    for each in of_kind(plan, "Deployment"):
        labels = each["metadata"]["labels"]
        if FOR in labels:
            pods = each["spec"].get("replicas", least.get(each["metadata"]["name"]))
            yield labels[FOR], labels[IN], pods, pod_of(each)
    templates = {each["metadata"]["name"]: each for each in of_kind(plan, "PodTemplate")}
    for each in of_kind(plan, "CapacityBuffer"):
        labels, spec = each["metadata"]["labels"], each["spec"]
        template = templates[spec["podTemplateRef"]["name"]]
        yield labels[FOR], labels[IN], spec["replicas"], template["template"]["spec"]


def room_of(plan: Plan, zone: str) -> dict[str, int]:
    return {name: pods for name, where, pods, _ in rooms(plan) if where == zone}


def sizes(plan: Plan, zone: str) -> dict[str, tuple[int, int]]:
    """Least and most nodes of each pool in a zone; of a group over all, its share."""
    zones = plan.settings.network.zones
    found: dict[str, tuple[int, int]] = {}
    for group in plan.of_type(GROUP):
        of, size = _any(group.inputs)["tags"]["ha-eks:zone"], _any(group.inputs)["scalingConfig"]
        least, most = size["minSize"], size["maxSize"]
        pool = _any(group.inputs)["labels"][POOL]
        if of == SPANNING:
            left = len(plan.settings.network.zones_in)
            found[pool] = (-(-least // left), most // len(zones))
        elif of == zone:
            found[pool] = (least, most)
    return found


def applied(plan: Plan) -> Cell:
    """The cell as it is applied: sizes, pods and room from what Kubernetes and AWS are given."""
    known, zone = cell_of(plan.settings), plan.settings.network.zones_in[0]
    in_zone = sizes(plan, zone)
    pools: dict[str, NodeKind] = {
        name: replace(kind, min=in_zone[name][0], max=in_zone[name][1])
        for name, kind in known.pools.items()
    }
    apps: list[Workload] = []
    for each in app_deployments(plan):
        name, pod = each["metadata"]["name"], pod_of(each)
        anti = pod.get("affinity", {}).get("podAntiAffinity", {})
        selector = pod.get("nodeSelector", {}).get(POOL)
        tolerated = {each["key"] for each in pod.get("tolerations", [])}
        open_ = {
            pool
            for pool, settings in plan.settings.pools.root.items()
            if (not settings.repels and selector in (None, pool))
            or (selector == pool and {taint.key for taint in settings.taints} <= tolerated)
        }
        apps.append(
            Workload(
                pod=Pod(
                    name=name,
                    asks=asks_of(pod),
                    pools=frozenset(open_),
                    alone="requiredDuringSchedulingIgnoredDuringExecution" in anti,
                ),
                pods=bounds(plan)[name][0],
                needed=0 if bound(pod) else plan.settings.apps.root[name].replicas.needed,
                bound=bound(pod),
            )
        )
    return replace(known, pools=pools, apps=apps, room=room_of(plan, zone))


def claims(plan: Plan) -> bool:
    """Whether there is a zone to lose."""
    return len(plan.settings.network.zones_in) > 1


def loss_of(plan: Plan) -> Loss:
    return lose_a_zone(applied(plan))


def test_zones_that_are_in_are_alike_and_those_that_are_out_hold_nothing(plan: Plan) -> None:
    network = plan.settings.network
    first = network.zones_in[0]
    for zone in network.zones_in:
        assert room_of(plan, zone) == room_of(plan, first)
        assert sizes(plan, zone) == sizes(plan, first)
    for zone in network.zones_out:
        assert room_of(plan, zone) == {}
        for pool, (least, _) in sizes(plan, zone).items():
            spanning = plan.settings.pools.root[pool].layout == SPANNING
            assert spanning or least == 0


def test_what_is_applied_is_what_was_reckoned_with(plan: Plan) -> None:
    known, read = cell_of(plan.settings), applied(plan)
    assert {each.pod.name: each for each in read.apps} == {e.pod.name: e for e in known.apps}
    assert read.room == {name: pods for name, pods in known.room.items() if pods}
    for name, kind in known.pools.items():
        assert (read.pools[name].min, read.pools[name].max) == (kind.min, kind.max)


def test_room_is_shaped_like_what_it_is_for_and_pinned_to_its_zone(plan: Plan) -> None:
    apps = {each["metadata"]["name"]: pod_of(each) for each in app_deployments(plan)}
    for name, zone, _, pod in rooms(plan):
        assert pod["nodeSelector"][ZONE] == zone
        if name != SYSTEM:
            assert asks_of(pod) == asks_of(apps[name]), "a pod of the app may not fit in its place"
            assert pod["nodeSelector"].get(POOL) == apps[name].get("nodeSelector", {}).get(POOL)


def test_with_nothing_evicted_what_is_left_carries_what_is_needed(plan: Plan) -> None:
    if not claims(plan):
        return
    loss = loss_of(plan)
    assert loss.short == []
    for name, app in plan.settings.apps.root.items():
        assert app.volume or loss.left[name] >= app.replicas.needed


def test_the_load_of_a_lost_zone_stays_within_what_pods_are_promised(plan: Plan) -> None:
    zones = plan.settings.network.claimed
    for each in of_kind(plan, "HorizontalPodAutoscaler"):
        for metric in each["spec"]["metrics"]:
            [resource] = [metric[key] for key in ("resource", "containerResource") if key in metric]
            assert resource["target"]["averageUtilization"] * zones / (zones - 1) <= 90
    for each in of_kind(plan, "ScaledObject"):
        for trigger in each["spec"]["triggers"]:
            if trigger["type"] in ("cpu", "memory"):
                assert int(trigger["metadata"]["value"]) * zones / (zones - 1) <= 90
    for name, app in plan.settings.apps.root.items():
        for query in app.scaling.prometheus.values():
            thresholds = _thresholds(plan, name)
            wanted = query.pod_carries * cpu_target(zones) / 100
            assert [each for each in thresholds if each == pytest.approx(wanted)]


def _thresholds(plan: Plan, name: str) -> list[float]:
    return [
        float(trigger["metadata"]["threshold"])
        for each in of_kind(plan, "ScaledObject")
        if each["metadata"]["name"] == name
        for trigger in each["spec"]["triggers"]
        if trigger["type"] == "prometheus"
    ]


def test_with_everything_evicted_all_find_a_place_without_a_new_node(plan: Plan) -> None:
    headroom = plan.settings.headroom
    if not claims(plan) or headroom.size == "none" or headroom.pods:
        return
    loss = loss_of(plan)
    assert loss.displaced
    assert loss.unplaced == []
    held = Counter(pod.name for node in loss.nodes for pod in node.pods)
    for each in applied(plan).apps:
        # What keeps a volume may be away with its zone.
        assert each.bound or held[each.pod.name] == each.pods


def test_no_app_s_pods_that_may_be_evicted_at_once_are_none_or_too_many(plan: Plan) -> None:
    for each in of_kind(plan, "PodDisruptionBudget"):
        name = each["metadata"]["namespace"]
        if name in plan.settings.apps.root:
            least = bounds(plan)[name][0]
            app = plan.settings.apps.root[name]
            spare = 1 if app.volume else least - app.replicas.needed
            assert 1 <= each["spec"]["maxUnavailable"] <= spare


def test_an_app_that_something_scales_has_no_number_of_its_own(plan: Plan) -> None:
    scaled = {each["metadata"]["name"] for kind in ("HorizontalPodAutoscaler", "ScaledObject")
              for each in of_kind(plan, kind)}  # fmt: skip
    for each in app_deployments(plan):
        own = each["spec"].get("replicas")
        assert own == (1 if bound(pod_of(each)) else None), "undone by every up"
        assert (each["metadata"]["name"] in scaled) is (own is None)
    for of in (bounds(plan), growing(plan)):
        assert json.dumps(of)


# That they can fail.


@pytest.fixture
def prod(previewed: Callable[[str], Plan]) -> Cell:
    return applied(previewed("prod"))


def test_without_headroom_prod_s_pods_would_wait_for_nodes(prod: Cell) -> None:
    assert lose_a_zone(replace(prod, room={})).unplaced.count("web") == 2


def test_with_a_minimum_of_what_is_needed_too_few_would_be_left_of_prod(prod: Cell) -> None:
    tight = replace(prod, apps=[replace(each, pods=each.needed) for each in prod.apps])
    assert {*lose_a_zone(tight).short} == {"web", "cache"}


def test_the_shipped_stacks_all_make_the_claim(previewed: Callable[[str], Plan]) -> None:
    for stack in STACKS:
        assert claims(previewed(stack))
        assert previewed(stack).settings.headroom.size == "auto"
