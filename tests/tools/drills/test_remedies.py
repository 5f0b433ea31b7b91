"""Scenarios with the real engine: counted resources, and remedies that are timed."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from pulumi.automation.errors import CommandError

from tests.conftest import recording_of
from tests.live.cells import settings_of
from tests.tools.drills.fake_server import FakeServer
from tools.deploy.aws_cli import AwsError
from tools.deploy.up import DEPLOYMENTS
from tools.drills.deployed_cell import DeployedCell
from tools.drills.drill import DrillError
from tools.drills.scenarios import common, provider, remedies
from tools.recording.record import ROOT
from tools.rehearsal.failover import created
from tools.rehearsal.fake_cloud.route53_commands import route53_commands

CANCELLED = CommandError(cast("Any", "up failed\nerror: update canceled"))


@dataclass
class FakeEngine:
    """An engine whose `up` waits for pods until it is interrupted, if `waits` is true."""

    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    waits: bool = False
    fails: str = ""
    pending_operations: Sequence[str] = ()
    stack: str = "prod"
    folder: Path = ROOT
    refreshed: list[Sequence[str]] = field(default_factory=list[Sequence[str]])

    def __post_init__(self) -> None:
        self.interrupted = threading.Event()

    def up(self, targets: Sequence[str] | None = None) -> Mapping[str, int]:
        if self.fails:
            raise CommandError(cast("Any", f"up failed\nerror: {self.fails}"))
        if self.waits:
            self.interrupted.wait(10)
            raise CANCELLED
        return self.counts

    def interrupt(self) -> None:
        self.interrupted.set()

    def refresh(self, targets: Sequence[str]) -> Mapping[str, int]:
        self.refreshed.append(targets)
        return {}

    def pending(self) -> Sequence[str]:
        return self.pending_operations


def cell(engine: FakeEngine, objects: dict[str, list[Any]] | None = None) -> DeployedCell:
    drill: Any = type("D", (), {"server": FakeServer(objects or {})})
    any_engine: Any = engine
    cloud: Any = None
    return DeployedCell(drill=drill, engine=any_engine, cloud=cloud, recording=recording_of("prod"))


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remedies, "_WAIT", 0.05)
    monkeypatch.setattr(remedies, "record", lambda stack, root: recording_of(stack))


Applied = Callable[..., bool]


def deploy(engine: FakeEngine, applied: Applied, targets: Any = None) -> tuple[float | None, str]:
    return remedies._deploy(cell(engine), targets, applied)


def test_an_up_that_ends_is_applied_when_it_ends() -> None:
    engine = FakeEngine()
    seconds, detail = deploy(engine, lambda *_: True, lambda *_: ["urn"])
    assert seconds is not None
    assert detail == "the command ends"
    assert engine.refreshed == []


def test_an_up_that_waits_for_pods_is_interrupted_and_the_deployments_are_read() -> None:
    engine = FakeEngine(waits=True)
    seconds, detail = deploy(engine, lambda *_: True)
    assert seconds is not None
    assert seconds < 5, "the wait for pods would count"
    assert detail == "the command then waits for pods, until Ctrl-C"
    assert engine.refreshed == [[DEPLOYMENTS]], "a return to the former image would change nothing"


def test_a_remedy_that_is_not_applied_has_no_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remedies, "REMEDY_SECONDS", 0.2)
    assert deploy(FakeEngine(waits=True), lambda *_: False)[0] is None
    assert not remedies._result("drain", None, "").kept
    assert remedies._result("drain", 0.2, "").kept
    assert not remedies._result("drain", 0.21, "").kept


@pytest.mark.parametrize("drained", [True, False])
def test_a_drain_is_applied_by_route_53_without_an_up(
    monkeypatch: pytest.MonkeyPatch, drained: bool
) -> None:
    edited: Any = type("Edited", (), {"stack": "prod"})
    edited.settings = settings_of((("ha-eks:traffic", "drained"), drained))
    monkeypatch.setattr(remedies, "record", lambda stack, root: edited)
    drilled = cell(FakeEngine(fails="the region does not answer"))
    cast("Any", drilled).__dict__["cloud"] = created(recording_of("prod"))
    assert remedies._traffic_applied(drilled, edited) is not drained
    assert remedies._apply(drilled, remedies._DRAIN)[0] is not None
    with pytest.raises(AwsError, match="timeout"):
        route53_commands(drilled.cloud)("eks", "describe-cluster", "--name", "prod")


def test_an_up_that_fails_and_a_pending_operation_end_the_drill() -> None:
    with pytest.raises(DrillError, match=r"^up: error: no access$"):
        deploy(FakeEngine(fails="no access"), lambda *_: False)
    with pytest.raises(DrillError, match=r"^an operation is pending after an interrupted up$"):
        deploy(FakeEngine(pending_operations=["updating"]), lambda *_: True)


def test_a_changed_resource_breaks_the_claim_of_an_up_without_changes() -> None:
    def result(counts: Mapping[str, int]) -> tuple[bool, str]:
        found = provider._counted("up without changes", 3, lambda: counts, "same")
        return found.kept, found.detail.partition("s")[2]

    assert result({"same": 3}) == (True, "")
    assert result({"same": 2, "update": 1}) == (False, "; update: 1")


def test_objects_that_remain_after_a_destroy_are_named() -> None:
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in "ab"
    ]
    drilled = cell(FakeEngine(), {"Namespace": [objects[1]]})
    cast("Any", drilled.drill).wait = lambda *_: 0.0
    result = provider._left(drilled, objects)
    assert (result.computed, result.seen, result.kept) == (2, 1, False)
    assert result.detail == "left: b"


def test_only_real_objects_are_counted() -> None:
    outputs = {"kind": "Namespace"}
    state = [
        {"type": "kubernetes:core/v1:Namespace", "outputs": outputs},
        {"type": "kubernetes:helm.sh/v3:Release", "outputs": {}},
        {"type": "aws:eks/cluster:Cluster", "outputs": {}},
    ]
    assert [*provider._objects(state)] == [outputs]


def test_only_pods_with_a_limited_toleration_are_evicted() -> None:
    def pod(name: str, node: str, **toleration: Any) -> Any:
        spec = {"nodeName": node, "tolerations": [{"operator": "Exists", **toleration}]}
        return {"metadata": {"name": name}, "spec": spec}

    pods = [
        pod("web", "lost", tolerationSeconds=60),
        pod("pause", "lost"),
        pod("other", "another", tolerationSeconds=60),
    ]
    evicted = cell(FakeEngine(), {"Pod": pods})
    found = common.evictable_pods(evicted.drill, ["lost"])
    assert [each["metadata"]["name"] for each in found] == ["web"]
