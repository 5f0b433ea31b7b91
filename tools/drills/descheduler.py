"""The descheduler of a drill: the real program if its path is given, otherwise a model.

The model evicts as the policy of `components/autoscaling/descheduler.py` does: in each run at most
one pod of each app, from a zone with too many pods. With a preferred spread, a zone with too few
pods must have a node with enough free capacity. Headroom counts as used capacity.
"""

import json
import os
from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.availability.resources import Resources
from core.facts.versions.charts import DESCHEDULER
from core.labels import ZONE
from settings.reading.quantities import mebibytes, millicores
from tools.control_plane.api_client import ApiServer
from tools.control_plane.manifest import Manifest
from tools.control_plane.processes import free_ports, start
from tools.drills.objects import accelerators_of, requests_of
from tools.drills.recorded_chart import recorded_chart
from tools.drills.repeat import repeated
from tools.recording import Recording

VARIABLE = "HA_EKS_DESCHEDULER"
"""Environment variable with the path of the real descheduler. No package registry has it: copy it
from the image registry.k8s.io/descheduler/descheduler."""

RUN_SECONDS = 5.0
"""Seconds between two runs in a drill; 30 on AWS."""

_VERSION = "pod-template-hash"
_POLICY = {"apiVersion": "descheduler/v1alpha2", "kind": "DeschedulerPolicy"}


@dataclass(frozen=True)
class DeschedulerModel:
    """Moves pods of apps to zones with fewer pods of the app."""

    server: ApiServer
    must_fit: Mapping[str, bool]
    """Namespaces of the apps whose pods are moved. True if a pod moves only to free capacity."""

    def run(self) -> None:
        """Evicts at most one pod of each app."""
        pods = self.server.list("v1", "Pod")
        nodes = {
            each["metadata"]["name"]: each
            for each in self.server.list("v1", "Node")
            if _accepts_pods(each)
        }
        free = _free(nodes, pods)
        for misplaced in self._misplaced(nodes, pods, free):
            self.server.evict(misplaced)

    def _misplaced(
        self, nodes: Mapping[str, Manifest], pods: Sequence[Manifest], free: Mapping[str, Resources]
    ) -> Iterator[Manifest]:
        """Yields a pod of each app that has to move."""
        versions: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
        for pod in pods:
            app, node = pod["metadata"]["namespace"], pod["spec"].get("nodeName")
            if (
                app in self.must_fit
                and node in nodes
                and "deletionTimestamp" not in pod["metadata"]
            ):
                versions[app, pod["metadata"]["labels"][_VERSION]].append(pod)
        moved: set[str] = set()
        for (app, _), each in versions.items():
            found = _to_move(each, nodes, free if self.must_fit[app] else None)
            if found and app not in moved:
                moved.add(app)
                yield found


def _to_move(
    pods: Sequence[Manifest],
    nodes: Mapping[str, Manifest],
    free: Mapping[str, Resources] | None,
) -> Manifest | None:
    """Returns a pod of the fullest zone that can run in a zone with fewer pods than the average.

    The pod must fit into the resources `free` of a node, unless `free` is None.
    """
    zones: dict[str, list[Manifest]] = {
        node["metadata"]["labels"][ZONE]: [] for node in nodes.values() if _selects(pods[0], node)
    }
    for pod in pods:
        zones[nodes[pod["spec"]["nodeName"]]["metadata"]["labels"][ZONE]].append(pod)
    counts = {zone: len(there) for zone, there in zones.items()}
    if max(counts.values()) - min(counts.values()) <= 1:
        return None
    fullest = zones[max(counts, key=counts.__getitem__)]
    average = len(pods) / len(zones)
    for pod in fullest:
        for name, node in nodes.items():
            below = counts.get(node["metadata"]["labels"][ZONE], average) < average
            fits = free is None or requests_of(pod).fits(free[name])
            if below and fits and _selects(pod, node):
                return pod
    return None


def _accepts_pods(node: Manifest) -> bool:
    """True if a node has none of the taints that Kubernetes sets on failed and cordoned nodes."""
    taints = node["spec"].get("taints", [])
    return not any(each["key"].startswith("node.kubernetes.io/") for each in taints)


def _selects(pod: Manifest, node: Manifest) -> bool:
    """True if a node has the labels that a pod requires."""
    labels = node["metadata"]["labels"]
    selector = pod["spec"].get("nodeSelector", {})
    return all(labels.get(key) == value for key, value in selector.items())


def _free(nodes: Mapping[str, Manifest], pods: Sequence[Manifest]) -> Mapping[str, Resources]:
    """Returns the resources of each node that no pod requests."""
    free = {name: _allocatable(node) for name, node in nodes.items()}
    for pod in pods:
        name = pod["spec"].get("nodeName")
        if name in free:
            free[name] = free[name] - requests_of(pod)
    return free


def _allocatable(node: Manifest) -> Resources:
    quantities = node["status"]["allocatable"]
    return Resources(
        cpu=millicores(quantities["cpu"]),
        memory=mebibytes(quantities["memory"]),
        storage=mebibytes(quantities["ephemeral-storage"]),
        accelerators=accelerators_of(quantities),
        pods=int(quantities["pods"]),
    )


def given_descheduler() -> Path | None:
    """Returns the path of the real descheduler; None if the environment does not give it."""
    path = os.environ.get(VARIABLE)
    return Path(path).absolute() if path else None


@contextmanager
def descheduler(server: ApiServer, recording: Recording, folder: Path) -> Generator[None]:
    """Runs the descheduler while the block runs, if the stack has it.

    `folder` is the folder of the API server and contains its kubeconfig.json.
    """
    if not recording.settings.autoscaling.descheduler:
        yield
        return
    program = given_descheduler()
    if program is None:
        must_fit = {
            name: app.spread.zones == "preferred"
            for name, app in recording.settings.replicated.items()
            if app.spread.nodes != "strict"
        }
        with repeated(DeschedulerModel(server, must_fit).run, RUN_SECONDS):
            yield
        return
    policy = folder / "descheduler-policy.json"
    policy.write_text(json.dumps(_POLICY | _recorded_policy(recording)), encoding="utf-8")
    [port] = free_ports(1)
    with ExitStack() as processes:
        start(
            processes, folder / "descheduler.log", program,
            "--kubeconfig", folder / "kubeconfig.json",
            "--policy-config-file", policy,
            "--descheduling-interval", f"{RUN_SECONDS:.0f}s",
            "--bind-address", "127.0.0.1", "--secure-port", port,
            "--cert-dir", folder / "descheduler",
        )  # fmt: skip
        yield


def _recorded_policy(recording: Recording) -> dict[str, Any]:  # Any: JSON of any shape
    """Returns the policy in the values of the recorded chart."""
    return recorded_chart(recording, DESCHEDULER.name).values["deschedulerPolicy"]
