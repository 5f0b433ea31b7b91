"""Names of Kubernetes, Helm, Terraform modules and eksctl, with the keys that replace them here.

The tables list the names that users of other tools try first. Messages about unknown keys use
them.
"""

import re
from collections.abc import Mapping

from settings.reading.hint import Hint, use
from settings.reading.workload_hints import WORKLOAD_HINTS


def hint_for(section: str, name: str) -> Hint | None:
    """Returns the hint for a name in a section, such as `ha-eks:apps.web`; None without one."""
    path = section.replace("[", ".").replace("]", "")
    for pattern, hints in HINTS.items():
        if re.fullmatch(pattern.replace(".*", r"\.[^.]+"), path):
            return hints.get(name)
    return None


_PER_ZONE = "numbers are per zone"
_TYPES = "a list"
_WHOLE_CELL = "protects the whole cell"
_JOBS = "at set times, before a rollout, or from a queue"

_STACK: Mapping[str, Hint] = {
    "vpc": use("ha-eks:network"),
    "nodeGroups": use("ha-eks:pools"),
    "nodeGroup": use("ha-eks:pools"),
    "managedNodeGroups": use("ha-eks:pools"),
    "eksManagedNodeGroups": use("ha-eks:pools"),
    "nodePools": use("ha-eks:pools"),
    "nodes": use("ha-eks:pools"),
    "eks": use("ha-eks:cluster"),
    "kubernetesVersion": use("ha-eks:cluster.version"),
    "clusterVersion": use("ha-eks:cluster.version"),
    "addons": use("ha-eks:cluster.addOns"),
    "clusterAddons": use("ha-eks:cluster.addOns"),
    "applications": use("ha-eks:apps"),
    "services": use("ha-eks:apps"),
    "deployments": use("ha-eks:apps", "ha-eks:workers", "ha-eks:singletons"),
    "statefulSets": use("ha-eks:singletons", note="one pod with a volume"),
    "databases": use("ha-eks:singletons", note="one pod with a volume"),
    "jobs": use("ha-eks:cronJobs", "ha-eks:apps.NAME.migration", "ha-eks:workers", note=_JOBS),
    **dict.fromkeys(
        ("cronjobs", "crons", "scheduledJobs", "scheduledTasks", "schedules"),
        use("ha-eks:cronJobs"),
    ),
    "migrations": use("ha-eks:apps.NAME.migration", note="a job before the rollout of its app"),
    "queues": use("ha-eks:workers", note="pods that take jobs from a queue"),
    "consumers": use("ha-eks:workers"),
    "workloads": use("ha-eks:apps", "ha-eks:workers", "ha-eks:singletons"),
    "ingress": use("ha-eks:loadBalancing", "ha-eks:apps.NAME.expose"),
    "alb": use("ha-eks:loadBalancing"),
    "clusterAutoscaler": use("ha-eks:autoscaling"),
    "karpenter": use("ha-eks:pools", "ha-eks:autoscaling", note="nodes are managed node groups"),
    "overprovisioning": use("ha-eks:headroom"),
    "overprovisioner": use("ha-eks:headroom"),
    "monitoring": use("ha-eks:observability"),
    "logging": use("ha-eks:observability"),
    "cloudWatch": use("ha-eks:observability"),
    "alerts": use("ha-eks:observability.alarms"),
    "dns": use("ha-eks:traffic"),
    "route53": use("ha-eks:traffic"),
    "deletionProtection": use("ha-eks:protected", note=_WHOLE_CELL),
    "region": use("aws:region"),
    "tags": use("aws:defaultTags.tags"),
}

_AWS: Mapping[str, Hint] = {
    "tags": use("defaultTags.tags"),
    "assumeRole": use("assumeRoles", note="a list"),
    "accountId": use("allowedAccountIds", note="a list"),
    "availabilityZones": use("ha-eks:network.zones"),
}

_NETWORK: Mapping[str, Hint] = {
    "azs": use("zones"),
    "availabilityZones": use("zones"),
    "vpcCidr": use("cidr"),
    "vpcCIDR": use("cidr"),
    "cidrBlock": use("cidr"),
    "singleNatGateway": use("nat", note="nat: single"),
    "oneNatGatewayPerAz": use("nat", note="nat: perZone"),
    "enableNatGateway": use("nat", note="nat: none for no NAT gateway"),
    "natGateway": use("nat"),
    "natGateways": use("nat"),
    "vpcEndpoints": use("endpoints"),
    "secondaryCidrBlocks": use("pods.cidr"),
    "podCidr": use("pods.cidr"),
    "vpcId": use("existing.vpcId"),
    "subnetIds": use("existing.privateSubnets", note="subnets by zone"),
    "subnets": use("existing.privateSubnets", note="subnets by zone"),
    "privateSubnets": use("existing.privateSubnets", note="subnets by zone"),
    "publicSubnets": use("existing.publicSubnets", note="subnets by zone"),
    "controlPlaneSubnetIds": use("existing.controlPlaneSubnets", note="subnets by zone"),
    "enableFlowLog": use("flowLogs.traffic"),
}

