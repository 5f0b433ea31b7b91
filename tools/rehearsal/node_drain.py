"""Drain of a node by the real kubectl against the real API server, with a disruption budget."""

import threading
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.labels import NODE_GROUP
from tools.control_plane.api_client import ApiServer
from tools.control_plane.manifest import ApiError, Manifest, pod_of, raise_refusal
from tools.deploy.programs import ProgramError
from tools.deploy.replace_nodes.kubectl import Kubectl
from tools.rehearsal.run import Step

_GROUP_NAME = "former"
_NODE: Manifest = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": _GROUP_NAME, "labels": {NODE_GROUP: _GROUP_NAME}},
}
_DRAIN_TIMEOUT = 60.0
"""Seconds for the drain of all pods."""


def check_drain(
    server: ApiServer, manifests: Iterable[Manifest], kubectl: Path, folder: Path
) -> Step:
    """Drains a node with two pods of the first app that has a disruption budget.

    First the budget allows no eviction, and the drain must time out. Then the budget allows one
    eviction at a time. Raises ApiError if a pod is evicted against the budget, or is not evicted.
    """
    start = time.monotonic()
    objects = list(manifests)
    deployments = {
        each["metadata"]["namespace"]: each for each in objects if each["kind"] == "Deployment"
    }
    budget = next(
        each
        for each in objects
        if each["kind"] == "PodDisruptionBudget" and each["metadata"]["namespace"] in deployments
    )
    namespace = budget["metadata"]["namespace"]
    pods = _run_two_pods(server, pod_of(deployments[namespace]))
    kubeconfig = folder / "kubeconfig.json"
    kubeconfig.write_text(server.kubeconfig(), encoding="utf-8")
    cluster = Kubectl(kubectl, kubeconfig, seconds=3)
    cluster.cordon(_GROUP_NAME)
    if cluster.ready_nodes(_GROUP_NAME):
        raise ApiError("kubectl drain: the node is still schedulable after the cordon")

    _set_allowed_disruptions(server, budget, 0)
    try:
        cluster.drain(_GROUP_NAME)
    except ProgramError:
        if len(_running(server, pods)) != len(pods):
            raise ApiError("kubectl drain: a pod was evicted against its budget") from None
    else:
        raise ApiError("kubectl drain: ended although the budget allows no eviction")

    evicted_at_once = 0
    with _kubelet(server, pods), _drain_thread(Kubectl(kubectl, kubeconfig, seconds=60)) as drain:
        deadline = time.monotonic() + _DRAIN_TIMEOUT
        left = len(pods)
        while left and time.monotonic() < deadline:
            _set_allowed_disruptions(server, budget, 1)
            running = _wait_for_eviction(server, pods, left)
            evicted_at_once, left = max(evicted_at_once, left - running), running
        drain.join(timeout=10)
    if left or evicted_at_once > 1:
        raise ApiError(
            f"kubectl drain: {left} pods not evicted, {evicted_at_once} evicted at once although "
            "the budget allows 1"
        )
    return Step(
        scenario="api",
        name="kubectl drains a node",
        result=f"{len(pods)} pods of {namespace} blocked by the budget, then evicted one by one",
        seconds=time.monotonic() - start,
    )


def _run_two_pods(server: ApiServer, pod: Manifest) -> Sequence[Manifest]:
    """Creates a ready node of the former node group, with two ready pods."""
    server.create(_NODE)
    server.set_status(_NODE, {"conditions": [{"type": "Ready", "status": "True"}]})
    pods: list[Manifest] = []
    for number in range(2):
        metadata = {**pod["metadata"], "name": f"drained-{number}", "ownerReferences": [_OWNER]}
        each = {**pod, "metadata": metadata, "spec": {**pod["spec"], "nodeName": _GROUP_NAME}}
        raise_refusal(each, server.create(each))
        conditions = [{"type": "Ready", "status": "True"}]
        server.set_status(each, {"phase": "Running", "conditions": conditions})
        pods.append(each)
    return pods


_OWNER = {
    "apiVersion": "apps/v1",
    "kind": "ReplicaSet",
    "name": "owner",
    "uid": "00000000-0000-0000-0000-000000000000",
    "controller": True,
}
"""kubectl evicts only pods that a controller would create again."""


def _set_allowed_disruptions(server: ApiServer, budget: Manifest, count: int) -> None:
    """Sets the status of a budget as the disruption controller does."""
    status = {
        "observedGeneration": 1, "disruptionsAllowed": count, "disruptedPods": None,
        "currentHealthy": 2, "desiredHealthy": 2 - count, "expectedPods": 2,
    }  # fmt: skip
    server.set_status(budget, status)


def _running(server: ApiServer, pods: Sequence[Manifest]) -> Sequence[Manifest]:
    """Returns the pods that exist and are not being deleted."""
    current = [(each, server.get(each)) for each in pods]
    return [each for each, now in current if now and "deletionTimestamp" not in now["metadata"]]


def _wait_for_eviction(server: ApiServer, pods: Sequence[Manifest], left: int) -> int:
    """Waits until fewer than `left` pods run; returns the number of running pods."""
    deadline = time.monotonic() + 15
    while len(_running(server, pods)) >= left and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)  # a wrong second eviction happens within this second
    return len(_running(server, pods))


@contextmanager
def _kubelet(server: ApiServer, pods: Sequence[Manifest]) -> Generator[None]:
    """Ends pods that are being deleted, as the kubelet of their node does."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(0.1):
            for each in pods:
                current = server.get(each)
                if current and "deletionTimestamp" in current["metadata"]:
                    server.delete_now(each)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def _drain_thread(cluster: Kubectl) -> Generator[threading.Thread]:
    """Drains the node in a thread; raises the error of the thread here."""
    errors: list[ProgramError] = []

    def run() -> None:
        try:
            cluster.drain(_GROUP_NAME)
        except ProgramError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield thread
    finally:
        thread.join()
    if errors:
        raise errors[0]
