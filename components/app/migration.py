"""The migration of a workload: a Job that must succeed before new pods start.

The logical name contains a checksum of image, command and arguments, so that a new version creates
a new Job, and Pulumi ignores all other changes of an existing Job. Pulumi leaves the Jobs of former
versions in the cluster. The name of the Kubernetes object contains a checksum of the whole spec,
and the provider accepts an object that exists: after a rollback, Pulumi finds the completed Job of
the former version, and no pod runs.
docs/decisions/0057-a-migration-is-a-retained-job-named-by-checksum.md
"""

import hashlib
import json
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes import Provider, batch, meta

from components.app.job import JobArgs, job_spec
from components.app.pod_spec import JobPodArgs, PodArgs
from core.labels import APP_PODS, NAME, migration_label
from settings.workload.deployed import Deployed
from settings.workload.job import Migration

MIGRATIONS = "kubernetes-migrations"
"""Name of the provider of migrations."""

_SPARE_SECONDS = 300
"""Time that the Kubernetes API and its controllers may take beyond the deadline."""


@dataclass(frozen=True, kw_only=True)
class Migrations:
    """Migrations of a cell."""

    provider: Provider
    """Provider that accepts existing Jobs."""
    jobs: dict[str, pulumi.Resource] = field(default_factory=dict[str, pulumi.Resource])
    """Job of each workload, by name. A workload adds its own, and is created before the workloads
    that wait for it."""


def migration_job(
    name: str,
    app: Deployed,
    migration: Migration,
    pod: PodArgs,
    namespace: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> batch.v1.Job:
    """Creates the Job of the workload `name` and waits until it has succeeded.

    Pulumi waits for 10 minutes by default, so custom timeouts are set:
    https://github.com/pulumi/pulumi-kubernetes/blob/v4.34.2/provider/pkg/await/job.go
    """
    label, grace = migration_label(name), app.migration_grace
    spec = job_spec(
        name,
        app,
        pod,
        JobArgs(
            label=label,
            pod=JobPodArgs(
                command=migration.command or app.command,
                args=migration.args,
                grace=grace,
                toleration_seconds=app.toleration_seconds,
            ),
            deadline_seconds=migration.deadline_seconds,
            retries=migration.retries,
        ),
    )
    seconds = f"{migration.deadline_seconds + grace + _SPARE_SECONDS}s"
    return batch.v1.Job(
        f"{label}-{_checksum(_version(app, migration))}",
        metadata=meta.v1.ObjectMetaArgs(
            name=pulumi.Output.json_dumps(spec, sort_keys=True, default=vars).apply(
                lambda text: f"{label}-{_checksum(text)}"
            ),
            namespace=namespace,
            labels={NAME: label, **APP_PODS},
        ),
        spec=spec,
        opts=pulumi.ResourceOptions.merge(
            opts,
            pulumi.ResourceOptions(
                ignore_changes=["metadata", "spec"],
                retain_on_delete=True,
                custom_timeouts=pulumi.CustomTimeouts(create=seconds, update=seconds),
            ),
        ),
    )


def _version(app: Deployed, migration: Migration) -> str:
    command = migration.command or app.command
    return json.dumps([app.image, command, migration.args])


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
