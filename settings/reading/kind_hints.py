"""Names that only some kinds of workload have, names of jobs, and names that no workload has."""

from collections.abc import Mapping

from settings.reading.hint import Hint, move, nothing, use

_RESTRICTED = "pods comply with the restricted Pod Security Standard (docs/application.md)"
_ROLLOUT = "the rollout follows from the kind of workload and from its probes"
UNSUPPORTED: Mapping[str, Hint] = {
    **dict.fromkeys(
        ("capabilities", "hostIPC", "hostNetwork", "hostPID", "hostPath", "privileged", "sysctls"),
        nothing(_RESTRICTED),
    ),
    **dict.fromkeys(
        ("minReadySeconds", "revisionHistoryLimit", "strategy", "updateStrategy"),
        nothing(_ROLLOUT),
    ),
}
"""Names of Kubernetes that no workload has."""

_JOB: Mapping[str, Hint] = {
    "activeDeadlineSeconds": use("deadlineSeconds"),
    "backoffLimit": use("retries"),
    "restartPolicy": use("retries", note="a failed pod is replaced"),
    "timeout": use("deadlineSeconds"),
}

NOT_SCHEDULED: Mapping[str, Hint] = dict.fromkeys(
    ("concurrencyPolicy", "cron", "history", "schedule", "startingDeadlineSeconds", "timeZone"),
    move("ha-eks:cronJobs", because="only cron jobs run at set times"),
)
"""Names of cron jobs, for other kinds."""

_RECEIVES_NOTHING = "a worker receives no requests"
NOT_SERVED: Mapping[str, Hint] = {
    **dict.fromkeys(
        ("expose", "host", "ingress", "path", "port", "prefersSameZone", "service", "targetPort"),
        move("ha-eks:apps", because=_RECEIVES_NOTHING),
    ),
    "ports": use("otherPorts", note=_RECEIVES_NOTHING),
    "containerPort": use("otherPorts", note=_RECEIVES_NOTHING),
}
"""Names of apps, for workers."""

NOT_REPLICATED: Mapping[str, Hint] = dict.fromkeys(
    ("peers", "replicas", "scaling", "spread"),
    move("ha-eks:apps", "ha-eks:workers", because="a singleton has one pod"),
)
"""Names of apps and workers, for singletons."""

_TO_ITS_END = "the pods of a cron job run to their end"
CRON_JOB: Mapping[str, Hint] = {
    **_JOB,
    **dict.fromkeys(
        ("expose", "metrics", "otherPorts", "port", "prefersSameZone", "probes"),
        move("ha-eks:apps", because="a cron job receives no requests"),
    ),
    **dict.fromkeys(
        ("critical", "peers", "replicas", "scaling", "spread"),
        move("ha-eks:workers", because=_TO_ITS_END),
    ),
    **dict.fromkeys(
        ("completions", "parallelism"), nothing("each job runs one pod; write several cron jobs")
    ),
    "concurrency": use("concurrencyPolicy"),
    "cron": use("schedule"),
    "failedJobsHistoryLimit": use("history.failed"),
    "jobTemplate": nothing("write image, command and requests directly below the cron job"),
    "longestJobSeconds": use("deadlineSeconds"),
    "longestRequestSeconds": use("deadlineSeconds"),
    "migratedBy": nothing("a cron job does not wait for migrations"),
    "migration": move(
        "ha-eks:apps", "ha-eks:workers", because="a cron job has no rollout to migrate for"
    ),
    "near": use("pool"),
    "preStop": use("shutdownSeconds"),
    "successfulJobsHistoryLimit": use("history.successful"),
    "suspend": nothing("remove the cron job from the stack file to stop it"),
    "timezone": use("timeZone"),
    "ttlSecondsAfterFinished": use("history"),
    "volume": use("sharedVolume"),
}
"""Names of other kinds and of Kubernetes, for cron jobs."""

MIGRATION: Mapping[str, Hint] = {
    **_JOB,
    **dict.fromkeys(
        ("env", "envFrom", "files", "image", "requests", "secretEnv"),
        nothing("the migration has the image, environment, files and requests of its workload"),
    ),
    "schedule": use("ha-eks:cronJobs", note="a migration runs before a rollout"),
    "ttlSecondsAfterFinished": nothing("the job remains, so that a rollback runs no migration"),
}
"""Names of Kubernetes and of workloads, for migrations."""
