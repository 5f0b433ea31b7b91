"""Redundancy alarms on cron jobs: a job has failed, or none has succeeded in time.

Container Insights publishes no metrics of jobs, and no reliable ones of their pods: it reports a
pod only while its containers run, and derives the name of a CronJob from names of jobs that
Kubernetes no longer generates (functions parseCronJobFromJob).
https://github.com/amazon-contributing/opentelemetry-collector-contrib/tree/aws-cwa-dev/receiver/awscontainerinsightreceiver/internal/stores

The source is the audit log. EKS logs requests to the API group `batch` with their responses, and
the job controller writes the condition Complete or Failed into the status of a finished Job, after
at most one other condition: SuccessCriteriaMet or FailureTarget.
https://docs.aws.amazon.com/eks/latest/best-practices/auditing-and-logging.html
https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions
"""

from collections.abc import Iterator

import pulumi
from pulumi_aws import cloudwatch

from components.observability.alarms.alarm import Alarm
from components.observability.metric_sources import MetricSources
from core.facts.metrics import cron_job_metric, log_metric

_DAY, _HOUR = 86400, 3600

_SHOWN_SECONDS = 3600
"""Time for which an alarm reports a failed job."""


def cron_job_filters(name: str, sources: MetricSources, opts: pulumi.ResourceOptions) -> None:
    """Creates the metric filters of each cron job on the log group of the control plane.

    With a default value, a filter publishes 0 for a minute with records that do not match: a new
    alarm then waits for its whole time, and has no data while the control plane sends no logs.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringPolicyExamples.html
    """
    for cron_job in sources.cron_jobs:
        for condition in ("Complete", "Failed"):
            metric = log_metric(sources.cell, cron_job_metric(condition, cron_job))
            at_end = " || ".join(
                f'($.responseObject.status.conditions[{number}].type = "{condition}")'
                for number in (0, 1)
            )
            cloudwatch.LogMetricFilter(
                f"{name}-{metric.name}",
                cloudwatch.LogMetricFilterArgs(
                    name=metric.name,
                    log_group_name=sources.log_groups["control-plane"],
                    pattern='{ ($.objectRef.resource = "jobs") && ($.objectRef.subresource = '
                    f'"status") && ($.objectRef.namespace = "{cron_job}") && ({at_end}) }}',
                    metric_transformation=cloudwatch.LogMetricFilterMetricTransformationArgs(
                        namespace=metric.namespace, name=metric.name, value="1", default_value="0"
                    ),
                ),
                opts=opts,
            )


def cron_job_alarms(sources: MetricSources) -> Iterator[Alarm]:
    """Yields the alarms of each cron job."""
    for name, cron_job in sources.cron_jobs.items():
        yield _failed(sources, name)
        if cron_job.seconds_to_success is not None:
            yield _late(sources, name, cron_job.seconds_to_success)


def _failed(sources: MetricSources, name: str) -> Alarm:
    return Alarm(
        key=f"cron/{name}/failed",
        kind="redundancy",
        description=f"A job of cron job {name} has failed in the last hour: its retries are used "
        "up, or its deadline has passed. The job is not repeated before its next start time.",
        first_check=f"kubectl -n {name} get jobs; "
        f"kubectl -n {name} logs -l app.kubernetes.io/name={name} --prefix --tail=50",
        section="a-cron-job-has-failed",
        value=sources.cron_job_series("Failed", name, _SHOWN_SECONDS),
        comparison=">",
        threshold=0,
        periods=1,
        missing_data="notBreaching",
    )


def _late(sources: MetricSources, name: str, seconds: int) -> Alarm:
    """Returns an alarm that goes off if no job succeeds.

    CloudWatch evaluates at most one day of shorter periods, and at most seven days of hours:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    period = 300 if seconds <= _DAY else _HOUR
    periods = -(-seconds // period)
    duration = f"{periods * 5} minutes" if period == 300 else f"{periods} hours"
    return Alarm(
        key=f"cron/{name}/late",
        kind="redundancy",
        description=f"No job of cron job {name} has succeeded for {duration}. That is longer than "
        "its schedule, its deadlines and the delivery of logs allow: its jobs do not start, do not "
        "end, or fail.",
        first_check=f"kubectl -n {name} describe cronjob {name}; kubectl -n {name} get jobs,pods",
        section="a-cron-job-has-not-succeeded-in-time",
        value=sources.cron_job_series("Complete", name, period),
        comparison="<",
        threshold=1,
        periods=periods,
        missing_data="notBreaching",
    )
