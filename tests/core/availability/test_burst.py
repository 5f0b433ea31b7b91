"""Figures of a burst."""

from dataclasses import replace

import pytest

from core.availability.burst import (
    ready_at_once,
    ready_if_out_of_stock,
    replicas_for,
    seconds_to_new_replicas,
    seconds_to_scale_down,
)
from core.availability.packing import NodeGroupModel, Pod
from core.availability.resources import Resources
from core.availability.zone_loss import Workload, ZoneModel


@pytest.mark.parametrize(
    ("load", "replicas"), [(1, 6), (0.2, 6), (1.5, 9), (1.51, 10), (2, 12), (4, 18)]
)
def test_replicas_follow_the_load_between_minimum_and_maximum(load: float, replicas: int) -> None:
    assert replicas_for(load, 6, 18) == replicas


def test_a_change_of_the_load_is_seen_after_two_reads_and_a_decision() -> None:
    assert str(seconds_to_new_replicas()) == "15s to 45s", "as docs/scaling.md says"
    assert str(seconds_to_new_replicas(autoscaler=10)) == "15s to 40s", "as docs/scaling.md says"
    assert str(seconds_to_new_replicas(10, 2)) == "10s to 22s"


@pytest.mark.parametrize(("new", "ready"), [(2, 2), (6, 3)])
def test_the_headroom_of_all_zones_is_ready_at_once(new: int, ready: int) -> None:
    assert ready_at_once(new, headroom_per_zone=1, zones=3) == ready


POOL = NodeGroupModel(name="large", free=Resources(cpu=1440, memory=6600, pods=22), min=2, max=12)
WEB = Workload(
    pod=Pod(name="web", requests=Resources(cpu=750, memory=256), pools=frozenset({"general"})),
    pods=6,
    needed=4,
)
CELL = ZoneModel(
    zones=3, pools={"general": POOL}, apps=[WEB], system=[], headroom={"web": 1}
)  # fmt: skip


@pytest.mark.parametrize(
    ("strict", "maximum", "ready"),
    [
        ((), 12, 12),
        (("web",), 12, 3 + 2 * 4),
        ((), 4, 3 + 2 * 4),  # a node runs one pod
        ((), 3, 3 + 2 * 3),
    ],
    ids=[
        "the other zones run the pods",
        "a strict spread",
        "four nodes a zone",
        "three nodes a zone",
    ],
)
def test_the_other_zones_run_the_pods_of_a_burst_if_a_zone_is_out_of_stock(
    strict: tuple[str, ...], maximum: int, ready: int
) -> None:
    cell = replace(CELL, pools={"general": replace(POOL, max=maximum)})
    assert ready_if_out_of_stock(cell, {"web": 12}, strict) == {"web": ready}


@pytest.mark.parametrize(
    ("replicas", "percent", "seconds"),
    [
        (6, 10, 0),
        (7, 10, 300),
        (12, 10, 300 + 4 * 60),  # 10, 9, 8, 7, 6
        (12, 50, 300),
        (12, 30, 300 + 60),  # 8, 6
        (12, 100, 300),
    ],
)
def test_scale_down_takes_the_stabilization_and_a_period_between_two_steps(
    replicas: int, percent: int, seconds: float
) -> None:
    assert seconds == seconds_to_scale_down(
        replicas, 6, stabilization=300, percent=percent, period=60
    )
