"""The load of the apps, from which the usage of their pods follows."""

from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from core.availability.burst import replicas_for
from settings.reading.quantities import millicores
from tools.control_plane.manifest import ApiError, Manifest
from tools.control_plane.metrics_server import metrics_server
from tools.drills.drill import Drill
from tools.drills.repeat import repeated
from tools.toolchain import METRICS_SERVER

CPU = "ha-eks/cpu"
"""Annotation of a pod with its CPU usage, for usage.yaml."""

_INTERVAL = 0.5
"""Seconds after which the load is divided over the serving pods again."""

AUTOSCALER_SECONDS = 2
"""Seconds between two decisions of the pod autoscaler in a drill; 15 by default, also on EKS."""

FAST_AUTOSCALER = {"horizontal-pod-autoscaler-sync-period": f"{AUTOSCALER_SECONDS}s"}
"""Options of the controllers with which the pod autoscaler decides sooner, to shorten a drill."""

_FIGURES = 90.0
"""Seconds within which the pod autoscaler of each app must have figures."""

_SHARE = 0.97
"""Usage at usual load, as a share of the CPU target: an inaccuracy of metrics-server of 3% does not
cause a replica more."""

_TOLERATED = 1.1
"""Usage per CPU target at which the pod autoscaler changes no replicas yet.
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details"""


class Load:
    """The load of each app, which its serving pods share evenly."""

    def __init__(self, drill: Drill) -> None:
        self._drill = drill
        self._factors = dict.fromkeys(drill.settings.replicated, 1.0)

    def load(self, app: str, factor: float) -> None:
        """Sets the load of an app to a multiple of its usual load.

        At the usual load, the minimum replicas of the app run just below its CPU target.
        """
        self._factors[app] = factor
        self.divide()

    def is_carried(self, app: str, replicas: int) -> bool:
        """True if the pod autoscaler adds no pod to these replicas at the present load.

        These can be fewer than `replicas`: if metrics-server reads while the load changes, the
        autoscaler first adds fewer pods, and what is missing then may be within its tolerance.
        """
        return self.replicas(app) <= replicas or self._load(app) <= replicas * _TOLERATED

    def replicas(self, app: str) -> int:
        """Returns the replicas that the present load of an app requires."""
        settings = self._drill.settings
        minimum = settings.replicated[app].minimum_replicas(settings.network.effective_zones)
        maximum = settings.replicated[app].replicas.max
        return replicas_for(_SHARE * self._factors[app], minimum, maximum)

    def _load(self, app: str) -> float:
        """Returns the load of an app in pods whose usage is at the CPU target."""
        settings = self._drill.settings
        least = settings.replicated[app].minimum_replicas(settings.network.effective_zones)
        return _SHARE * self._factors[app] * least

    def divide(self) -> None:
        """Divides the load of each app over its serving pods."""
        serving = [(app, pod) for app, _, pod in self._drill.serving_pods(self._factors)]
        count = Counter(app for app, _ in serving)
        totals = self._totals()
        for app, pod in serving:
            self._use(pod, f"{totals[app] / count[app]:.0f}m")

    def _totals(self) -> Mapping[str, float]:
        """Returns the load of each app in millicores."""
        settings = self._drill.settings
        zones = settings.network.effective_zones
        return {
            name: self._load(name)
            * millicores(app.requests.cpu)
            * app.scaling.cpu_target(zones)
            / 100
            for name, app in settings.replicated.items()
        }

    def _use(self, pod: Manifest, cpu: str) -> None:
        annotations = pod["metadata"].get("annotations", {})
        if annotations.get(CPU) == cpu:
            return
        try:
            self._drill.server.patch(pod, {"metadata": {"annotations": {CPU: cpu}}})
        except ApiError:
            if self._drill.server.get(pod):
                raise


@contextmanager
def usual_load(drill: Drill) -> Generator[Load]:
    """Runs metrics-server while the block runs, with each app at its usual load.

    The pod autoscaler then sets the number of pods. The block begins when the autoscaler of each
    app has figures. Scenarios that use it need METRICS_SERVER.
    """
    load = Load(drill)
    load.divide()
    with (
        metrics_server(drill.programs[METRICS_SERVER.name], drill.server, drill.folder),
        repeated(load.divide, _INTERVAL),
    ):
        drill.wait("figures for all pod autoscalers", lambda: _all_active(drill), _FIGURES)
        yield load


def _all_active(drill: Drill) -> bool:
    """True if the pod autoscaler of each app has figures."""
    autoscalers = drill.server.list("autoscaling/v2", "HorizontalPodAutoscaler")
    return all(
        any(
            condition["type"] == "ScalingActive" and condition["status"] == "True"
            for condition in each["status"].get("conditions", [])
        )
        for each in autoscalers
    )
