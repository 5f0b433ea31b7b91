"""A node is drained by the real kubectl, against the real API server, with a budget in force."""

import threading
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.deploy.replace_nodes.interfaces import ReplaceError
from tools.deploy.replace_nodes.kubectl import GROUP, Kubectl
from tools.rehearsal.api_server import ApiError, ApiServer, Object, pod_of
from tools.rehearsal.run import Act

_NODE: Object = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "former", "labels": {GROUP: "former"}},
}
_PATIENCE = 60.0


def drained(server: ApiServer, manifests: Iterable[Object], kubectl: Path, folder: Path) -> Act:
    """Two pods of the first app with a budget go one after the other, when the budget lets them.

    Raises ApiError if one goes against it, or none goes.
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
    space = budget["metadata"]["namespace"]
    deployment = deployments[space]
    pods = _running(server, pod_of(deployment))
    config = folder / "kubeconfig.json"
    config.write_text(server.kubeconfig(), encoding="utf-8")
    cluster = Kubectl(kubectl, config, seconds=3)
    cluster.cordon("former")
    if cluster.ready_nodes("former"):
        raise ApiError("a cordoned node takes pods")

    _allow(server, budget, 0)
    try:
        cluster.drain("former")
    except ReplaceError:
        if len(_left(server, pods)) != len(pods):
            raise ApiError("a pod went that the budget holds") from None
    else:
        raise ApiError("a drain that the budget holds did not come to its bound")

    most_at_once = 0
    with _kubelet(server, pods), _in_background(Kubectl(kubectl, config, seconds=60)) as drain:
        until = time.monotonic() + _PATIENCE
        left = len(pods)
        while left and time.monotonic() < until:
            _allow(server, budget, 1)
            now = _until_fewer(server, pods, left)
            most_at_once, left = max(most_at_once, left - now), now
        drain.join(timeout=10)
    if left or most_at_once > 1:
        raise ApiError(f"{left} pods left, {most_at_once} evicted at once with a budget of 1")
    return Act(
        scene="API server",
        what="kubectl drains a node",
        told=f"{len(pods)} pods of {space}: held by the budget until the bound, then one by one",
        seconds=time.monotonic() - start,
    )


def _running(server: ApiServer, pod: Object) -> Sequence[Object]:
    """Two ready pods on a node of the former group."""
    server.create(_NODE)
    server.report(_NODE, {"conditions": [{"type": "Ready", "status": "True"}]})
    pods: list[Object] = []
    for number in range(2):
        metadata = {**pod["metadata"], "name": f"drained-{number}", "ownerReferences": [_OWNER]}
        each = {**pod, "metadata": metadata, "spec": {**pod["spec"], "nodeName": "former"}}
        refusal = server.create(each)
        if refusal:
            raise ApiError(refusal)
        conditions = [{"type": "Ready", "status": "True"}]
        server.report(each, {"phase": "Running", "conditions": conditions})
        pods.append(each)
    return pods


_OWNER = {
    "apiVersion": "apps/v1",
    "kind": "ReplicaSet",
    "name": "whose",
    "uid": "00000000-0000-0000-0000-000000000000",
    "controller": True,
}
"""kubectl evicts pods only that somebody would make again."""


def _allow(server: ApiServer, budget: Object, count: int) -> None:
    """Sets how many pods a budget lets go, as the disruption controller would."""
    status = {
        "observedGeneration": 1, "disruptionsAllowed": count, "disruptedPods": None,
        "currentHealthy": 2, "desiredHealthy": 2 - count, "expectedPods": 2,
    }  # fmt: skip
    server.report(budget, status)


def _left(server: ApiServer, pods: Sequence[Object]) -> Sequence[Object]:
    """The pods that are there, and not going."""
    found = [(each, server.get(each)) for each in pods]
    return [each for each, now in found if now and "deletionTimestamp" not in now["metadata"]]


def _until_fewer(server: ApiServer, pods: Sequence[Object], left: int) -> int:
    """How many pods are left, as soon as that are fewer."""
    until = time.monotonic() + 15
    while len(_left(server, pods)) >= left and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(1)  # a second one would go by now
    return len(_left(server, pods))


@contextmanager
def _kubelet(server: ApiServer, pods: Sequence[Object]) -> Generator[None]:
    """Ends pods that are being deleted, as their node would."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(0.1):
            for each in pods:
                now = server.get(each)
                if now and "deletionTimestamp" in now["metadata"]:
                    server.end(each)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def _in_background(cluster: Kubectl) -> Generator[threading.Thread]:
    """Drains in a thread; what fails there is raised here."""
    failed: list[ReplaceError] = []

    def run() -> None:
        try:
            cluster.drain("former")
        except ReplaceError as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield thread
    finally:
        thread.join()
    if failed:
        raise failed[0]
