"""The model of the descheduler."""

from collections.abc import Sequence
from typing import Any

import pytest

from core.labels import POOL
from tests.tools.drills.fake_server import FakeServer, Manifest, each_zone, pod
from tools.drills.descheduler import DeschedulerModel

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]


class EvictingServer(FakeServer):
    """A fake API server that records evictions."""

    def __init__(self, *pods: Manifest) -> None:
        allocatable = {"cpu": "2", "memory": "4Gi", "ephemeral-storage": "40Gi", "pods": "10"}
        nodes = [
            {**each, "spec": {}, "status": {"allocatable": allocatable}}
            for each in each_zone(ZONES, 1)
        ]
        super().__init__({"Node": nodes, "Pod": [*pods]})
        self.evicted: list[Manifest] = []

    def evict(self, evicted: Manifest) -> bool:
        self.evicted.append(evicted)
        return True


def app_pod(zone: int, app: str = "web", version: str = "new", **more: Any) -> Manifest:
    metadata = {"labels": {"pod-template-hash": version}, **more.pop("metadata", {})}
    return pod(app, f"{ZONES[zone]}-0", metadata=metadata, **more)


def evicted(server: EvictingServer, *apps: str, must_fit: bool = True) -> Sequence[str]:
    """Runs the model once; returns node and app of each evicted pod."""
    unchecked: Any = server
    DeschedulerModel(unchecked, dict.fromkeys(apps or ("web", "cache"), must_fit)).run()
    return [
        f"{each['spec']['nodeName']} {each['metadata']['namespace']}" for each in server.evicted
    ]


def in_zones(*counts: int, app: str = "web", **more: Any) -> list[Manifest]:
    return [
        app_pod(zone, app, **more, requests={"cpu": "100m"})
        for zone, count in enumerate(counts)
        for _ in range(count)
    ]


def test_one_pod_of_each_app_moves_from_its_fullest_zone() -> None:
    server = EvictingServer(*in_zones(4, 1, 1), *in_zones(0, 0, 2, app="cache"))
    assert evicted(server) == ["us-east-1a-0 web", "us-east-1c-0 cache"]


@pytest.mark.parametrize("counts", [(2, 2, 2), (3, 2, 2), (1, 1, 0)], ids=str)
def test_zones_may_differ_by_one_pod(counts: tuple[int, ...]) -> None:
    assert evicted(EvictingServer(*in_zones(*counts))) == []


def test_only_pods_with_a_strict_spread_move_to_zones_that_are_full_of_headroom() -> None:
    headroom = [pod("headroom", f"{zone}-0", requests={"cpu": "1950m"}) for zone in ZONES[1:]]
    assert evicted(EvictingServer(*in_zones(4, 1, 1), *headroom)) == []
    strict = evicted(EvictingServer(*in_zones(4, 1, 1), *headroom), must_fit=False)
    assert strict == ["us-east-1a-0 web"]
    assert evicted(EvictingServer(*in_zones(4, 1, 1), *headroom[:1])) == ["us-east-1a-0 web"]


def test_a_zone_with_cordoned_nodes_receives_no_pods() -> None:
    server = EvictingServer(*in_zones(3, 3, 0))
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    server.objects["Node"][2] = {**server.objects["Node"][2], "spec": {"taints": [taint]}}
    assert evicted(server) == []


def test_each_version_of_an_app_is_spread_on_its_own() -> None:
    assert evicted(EvictingServer(*in_zones(2, 0, 0), *in_zones(0, 2, 2, version="old"))) == [
        "us-east-1a-0 web"
    ]


def test_pods_that_end_and_pods_of_others_are_not_counted() -> None:
    ending = {"deletionTimestamp": "2026-11-28T12:00:00Z"}
    server = EvictingServer(*in_zones(1, 1, 1), app_pod(0, metadata=ending))
    assert evicted(server) == []
    assert evicted(EvictingServer(*in_zones(3, 0, 0)), "cache") == []


def test_a_pod_moves_only_to_nodes_of_its_pool() -> None:
    selector = {"nodeSelector": {POOL: "other"}}
    server = EvictingServer(*in_zones(2, 0, 0, spec=selector))
    server.objects["Node"][0]["metadata"]["labels"][POOL] = "other"
    assert evicted(server) == []
