"""The interface to Kubernetes, with a script in place of kubectl."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tools.deploy.replace_nodes.scripts import Script
from tools.deploy.programs import ProgramError
from tools.deploy.replace_nodes.kubectl import Kubectl

Object = dict[str, Any]
SELECTED = "get nodes --selector eks.amazonaws.com/nodegroup=old --output json"
DEPLOYMENTS = "get deployments --all-namespaces --output json"


def node(name: str, ready: str = "True", **spec: object) -> Object:
    conditions = [{"type": "MemoryPressure", "status": "True"}, {"type": "Ready", "status": ready}]
    return {"metadata": {"name": name}, "spec": spec, "status": {"conditions": conditions}}


def deployment(name: str, namespace: str, replicas: int | None, ready: int | None) -> Object:
    return {
        "metadata": {"name": name, "namespace": namespace},
        "spec": {} if replicas is None else {"replicas": replicas},
        "status": {} if ready is None else {"readyReplicas": ready},
    }


@pytest.fixture
def program(tmp_path: Path) -> Script:
    return Script(tmp_path, "kubectl")


@pytest.fixture
def cluster(program: Script, tmp_path: Path) -> Callable[..., Kubectl]:
    return lambda **options: Kubectl(program.file, tmp_path / "config.json", seconds=90, **options)


def called(program: Script, tmp_path: Path) -> list[str]:
    """Returns the arguments of each call after the kubeconfig."""
    prefix = f"[--kubeconfig][{tmp_path / 'config.json'}]"
    assert [each for each in program.calls() if not each.startswith(prefix)] == [], (
        "kubectl would act on another cluster"
    )
    return [each.removeprefix(prefix) for each in program.calls()]


def test_ready_and_schedulable_nodes_are_counted(
    program: Script, cluster: Callable[..., Kubectl], tmp_path: Path
) -> None:
    starting = node("starting")
    del starting["status"]["conditions"]
    nodes = [
        node("one"), node("two", unschedulable=False), node("cordoned", unschedulable=True),
        node("sick", ready="False"), node("unreachable", ready="Unknown"), starting,
    ]  # fmt: skip
    program.prints((SELECTED, {"items": nodes}))
    assert cluster().ready_nodes("old") == 2
    assert called(program, tmp_path) == [
        "[get][nodes][--selector][eks.amazonaws.com/nodegroup=old][--output][json]"
    ]


def test_a_node_group_without_nodes_has_no_ready_nodes_and_no_drains(
    program: Script, cluster: Callable[..., Kubectl]
) -> None:
    program.prints((SELECTED, {"items": []}))
    assert cluster().ready_nodes("old") == 0
    cluster().cordon("old")
    cluster().drain("old")
    assert len(program.calls()) == 3


def test_every_node_of_a_node_group_is_cordoned(
    program: Script, cluster: Callable[..., Kubectl], tmp_path: Path
) -> None:
    program.prints((SELECTED, {"items": [node("one"), node("sick", ready="False")]}))
    cluster().cordon("old")
    assert called(program, tmp_path)[1:] == ["[cordon][one]", "[cordon][sick]"]


def test_nodes_are_drained_one_by_one_with_the_eviction_api_and_a_limit(
    program: Script, cluster: Callable[..., Kubectl], tmp_path: Path
) -> None:
    program.prints((SELECTED, {"items": [node("one"), node("two", unschedulable=True)]}))
    cluster().drain("old")
    options = "[--ignore-daemonsets][--delete-emptydir-data][--timeout=90s]"
    drains = called(program, tmp_path)[1:]
    assert drains == [f"[drain][one]{options}", f"[drain][two]{options}"]
    assert "force" not in "".join(drains), "the drain would ignore disruption budgets"


def test_a_drain_that_reaches_its_limit_stops_before_the_next_node(
    program: Script, cluster: Callable[..., Kubectl]
) -> None:
    blocked = "echo evicting >&2; echo 'error: global timeout reached: 1m30s' >&2; exit 1"
    program.prints((SELECTED, {"items": [node("one"), node("two")]}), otherwise=blocked)
    with pytest.raises(ProgramError) as caught:
        cluster().drain("old")
    assert str(caught.value) == "kubectl drain one: error: global timeout reached: 1m30s"
    assert len(program.calls()) == 2, "the second node was drained too"


@pytest.mark.parametrize("action", ["ready_nodes", "cordon", "drain", "not_ready"])
def test_an_error_of_kubectl_is_one_line(
    program: Script, cluster: Callable[..., Kubectl], action: str
) -> None:
    program.prints(otherwise="printf 'E1 memcache\\nUnable to connect\\n\\n' >&2; exit 1")
    group = () if action == "not_ready" else ("old",)
    kind = "deployments" if action == "not_ready" else "nodes"
    with pytest.raises(ProgramError) as caught:
        getattr(cluster(), action)(*group)
    assert str(caught.value) == f"kubectl get {kind}: Unable to connect"


def test_an_error_without_output_is_one_line(
    program: Script, cluster: Callable[..., Kubectl]
) -> None:
    program.prints(otherwise="exit 3")
    with pytest.raises(ProgramError) as caught:
        cluster().cordon("old")
    assert str(caught.value) == "kubectl get nodes: no output"


def test_deployments_with_missing_pods_are_not_ready(
    program: Script, cluster: Callable[..., Kubectl], tmp_path: Path
) -> None:
    found = [
        deployment("web", "web", 6, 6), deployment("more", "web", 2, 3),
        deployment("cache", "cache", 3, 2), deployment("new", "new", 1, None),
        deployment("default", "default", None, None), deployment("off", "off", 0, None),
    ]  # fmt: skip
    program.prints((DEPLOYMENTS, {"items": found}))
    assert cluster().not_ready() == [
        "cache/cache: 2 of 3 pods are ready",
        "new/new: 0 of 1 pods are ready",
        "default/default: 0 of 1 pods are ready",
    ]
    assert called(program, tmp_path) == ["[get][deployments][--all-namespaces][--output][json]"]


def test_a_deployment_without_a_status_is_not_ready(
    program: Script, cluster: Callable[..., Kubectl]
) -> None:
    new = deployment("web", "web", 2, None)
    del new["status"]
    program.prints((DEPLOYMENTS, {"items": [new]}))
    assert cluster().not_ready() == ["web/web: 0 of 2 pods are ready"]


def test_preemptible_pods_may_be_pending(program: Script, cluster: Callable[..., Kubectl]) -> None:
    found = [deployment("web-a", "headroom", 2, 0), deployment("web", "web", 2, 1)]
    program.prints((DEPLOYMENTS, {"items": found}))
    ignoring = cluster(ignored_namespaces=frozenset({"headroom"}))
    assert ignoring.not_ready() == ["web/web: 1 of 2 pods are ready"]
    assert len(cluster().not_ready()) == 2
