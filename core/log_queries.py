"""What people ask of a cell's logs: queries of CloudWatch Logs Insights, and the fields they read.

A query for a field that no record has answers with nothing, as one does when all is well. So each
field stands here with who writes it. Read November 2026; the syntax is
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.facts.system_deployments import AUTOSCALER_CONTAINER

DISCOVERED = frozenset(("@timestamp", "@message", "@logStream"))
"""Fields of every record.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html"""

FIELDS: Mapping[str, frozenset[str]] = {
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-reference-performance-logs-EKS.html
    # Enhanced: https://github.com/amazon-contributing/opentelemetry-collector-contrib/blob/aws-cwa-dev/receiver/awscontainerinsightreceiver/internal/stores/podstore.go
    # and, for pods without a node, internal/k8sapiserver/k8sapiserver.go beside it: those have no
    # AutoScalingGroupName. PodName is the workload's name, kubernetes.pod_name the pod's.
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
"""Fields of the records of each log group, by what is in it."""


@dataclass(frozen=True, kw_only=True)
class LogQuery:
    """A question to one log group."""

    name: str
    """What it is called in CloudWatch, below the cell's name, and on the dashboard."""
    group: str
    """What is in its log group: application, host, performance or control-plane."""
    text: str
    """The query."""


def ready_pods(region: str, apps: Collection[str]) -> LogQuery:
    """Ready pods of each app in each zone, every two minutes, the newest first.

    No record has a zone. It is read from the name of the node's Auto Scaling group, which the agent
    asks EC2 for and EKS makes of the node group's; it stays empty for a group over all zones. Every
    node reports once a minute: a pod counts once, however often it was reported.
    """
    return LogQuery(
        name="ready pods by zone",
        group="performance",
        text=_lines(
            f'filter Type = "Pod" and pod_status_ready = 1 and Namespace in {_listed(apps)}',
            _zone(region),
            "fields datefloor(@timestamp, 2m) as minute",
            "stats count_distinct(kubernetes.pod_name) as pods by minute, Namespace, zone",
            "sort minute desc, Namespace, zone",
            "limit 1000",
        ),
    )


def silent_nodes(region: str) -> LogQuery:
    """Nodes, those first that have not been heard of for longest."""
    return LogQuery(
        name="nodes by when they were last heard",
        group="performance",
        text=_lines(
            'filter Type = "Node"',
            _zone(region),
            "stats max(@timestamp) as heard by NodeName, zone",
            "sort heard",
        ),
    )


def errors_of_apps(apps: Collection[str]) -> LogQuery:
    """The last lines of apps that look like errors."""
    return LogQuery(
        name="errors of apps",
        group="application",
        text=_lines(
            f"filter kubernetes.namespace_name in {_listed(apps)}",
            "filter log like /(?i)(error|exception|panic|fatal|traceback)/",
            "fields @timestamp, kubernetes.namespace_name, kubernetes.pod_name, log",
            "sort @timestamp desc",
            "limit 100",
        ),
    )


PENDING = LogQuery(
    name="pods that are pending",
    group="performance",
    text="""\
filter Type = "Pod" and pod_status = "Pending"
| stats min(@timestamp) as since, max(@timestamp) as until
    by Namespace, PodName, kubernetes.pod_name
| sort until desc
| limit 200""",
)
"""Pods without a place, or not started, and for how long."""

RESTARTS = LogQuery(
    name="restarts by app",
    group="performance",
    text="""\
filter Type = "Pod"
| stats sum(pod_number_of_container_restarts) as restarts,
    max(pod_container_status_terminated_reason_oom_killed) as out_of_memory,
    max(pod_container_status_waiting_reason_crash_loop_back_off) as crash_loop,
    max(pod_container_status_waiting_reason_image_pull_error) as no_image
    by Namespace, PodName
| filter restarts > 0 or out_of_memory > 0 or crash_loop > 0 or no_image > 0
| sort restarts desc""",
)
"""Workloads whose containers restart, and why."""

NO_MEMORY = LogQuery(
    name="nodes out of memory",
    group="host",
    text="""\
filter @message like /oom-kill|Out of memory/
| fields @timestamp, @logStream, @message
| sort @timestamp desc
| limit 50""",
)
"""What the kernel of a node ended for want of memory: the stream's name begins with the node's."""

REFUSED_NODES = LogQuery(
    name="what the autoscaler refused",
    group="application",
    text=f"""\
filter kubernetes.container_name = "{AUTOSCALER_CONTAINER}"
| filter log like /^E[0-9]/ or log like /is unschedulable|NotTriggerScaleUp|No expansion options/
| fields @timestamp, log
| sort @timestamp desc
| limit 100""",
)
"""Errors of the Cluster Autoscaler, and pods that it brings no node for.

Its own words: https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/core/scaleup/orchestrator/orchestrator.go
"""

MOVED_PODS = LogQuery(
    name="who moved pods",
    group="control-plane",
    text="""\
filter @logStream like /kube-apiserver-audit/ and objectRef.resource = "pods"
| filter verb = "delete" or objectRef.subresource = "eviction"
| fields @timestamp, user.username, verb, objectRef.subresource, objectRef.namespace,
    objectRef.name, responseStatus.code
| sort @timestamp desc
| limit 200""",
)
"""Who deleted or evicted which pod; an eviction that a disruption budget refused has code 429."""

REFUSED_CALLS = LogQuery(
    name="what the Kubernetes API refused",
    group="control-plane",
    text="""\
filter @logStream like /kube-apiserver-audit/
| filter responseStatus.code = 429 or responseStatus.code >= 500
| stats count(*) as requests
    by responseStatus.code, user.username, verb, objectRef.resource, objectRef.subresource
| sort requests desc
| limit 50""",
)
"""Requests that were too many or failed, by who made them."""

CALLERS = LogQuery(
    name="who asks the Kubernetes API most",
    group="control-plane",
    text="""\
filter @logStream like /kube-apiserver-audit/
| stats count(*) as requests by user.username, verb, objectRef.resource
| sort requests desc
| limit 50""",
)
"""Who makes most requests."""

DNS = LogQuery(
    name="errors of DNS",
    group="application",
    text="""\
filter kubernetes.container_name = "coredns" and log like /ERROR|SERVFAIL|timeout/
| fields @timestamp, kubernetes.pod_name, log
| sort @timestamp desc
| limit 100""",
)
"""Names that could not be asked for."""


def log_queries(
    region: str, apps: Collection[str], collected: Collection[str]
) -> tuple[LogQuery, ...]:
    """Every query, for a cell in a region with some apps, the logs of some of which are kept."""
    return (
        ready_pods(region, apps), silent_nodes(region), PENDING, RESTARTS, NO_MEMORY,
        *([errors_of_apps(collected)] if collected else []),
        REFUSED_NODES, MOVED_PODS, REFUSED_CALLS, CALLERS, DNS,
    )  # fmt: skip


def _lines(*commands: str) -> str:
    return "\n| ".join(commands)


def _listed(names: Collection[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in sorted(names)) + "]"


def _zone(region: str) -> str:
    """Before what Pulumi adds to a node group's name, and what EKS adds to that."""
    return f"parse AutoScalingGroupName /-(?<zone>{region}[a-z])-[0-9a-f]{{7}}-/"
