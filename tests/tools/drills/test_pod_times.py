"""Times from the creation of pods to their readiness."""

import time
from typing import Any

import pytest

from tests.tools.drills.fake_server import Manifest, pod
from tests.tools.drills.test_load import Cell
from tools.drills import pod_times
from tools.drills.pod_times import PodTimes


def with_id(pod_id: str, app: str = "web", *, ready: bool = True) -> Manifest:
    return pod(app, "us-east-1a-0", ready=ready, metadata={"uid": pod_id})


def test_new_pods_of_the_apps_have_the_seconds_of_the_readings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    cell: Any = Cell(with_id("old"))
    times = PodTimes(cell.drill)
    cell.server.objects["Pod"] += [
        with_id("new", ready=False),
        with_id("other", "headroom"),
        with_id("never", ready=False),
    ]
    now = 101.0
    times.read()
    cell.server.objects["Pod"][1] = with_id("new")
    now = 103.5
    times.read()
    now = 110.0
    times.read()
    assert [(each.created, each.ready, each.start) for each in times.of("web")] == [
        (1.0, 3.5, 2.5),
        (1.0, None, None),
    ]
    assert not times.of("cache")


def test_the_last_reading_is_that_of_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pod_times, "_INTERVAL", 60)
    cell: Any = Cell()
    with pod_times.pod_times(cell.drill) as times:
        cell.server.objects["Pod"].append(with_id("new"))
    [new] = times.of("web")
    assert new.start == 0, "the scenario waits until the pod is ready, so it must be counted"