_CLUSTER: Mapping[str, Hint] = {
    "kubernetesVersion": use("version"),
    "clusterVersion": use("version"),
    "addons": use("addOns"),
    "clusterAddons": use("addOns"),
    "endpointPublicAccess": use("publicAccessCidrs", note="without it, no public endpoint"),
    "clusterEndpointPublicAccess": use("publicAccessCidrs", note="without it, no public endpoint"),
    "clusterEndpointPublicAccessCidrs": use("publicAccessCidrs"),
    "endpointPublicAccessCidrs": use("publicAccessCidrs"),
    "accessEntries": use("admins", "viewers", "editors"),
    "mapRoles": use("admins", "viewers", "editors"),
    "awsAuth": use("admins", "viewers", "editors"),
    "roleMappings": use("admins", "viewers", "editors"),
    "enabledClusterLogTypes": use("logTypes"),
    "clusterEnabledLogTypes": use("logTypes"),
    "enabledLogTypes": use("logTypes"),
    "deletionProtection": use("ha-eks:protected", note=_WHOLE_CELL),
    "zonalShiftConfig": use("zonalShift"),
    "subnetIds": use("ha-eks:network.existing.controlPlaneSubnets", note="subnets by zone"),
    "vpcId": use("ha-eks:network.existing.vpcId"),
    "nodeGroups": use("ha-eks:pools"),
}

_LOAD_BALANCING: Mapping[str, Hint] = {
    "scheme": use("ha-eks:apps.NAME.expose.internal", note="for each app or route"),
    "deletionProtection": use("ha-eks:protected", note=_WHOLE_CELL),
    "enableDeletionProtection": use("ha-eks:protected", note=_WHOLE_CELL),
}

_RESILIENCE: Mapping[str, Hint] = {
    "zonalAutoshift": use("autoshift"),
    "practiceRuns": use("autoshift.practiceWindows"),
    "zonalShift": use("ha-eks:cluster.zonalShift"),
}

_AUTOSHIFT: Mapping[str, Hint] = {
    "enabled": use("practiceOnly", note="autoshift: {} enables autoshift"),
    "allowedWindows": use("practiceWindows", note="windows by resource"),
    "blockedWindows": use("practiceWindows", note="ARC starts no practice run at other times"),
    "practiceRunConfiguration": use("practiceWindows"),
}

_POOL: Mapping[str, Hint] = {
    "minSize": use("perZone.min", note=_PER_ZONE),
    "maxSize": use("perZone.max", note=_PER_ZONE),
    "min": use("perZone.min", note=_PER_ZONE),
    "max": use("perZone.max", note=_PER_ZONE),
    "desiredSize": use("perZone.initial", note=_PER_ZONE),
    "desiredCapacity": use("perZone.initial", note=_PER_ZONE),
    "size": use("perZone", note=_PER_ZONE),
    "scalingConfig": use("perZone", note=_PER_ZONE),
    "scaling": use("perZone", note=_PER_ZONE),
    "instanceType": use("instanceTypes", note=_TYPES),
    "instances": use("instanceTypes", note=_TYPES),
    "spot": use("capacityType", note="capacityType: SPOT"),
    "onDemand": use("capacityType", note="capacityType: ON_DEMAND"),
    "ami": use("amiType"),
    "amiFamily": use("amiType"),
    "amiReleaseVersion": use("releaseVersion"),
    "diskSize": use("diskGib"),
    "volumeSize": use("diskGib"),
    "updateConfig": use("update"),
    "nodeRepairConfig": use("repair"),
    "nodeRepair": use("repair"),
    "warmPoolConfig": use("warmPool"),
    "kubeletExtraArgs": use("kubelet"),
    "kubeletExtraConfig": use("kubelet"),
    "capacityReservation": use("perZone.reserved"),
    "availabilityZones": use("ha-eks:network.zones"),
    "zones": use("ha-eks:network.zones"),
    "subnetIds": use("ha-eks:network.existing.privateSubnets", note="subnets by zone"),
    "tags": use("aws:defaultTags.tags"),
}

_PER_ZONE_SIZE: Mapping[str, Hint] = {
    "minSize": use("min"),
    "maxSize": use("max"),
    "desiredSize": use("initial"),
    "desired": use("initial"),
    "desiredCapacity": use("initial"),
}

HINTS: Mapping[str, Mapping[str, Hint]] = {
    **WORKLOAD_HINTS,
    "ha-eks": _STACK,
    "aws": _AWS,
    "ha-eks:network": _NETWORK,
    "ha-eks:cluster": _CLUSTER,
    "ha-eks:loadBalancing": _LOAD_BALANCING,
    "ha-eks:resilience": _RESILIENCE,
    "ha-eks:resilience.autoshift": _AUTOSHIFT,
    "ha-eks:pools.*": _POOL,
    "ha-eks:pools.*.perZone": _PER_ZONE_SIZE,
}
"""Hints by section; `*` stands for one name, or for an item of a list."""
