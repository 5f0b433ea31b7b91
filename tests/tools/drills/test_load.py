"""The load of an app, and the CPU usage of its pods."""

from typing import Any

import pytest

from tests.tools.drills.fake_server import FakeServer, Manifest, drill_on, each_zone, pod
from tools.control_plane.manifest import ApiError
from tools.drills.load import CPU, Load

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]
SIX_PODS = [pod("web", f"{zone}-0") for zone in (*ZONES, *ZONES)]
USUAL = 0.97 * 6 * 750 * 60 / 100
"""Load of `web` at its minimum of 6 replicas: 97% of the CPU target of 60% of 750m."""


class Cell:
    def __init__(self, *pods: Manifest) -> None:
        self.server = FakeServer({"Node": [*each_zone(ZONES, 1)], "Pod": [*pods]})
        self.drill = drill_on(self.server)

    def usage(self) -> list[str]:
        return [change["metadata"]["annotations"][CPU] for _, change in self.server.patched]


def test_at_usual_load_the_minimum_replicas_run_just_below_the_cpu_target() -> None:
    cell = Cell(*SIX_PODS)
    Load(cell.drill).divide()
    assert cell.usage() == ["436m"] * 6
    assert pytest.approx(0.58, abs=0.01) == 436 / 750


def test_twice_the_load_doubles_the_usage() -> None:
    cell = Cell(*SIX_PODS)
    Load(cell.drill).load("web", 2)
    assert cell.usage() == [f"{2 * USUAL / 6:.0f}m"] * 6


def test_only_serving_pods_share_the_load() -> None:
    serving = pod("web", "us-east-1a-0")
    cell = Cell(
        serving,
        pod("web", "us-east-1a-0", ready=False),
        pod("web", "us-east-1b-0"),
        pod("web"),
        pod("headroom", "us-east-1a-0"),
    )
    cell.drill.zones.lost.add("us-east-1b")
    Load(cell.drill).divide()
    assert cell.server.patched == [(serving, {"metadata": {"annotations": {CPU: "2619m"}}})]


def test_a_pod_whose_usage_does_not_change_is_not_patched() -> None:
    cell = Cell(pod("web", "us-east-1a-0", metadata={"annotations": {CPU: "2619m"}}))
    Load(cell.drill).divide()
    assert not cell.server.patched


class Refusing(FakeServer):
    def patch(self, manifest: Manifest, change: Manifest) -> None:
        raise ApiError("refused")


def test_a_pod_that_is_deleted_meanwhile_has_no_usage() -> None:
    cell = Cell(*SIX_PODS)
    refusing: Any = Refusing(dict(cell.server.objects))
    object.__setattr__(cell.drill, "server", refusing)
    with pytest.raises(ApiError, match=r"^refused$"):
        Load(cell.drill).divide()
    refusing.get = lambda _manifest: None  # pyright: ignore[reportUnknownLambdaType]  # any pod
    Load(cell.drill).divide()


@pytest.mark.parametrize(
    ("factor", "replicas", "carried"),
    [(1, 6, True), (2, 12, True), (2, 11, True), (2, 10, False), (9, 18, True), (9, 17, False)],
    ids=["usual", "all", "within the tolerance", "too few", "maximum", "below the maximum"],
)
def test_the_autoscaler_adds_no_pod_within_its_tolerance(
    factor: float, replicas: int, carried: bool
) -> None:
    load = Load(Cell().drill)
    load.load("web", factor)
    assert load.is_carried("web", replicas) is carried
