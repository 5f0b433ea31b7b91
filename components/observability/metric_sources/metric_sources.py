"""What of a cell is watched, by the names that its metrics have, and the series of that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.nodes import ScalingGroup
from components.observability.metric_sources.series import Series
from components.overprovisioner import NAMESPACE as HEADROOM_NAMESPACE
from core.availability.zone_loss import HeadroomPods
from core.facts import metrics
from settings.app.apps import App
from settings.headroom.headroom import Headroom
from settings.pool.pools import Pool


@dataclass(frozen=True, kw_only=True)
class MetricSources:
    """A cell, as those see it who watch it."""

    cell: str
    """Name of the cell, and of the cluster."""
    region: str
    """Region of the cell."""
    apps: Mapping[str, App]
    """The apps of the stack file, by name."""
    pools: Mapping[str, Pool]
    """The pools of the stack file, by name."""
    zones: Sequence[str]
    """Zones with nodes."""
    claimed: int
    """Zones that the claim counts with."""
    headroom: Headroom
    """The stack file's `headroom`."""
    headroom_pods: HeadroomPods
    """What each zone holds room for."""
    load_balancer: pulumi.Input[str]
    """The load balancer, as its metrics name it: the end of its ARN."""
    target_groups: Mapping[str, pulumi.Input[str]]
    """Target group of each exposed app, by the app's name, as its metrics name it."""
    scaling_groups: Mapping[tuple[str, str], ScalingGroup]
    """The Auto Scaling groups, by pool and zone, or SPANNING for one over all."""
    nat_gateways: Mapping[str, pulumi.Input[str]]
    """Id of each NAT gateway, by the first zone whose way out it is."""
    log_groups: Mapping[str, pulumi.Input[str]]
    """Name of each log group: application, dataplane, host, performance and control-plane."""
    health_checks: Mapping[str, pulumi.Input[str]]
    """Id of Route 53's check of each app that decides on the cell, by name."""

    def hosts(self, app: str, zone: str | None = None) -> Series:
        """Healthy pods of an exposed app, in all zones or in one."""
        return self._of_app(metrics.HEALTHY_HOSTS, app, "Minimum", zone)

    def requests(self, app: str, zone: str | None = None) -> Series:
        """Requests to an exposed app."""
        return self._of_app(metrics.REQUESTS, app, "Sum", zone)

    def errors(self, app: str, zone: str | None = None) -> Series:
        """Requests that an exposed app failed."""
        return self._of_app(metrics.TARGET_ERRORS, app, "Sum", zone)

    def response_time(self, app: str, statistic: str, zone: str | None = None) -> Series:
        """Seconds until an exposed app answers."""
        return self._of_app(metrics.RESPONSE_TIME, app, statistic, zone)

    def _of_app(self, metric: metrics.Metric, app: str, statistic: str, zone: str | None) -> Series:
        of = {"LoadBalancer": self.load_balancer, "TargetGroup": self.target_groups[app]}
        if zone:
            of["AvailabilityZone"] = zone
        return Series(metric=metric, of=of, statistic=statistic)

    def of_balancer(self, metric: metrics.Metric) -> Series:
        """A count of the load balancer as a whole."""
        return Series(metric=metric, of={"LoadBalancer": self.load_balancer}, statistic="Sum")

    def of_cluster(self, metric: metrics.Metric, statistic: str) -> Series:
        """A metric of the cluster as a whole."""
        return Series(metric=metric, of={"ClusterName": self.cell}, statistic=statistic)

    def of_workload(
        self, metric: metrics.Metric, namespace: str, name: str, statistic: str
    ) -> Series:
        """A metric of a Deployment."""
        of = {"ClusterName": self.cell, "Namespace": namespace, "PodName": name}
        return Series(metric=metric, of=of, statistic=statistic)

    def of_headroom(
        self, metric: metrics.Metric, held_for: str, zone: str, statistic: str
    ) -> Series:
        """A metric of the pods that hold room in a zone; they are none with CapacityBuffers."""
        return self.of_workload(metric, HEADROOM_NAMESPACE, f"{held_for}-{zone}", statistic)

    @property
    def held(self) -> Sequence[str]:
        """What pods hold room for: apps, and the system; nothing with CapacityBuffers."""
        by_pods = self.headroom.mode == "pausePods"
        return [name for name, pods in self.headroom_pods.pods.items() if pods] if by_pods else []

    def of_group(self, metric: metrics.Metric, pool: str, part: str, statistic: str) -> Series:
        """A metric of a node group."""
        of = {"AutoScalingGroupName": self.scaling_groups[pool, part].name}
        return Series(metric=metric, of=of, statistic=statistic)

    def of_nat(self, zone: str) -> Series:
        """Connections that the NAT gateway of a zone had no port for."""
        of = {"NatGatewayId": self.nat_gateways[zone]}
        return Series(metric=metrics.NAT_NO_PORT, of=of, statistic="Sum")

    def of_health(self, app: str) -> Series:
        """1 while Route 53 finds an app healthy that decides on the cell; in us-east-1."""
        of = {"HealthCheckId": self.health_checks[app]}
        return Series(metric=metrics.HEALTH, of=of, statistic="Minimum")

    def logged(self, name: str) -> Series:
        """A count of lines, by the cell's own metric filter."""
        return Series(metric=metrics.logged(self.cell, name), statistic="Sum")
