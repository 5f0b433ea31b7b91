"""A drill: a cell on a real control plane, and its serving pods while zones or nodes fail."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from core.availability.zone_failure import Seconds
from core.labels import ZONE
from settings import Settings
from tools.control_plane.api_client import ApiServer
from tools.control_plane.controllers import ControllerManager
from tools.control_plane.informer import Informer
from tools.control_plane.manifest import Manifest
from tools.drills.baseline import Baseline
from tools.drills.baseline_objects import PREFIX
from tools.drills.node_supply import NodeSupply
from tools.drills.node_templates import NodeTemplates
from tools.drills.objects import is_serving
from tools.drills.repeat import repeated
from tools.drills.zones import LOST, Zones
from tools.recording import Recording

_INTERVAL = 0.2
"""Seconds between two samples."""

DETECTION = {"node-monitor-period": "1s", "node-monitor-grace-period": "12s"}
"""Options with which a lost node is detected within 13 seconds, to shorten a drill."""

DETECTED = Seconds(earliest=10, latest=13)
"""Seconds until a lost node is detected with these options, since its last lease may be two seconds
old."""

NO_EVICTION = {"controllers": "*,-taint-eviction-controller"}
"""Options with which no pod is evicted from a lost node, as when a whole zone of EKS is lost."""


class DrillError(Exception):
    """A step of a drill that fails or does not end."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The pods of the apps at one time."""

    seconds: float
    """Seconds since the watch began."""
    serving: Mapping[str, Mapping[str, int]]
    """Ready pods by app and zone. The pods of a lost zone are not ready, at once. The baseline of
    an app has its own name."""

    def total(self, app: str) -> int:
        """Returns the number of serving pods of an app."""
        return sum(self.serving.get(app, {}).values())


@dataclass
class Watch:
    """The samples of a scenario, which a thread takes."""

    samples: list[Sample] = field(default_factory=list[Sample])

    def lowest(self, app: str) -> int:
        """Returns the lowest number of serving pods of an app."""
        return min(sample.total(app) for sample in self.samples)

    def lowest_without_a_zone(self, app: str) -> int:
        """Returns the lowest number of serving pods of an app outside of its fullest zone."""
        return min(
            sample.total(app) - max(sample.serving.get(app, {}).values(), default=0)
            for sample in self.samples
        )

    def baseline(self, app: str) -> int | None:
        """Returns the lowest number of serving pods of a baseline; None if there is none."""
        return self.lowest(PREFIX + app) if self.samples[0].total(PREFIX + app) else None

    def seconds_until(self, reached: Callable[[Sample], bool]) -> float | None:
        """Returns the seconds until a condition holds in all further samples; None if not."""
        failed = [each.seconds for each in self.samples if not reached(each)]
        if failed and failed[-1] == self.samples[-1].seconds:
            return None
        return max(failed, default=0.0)


