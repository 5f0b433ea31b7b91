"""Names of Kubernetes, Helm, Terraform modules and eksctl, with the keys that replace them here.

The tables list the names that users of other tools try first. Messages about unknown keys use
them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Hint:
    """The replacement of a name from another tool."""

    keys: tuple[str, ...]
    """Keys to write instead, relative to the section, or in full (`ha-eks:…`)."""
    note: str = ""
    """The difference between the name and these keys."""

    def __str__(self) -> str:
        """Returns the hint in words."""
        note = f" ({self.note})" if self.note else ""
        return f"write {' and '.join(self.keys)} instead{note}"


def hint_for(section: str, name: str) -> Hint | None:
    """Returns the hint for a name in a section, such as `ha-eks:apps.web`; None without one."""
    for pattern, hints in HINTS.items():
        if re.fullmatch(pattern.replace(".*", r"\.[^.]+"), section):
            return hints.get(name)
    return None


def _use(*keys: str, note: str = "") -> Hint:
    return Hint(keys=keys, note=note)


_MEMORY_LIMIT = "the memory limit is the request, and CPU has no limit"
_PER_ZONE = "numbers are per zone"
_TYPES = "a list"
_WHOLE_CELL = "protects the whole cell"
_JOBS = "at set times, before a rollout, or from a queue"

_STACK: Mapping[str, Hint] = {
    "vpc": _use("ha-eks:network"),
    "nodeGroups": _use("ha-eks:pools"),
    "nodeGroup": _use("ha-eks:pools"),
    "managedNodeGroups": _use("ha-eks:pools"),
    "eksManagedNodeGroups": _use("ha-eks:pools"),
    "nodePools": _use("ha-eks:pools"),
    "nodes": _use("ha-eks:pools"),
    "eks": _use("ha-eks:cluster"),
    "kubernetesVersion": _use("ha-eks:cluster.version"),
    "clusterVersion": _use("ha-eks:cluster.version"),
    "addons": _use("ha-eks:cluster.addOns"),
    "clusterAddons": _use("ha-eks:cluster.addOns"),
    "applications": _use("ha-eks:apps"),
    "services": _use("ha-eks:apps"),
    "deployments": _use("ha-eks:apps", "ha-eks:workers", "ha-eks:singletons"),
    "statefulSets": _use("ha-eks:singletons", note="one pod with a volume"),
    "databases": _use("ha-eks:singletons", note="one pod with a volume"),
    "jobs": _use("ha-eks:cronJobs", "ha-eks:apps.NAME.migration", "ha-eks:workers", note=_JOBS),
    **dict.fromkeys(
        ("cronjobs", "crons", "scheduledJobs", "scheduledTasks", "schedules"),
        _use("ha-eks:cronJobs"),
    ),
    "migrations": _use("ha-eks:apps.NAME.migration", note="a job before the rollout of its app"),
    "queues": _use("ha-eks:workers", note="pods that take jobs from a queue"),
    "consumers": _use("ha-eks:workers"),
    "workloads": _use("ha-eks:apps", "ha-eks:workers", "ha-eks:singletons"),
    "ingress": _use("ha-eks:loadBalancing", "ha-eks:apps.NAME.expose"),
    "alb": _use("ha-eks:loadBalancing"),
    "clusterAutoscaler": _use("ha-eks:autoscaling"),
    "karpenter": _use("ha-eks:pools", "ha-eks:autoscaling", note="nodes are managed node groups"),
    "overprovisioning": _use("ha-eks:headroom"),
    "overprovisioner": _use("ha-eks:headroom"),
    "monitoring": _use("ha-eks:observability"),
    "logging": _use("ha-eks:observability"),
    "cloudWatch": _use("ha-eks:observability"),
    "alerts": _use("ha-eks:observability.alarms"),
    "dns": _use("ha-eks:traffic"),
    "route53": _use("ha-eks:traffic"),
    "deletionProtection": _use("ha-eks:protected", note=_WHOLE_CELL),
    "region": _use("aws:region"),
    "tags": _use("aws:defaultTags.tags"),
}

_AWS: Mapping[str, Hint] = {
    "tags": _use("defaultTags.tags"),
    "assumeRole": _use("assumeRoles", note="a list"),
    "accountId": _use("allowedAccountIds", note="a list"),
    "availabilityZones": _use("ha-eks:network.zones"),
}

_NETWORK: Mapping[str, Hint] = {
    "azs": _use("zones"),
    "availabilityZones": _use("zones"),
    "vpcCidr": _use("cidr"),
    "vpcCIDR": _use("cidr"),
    "cidrBlock": _use("cidr"),
    "singleNatGateway": _use("nat", note="nat: single"),
    "oneNatGatewayPerAz": _use("nat", note="nat: perZone"),
    "enableNatGateway": _use("nat", note="nat: none for no NAT gateway"),
    "natGateway": _use("nat"),
    "natGateways": _use("nat"),
    "vpcEndpoints": _use("endpoints"),
    "secondaryCidrBlocks": _use("pods.cidr"),
    "podCidr": _use("pods.cidr"),
    "vpcId": _use("existing.vpcId"),
    "subnetIds": _use("existing.privateSubnets", note="subnets by zone"),
    "subnets": _use("existing.privateSubnets", note="subnets by zone"),
    "privateSubnets": _use("existing.privateSubnets", note="subnets by zone"),
    "publicSubnets": _use("existing.publicSubnets", note="subnets by zone"),
    "controlPlaneSubnetIds": _use("existing.controlPlaneSubnets", note="subnets by zone"),
    "enableFlowLog": _use("flowLogs.traffic"),
}

_CLUSTER: Mapping[str, Hint] = {
    "kubernetesVersion": _use("version"),
    "clusterVersion": _use("version"),
    "addons": _use("addOns"),
    "clusterAddons": _use("addOns"),
    "endpointPublicAccess": _use("publicAccessCidrs", note="without it, no public endpoint"),
    "clusterEndpointPublicAccess": _use("publicAccessCidrs", note="without it, no public endpoint"),
    "clusterEndpointPublicAccessCidrs": _use("publicAccessCidrs"),
    "endpointPublicAccessCidrs": _use("publicAccessCidrs"),
    "accessEntries": _use("admins", "viewers", "editors"),
    "mapRoles": _use("admins", "viewers", "editors"),
    "awsAuth": _use("admins", "viewers", "editors"),
    "roleMappings": _use("admins", "viewers", "editors"),
    "enabledClusterLogTypes": _use("logTypes"),
    "clusterEnabledLogTypes": _use("logTypes"),
    "enabledLogTypes": _use("logTypes"),
    "deletionProtection": _use("ha-eks:protected", note=_WHOLE_CELL),
    "zonalShiftConfig": _use("zonalShift"),
    "subnetIds": _use("ha-eks:network.existing.controlPlaneSubnets", note="subnets by zone"),
    "vpcId": _use("ha-eks:network.existing.vpcId"),
    "nodeGroups": _use("ha-eks:pools"),
}

_LOAD_BALANCING: Mapping[str, Hint] = {
    "deletionProtection": _use("ha-eks:protected", note=_WHOLE_CELL),
    "enableDeletionProtection": _use("ha-eks:protected", note=_WHOLE_CELL),
}

_POOL: Mapping[str, Hint] = {
    "minSize": _use("perZone.min", note=_PER_ZONE),
    "maxSize": _use("perZone.max", note=_PER_ZONE),
    "min": _use("perZone.min", note=_PER_ZONE),
    "max": _use("perZone.max", note=_PER_ZONE),
    "desiredSize": _use("perZone.initial", note=_PER_ZONE),
    "desiredCapacity": _use("perZone.initial", note=_PER_ZONE),
    "size": _use("perZone", note=_PER_ZONE),
    "scalingConfig": _use("perZone", note=_PER_ZONE),
    "scaling": _use("perZone", note=_PER_ZONE),
    "instanceType": _use("instanceTypes", note=_TYPES),
    "instances": _use("instanceTypes", note=_TYPES),
    "spot": _use("capacityType", note="capacityType: SPOT"),
    "onDemand": _use("capacityType", note="capacityType: ON_DEMAND"),
    "ami": _use("amiType"),
    "amiFamily": _use("amiType"),
    "amiReleaseVersion": _use("releaseVersion"),
    "diskSize": _use("diskGib"),
    "volumeSize": _use("diskGib"),
    "updateConfig": _use("update"),
    "nodeRepairConfig": _use("repair"),
    "nodeRepair": _use("repair"),
    "warmPoolConfig": _use("warmPool"),
    "kubeletExtraArgs": _use("kubelet"),
    "kubeletExtraConfig": _use("kubelet"),
    "capacityReservation": _use("perZone.reserved"),
    "availabilityZones": _use("ha-eks:network.zones"),
    "zones": _use("ha-eks:network.zones"),
    "subnetIds": _use("ha-eks:network.existing.privateSubnets", note="subnets by zone"),
    "tags": _use("aws:defaultTags.tags"),
}

_DEPLOYED: Mapping[str, Hint] = {
    "livenessProbe": _use("probes.liveness"),
    "readinessProbe": _use("probes.readiness"),
    "startupProbe": _use("probes.startupSeconds", note="seconds until the app has started"),
    "liveness": _use("probes.liveness"),
    "readiness": _use("probes.readiness"),
    "healthCheck": _use("probes.readiness"),
    "terminationGracePeriodSeconds": _use(
        "shutdownSeconds", note="time from TERM to exit; the grace period is derived from it"
    ),
    "lifecycle": _use("preStop"),
    "resources": _use("requests", note=_MEMORY_LIMIT),
    "nodeSelector": _use("pool"),
    "nodeGroup": _use("pool"),
    "tolerations": _use("pool", note="pods tolerate the taints of their pool"),
    "envVars": _use("env"),
    "environment": _use("env"),
    "secrets": _use("secretEnv", "secretFiles"),
    "secretMounts": _use("secretFiles"),
    "shmSize": _use("memoryScratch", note="/dev/shm and its size"),
    "valueFrom": _use("secretEnv", "envFields", "envResources"),
    "fieldRef": _use("envFields"),
    "resourceFieldRef": _use("envResources"),
    "configMap": _use("files", "envFrom"),
    "securityContext": _use("runAsUser", "runAsGroup"),
    "podSecurityContext": _use("runAsUser", "runAsGroup"),
    "serviceAccountName": _use("policies", note="each workload has its own service account"),
    "serviceAccount": _use("policies", note="each workload has its own service account"),
    "iamRole": _use("policies", note="each workload has its own role"),
    "roleArn": _use("policies", note="each workload has its own role"),
    "automountServiceAccountToken": _use("serviceAccountToken"),
    "imagePullSecret": _use("imagePullSecrets", note="a list"),
    "emptyDir": _use("scratch"),
    "networkPolicy": _use("talksTo", "reaches"),
    "egress": _use("reaches"),
    "dependsOn": _use("talksTo", "migratedBy"),
    "initJob": _use("migration"),
    "preDeploy": _use("migration"),
    "releaseCommand": _use("migration.command"),
    "priorityClassName": _use("critical"),
    "serviceMonitor": _use("metrics"),
}

_REPLICATED: Mapping[str, Hint] = {
    "hpa": _use("replicas", "scaling"),
    "autoscaling": _use("replicas", "scaling"),
    "minReplicas": _use("replicas.min"),
    "maxReplicas": _use("replicas.max"),
    "replicaCount": _use("replicas"),
    "targetCPUUtilizationPercentage": _use("scaling.cpuPercent"),
    "keda": _use("scaling.prometheus", "scaling.queues"),
    "queue": _use("scaling.queues"),
    "queues": _use("scaling.queues"),
    "sqs": _use("scaling.queues"),
    "headlessService": _use("peers"),
    "statefulSet": _use("peers", "ha-eks:singletons.NAME.volume"),
    "affinity": _use("spread", "near"),
    "podAntiAffinity": _use("spread"),
    "topologySpreadConstraints": _use("spread"),
    "pdb": _use("replicas.maxUnavailable"),
    "podDisruptionBudget": _use("replicas.maxUnavailable"),
    "maxUnavailable": _use("replicas.maxUnavailable"),
    "prometheus": _use("metrics", "scaling.prometheus"),
}

_SERVED: Mapping[str, Hint] = {
    "ports": _use("port", "otherPorts"),
    "containerPort": _use("port"),
    "targetPort": _use("port"),
    "service": _use("port"),
    "ingress": _use("expose"),
    "host": _use("expose", "ha-eks:traffic.domain"),
    "path": _use("expose.path"),
}

_VOLUMES: Mapping[str, Hint] = {
    "volumes": _use("files", "secretFiles", "scratch", "ha-eks:singletons.NAME.volume"),
    "volumeMounts": _use("files", "secretFiles", "scratch", "ha-eks:singletons.NAME.volume"),
    **dict.fromkeys(
        ("volume", "persistence", "persistentVolumeClaim", "storage"),
        _use("ha-eks:singletons.NAME.volume", note="only one pod can use a volume"),
    ),
}

_APP: Mapping[str, Hint] = {
    **_DEPLOYED,
    **_REPLICATED,
    **_SERVED,
    **_VOLUMES,
    "longestJobSeconds": _use("longestRequestSeconds"),
    "namespace": _use("ha-eks:apps", note="the name of the app is its namespace"),
}

_RECEIVES_NOTHING = "a worker receives no requests"
_WORKER: Mapping[str, Hint] = {
    **_DEPLOYED,
    **_REPLICATED,
    **_VOLUMES,
    **dict.fromkeys(
        (*_SERVED, "port", "expose", "prefersSameZone"),
        _use("ha-eks:apps", note=_RECEIVES_NOTHING),
    ),
    "ports": _use("otherPorts", note=_RECEIVES_NOTHING),
    "containerPort": _use("otherPorts", note=_RECEIVES_NOTHING),
    "longestRequestSeconds": _use("longestJobSeconds"),
    "namespace": _use("ha-eks:workers", note="the name of the worker is its namespace"),
}

_AT_SET_TIMES = "a cron job receives no requests, and its pods run to their end"
_CRON_JOB: Mapping[str, Hint] = {
    **{
        name: hint
        for name, hint in _DEPLOYED.items()
        if name
        in (
            "resources",
            "nodeSelector",
            "nodeGroup",
            "tolerations",
            "envVars",
            "secrets",
            "environment",
            "configMap",
            "emptyDir",
            "egress",
            "serviceAccount",
            "iamRole",
        )
    },
    **dict.fromkeys(
        (*_SERVED, "port", "expose", "otherPorts", "probes", "metrics"),
        _use("ha-eks:apps", note=_AT_SET_TIMES),
    ),
    **dict.fromkeys(
        ("replicas", "scaling", "spread", "migration", "critical"),
        _use("ha-eks:workers", note=_AT_SET_TIMES),
    ),
    "cron": _use("schedule"),
    "timezone": _use("timeZone"),
    "concurrency": _use("concurrencyPolicy"),
    "backoffLimit": _use("retries"),
    "activeDeadlineSeconds": _use("deadlineSeconds"),
    "timeout": _use("deadlineSeconds"),
    "successfulJobsHistoryLimit": _use("history.successful"),
    "failedJobsHistoryLimit": _use("history.failed"),
    "terminationGracePeriodSeconds": _use("shutdownSeconds", note="5 seconds less"),
    "namespace": _use("ha-eks:cronJobs", note="the name of the cron job is its namespace"),
}

_ONE_POD = "a singleton has one pod"
_SINGLETON: Mapping[str, Hint] = {
    **_DEPLOYED,
    **_SERVED,
    **dict.fromkeys(
        (*_REPLICATED, "replicas", "scaling", "spread", "peers"), _use("ha-eks:apps", note=_ONE_POD)
    ),
    "affinity": _use("near"),
    "prometheus": _use("metrics"),
    "longestJobSeconds": _use("longestRequestSeconds", note="or shutdownSeconds without a port"),
    "prefersSameZone": _use("ha-eks:apps", note="the pod of a singleton is in one zone"),
    "persistence": _use("volume"),
    "persistentVolumeClaim": _use("volume"),
    "storage": _use("volume"),
    "volumes": _use("files", "secretFiles", "scratch", "volume"),
    "volumeMounts": _use("files", "secretFiles", "scratch", "volume"),
    "namespace": _use("ha-eks:singletons", note="the name of the singleton is its namespace"),
}


def _probe(kind: str) -> Mapping[str, Hint]:
    """Returns the hints for a probe of a kind of workload."""
    return {
        "httpGet": _use("path"),
        "tcpSocket": _use("port", note="the default probe opens a TCP connection"),
        "exec": _use("command"),
        "failureThreshold": _use("failures"),
        "interval": _use("periodSeconds"),
        "timeout": _use("timeoutSeconds"),
        "initialDelaySeconds": _use(f"ha-eks:{kind}.NAME.probes.startupSeconds"),
    }


_REQUESTS: Mapping[str, Hint] = {
    "limits": _use("memory", note=_MEMORY_LIMIT),
    "requests": _use("cpu", "memory"),
    "ephemeral-storage": _use("ephemeralStorage"),
    "storage": _use("ephemeralStorage"),
}


def _limits(kind: str) -> Mapping[str, Hint]:
    """Returns the hints for the limits of a kind of workload."""
    return {
        "cpu": _use(f"ha-eks:{kind}.NAME.requests.cpu", note=_MEMORY_LIMIT),
        "memory": _use(f"ha-eks:{kind}.NAME.requests.memory", note=_MEMORY_LIMIT),
        "ephemeral-storage": _use("ephemeralStorage"),
        "storage": _use("ephemeralStorage"),
    }


_REPLICAS: Mapping[str, Hint] = {
    "minReplicas": _use("min"),
    "maxReplicas": _use("max"),
    "count": _use("needed"),
    "desired": _use("needed"),
    "minAvailable": _use("maxUnavailable"),
}


def _scaling(kind: str) -> Mapping[str, Hint]:
    """Returns the hints for the scaling of a kind of workload."""
    return {
        "targetCPUUtilizationPercentage": _use("cpuPercent"),
        "targetMemoryUtilizationPercentage": _use("memoryPercent"),
        "cpu": _use("cpuPercent"),
        "memory": _use("memoryPercent"),
        "scaleUp": _use("up"),
        "scaleDown": _use("down"),
        "min": _use(f"ha-eks:{kind}.NAME.replicas.min"),
        "max": _use(f"ha-eks:{kind}.NAME.replicas.max"),
        "minReplicas": _use(f"ha-eks:{kind}.NAME.replicas.min"),
        "maxReplicas": _use(f"ha-eks:{kind}.NAME.replicas.max"),
    }


_PER_ZONE_SIZE: Mapping[str, Hint] = {
    "minSize": _use("min"),
    "maxSize": _use("max"),
    "desiredSize": _use("initial"),
    "desired": _use("initial"),
    "desiredCapacity": _use("initial"),
}

HINTS: Mapping[str, Mapping[str, Hint]] = {
    "ha-eks": _STACK,
    "aws": _AWS,
    "ha-eks:network": _NETWORK,
    "ha-eks:cluster": _CLUSTER,
    "ha-eks:loadBalancing": _LOAD_BALANCING,
    "ha-eks:pools.*": _POOL,
    "ha-eks:pools.*.perZone": _PER_ZONE_SIZE,
    "ha-eks:apps.*": _APP,
    "ha-eks:workers.*": _WORKER,
    "ha-eks:singletons.*": _SINGLETON,
    "ha-eks:cronJobs.*": _CRON_JOB,
    **{
        f"ha-eks:{kind}.*.{key}": hints
        for kind in ("apps", "workers", "singletons", "cronJobs")
        for key, hints in (("requests", _REQUESTS), ("limits", _limits(kind)))
    },
    **{f"ha-eks:{kind}.*.probes.*": _probe(kind) for kind in ("apps", "workers", "singletons")},
    **{
        f"ha-eks:{kind}.*.{key}": hints
        for kind in ("apps", "workers")
        for key, hints in (("replicas", _REPLICAS), ("scaling", _scaling(kind)))
    },
}
"""Hints by section; `*` stands for one name."""
