"""kubectl as the cluster of a replacement, over a program that is none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tools.deploy.replace_nodes.scripts import Program
from tools.deploy.replace_nodes.interfaces import ReplaceError
from tools.deploy.replace_nodes.kubectl import Kubectl

Object = dict[str, Any]
SELECTED = "get nodes --selector eks.amazonaws.com/nodegroup=old --output json"
DEPLOYMENTS = "get deployments --all-namespaces --output json"


def node(name: str, ready: str = "True", **spec: object) -> Object:
    conditions = [{"type": "MemoryPressure", "status": "True"}, {"type": "Ready", "status": ready}]
    return {"metadata": {"name": name}, "spec": spec, "status": {"conditions": conditions}}


def deployment(name: str, space: str, wanted: int | None, ready: int | None) -> Object:
    return {
        "metadata": {"name": name, "namespace": space},
        "spec": {} if wanted is None else {"replicas": wanted},
        "status": {} if ready is None else {"readyReplicas": ready},
    }


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path, "kubectl")


@pytest.fixture
def cluster(program: Program, tmp_path: Path) -> Callable[..., Kubectl]:
    return lambda **more: Kubectl(program.file, tmp_path / "config.json", seconds=90, **more)


def called(program: Program, tmp_path: Path) -> list[str]:
    """Arguments of each call, behind those that name the cluster."""
    own = f"[--kubeconfig][{tmp_path / 'config.json'}]"
    assert [each for each in program.calls() if not each.startswith(own)] == [], (
        "it would be somebody else's cluster"
    )
    return [each.removeprefix(own) for each in program.calls()]


def test_nodes_of_a_group_that_are_ready_and_take_pods_are_counted(
    program: Program, cluster: Callable[..., Kubectl], tmp_path: Path
) -> None:
    starting = node("starting")
    del starting["status"]["conditions"]
    nodes = [
        node("one"), node("two", unschedulable=False), node("cordoned", unschedulable=True),
        node("sick", ready="False"), node("gone", ready="Unknown"), starting,
    ]  # fmt: skip
    program.says((SELECTED, {"items": nodes}))
    assert cluster().ready_nodes("old") == 2
    assert called(program, tmp_path) == [
        "[get][nodes][--selector][eks.amazonaws.com/nodegroup=old][--output][json]"
    ]


def test_a_group_without_nodes_has_none_ready_and_nothing_to_drain(
    program: Program, cluster: Callable[..., Kubectl]
) -> None:
    program.says((SELECTED, {"items": []}))
    assert cluster().ready_nodes("old") == 0
    cluster().cordon("old")
    cluster().drain("old")
    assert len(program.calls()) == 3


def test_every_node_of_a_group_is_cordoned(
    program: Program, cluster: Callable[..., Kubectl], tmp_path: Path
) -> None:
    program.says((SELECTED, {"items": [node("one"), node("sick", ready="False")]}))
    cluster().cordon("old")
    assert called(program, tmp_path)[1:] == ["[cordon][one]", "[cordon][sick]"]


def test_nodes_are_drained_one_after_the_other_by_the_api_within_the_bound(
    program: Program, cluster: Callable[..., Kubectl], tmp_path: Path
) -> None:
    program.says((SELECTED, {"items": [node("one"), node("two", unschedulable=True)]}))
    cluster().drain("old")
    options = "[--ignore-daemonsets][--delete-emptydir-data][--timeout=90s]"
    drains = called(program, tmp_path)[1:]
    assert drains == [f"[drain][one]{options}", f"[drain][two]{options}"]
    assert "force" not in "".join(drains), "budgets would be passed by"


def test_a_node_that_is_not_drained_in_time_keeps_its_pods_and_the_others(
    program: Program, cluster: Callable[..., Kubectl]
) -> None:
    held = "echo evicting >&2; echo 'error: global timeout reached: 1m30s' >&2; exit 1"
    program.says((SELECTED, {"items": [node("one"), node("two")]}), fails=held)
    with pytest.raises(ReplaceError) as caught:
        cluster().drain("old")
    told = str(caught.value)
    assert told.startswith("kubectl drain one: error: global timeout reached: 1m30s; ")
    assert "nothing is lost" in told
    assert "docs/replace-nodes.md" in told
    assert "\n" not in told
    assert len(program.calls()) == 2, "the second node was drained beside it"


@pytest.mark.parametrize("act", ["ready_nodes", "cordon", "drain", "lacking"])
def test_what_kubectl_says_when_it_fails_is_one_line(
    program: Program, cluster: Callable[..., Kubectl], act: str
) -> None:
    program.says(fails="printf 'E1 memcache\\nUnable to connect\\n\\n' >&2; exit 1")
    group = () if act == "lacking" else ("old",)
    what = "deployments" if act == "lacking" else "nodes"
    with pytest.raises(ReplaceError) as caught:
        getattr(cluster(), act)(*group)
    assert str(caught.value).startswith(f"kubectl get {what}: Unable to connect; ")
    assert "\n" not in str(caught.value)


def test_a_kubectl_that_says_nothing_is_one_line_too(
    program: Program, cluster: Callable[..., Kubectl]
) -> None:
    program.says(fails="exit 3")
    with pytest.raises(ReplaceError, match="kubectl get nodes: it says nothing; "):
        cluster().cordon("old")


def test_deployments_that_lack_pods_are_told_by_name(
    program: Program, cluster: Callable[..., Kubectl], tmp_path: Path
) -> None:
    found = [
        deployment("web", "web", 6, 6), deployment("more", "web", 2, 3),
        deployment("cache", "cache", 3, 2), deployment("new", "new", 1, None),
        deployment("default", "default", None, None), deployment("off", "off", 0, None),
    ]  # fmt: skip
    program.says((DEPLOYMENTS, {"items": found}))
    assert cluster().lacking() == [
        "cache/cache: 2 of 3 pods are ready",
        "new/new: 0 of 1 pods are ready",
        "default/default: 0 of 1 pods are ready",
    ]
    assert called(program, tmp_path) == ["[get][deployments][--all-namespaces][--output][json]"]


def test_a_deployment_without_a_status_lacks_its_pods(
    program: Program, cluster: Callable[..., Kubectl]
) -> None:
    new = deployment("web", "web", 2, None)
    del new["status"]
    program.says((DEPLOYMENTS, {"items": [new]}))
    assert cluster().lacking() == ["web/web: 0 of 2 pods are ready"]


def test_what_gives_way_to_others_may_wait_for_room(
    program: Program, cluster: Callable[..., Kubectl]
) -> None:
    found = [deployment("web-a", "headroom", 2, 0), deployment("web", "web", 2, 1)]
    program.says((DEPLOYMENTS, {"items": found}))
    yielding = cluster(yielding=frozenset({"headroom"}))
    assert yielding.lacking() == ["web/web: 1 of 2 pods are ready"]
    assert len(cluster().lacking()) == 2
