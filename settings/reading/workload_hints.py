"""Names of Kubernetes and Helm for workloads, with the keys that replace them here."""

from collections.abc import Mapping

from settings.reading.container_hints import CONTAINER, POD, further_containers
from settings.reading.hint import Hint, move, use
from settings.reading.kind_hints import (
    CRON_JOB,
    MIGRATION,
    NOT_REPLICATED,
    NOT_SCHEDULED,
    NOT_SERVED,
    UNSUPPORTED,
)
from settings.reading.nested_hints import REPLICAS, REQUESTS, limits, probe, scaling

_DEPLOYED: Mapping[str, Hint] = {
    **CONTAINER,
    **POD,
    **UNSUPPORTED,
    **NOT_SCHEDULED,
    "livenessProbe": use("probes.liveness"),
    "readinessProbe": use("probes.readiness"),
    "startupProbe": use("probes.startupSeconds", note="seconds until the app has started"),
    "liveness": use("probes.liveness"),
    "readiness": use("probes.readiness"),
    "healthCheck": use("probes.readiness"),
    "terminationGracePeriodSeconds": use(
        "shutdownSeconds", note="time from TERM to exit; the grace period is derived from it"
    ),
    "lifecycle": use("preStop"),
    "nodeSelector": use("pool"),
    "nodeGroup": use("pool"),
    "tolerations": use("pool", note="pods tolerate the taints of their pool"),
    "secrets": use("secretEnv", "secretFiles", "awsSecrets"),
    **dict.fromkeys(
        ("secretsManager", "parameterStore", "ssm", "externalSecrets", "secretProviderClass"),
        use("awsSecrets", note="files from AWS, by ARN"),
    ),
    **dict.fromkeys(
        ("efs", "nfs", "sharedVolumes", "readWriteMany"),
        use("sharedVolume", note="an EFS file system for all pods"),
    ),
    "secretMounts": use("secretFiles"),
    "shmSize": use("memoryScratch", note="/dev/shm and its size"),
    "configMap": use("files", "envFrom"),
    "securityContext": use("runAsUser", "runAsGroup"),
    "podSecurityContext": use("runAsUser", "runAsGroup"),
    "serviceAccountName": use("policies", note="each workload has its own service account"),
    "serviceAccount": use("policies", note="each workload has its own service account"),
    "iamRole": use("policies", note="each workload has its own role"),
    "roleArn": use("policies", note="each workload has its own role"),
    "automountServiceAccountToken": use("serviceAccountToken"),
    "imagePullSecret": use("imagePullSecrets", note="a list"),
    "emptyDir": use("scratch"),
    "networkPolicy": use("talksTo", "reaches"),
    "egress": use("reaches"),
    "dependsOn": use("talksTo", "migratedBy"),
    "initJob": use("migration"),
    "preDeploy": use("migration"),
    "releaseCommand": use("migration.command"),
    "priorityClassName": use("critical"),
    "serviceMonitor": use("metrics"),
}

_REPLICATED: Mapping[str, Hint] = {
    "hpa": use("replicas", "scaling"),
    "autoscaling": use("replicas", "scaling"),
    "minReplicas": use("replicas.min"),
    "maxReplicas": use("replicas.max"),
    "replicaCount": use("replicas"),
    "targetCPUUtilizationPercentage": use("scaling.cpuPercent"),
    "keda": use("scaling.prometheus", "scaling.queues"),
    "queue": use("scaling.queues"),
    **dict.fromkeys(("queues", "queueName", "queueUrl", "queueURL", "sqs"), use("scaling.queues")),
    "headlessService": use("peers"),
    "statefulSet": use("peers", "ha-eks:singletons.NAME.volume"),
    "affinity": use("spread", "near"),
    "podAntiAffinity": use("spread"),
    "topologySpreadConstraints": use("spread"),
    "pdb": use("replicas.maxUnavailable"),
    "podDisruptionBudget": use("replicas.maxUnavailable"),
    "maxUnavailable": use("replicas.maxUnavailable"),
    "prometheus": use("metrics", "scaling.prometheus"),
}

_SERVED: Mapping[str, Hint] = {
    "ports": use("port", "otherPorts"),
    "containerPort": use("port"),
    "targetPort": use("port"),
    "service": use("port"),
    "ingress": use("expose"),
    "host": use("expose", "ha-eks:traffic.domain"),
    "path": use("expose.path"),
}