@dataclass(frozen=True, kw_only=True)
class Drill:
    """A running cell."""

    recording: Recording
    server: ApiServer
    pods: Informer
    """All pods, for readings several times a second."""
    nodes: Informer
    """All nodes, likewise."""
    templates: NodeTemplates
    """Nodes that the cell can have."""
    supply: NodeSupply
    """Supply of these nodes while a scenario runs."""
    zones: Zones
    baseline: Baseline
    controllers: ControllerManager
    folder: Path
    """Temporary folder of the drill, with kubeconfig.json and the logs of all processes."""
    programs: Mapping[str, Path]
    """Paths of the programs by name, with those that the chosen scenarios need."""
    timelines: dict[str, Watch] = field(default_factory=dict[str, Watch])
    """The samples of each scenario, by its name and subject."""
    lost_nodes: set[str] = field(default_factory=set[str])
    """Names of the nodes that are lost at the moment, except those of lost zones."""

    @property
    def settings(self) -> Settings:
        """Settings of the stack."""
        return self.recording.settings

    def sample(self, since: float) -> Sample:
        """Returns the pods of the apps now."""
        apps = self.with_baseline(*self.settings.replicated)
        serving: dict[str, Counter[str]] = {app: Counter() for app in apps}
        for app, zone, _ in self.serving_pods(apps):
            serving[app][zone] += 1
        return Sample(seconds=time.monotonic() - since, serving=serving)

    def serving_pods(self, apps: Collection[str]) -> Iterator[tuple[str, str, Manifest]]:
        """Yields app, zone and manifest of each pod of some apps or baselines that serves now."""
        zones = {
            node["metadata"]["name"]: node["metadata"]["labels"][ZONE].removeprefix(PREFIX)
            for node in self.nodes.objects()
        }
        for pod in self.pods.objects():
            app = pod["metadata"]["namespace"]
            if app in apps and is_serving(pod):
                node = pod["spec"]["nodeName"]
                if zones[node] not in self.zones.without_requests and node not in self.lost_nodes:
                    yield app, zones[node], pod

    @contextmanager
    def watch(self, name: str) -> Generator[Watch]:
        """Takes samples in a thread while the block runs; raises the error of the thread.

        The samples remain in `timelines` under `name`.
        """
        began = time.monotonic()
        watch = self.timelines[name] = Watch([self.sample(began)])
        with repeated(lambda: watch.samples.append(self.sample(began)), _INTERVAL):
            yield watch

    def wait(self, what: str, reached: Callable[[], bool], seconds: float) -> float:
        """Waits for a condition, and returns the seconds. Raises DrillError after `seconds`."""
        began = time.monotonic()
        while not reached():
            if time.monotonic() - began > seconds:
                raise DrillError(f"{what}: not within {seconds:.0f}s")
            time.sleep(_INTERVAL)
        return time.monotonic() - began

    def wait_until_whole(self, when: str, seconds: float = 120) -> None:
        """Waits until all pods of all Deployments are ready.

        Raises DrillError with the Deployments that are not after `seconds`.
        """
        try:
            self.wait(when, lambda: not [*self.incomplete()], seconds)
        except DrillError as error:
            raise DrillError(f"{error}; not ready: {', '.join(self.incomplete())}") from None

    def incomplete(self, namespaces: Collection[str] | None = None) -> Iterator[str]:
        """Yields the Deployments with pods that are missing, not ready or of a former version.

        `namespaces` limits the Deployments. Default: all namespaces except those of the baseline.
        """
        for deployment in self.server.list("apps/v1", "Deployment"):
            namespace, name = (deployment["metadata"][key] for key in ("namespace", "name"))
            is_baseline = namespace.startswith(PREFIX)
            if is_baseline if namespaces is None else namespace not in namespaces:
                continue
            wanted, status = deployment["spec"]["replicas"], deployment.get("status", {})
            if status.get("observedGeneration") != deployment["metadata"]["generation"] or any(
                status.get(key, 0) != wanted
                for key in ("replicas", "updatedReplicas", "readyReplicas")
            ):
                yield f"{namespace}/{name} ({status.get('readyReplicas', 0)} of {wanted} ready)"

    def with_baseline(self, *apps: str) -> Sequence[str]:
        """Returns the names of apps, and those of their baselines."""
        return [*apps, *(PREFIX + app for app in apps)]

    def deployment(self, app: str) -> Manifest:
        """Returns the Deployment of an app."""
        for each in self.server.list("apps/v1", "Deployment"):
            if (each["metadata"]["namespace"], each["metadata"]["name"]) == (app, app):
                return each
        raise DrillError(f"{app}: no Deployment")

    def replicas(self, app: str) -> int:
        """Returns the number of replicas that an app shall have."""
        return self.deployment(app)["spec"]["replicas"]

    def needed(self) -> Iterator[tuple[str, int]]:
        """Yields each app with the number of pods that its load needs."""
        for name, app in self.settings.replicated.items():
            yield name, app.replicas.needed

    @contextmanager
    def lost(self, nodes: Collection[Manifest]) -> Generator[None]:
        """Loses single nodes while the block runs."""
        names = {node["metadata"]["name"] for node in nodes}
        for node in nodes:
            self.server.patch(node, {"metadata": {"labels": {LOST: ""}}})
        self.lost_nodes.update(names)
        yield
        self.lost_nodes.difference_update(names)
        for node in nodes:
            self.server.patch(node, {"metadata": {"labels": {LOST: None}}})

    def nodes_in(self, zone: str) -> Sequence[Manifest]:
        """Returns the nodes of a zone, or of a zone of the baseline by its name."""
        return self.server.list("v1", "Node", labelSelector=f"{ZONE}={zone}")
