"""CloudWatch metrics for alarms and the dashboard, as their publishers document them.

CloudWatch accepts an alarm on a metric that does not exist, and the alarm never goes off.
Therefore each metric lists exactly the sets of dimensions that its publisher documents.
Read November 2026.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

_ALB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html"
_AGENT = "https://github.com/aws/amazon-cloudwatch-agent/blob/main/translator/translate/otel/exporter/awsemf/kubernetes.go"
_EKS = "https://docs.aws.amazon.com/eks/latest/userguide/cloudwatch.html"
_GROUPS = "https://docs.aws.amazon.com/eks/latest/userguide/enable-asg-metrics.html"
_NAT = "https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html"
_ACM = "https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html"
_ROUTE53 = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-cloudwatch.html"
_FILTERS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A CloudWatch metric."""

    namespace: str
    """Namespace."""
    name: str
    """Name in the namespace."""
    dimensions: frozenset[frozenset[str]]
    """Sets of dimensions with which the metric is published."""
    statistics: frozenset[str]
    """Statistics that are meaningful."""
    source: str
    """URL of the documentation."""
    only_with: str | None = None
    """Events without which the metric has no data; None: the metric always has data."""

    def is_published(self, dimensions: Collection[str], statistic: str) -> bool:
        """True if the metric has exactly these dimensions and the statistic is meaningful."""
        return frozenset(dimensions) in self.dimensions and statistic in self.statistics


def _metric(
    namespace: str,
    name: str,
    source: str,
    dimensions: Iterable[str],
    *statistics: str,
    only_with: str | None = None,
) -> Metric:
    """Returns a metric; each set of dimensions is a string of names separated by spaces."""
    return Metric(
        namespace=namespace,
        name=name,
        dimensions=frozenset(frozenset(each.split()) for each in dimensions),
        statistics=frozenset(statistics),
        source=source,
        only_with=only_with,
    )


_OF_LOAD_BALANCER = ("LoadBalancer", "LoadBalancer AvailabilityZone")
_OF_TARGETS = ("LoadBalancer TargetGroup", "LoadBalancer AvailabilityZone TargetGroup")


def _alb(
    name: str, dimensions: Iterable[str], *statistics: str, only_with: str | None = None
) -> Metric:
    return _metric("AWS/ApplicationELB", name, _ALB, dimensions, *statistics, only_with=only_with)


HEALTHY_HOSTS = _alb("HealthyHostCount", _OF_TARGETS, "Minimum", "Maximum", "Average")
"""Pods that the nodes of the load balancer find healthy; no data without registered targets."""
REQUESTS = _alb("RequestCount", (*_OF_LOAD_BALANCER, *_OF_TARGETS), "Sum", only_with="requests")
"""Requests for which a target was available. The reporting criterion is "always", but a load
balancer without requests reports no metrics of requests."""
TARGET_ERRORS = _alb(
    "HTTPCode_Target_5XX_Count", (*_OF_LOAD_BALANCER, *_OF_TARGETS), "Sum", only_with="errors"
)
"""Responses of pods with a status of 500 or above; no data without such responses."""
LOAD_BALANCER_ERRORS = _alb("HTTPCode_ELB_5XX_Count", _OF_LOAD_BALANCER, "Sum", only_with="errors")
"""Responses of the load balancer itself with a status of 500 or above, because no target was
available or none responded in time; no data without such responses. REQUESTS does not contain
requests for which no target was available."""
RESPONSE_TIME = _alb(
    "TargetResponseTime",
    (*_OF_LOAD_BALANCER, *_OF_TARGETS),
    *("Average", "p50", "p90", "p99"),
    only_with="requests",
)
"""Seconds until the response of a pod begins; no data without requests."""


def _insights(name: str, dimensions: Iterable[str], *statistics: str) -> Metric:
    return _metric("ContainerInsights", name, _AGENT, dimensions, *statistics)


_OF_CLUSTER = ("ClusterName",)
_OF_NODES = ("ClusterName", "NodeName InstanceId ClusterName")
_OF_WORKLOADS = ("ClusterName", "PodName Namespace ClusterName")
_OF_PODS = (
    *_OF_WORKLOADS,
    "FullPodName PodName Namespace ClusterName",
    "Service Namespace ClusterName",
)

