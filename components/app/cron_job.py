"""A cron job: its Kubernetes objects and its IAM role, in the order of their creation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import batch, core, meta

from components.app.aws_secrets import secrets_class
from components.app.files import config_map
from components.app.iam_role import iam_role
from components.app.job import JobArgs, job_spec
from components.app.network_policy import NetworkPolicyArgs, network_policy
from components.app.open_telemetry import Telemetry
from components.app.pod_spec import JobPodArgs, PodArgs
from components.app.shared_volume import shared_claim
from components.cell_context import ClusterContext
from components.file_systems import SharedFiles
from components.images import ImageResolver
from components.pod_security import restricted_namespace
from core.labels import APP_PODS, NAME
from settings.cron_job.cron_jobs import CronJob as CronJobSettings
from settings.pool.pools import Pool


@dataclass(frozen=True, kw_only=True)
class CronJobArgs:
    """Arguments of CronJob."""

    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    cron_job: CronJobSettings
    """The cron job in the stack file."""
    callees: Mapping[str, Sequence[str]]
    """Names of the apps that the pods connect to, each with the names of its ports."""
    resolve_image: ImageResolver
    """Returns the address that nodes pull an image from."""
    pool: Pool | None
    """Pool that the cron job names; None: any pool without taints."""
    control_plane_cidrs: Sequence[str]
    """CIDRs of the Kubernetes API."""
    priority_class: pulumi.Input[str]
    """Name of the PriorityClass of the pods."""
    before_pods: Sequence[pulumi.Resource]
    """Resources that pods depend on: metrics, the Cluster Autoscaler, and by them nodes and the
    enforcement of network policies."""
    sampled_percent: float
    """Percentage of requests that are traced, 0 to 100."""
    drivers: Mapping[str, pulumi.Resource]
    """The optional CSI drivers of the cell, by the name of their add-on."""
    shared_files: SharedFiles | None
    """Access point of the shared volume; None: the cron job has none."""


class CronJob(pulumi.ComponentResource):
    """Creates a cron job in its own namespace: NetworkPolicy, ServiceAccount and CronJob; if it
    needs them, an IAM role and a ConfigMap of files.

    Cron job, component and namespace have the same name.
    """

    def __init__(
        self, name: str, args: CronJobArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:CronJob", name, None, opts)
        cron_job, child = args.cron_job, pulumi.ResourceOptions(parent=self)
        namespace = restricted_namespace(name, name, child).metadata.name
        metadata = meta.v1.ObjectMetaArgs(
            name=name, namespace=namespace, labels={NAME: name, **APP_PODS}
        )
        account = core.v1.ServiceAccount(
            name, metadata=metadata, automount_service_account_token=False, opts=child
        )
        role = iam_role(name, cron_job, args.context.cluster_name, child)
        policy = network_policy(
            name,
            NetworkPolicyArgs(
                app=cron_job,
                callers={},
                callees=args.callees,
                load_balancer_cidrs=[],
                control_plane_cidrs=args.control_plane_cidrs,
                scraped=False,
            ),
            metadata,
            pulumi.ResourceOptions(parent=self, depends_on=[*args.before_pods]),
        )
        files = config_map(name, cron_job.files, namespace, child) if cron_job.files else None
        shared = None
        if args.shared_files:
            shared = shared_claim(name, args.shared_files, namespace, args.drivers, self)
        pod = PodArgs(
            resolve_image=args.resolve_image,
            pool=args.pool,
            priority_class=args.priority_class,
            files=files and files.metadata.name,
            claim=None,
            shared_claim=shared and shared.metadata.name,
            telemetry=Telemetry(context=args.context, sampled_percent=args.sampled_percent),
            association_id=role and role.association_id,
        )
        batch.v1.CronJob(
            name,
            metadata=metadata,
            spec=_spec(name, cron_job, pod),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[
                    *args.before_pods,
                    *(role.ready if role else ()),
                    *secrets_class(name, cron_job, namespace, args.drivers, self),
                    policy,
                    account,
                ],
            ),
        )
        self.register_outputs({})


def _spec(name: str, cron_job: CronJobSettings, pod: PodArgs) -> batch.v1.CronJobSpecArgs:
    """Returns the spec of the CronJob `name`.

    https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
    """
    job = JobArgs(
        label=name,
        pod=JobPodArgs(
            command=cron_job.command,
            args=cron_job.args,
            grace=cron_job.grace,
            toleration_seconds=cron_job.toleration_seconds,
        ),
        deadline_seconds=cron_job.deadline_seconds,
        retries=cron_job.retries,
    )
    return batch.v1.CronJobSpecArgs(
        schedule=cron_job.schedule,
        time_zone=cron_job.time_zone,
        concurrency_policy=cron_job.concurrency_policy.capitalize(),
        starting_deadline_seconds=cron_job.starting_deadline_seconds,
        successful_jobs_history_limit=cron_job.history.successful,
        failed_jobs_history_limit=cron_job.history.failed,
        job_template=batch.v1.JobTemplateSpecArgs(
            metadata=meta.v1.ObjectMetaArgs(labels={NAME: name, **APP_PODS}),
            spec=job_spec(name, cron_job, pod, job),
        ),
    )
