"""The CloudWatch metrics that alarms and dashboards are made of: as who publishes them documents.

CloudWatch takes an alarm on a metric that nobody publishes, and it never goes off. So nothing here
is made up: each metric has the sets of dimensions that its publisher has, and no others exist.
Read November 2026.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

_ALB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html"
_AGENT = "https://github.com/aws/amazon-cloudwatch-agent/blob/main/translator/translate/otel/exporter/awsemf/kubernetes.go"
_EKS = "https://docs.aws.amazon.com/eks/latest/userguide/cloudwatch.html"
_GROUPS = "https://docs.aws.amazon.com/eks/latest/userguide/enable-asg-metrics.html"
_NAT = "https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html"
_ROUTE53 = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-cloudwatch.html"
_FILTERS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric as CloudWatch knows it."""

    namespace: str
    name: str
    dimensions: frozenset[frozenset[str]]
    """The sets of dimensions that it is published with."""
    statistics: frozenset[str]
    """The statistics that say something."""
    source: str
    """Who says so."""

    def published(self, dimensions: Collection[str], statistic: str) -> bool:
        """Whether it exists with these dimensions, and the statistic means something."""
        return frozenset(dimensions) in self.dimensions and statistic in self.statistics


def _metric(
    namespace: str, name: str, source: str, dimensions: Iterable[str], *statistics: str
) -> Metric:
    """A metric of some sets of dimensions, each as names with spaces between them."""
    return Metric(
        namespace=namespace,
        name=name,
        dimensions=frozenset(frozenset(each.split()) for each in dimensions),
        statistics=frozenset(statistics),
        source=source,
    )


_OF_BALANCER = ("LoadBalancer", "LoadBalancer AvailabilityZone")
_OF_TARGETS = ("LoadBalancer TargetGroup", "LoadBalancer AvailabilityZone TargetGroup")


def _alb(name: str, dimensions: Iterable[str], *statistics: str) -> Metric:
    return _metric("AWS/ApplicationELB", name, _ALB, dimensions, *statistics)


HEALTHY_HOSTS = _alb("HealthyHostCount", _OF_TARGETS, "Minimum", "Maximum", "Average")
"""Pods that a load balancer finds healthy, as its nodes see them; silent without any target."""
REQUESTS = _alb("RequestCount", (*_OF_BALANCER, *_OF_TARGETS), "Sum")
"""Requests for which there was a pod."""
TARGET_ERRORS = _alb("HTTPCode_Target_5XX_Count", (*_OF_BALANCER, *_OF_TARGETS), "Sum")
"""Answers of pods with a status of 500 and above; silent while there are none."""
BALANCER_ERRORS = _alb("HTTPCode_ELB_5XX_Count", _OF_BALANCER, "Sum")
"""What the load balancer answered so itself: no pod, or none in time; silent while there are none.
They are not among REQUESTS where there was no pod."""
RESPONSE_TIME = _alb(
    "TargetResponseTime", (*_OF_BALANCER, *_OF_TARGETS), "Average", "p50", "p90", "p99"
)
"""Seconds until a pod begins to answer; silent without requests."""


def _insights(name: str, dimensions: Iterable[str], *statistics: str) -> Metric:
    return _metric("ContainerInsights", name, _AGENT, dimensions, *statistics)


_OF_CLUSTER = ("ClusterName",)
_OF_WORKLOADS = ("ClusterName", "PodName Namespace ClusterName")
_OF_PODS = (
    *_OF_WORKLOADS,
    "FullPodName PodName Namespace ClusterName",
    "Service Namespace ClusterName",
)

NODES = _insights("cluster_node_count", _OF_CLUSTER, "Minimum", "Maximum", "Average")
"""Nodes that the Kubernetes API knows: every minute, by the agent that leads."""
FAILED_NODES = _insights("cluster_failed_node_count", _OF_CLUSTER, "Minimum", "Maximum")
"""Those of them that are not ready, or short of something."""
PENDING_PODS = _insights("pod_status_pending", _OF_PODS, "Sum")
"""1 of each pod that is pending, once a minute; PodName is the workload's name. The sum of one
minute is their number."""
RESTARTS = _insights("pod_number_of_container_restarts", _OF_PODS, "Sum")
"""Containers that were started anew since the minute before."""
DESIRED_PODS = _insights("replicas_desired", _OF_WORKLOADS, "Minimum", "Maximum", "Average")
"""Pods that a Deployment is to have; PodName is the Deployment's name."""
READY_PODS = _insights("replicas_ready", _OF_WORKLOADS, "Minimum", "Maximum", "Average")
"""Pods of a Deployment that are ready."""


def _eks(name: str, *statistics: str) -> Metric:
    return _metric("AWS/EKS", name, _EKS, _OF_CLUSTER, *statistics)


API_REQUESTS = _eks("apiserver_request_total", "Sum")
"""Requests to the Kubernetes API."""
API_ERRORS = _eks("apiserver_request_total_5XX", "Sum")
"""Those that it failed."""
API_THROTTLED = _eks("apiserver_request_total_429", "Sum")
"""Those that it turned away as too many."""
API_SECONDS = {
    verb: _eks(f"apiserver_request_duration_seconds_{verb}_P99", "Average")
    for verb in ("GET", "LIST", "POST", "PUT", "PATCH", "DELETE")
}
"""Seconds within which the Kubernetes API answers 99 of 100 requests, by verb."""
UNSCHEDULABLE_PODS = _eks("scheduler_pending_pods_UNSCHEDULABLE", "Sum")
"""Pods that no node has room for, those that hold room among them."""


def _group(name: str) -> Metric:
    return _metric(
        "AWS/AutoScaling", name, _GROUPS, ("AutoScalingGroupName",), "Minimum", "Maximum", "Average"
    )


NODES_IN_SERVICE = _group("GroupInServiceInstances")
"""Instances of a node group that run."""
NODES_DESIRED = _group("GroupDesiredCapacity")
"""Instances that it is to have."""

NAT_NO_PORT = _metric("AWS/NATGateway", "ErrorPortAllocation", _NAT, ("NatGatewayId",), "Sum")
"""Connections that a NAT gateway had no port for."""

HEALTH = _metric("AWS/Route53", "HealthCheckStatus", _ROUTE53, ("HealthCheckId",), "Minimum")
"""1 while a health check finds its cell healthy, else 0; in us-east-1 only."""


AUTOSCALER_UNSCHEDULABLE = "AutoscalerUnschedulable"
"""Name of the metric of pods that the Cluster Autoscaler knows no node for, by its log."""
AUTOSCALER_ERRORS = "AutoscalerErrors"
"""Name of the metric of the errors that it logs."""


def logged(cell: str, name: str) -> Metric:
    """A metric that a cell's own metric filter makes from logs, in a namespace of the cell."""
    return _metric(f"ha-eks/{cell}", name, _FILTERS, ("",), "Sum")


METRICS = (
    HEALTHY_HOSTS, REQUESTS, TARGET_ERRORS, BALANCER_ERRORS, RESPONSE_TIME, NODES, FAILED_NODES,
    PENDING_PODS, RESTARTS, DESIRED_PODS, READY_PODS, API_REQUESTS, API_ERRORS, API_THROTTLED,
    *API_SECONDS.values(), UNSCHEDULABLE_PODS, NODES_IN_SERVICE, NODES_DESIRED, NAT_NO_PORT, HEALTH,
)  # fmt: skip
"""Every metric that others publish."""
