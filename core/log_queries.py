"""Saved queries of CloudWatch Logs Insights, and the log fields that they read.

A query for a field that no record has returns no rows, exactly as if all was well. Therefore FIELDS
lists every field with the source that documents it. Read November 2026. Syntax:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.facts.system_deployments import AUTOSCALER_CONTAINER

DISCOVERED_FIELDS = frozenset(("@timestamp", "@message", "@logStream"))
"""Fields of every record.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html"""

FIELDS: Mapping[str, frozenset[str]] = {
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-reference-performance-logs-EKS.html
    # Enhanced: https://github.com/amazon-contributing/opentelemetry-collector-contrib/blob/aws-cwa-dev/receiver/awscontainerinsightreceiver/internal/stores/podstore.go
    # Pods without a node: internal/k8sapiserver/k8sapiserver.go in the same repository; their
    # records have no AutoScalingGroupName. PodName is the name of the workload,
    # kubernetes.pod_name the name of the pod.
    "performance": frozenset(
        (
            "Type", "Namespace", "PodName", "NodeName", "AutoScalingGroupName", "pod_status",
            "pod_status_ready", "pod_number_of_container_restarts", "kubernetes.pod_name",
            "pod_container_status_terminated_reason_oom_killed",
            "pod_container_status_waiting_reason_crash_loop_back_off",
            "pod_container_status_waiting_reason_image_pull_error",
        )
    ),
    # https://github.com/aws-observability/helm-charts/blob/main/charts/amazon-cloudwatch-observability/values.yaml
    # https://docs.fluentbit.io/manual/pipeline/filters/kubernetes
    "application": frozenset(
        (
            "log", "kubernetes.namespace_name", "kubernetes.pod_name", "kubernetes.container_name",
        )
    ),
    "host": frozenset[str](),
    # https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/#audit-k8s-io-v1-Event
    "control-plane": frozenset(
        (
            "verb", "user.username", "objectRef.resource", "objectRef.subresource",
            "objectRef.namespace", "objectRef.name", "responseStatus.code",
        )
    ),
}  # fmt: skip
"""Fields of the records of each log group, by kind of log group."""


@dataclass(frozen=True, kw_only=True)
class LogQuery:
    """A saved query on one log group."""

    name: str
    """Name in Logs Insights, in the folder of the cell, and title on the dashboard."""
    log_group: str
    """Kind of the log group: application, host, performance or control-plane."""
    text: str
    """Text of the query."""


def ready_pods_by_zone(region: str, apps: Collection[str]) -> LogQuery:
    """Returns the query for the ready pods of each app and zone, every two minutes, newest first.

    No record contains a zone. The query parses the zone from the name of the Auto Scaling group of
    the node, which EKS derives from the name of the node group. The zone is empty for a node group
    that spans all zones. Each node reports once a minute; `count_distinct` counts each pod once.
    """
    return LogQuery(
        name="ready pods by zone",
        log_group="performance",
        text=_pipe(
            f'filter Type = "Pod" and pod_status_ready = 1 and Namespace in {_list(apps)}',
            _parse_zone(region),
            "fields datefloor(@timestamp, 2m) as minute",
            "stats count_distinct(kubernetes.pod_name) as pods by minute, Namespace, zone",
            "sort minute desc, Namespace, zone",
            "limit 1000",
        ),
    )


def nodes_by_last_report(region: str) -> LogQuery:
    """Returns the query for the time of the last report of each node, oldest first."""
    return LogQuery(
        name="nodes by last report",
        log_group="performance",
        text=_pipe(
            'filter Type = "Node"',
            _parse_zone(region),
            "stats max(@timestamp) as last_report by NodeName, zone",
            "sort last_report",
        ),
    )


def app_errors(apps: Collection[str]) -> LogQuery:
    """Returns the query for the last log lines of apps that look like errors."""
    return LogQuery(
        name="app errors",
        log_group="application",
        text=_pipe(
            f"filter kubernetes.namespace_name in {_list(apps)}",
            "filter log like /(?i)(error|exception|panic|fatal|traceback)/",
            "fields @timestamp, kubernetes.namespace_name, kubernetes.pod_name, log",
            "sort @timestamp desc",
            "limit 100",
        ),
    )


PENDING_PODS = LogQuery(
    name="pending pods",
    log_group="performance",
    text="""\
filter Type = "Pod" and pod_status = "Pending"
| stats min(@timestamp) as pending_since, max(@timestamp) as last_seen
    by Namespace, PodName, kubernetes.pod_name
