"""`ha-eks:singletons`: programs with exactly one pod, each in a namespace of its name."""

from pydantic import Field

from core.availability.health_checks import VOLUME_DETACH, progress_deadline
from core.availability.singleton import seconds_after_node_failure, seconds_during_replacement
from settings.reading.named_sections import NamedSections
from settings.reading.names import AppName, Port
from settings.workload.container import Volume
from settings.workload.served import Served


class Singleton(Served):
    """A program with one pod, such as a scheduler or a database. A rollout terminates the old pod
    before it starts the new one. While the node of the pod is unreachable, the old pod can still
    run beside its replacement."""

    port: Port | None = None
    """Port that the pod serves on; also the port of the Service. The port's name is `app`. Default:
    the pod receives no requests."""
    volume: Volume | None = None
    """Persistent EBS volume. The pod then runs in the zone of the volume. Default: no volume."""

    @property
    def main_port(self) -> int | None:
        """`port`, whose name is `app`; None: no port."""
        return self.port

    def minimum_replicas(self, zones: int) -> int:
        """Returns 1, the number of pods."""
        return 1

    @property
    def needed(self) -> int:
        """1, the number of pods."""
        return 1

    @property
    def maximum_replicas(self) -> int:
        """1, the number of pods."""
        return 1

    def disruption_budget(self, zones: int) -> int:
        """Returns 1: the pod must be evictable; otherwise its node could not be drained."""
        return 1

    def gaps(self, node_seconds: int) -> tuple[int, int]:
        """Returns the longest times in seconds without the pod: during a rollout or a drain, and
        after the failure of its node.

        The new pod may have to wait `node_seconds` for a new node; 0 if capacity is reserved.
        """
        startup, volume = self.startup_seconds, self.volume is not None
        replaced = seconds_during_replacement(
            grace=self.termination.grace,
            startup=startup,
            detach=VOLUME_DETACH if volume else 0,
            node=node_seconds,
        )
        failed = seconds_after_node_failure(
            toleration=self.toleration_seconds.unreachable,
            startup=startup,
            volume=volume,
            node=node_seconds,
        )
        return replaced, failed

    def progress_deadline(self, node_seconds: int) -> int:
        """Returns the seconds without progress after which a rollout has failed.

        The old pod has to terminate and its volume to be detached first. The new pod may have to
        wait `node_seconds` for a new node.
        """
        detach = VOLUME_DETACH if self.volume else 0
        startup = progress_deadline(startup=self.startup_seconds, node=node_seconds)
        return self.termination.grace + detach + startup

    def rollout_seconds(self, *, pods: int, surge: int, node_seconds: int) -> int:
        """Returns the longest duration of a rollout of the pod."""
        return self.progress_deadline(node_seconds)


class Singletons(NamedSections[Singleton]):
    """The singletons by name. Default: none."""

    root: dict[AppName, Singleton] = Field(default_factory=dict[str, Singleton])