_VOLUMES: Mapping[str, Hint] = {
    **dict.fromkeys(
        ("volumes", "volumeMounts"),
        use(
            *("files", "secretFiles", "scratch", "sharedVolume"),
            "ha-eks:singletons.NAME.volume",
        ),
    ),
    **dict.fromkeys(
        ("volume", "persistence", "persistentVolumeClaim", "storage"),
        use(
            "sharedVolume",
            "ha-eks:singletons.NAME.volume",
            note="EFS for all pods, EBS for a single pod",
        ),
    ),
}

_APP: Mapping[str, Hint] = {
    **_DEPLOYED,
    **_REPLICATED,
    **_SERVED,
    **_VOLUMES,
    "longestJobSeconds": use("longestRequestSeconds"),
    "namespace": use("ha-eks:apps", note="the name of the app is its namespace"),
}

_WORKER: Mapping[str, Hint] = {
    **_DEPLOYED,
    **_REPLICATED,
    **_VOLUMES,
    **NOT_SERVED,
    "longestRequestSeconds": use("longestJobSeconds"),
    "terminationGracePeriodSeconds": use(
        "longestJobSeconds", note="time after TERM; the grace period is derived from it"
    ),
    "namespace": use("ha-eks:workers", note="the name of the worker is its namespace"),
}

_CRON_JOB: Mapping[str, Hint] = {
    **CONTAINER,
    **POD,
    **{
        name: hint
        for name, hint in _DEPLOYED.items()
        if name
        in (
            "nodeSelector",
            "nodeGroup",
            "tolerations",
            "secrets",
            "secretsManager",
            "parameterStore",
            "efs",
            "configMap",
            "emptyDir",
            "egress",
            "serviceAccount",
            "iamRole",
        )
    },
    **dict.fromkeys(_SERVED, move("ha-eks:apps", because="a cron job receives no requests")),
    **UNSUPPORTED,
    **CRON_JOB,
    "terminationGracePeriodSeconds": use("shutdownSeconds", note="5 seconds less"),
    "namespace": use("ha-eks:cronJobs", note="the name of the cron job is its namespace"),
}

_SINGLETON: Mapping[str, Hint] = {
    **_DEPLOYED,
    **_SERVED,
    **dict.fromkeys(_REPLICATED, NOT_REPLICATED["replicas"]),
    **NOT_REPLICATED,
    "affinity": use("near"),
    "prometheus": use("metrics"),
    "longestJobSeconds": use("longestRequestSeconds", note="or shutdownSeconds without a port"),
    "prefersSameZone": move("ha-eks:apps", because="the pod of a singleton is in one zone"),
    "persistence": use("volume"),
    "persistentVolumeClaim": use("volume"),
    "storage": use("volume"),
    "volumes": use("files", "secretFiles", "scratch", "volume", "sharedVolume"),
    "volumeMounts": use("files", "secretFiles", "scratch", "volume", "sharedVolume"),
    "namespace": use("ha-eks:singletons", note="the name of the singleton is its namespace"),
}


WORKLOAD_HINTS: Mapping[str, Mapping[str, Hint]] = {
    "ha-eks:apps.*": _APP,
    "ha-eks:workers.*": _WORKER,
    "ha-eks:singletons.*": _SINGLETON,
    "ha-eks:cronJobs.*": _CRON_JOB,
    **{
        f"ha-eks:{kind}.*.{key}": hints
        for kind in ("apps", "workers", "singletons", "cronJobs")
        for key, hints in (("requests", REQUESTS), ("limits", limits(kind)))
    },
    **{
        section: hints
        for kind in ("apps", "workers", "singletons", "cronJobs")
        for section, hints in further_containers(kind).items()
    },
    **{f"ha-eks:{kind}.*.migration": MIGRATION for kind in ("apps", "workers", "singletons")},
    **{f"ha-eks:{kind}.*.probes.*": probe(kind) for kind in ("apps", "workers", "singletons")},
    **{
        f"ha-eks:{kind}.*.{key}": hints
        for kind in ("apps", "workers")
        for key, hints in (("replicas", REPLICAS), ("scaling", scaling(kind)))
    },
}
"""Hints by section; `*` stands for a name."""
