"""Serving and pending pods, as a drill counts them."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests.tools.drills.fake_server import FakeServer, Manifest, drill_on, each_zone, node, pod
from tools.drills.drill import Drill, DrillError, Sample, Watch
from tools.drills.zones import LOST

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]
A, B = "us-east-1a-0", "us-east-1b-0"


def drill(
    *pods: Manifest, deployments: tuple[Manifest, ...] = (), nodes: tuple[Manifest, ...] = ()
) -> Drill:
    server = FakeServer(
        {"Node": [*each_zone(ZONES, 1), *nodes], "Pod": [*pods], "Deployment": [*deployments]}
    )
    return drill_on(server)


def test_ready_pods_serve() -> None:
    sample = drill(
        pod("web", A),
        pod("web", B),
        pod("web", B, ready=False),
        pod("web", B, metadata={"deletionTimestamp": "2026-11-28T12:00:00Z"}),
        pod("web"),
        pod("headroom", A),
    ).sample(0)
    none: dict[str, int] = {}
    assert sample.serving == {
        "web": {"us-east-1a": 1, "us-east-1b": 1},
        "cache": none,
        "baseline-web": none,
        "baseline-cache": none,
    }
    assert sample.total("web") == 2


def test_pods_of_a_lost_zone_do_not_serve_although_the_api_has_them_ready() -> None:
    cell = drill(pod("web", A), pod("web", B))
    cell.zones.lost.add("us-east-1a")
    assert cell.sample(0).total("web") == cell.sample(0).serving["web"]["us-east-1b"] == 1


def test_pods_of_the_baseline_are_counted_separately_and_are_lost_with_the_zone() -> None:
    other = node("baseline-node", "baseline-us-east-1a")
    cell = drill(pod("web", A), pod("baseline-web", "baseline-node"), nodes=(other,))
    assert cell.sample(0).total("web") == cell.sample(0).total("baseline-web") == 1
    cell.zones.lost.add("us-east-1a")
    assert cell.sample(0).total("web") == cell.sample(0).total("baseline-web") == 0


def test_a_cell_is_whole_without_its_baseline() -> None:
    other = deployment(readyReplicas=0)
    other["metadata"]["namespace"] = "baseline-web"
    cell = drill(deployments=(other,))
    assert not [*cell.incomplete()]
    assert [*cell.incomplete(cell.with_baseline("web"))] == ["baseline-web/web (0 of 2 ready)"]


def test_pods_of_a_lost_node_do_not_serve_until_the_node_is_back() -> None:
    cell = drill(pod("web", A), pod("web", B))
    with cell.lost(cell.nodes_in("us-east-1a")):
        assert cell.sample(0).serving["web"] == {"us-east-1b": 1}
    assert cell.sample(0).total("web") == 2
    server: Any = cell.server
    changes = [change["metadata"]["labels"] for _, change in server.patched]
    assert changes == [{LOST: ""}, {LOST: None}], "no process plays a node with the label"


def deployment(**status: int) -> Manifest:
    ready = {"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "observedGeneration": 7}
    return {
        "metadata": {"generation": 7, "namespace": "web", "name": "web"},
        "spec": {"replicas": 2},
        "status": {**ready, **status},
    }


@pytest.mark.parametrize(
    "status",
    [
        {"replicas": 3}, {"updatedReplicas": 1}, {"readyReplicas": 1}, {"observedGeneration": 6}
    ],
    ids=["an old pod", "not updated", "not ready", "not seen"],
)  # fmt: skip
def test_a_deployment_is_complete_if_all_pods_are_ready_and_of_the_current_version(
    status: dict[str, int],
) -> None:
    cell = drill(deployments=(deployment(), deployment(**status)))
    assert [*cell.incomplete()] == [f"web/web ({status.get('readyReplicas', 2)} of 2 ready)"]
    assert not [*cell.incomplete(["cache"])]


def test_a_wait_for_all_pods_ends_with_those_that_are_not_ready() -> None:
    drill(deployments=(deployment(),)).wait_until_whole("all pods ready", 0)
    with pytest.raises(DrillError) as raised:
        drill(deployments=(deployment(readyReplicas=1),)).wait_until_whole("all pods ready", 0)
    assert str(raised.value) == "all pods ready: not within 0s; not ready: web/web (1 of 2 ready)"


def watch(*totals: int) -> Watch:
    return Watch(
        [
            Sample(seconds=float(second), serving={"web": {"us-east-1a": total}})
            for second, total in enumerate(totals)
        ]
    )


def test_the_lowest_number_of_serving_pods_is_that_of_all_samples() -> None:
    assert watch(6, 4, 5, 6).lowest("web") == 4


@pytest.mark.parametrize(
    ("totals", "seconds"),
    [((6, 4, 6, 4, 6, 6), 3.0), ((6, 6), 0.0), ((6, 4), None)],
    ids=["from the last sample below", "always", "never again"],
)
def test_a_condition_holds_from_the_sample_after_which_it_never_fails(
    totals: tuple[int, ...], seconds: float | None
) -> None:
    whole: Callable[[Sample], bool] = lambda sample: sample.total("web") == 6  # noqa: E731  # a lambda with a type
    assert watch(*totals).seconds_until(whole) == seconds


def test_a_wait_ends_with_a_sentence() -> None:
    answers = itertools.chain([False], itertools.repeat(True))
    assert drill().wait("all pods ready", lambda: next(answers), 60) >= 0.2
    with pytest.raises(DrillError, match=r"^all pods ready: not within 0s$"):
        drill().wait("all pods ready", lambda: False, 0)