| sort last_seen desc
| limit 200""",
)
"""Pods that are not scheduled or not started, with the start of the pending state."""

RESTARTS = LogQuery(
    name="restarts by app",
    log_group="performance",
    text="""\
filter Type = "Pod"
| stats sum(pod_number_of_container_restarts) as restarts,
    max(pod_container_status_terminated_reason_oom_killed) as out_of_memory,
    max(pod_container_status_waiting_reason_crash_loop_back_off) as crash_loop,
    max(pod_container_status_waiting_reason_image_pull_error) as image_pull_error
    by Namespace, PodName
| filter restarts > 0 or out_of_memory > 0 or crash_loop > 0 or image_pull_error > 0
| sort restarts desc""",
)
"""Workloads with container restarts, and the reasons."""

NODES_OUT_OF_MEMORY = LogQuery(
    name="nodes out of memory",
    log_group="host",
    text="""\
filter @message like /oom-kill|Out of memory/
| fields @timestamp, @logStream, @message
| sort @timestamp desc
| limit 50""",
)
"""Processes that the kernel of a node killed; the log stream starts with the name of the node."""

NO_SCALE_UP = LogQuery(
    name="autoscaler no scale-up",
    log_group="application",
    text=f"""\
filter kubernetes.container_name = "{AUTOSCALER_CONTAINER}"
| filter log like /^E[0-9]/ or log like /is unschedulable|NotTriggerScaleUp|No expansion options/
| fields @timestamp, log
| sort @timestamp desc
| limit 100""",
)
"""Errors of the Cluster Autoscaler, and pods for which the Cluster Autoscaler adds no node.

Log messages: https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/core/scaleup/orchestrator/orchestrator.go
"""

DELETED_PODS = LogQuery(
    name="pod deletions and evictions",
    log_group="control-plane",
    text="""\
filter @logStream like /kube-apiserver-audit/ and objectRef.resource = "pods"
| filter verb = "delete" or objectRef.subresource = "eviction"
| fields @timestamp, user.username, verb, objectRef.subresource, objectRef.namespace,
    objectRef.name, responseStatus.code
| sort @timestamp desc
| limit 200""",
)
"""Deletions and evictions of pods, with the user; code 429: refused by a disruption budget."""

FAILED_API_REQUESTS = LogQuery(
    name="failed Kubernetes API requests",
    log_group="control-plane",
    text="""\
filter @logStream like /kube-apiserver-audit/
| filter responseStatus.code = 429 or responseStatus.code >= 500
| stats count(*) as requests
    by responseStatus.code, user.username, verb, objectRef.resource, objectRef.subresource
| sort requests desc
| limit 50""",
)
"""Requests that failed or were throttled, by user."""

API_REQUESTS_BY_CLIENT = LogQuery(
    name="Kubernetes API requests by client",
    log_group="control-plane",
    text="""\
filter @logStream like /kube-apiserver-audit/
| stats count(*) as requests by user.username, verb, objectRef.resource
| sort requests desc
| limit 50""",
)
"""Users with the most requests."""

DNS_ERRORS = LogQuery(
    name="DNS errors",
    log_group="application",
    text="""\
filter kubernetes.container_name = "coredns" and log like /ERROR|SERVFAIL|timeout/
| fields @timestamp, kubernetes.pod_name, log
| sort @timestamp desc
| limit 100""",
)
"""Failures that CoreDNS logged."""


def log_queries(
    region: str, apps: Collection[str], collected_apps: Collection[str]
) -> tuple[LogQuery, ...]:
    """Returns all saved queries of a cell; `collected_apps` are the apps whose logs are collected.

    Without such apps, there is no query for app errors.
    """
    return (
        ready_pods_by_zone(region, apps), nodes_by_last_report(region), PENDING_PODS, RESTARTS,
        NODES_OUT_OF_MEMORY, *([app_errors(collected_apps)] if collected_apps else []),
        NO_SCALE_UP, DELETED_PODS, FAILED_API_REQUESTS, API_REQUESTS_BY_CLIENT, DNS_ERRORS,
    )  # fmt: skip


def _pipe(*commands: str) -> str:
    return "\n| ".join(commands)


def _list(names: Collection[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in sorted(names)) + "]"


def _parse_zone(region: str) -> str:
    """Returns the command that parses the zone, which precedes the suffixes of Pulumi and EKS."""
    return f"parse AutoScalingGroupName /-(?<zone>{region}[a-z])-[0-9a-f]{{7}}-/"
