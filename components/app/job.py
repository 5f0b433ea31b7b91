"""Jobs of workloads: their pods run to their end, and are replaced when a drain ends them.

https://kubernetes.io/docs/concepts/workloads/controllers/job/
"""

from dataclasses import dataclass

from pulumi_kubernetes import batch, core, meta

from components.app.pod_spec import JobPodArgs, PodArgs, job_pod_spec, pod_annotations
from core.labels import APP_PODS, NAME
from settings.workload.workload import Workload

_NOT_SCALED_DOWN = {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}
"""Annotation of pods whose nodes the Cluster Autoscaler does not remove.
https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/FAQ.md"""


@dataclass(frozen=True, kw_only=True)
class JobArgs:
    """Settings of a job."""

    label: str
    """Value of the label NAME of the pods. The selectors of a Deployment, its Service and its
    budget must not match the pods of a migration."""
    pod: JobPodArgs
    """Command, grace period and tolerations of the pod."""
    deadline_seconds: int
    """Time after which the job has failed, from its creation, with all retries."""
    retries: int
    """Number of failed pods that are replaced."""


def job_spec(name: str, app: Workload, pod: PodArgs, job: JobArgs) -> batch.v1.JobSpecArgs:
    """Returns the spec of a job of the workload `name`.

    Pods that a drain, a preemption or a failed node ends do not count as failed:
    https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
    """
    return batch.v1.JobSpecArgs(
        active_deadline_seconds=job.deadline_seconds,
        backoff_limit=job.retries,
        pod_failure_policy=batch.v1.PodFailurePolicyArgs(
            rules=[
                batch.v1.PodFailurePolicyRuleArgs(
                    action="Ignore",
                    on_pod_conditions=[
                        batch.v1.PodFailurePolicyOnPodConditionsPatternArgs(
                            type="DisruptionTarget", status="True"
                        )
                    ],
                )
            ]
        ),
        # A terminating pod is replaced when it has ended: two migrations must not run at once.
        pod_replacement_policy="Failed",
        template=core.v1.PodTemplateSpecArgs(
            metadata=meta.v1.ObjectMetaArgs(
                labels={NAME: job.label, **APP_PODS},
                annotations={**_NOT_SCALED_DOWN, **pod_annotations(app, pod)},
            ),
            spec=job_pod_spec(name, app, pod, job.pod),
        ),
    )
