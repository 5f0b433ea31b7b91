"""Cost of the use of a cell in a month, under stated assumptions: logs, metrics and traffic.

No cell has been measured. The assumptions give an order of magnitude; the use of the apps decides.
Not included: traffic to the internet, DNS queries, traces, requests to S3, SNS, KMS and EFS.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.facts.prices import (
    HOURS_PER_MONTH,
    container_insights,
    data_transfer,
    ecr,
    load_balancer,
    nat_gateway,
    prometheus,
    volumes,
)
from core.facts.prices.logs import log_gb

SCRAPE_SECONDS = 30
"""Seconds between two samples of a series."""

_MINUTES_PER_MONTH = HOURS_PER_MONTH * 60
_MILLION = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """Assumed use of a cell."""

    node_log_gb: float = 1.0
    """GB of logs of each node in a month."""
    pod_log_gb: float = 0.5
    """GB of logs of each pod in a month: 12 KB a minute."""
    control_plane_log_gb: float = 10.0
    """GB of logs of the control plane in a month."""
    node_observations: int = 60
    """Observations of Container Insights of each node in a minute."""
    pod_observations: int = 40
    """Observations of Container Insights of each pod and its containers in a minute."""
    lcus: float = 1.0
    """Average number of capacity units of the load balancer, such as 1 GB an hour or 25 new
    connections a second."""
    connection_gb: float = 100.0
    """GB of requests and responses in a month from each workload to each of its `talksTo`."""
    nat_gb: float = 50.0
    """GB through all NAT gateways together in a month."""
    repository_gb: float = 1.0
    """GB of images in each ECR repository."""
    series_per_pod: int = 200
    """Time series of each pod that Prometheus scrapes."""
    daily_change: float = 0.02
    """Share of a volume that changes in a day, and that each further backup stores."""


ASSUMED = Assumptions()
"""The assumptions of preview."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """Quantities of a cell at rest on which the cost of its use depends."""

    nodes: int
    pods: int
    """Number of pods of apps and of the system, with the pods on every node."""
    log_retention_days: int
    control_plane_retention_days: int | None
    """None: no logs of the control plane in CloudWatch."""
    load_balancers: int
    connections: float
    """Number of `talksTo` connections, each multiplied by the share of its requests to pods in
    another zone."""
    nat: bool
    """True if pods reach the internet by NAT gateways of the cell."""
    repositories: int
    scraped_pods: int
    """Number of pods that Prometheus scrapes."""
    backed_up_gib: int = 0
    """Size of all volumes with backups together, once for each region with backups."""
    backup_days: int = 0
    """Days for which a backup is kept."""


@dataclass(frozen=True, kw_only=True)
class UseItem:
    """Cost of one kind of use."""

    what: str
    quantity: float
    """Quantity in a month."""
    unit: str
    unit_price: float
    """Dollars for one unit."""
    assumed: str
    """The assumption."""

    @property
    def per_month(self) -> float:
        """Dollars a month."""
        return self.quantity * self.unit_price


def cost_of_use(use: Use, assumed: Assumptions = ASSUMED) -> Sequence[UseItem]:
    """Returns the cost of the use of a cell at list prices, without items of quantity 0."""
    return [item for item in _items(use, assumed) if item.quantity]


def _items(use: Use, assumed: Assumptions) -> Iterator[UseItem]:
    yield UseItem(
        what="logs of nodes and pods",
        quantity=use.nodes * assumed.node_log_gb + use.pods * assumed.pod_log_gb,
        unit="GB",
        unit_price=log_gb(use.log_retention_days),
        assumed=f"{assumed.node_log_gb:g} GB a node and {assumed.pod_log_gb:g} GB a pod",
    )
    days = use.control_plane_retention_days
    yield UseItem(
        what="logs of the control plane",
        quantity=0 if days is None else assumed.control_plane_log_gb,
        unit="GB",
        unit_price=log_gb(days or 0),
        assumed=f"{assumed.control_plane_log_gb:g} GB",
    )
    each_minute = use.nodes * assumed.node_observations + use.pods * assumed.pod_observations
    yield UseItem(
        what="Container Insights",
        quantity=each_minute * _MINUTES_PER_MONTH / _MILLION,
        unit="million observations",
        unit_price=container_insights.MILLION_OBSERVATIONS,
        assumed=f"{assumed.node_observations} a node and {assumed.pod_observations} a pod in a "
        "minute",
    )
    yield UseItem(
        what="load balancer capacity units",
        quantity=use.load_balancers * assumed.lcus * HOURS_PER_MONTH,
        unit="LCU hours",
        unit_price=load_balancer.LCU_HOUR,
        assumed=f"{assumed.lcus:g} on average",
    )
    yield UseItem(
        what="traffic between zones",
        quantity=use.connections * assumed.connection_gb,
        unit="GB",
        unit_price=2 * data_transfer.ZONE_GB_EACH_WAY,
        assumed=f"{assumed.connection_gb:g} GB for each talksTo, at random zones unless "
        "PreferSameZone",
    )
    yield UseItem(
        what="traffic through NAT gateways",
        quantity=assumed.nat_gb if use.nat else 0,
        unit="GB",
        unit_price=nat_gateway.GB,
        assumed=f"{assumed.nat_gb:g} GB",
    )
    yield UseItem(
        what="images in ECR",
        quantity=use.repositories * assumed.repository_gb,
        unit="GB",
        unit_price=ecr.GB_MONTH,
        assumed=f"{assumed.repository_gb:g} GB a repository",
    )
    yield UseItem(
        what="samples in Prometheus",
        quantity=use.scraped_pods
        * assumed.series_per_pod
        * HOURS_PER_MONTH
        * 3600
        / SCRAPE_SECONDS
        / (10 * _MILLION),
        unit="10 million samples",
        unit_price=prometheus.TEN_MILLION_SAMPLES,
        assumed=f"{assumed.series_per_pod} series a pod every {SCRAPE_SECONDS}s",
    )
    yield UseItem(
        what="backups of volumes",
        quantity=use.backed_up_gib * (1 + use.backup_days * assumed.daily_change),
        unit="GiB",
        unit_price=volumes.SNAPSHOT_GIB_MONTH,
        assumed=f"full volumes, of which {assumed.daily_change:.0%} change in a day",
    )
