"""Times at which new pods of the apps are created and become ready."""

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tools.drills.drill import Drill
from tools.drills.objects import is_ready
from tools.drills.repeat import repeated

_INTERVAL = 0.2
"""Seconds between two readings, and the accuracy of the times."""


@dataclass
class NewPod:
    """A pod that was created during the scenario."""

    app: str
    created: float
    """Seconds from the start of the watch to the first reading with the pod."""
    ready: float | None = None
    """Seconds to the first reading in which the pod is ready; None: not ready yet."""

    @property
    def start(self) -> float | None:
        """Seconds from the creation of the pod to its readiness; None if it is not ready."""
        return None if self.ready is None else self.ready - self.created


class PodTimes:
    """The new pods of the apps, by unique id."""

    def __init__(self, drill: Drill) -> None:
        self._drill = drill
        self._began = time.monotonic()
        self._old = {pod_id for pod_id, _, _ in self._pods()}
        self._new: dict[str, NewPod] = {}

    def of(self, app: str) -> Sequence[NewPod]:
        """Returns the new pods of an app, in the order of their creation."""
        return [each for each in self._new.values() if each.app == app]

    def read(self) -> None:
        """Reads the pods once."""
        now = time.monotonic() - self._began
        for pod_id, app, ready in self._pods():
            if pod_id in self._old:
                continue
            pod = self._new.setdefault(pod_id, NewPod(app, now))
            if ready and pod.ready is None:
                pod.ready = now

    def _pods(self) -> Sequence[tuple[str, str, bool]]:
        """Returns id, app and readiness of each pod of the apps."""
        return [
            (pod["metadata"]["uid"], pod["metadata"]["namespace"], is_ready(pod))
            for pod in self._drill.pods.objects()
            if pod["metadata"]["namespace"] in self._drill.settings.replicated
        ]


@contextmanager
def pod_times(drill: Drill) -> Generator[PodTimes]:
    """Reads the new pods in a thread while the block runs; raises the error of the thread.

    The last reading is that of the end of the block.
    """
    times = PodTimes(drill)
    with repeated(times.read, _INTERVAL):
        yield times
    times.read()
