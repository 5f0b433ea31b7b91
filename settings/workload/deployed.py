"""Workloads that run as a Deployment: apps, workers and singletons."""

from abc import abstractmethod
from typing import Annotated

from pydantic import Field

from core.availability.termination import Termination
from settings.reading.names import AppName, Port, PortName
from settings.workload.connections import Metrics
from settings.workload.container import PreStop
from settings.workload.job import MIGRATION_GRACE, Migration
from settings.workload.placement import TolerationSeconds
from settings.workload.probes import Liveness, Probes, Readiness
from settings.workload.workload import Workload


class Deployed(Workload):
    """Pods of a Deployment, which run until they are replaced."""

    other_ports: dict[PortName, Port] = Field(default_factory=dict[str, int])
    """Further ports of the pods, by name; also of the Service, if `port` is set."""
    critical: bool = False
    """True: the pods preempt other pods when capacity is short. If the workload is also exposed,
    the health of the cell for DNS failover depends on it."""
    toleration_seconds: TolerationSeconds = TolerationSeconds()
    """Time that pods stay on a failed node."""
    metrics: Metrics | None = None
    """Endpoint with metrics in the Prometheus format. `{}`: port `app`, path `/metrics`. Default:
    no endpoint."""
    shutdown_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    """Time from TERM to the exit of the program; at least `longestRequestSeconds` or
    `longestJobSeconds`. Default: the same time. The grace period is preStop + `shutdownSeconds` + 5
    seconds; at most 840 seconds, or 100 seconds if the pods can run on spot nodes."""
    pre_stop: PreStop | None = None
    """Command that runs before TERM. Default: a pod that receives requests continues to serve until
    it is deregistered, and then receives TERM; other pods receive TERM at once."""
    probes: Probes = Probes()
    """Liveness, readiness and startup probes."""
    near: AppName | None = None
    """Workload whose nodes the pods prefer, after an even distribution over zones and nodes.
    Default: no preference."""
    migration: Migration | None = None
    """Job that must succeed before new pods start, such as a database migration. If the job fails,
    the rollout stops and the old pods continue. Default: no job."""
    migrated_by: AppName | None = None
    """Workload whose `migration` must succeed before new pods of this workload start too. Default:
    none."""

    @property
    @abstractmethod
    def ports(self) -> dict[str, int]:
        """All ports of the pods, by name."""

    @property
    @abstractmethod
    def longest_work(self) -> int:
        """Seconds that the longest request or job takes."""

    @property
    @abstractmethod
    def termination(self) -> Termination:
        """Timeline of the termination of the pods."""

    @abstractmethod
    def minimum_replicas(self, zones: int) -> int:
        """Returns the minimum number of pods for a number of effective zones."""

    @property
    @abstractmethod
    def needed(self) -> int:
        """Number of pods that carry the usual load."""

    @property
    def one_per_node(self) -> bool:
        """True if no two pods run on one node."""
        return False

    @property
    @abstractmethod
    def maximum_replicas(self) -> int:
        """Highest number of pods."""

    @abstractmethod
    def disruption_budget(self, zones: int) -> int:
        """Returns the number of pods that may be evicted at once, for a number of effective zones.
        At least 1: otherwise no node that runs a pod could be drained."""

    @abstractmethod
    def progress_deadline(self, node_seconds: int) -> int:
        """Returns the seconds without progress after which a rollout has failed.

        A pod may have to wait `node_seconds` for a new node.
        """

    @abstractmethod
    def rollout_seconds(self, *, pods: int, surge: int, node_seconds: int) -> int:
        """Returns the longest duration of a rollout of `pods` pods."""

    @property
    def liveness(self) -> Liveness | None:
        """The liveness probe; None: no probe."""
        return self.probes.liveness

    @property
    def readiness(self) -> Readiness | None:
        """The readiness probe; None: no probe."""
        return self.probes.readiness

    @property
    def startup_seconds(self) -> int:
        """Seconds from the start of a pod until its program has started, at most."""
        return self.init_seconds + self.probes.startup_seconds

    @property
    def migration_grace(self) -> int:
        """Seconds from TERM to KILL of the migration."""
        return MIGRATION_GRACE + self.sidecar_shutdown

    @property
    def shutdown(self) -> int:
        """Seconds from TERM to the exit of the program."""
        written = self.shutdown_seconds
        return self.longest_work if written is None else written
