"""Workloads with several pods, whose number follows the load: apps and workers."""

from core.availability.health_checks import progress_deadline, rollout_seconds
from settings.workload.connections import Peers
from settings.workload.deployed import Deployed
from settings.workload.placement import Spread
from settings.workload.scaling import Replicas, Scaling


class Replicated(Deployed):
    """Pods in all zones, enough of which remain if a zone fails."""

    replicas: Replicas
    """Number of pods."""
    scaling: Scaling = Scaling()
    """Metrics that the number of pods follows. Default: CPU."""
    spread: Spread = Spread()
    """Distribution of the pods over zones and nodes."""
    peers: Peers | None = None
    """Connections between the pods. The pods receive the variables `POD_IP`, their own address, and
    `PEERS_DNS`, a DNS name with the addresses of all pods, including pods that are not ready.
    Default: the pods cannot reach each other."""

    @property
    def scales_on_container(self) -> bool:
        """True if the CPU and memory targets apply to the program only, without its sidecars."""
        written = self.scaling.container_only
        return bool(self.sidecars) if written is None else written

    def minimum_replicas(self, zones: int) -> int:
        """Returns the minimum number of pods for a number of effective zones."""
        return self.replicas.minimum(zones)

    @property
    def needed(self) -> int:
        """Number of pods that carry the usual load, and that remain if a zone fails."""
        return self.replicas.needed

    @property
    def one_per_node(self) -> bool:
        """True if no two pods run on one node."""
        return self.spread.one_per_node

    @property
    def maximum_replicas(self) -> int:
        """Highest number of pods."""
        return self.replicas.max

    def disruption_budget(self, zones: int) -> int:
        """Returns the number of pods that may be evicted at once, for a number of effective
        zones."""
        return self.replicas.disruption_budget(zones)

    def progress_deadline(self, node_seconds: int) -> int:
        """Returns the seconds without progress after which a rollout has failed.

        A pod may have to wait `node_seconds` for a new node.
        """
        return progress_deadline(startup=self.startup_seconds, node=node_seconds)

    def rollout_seconds(self, *, pods: int, surge: int, node_seconds: int) -> int:
        """Returns the longest duration of a rollout of `pods` pods."""
        return rollout_seconds(
            pods=pods,
            surge=surge,
            startup=self.startup_seconds,
            termination=self.termination.grace,
            node=node_seconds,
        )
