"""Names and dimensions of all metrics of a cell, shared by alarms and dashboard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.nodes import ScalingGroup
from components.observability.metric_sources.series import Series
from components.overprovisioner import NAMESPACE as HEADROOM_NAMESPACE
from core.availability.zone_loss import HeadroomPods
from core.facts import metrics
from core.load_balancers import Kind, suffix_of
from settings.cron_job.cron_jobs import CronJob
from settings.headroom.headroom import Headroom
from settings.pool.pools import Pool
from settings.workload.connections import Objective
from settings.workload.deployed import Deployed


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """A target group of an exposed app."""

    app: str
    """Name of the app."""
    kind: Kind
    """Load balancer of the target group."""
    name: pulumi.Input[str]
    """Name of the target group in its metrics: the last part of its ARN."""
    objective: Objective
    """Service level objective of the app."""

    @property
    def title(self) -> str:
        """Name of the app, with the load balancer if it is internal."""
        return f"{self.app} (internal)" if self.kind == "internal" else self.app

    def alarm_key(self, name: str) -> str:
        """Returns the key of an alarm on the target group."""
        return f"app/{self.app}/{name}{suffix_of(self.kind)}"


@dataclass(frozen=True, kw_only=True)
class MetricSources:
    """Resources of a cell that publish metrics; returns the series of these metrics."""

    cell: str
    """Name of the cell and its cluster."""
    region: str
    """Region of the cell."""
    apps: Mapping[str, Deployed]
    """Apps, workers and singletons of the stack file, by name."""
    pools: Mapping[str, Pool]
    """Pools of the stack file, by name."""
    zones: Sequence[str]
    """Zones with nodes, without the zones in `network.zonesOut`."""
    effective_zones: int
    """Number of zones for which replicas are calculated (`network.effective_zones`)."""
    headroom: Headroom
    """The `headroom` section of the stack file."""
    headroom_pods: HeadroomPods
    """Number of pods for which each zone reserves capacity."""
    load_balancers: Mapping[Kind, pulumi.Input[str]]
    """Name of each load balancer in its metrics: the last part of its ARN."""
    target_groups: Sequence[TargetGroup]
    """Target groups of all exposed apps."""
    scaling_groups: Mapping[tuple[str, str], ScalingGroup]
    """Auto Scaling groups by pool and zone, or by pool and SPANNING."""
    nat_gateways: Mapping[str, pulumi.Input[str]]
    """ID of each NAT gateway, by the first zone that routes through the gateway."""
    certificates: Mapping[str, pulumi.Input[str]]
    """ARN of each certificate, by its host and the suffix of its load balancer."""
    log_groups: Mapping[str, pulumi.Input[str]]
    """Name of each log group: application, dataplane, host, performance and control-plane."""
    cron_jobs: Mapping[str, CronJob]
    """Cron jobs whose jobs the audit log reports, by name; none if CloudWatch has no audit log."""
    health_checks: Mapping[str, pulumi.Input[str]]
    """ID of the Route 53 health check of each app in `health_check_apps`, by name of the app."""

    @property
    def exposed(self) -> set[str]:
        """Names of the exposed apps."""
        return {each.app for each in self.target_groups}

    def healthy_hosts(self, group: TargetGroup, zone: str | None = None) -> Series:
        """Healthy pods of a target group, in all zones or in one zone."""
        return self._target_group_series(metrics.HEALTHY_HOSTS, group, "Minimum", zone)

    def requests(self, group: TargetGroup, zone: str | None = None) -> Series:
        """Requests to a target group."""
        return self._target_group_series(metrics.REQUESTS, group, "Sum", zone)

    def errors(self, group: TargetGroup, zone: str | None = None) -> Series:
        """Responses of a target group with a status of 500 or above."""
        return self._target_group_series(metrics.TARGET_ERRORS, group, "Sum", zone)

    def response_time(self, group: TargetGroup, statistic: str, zone: str | None = None) -> Series:
        """Response time of a target group in seconds."""
        return self._target_group_series(metrics.RESPONSE_TIME, group, statistic, zone)

    def _target_group_series(
        self, metric: metrics.Metric, group: TargetGroup, statistic: str, zone: str | None
    ) -> Series:
        load_balancer = self.load_balancers[group.kind]
        dimensions = {"LoadBalancer": load_balancer, "TargetGroup": group.name}
        if zone:
            dimensions["AvailabilityZone"] = zone
        return Series(metric=metric, dimensions=dimensions, statistic=statistic)

    def load_balancer_series(self, metric: metrics.Metric, kind: Kind) -> Series:
        """Sum of a metric of a load balancer."""
        dimensions = {"LoadBalancer": self.load_balancers[kind]}
        return Series(metric=metric, dimensions=dimensions, statistic="Sum")

    def cluster_series(self, metric: metrics.Metric, statistic: str) -> Series:
        """Metric of the whole cluster."""
        return Series(metric=metric, dimensions={"ClusterName": self.cell}, statistic=statistic)

    def workload_series(
        self, metric: metrics.Metric, namespace: str, name: str, statistic: str
    ) -> Series:
        """Metric of a Deployment."""
        dimensions = {"ClusterName": self.cell, "Namespace": namespace, "PodName": name}
        return Series(metric=metric, dimensions=dimensions, statistic=statistic)

    def pause_pod_series(
        self, metric: metrics.Metric, workload: str, zone: str, statistic: str
    ) -> Series:
        """Metric of the pause pods that hold headroom for an app, or for SYSTEM, in a zone."""
        return self.workload_series(metric, HEADROOM_NAMESPACE, f"{workload}-{zone}", statistic)

    @property
    def pause_pod_workloads(self) -> Sequence[str]:
        """Apps, and SYSTEM, whose headroom consists of pause pods; none with CapacityBuffers."""
        if self.headroom.mode != "pausePods":
            return []
        return [name for name, pods in self.headroom_pods.pods.items() if pods]

    def node_group_series(
        self, metric: metrics.Metric, pool: str, part: str, statistic: str
    ) -> Series:
        """Metric of a node group; `part` is its zone or SPANNING."""
        dimensions = {"AutoScalingGroupName": self.scaling_groups[pool, part].name}
        return Series(metric=metric, dimensions=dimensions, statistic=statistic)

    def certificate_series(self, host: str) -> Series:
        """Days until a certificate expires."""
        dimensions = {"CertificateArn": self.certificates[host]}
        return Series(
            metric=metrics.DAYS_TO_EXPIRY, dimensions=dimensions, statistic="Minimum", period=86_400
        )

    def nat_gateway_series(self, zone: str) -> Series:
        """Connections for which the NAT gateway of a zone had no free port."""
        dimensions = {"NatGatewayId": self.nat_gateways[zone]}
        return Series(metric=metrics.NAT_PORT_ERRORS, dimensions=dimensions, statistic="Sum")

    def health_check_series(self, app: str) -> Series:
        """Status of the Route 53 health check of an app: 1 or 0; in us-east-1."""
        dimensions = {"HealthCheckId": self.health_checks[app]}
        return Series(
            metric=metrics.HEALTH_CHECK_STATUS, dimensions=dimensions, statistic="Minimum"
        )

    def cron_job_series(self, condition: str, name: str, period: int = 60) -> Series:
        """Number of jobs of a cron job that end with a condition: Complete or Failed."""
        return self.log_series(metrics.cron_job_metric(condition, name), period)

    def log_series(self, name: str, period: int = 60) -> Series:
        """Number of log lines that a metric filter of the cell counts."""
        return Series(metric=metrics.log_metric(self.cell, name), statistic="Sum", period=period)