NODES = _insights("cluster_node_count", _OF_CLUSTER, "Minimum", "Maximum", "Average")
"""Nodes in the Kubernetes API; published every minute by the agent that is the leader."""
FAILED_NODES = _insights("cluster_failed_node_count", _OF_CLUSTER, "Minimum", "Maximum")
"""Nodes that are unreachable, or short of memory, disk or process IDs, or without network: one of
these conditions is not false. A node that reports only that it is not ready does not count.
https://github.com/amazon-contributing/opentelemetry-collector-contrib/blob/aws-cwa-dev/internal/aws/k8s/k8sclient/node.go"""
READY_NODES = _insights("node_status_condition_ready", _OF_NODES, "Minimum", "Sum")
"""1 for each node that is ready, otherwise 0, once a minute from the agent on that node. An
unreachable node publishes no data."""
PENDING_PODS = _insights("pod_status_pending", _OF_PODS, "Sum")
"""Above 0 if a pod is pending, once a minute. It is not a count: the leader publishes 1 for each
pending pod, and the agent of a node publishes 1 more for a pending pod on that node.
PodName is the name of the workload.
https://github.com/amazon-contributing/opentelemetry-collector-contrib/blob/aws-cwa-dev/receiver/awscontainerinsightreceiver/internal/k8sapiserver/k8sapiserver.go"""
RESTARTS = _insights("pod_number_of_container_restarts", _OF_PODS, "Sum")
"""Container restarts since the previous minute."""
DESIRED_PODS = _insights("replicas_desired", _OF_WORKLOADS, "Minimum", "Maximum", "Average")
"""Desired replicas of a Deployment; PodName is the name of the Deployment."""
READY_PODS = _insights("replicas_ready", _OF_WORKLOADS, "Minimum", "Maximum", "Average")
"""Ready replicas of a Deployment."""
UNAVAILABLE_PODS = _insights("status_replicas_unavailable", _OF_WORKLOADS, "Maximum")
"""Replicas that a Deployment needs and that are not available: pending, starting or failing."""


def _eks(name: str, *statistics: str, only_with: str | None = None) -> Metric:
    return _metric("AWS/EKS", name, _EKS, _OF_CLUSTER, *statistics, only_with=only_with)


API_REQUESTS = _eks("apiserver_request_total", "Sum")
"""Requests to the Kubernetes API."""
API_ERRORS = _eks("apiserver_request_total_5XX", "Sum", only_with="errors")
"""Requests to the Kubernetes API that failed with a status of 500 or above. AWS does not document
whether there is data without such requests."""
API_THROTTLED = _eks("apiserver_request_total_429", "Sum", only_with="errors")
"""Requests that the Kubernetes API rejected with status 429. AWS does not document whether there is
data without such requests."""
API_LATENCY = {
    verb: _eks(f"apiserver_request_duration_seconds_{verb}_P99", "Average")
    for verb in ("GET", "LIST", "POST", "PUT", "PATCH", "DELETE")
}
"""99th percentile of the response time of the Kubernetes API in seconds, by verb."""
UNSCHEDULABLE_PODS = _eks("scheduler_pending_pods_UNSCHEDULABLE", "Sum")
"""Pods that fit on no node, including pause pods."""


def _group(name: str) -> Metric:
    return _metric(
        "AWS/AutoScaling", name, _GROUPS, ("AutoScalingGroupName",), "Minimum", "Maximum", "Average"
    )


NODES_IN_SERVICE = _group("GroupInServiceInstances")
"""Instances of a node group that are in service."""
NODES_DESIRED = _group("GroupDesiredCapacity")
"""Desired size of a node group."""

NAT_PORT_ERRORS = _metric("AWS/NATGateway", "ErrorPortAllocation", _NAT, ("NatGatewayId",), "Sum")
"""Connections for which a NAT gateway had no free port."""

DAYS_TO_EXPIRY = _metric(
    "AWS/CertificateManager",
    "DaysToExpiry",
    _ACM,
    ("CertificateArn",),
    "Minimum",
    only_with="certificates, once a day",
)
"""Days until a certificate expires. ACM publishes it about once a day, until the end."""

HEALTH_CHECK_STATUS = _metric(
    "AWS/Route53", "HealthCheckStatus", _ROUTE53, ("HealthCheckId",), "Minimum"
)
"""1 if a Route 53 health check succeeds, otherwise 0; published only in ROUTE53_REGION."""
ROUTE53_REGION = "us-east-1"
"""Region in which Route 53 publishes its metrics, for cells of all regions."""


AUTOSCALER_UNSCHEDULABLE = "AutoscalerUnschedulable"
"""Name of the metric filter for pods for which the Cluster Autoscaler can add no node."""
AUTOSCALER_ERRORS = "AutoscalerErrors"
"""Name of the metric filter for errors that the Cluster Autoscaler logs."""


def log_metric(cell: str, name: str) -> Metric:
    """Returns the metric of a metric filter on logs, in the namespace of the cell.

    A filter without a default value publishes data only for log lines that match.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringPolicyExamples.html
    """
    return _metric(f"ha-eks/{cell}", name, _FILTERS, ("",), "Sum", "Maximum", only_with="errors")


def cron_job_metric(condition: str, name: str) -> str:
    """Returns the name of the metric filter for jobs of a cron job that are Complete or Failed."""
    return f"CronJob{condition}-{name}"


METRICS = (
    HEALTHY_HOSTS, REQUESTS, TARGET_ERRORS, LOAD_BALANCER_ERRORS, RESPONSE_TIME, NODES,
    FAILED_NODES, READY_NODES, PENDING_PODS, RESTARTS, DESIRED_PODS, READY_PODS,
    UNAVAILABLE_PODS, API_REQUESTS, API_ERRORS, API_THROTTLED, *API_LATENCY.values(),
    UNSCHEDULABLE_PODS, NODES_IN_SERVICE, NODES_DESIRED, NAT_PORT_ERRORS, DAYS_TO_EXPIRY,
    HEALTH_CHECK_STATUS,
)  # fmt: skip
"""All metrics that AWS publishes, as opposed to those of metric filters."""
