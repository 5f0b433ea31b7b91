"""Counts the resources of a recording that AWS bills by time.

A test checks that every resource type of a recording is either counted here or in NO_FIXED_PRICE.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, cast

from core.cost.by_time import BilledResources
from core.facts.versions.kubernetes import KUBERNETES
from settings.reading.quantities import mebibytes
from tools.preview.billed_nodes import (
    NODE_GROUP,
    RESERVATION,
    TEMPLATE,
    Nodes,
    instances,
    node_groups,
    node_volumes,
)
from tools.recording import Recording

Inputs = dict[str, Any]  # Any: inputs are JSON of any shape

CLUSTER = "aws:eks/cluster:Cluster"


def _load_balancer(inputs: Inputs) -> Mapping[str, int]:
    # A load balancer has at least one address in each subnet; it adds more as traffic grows.
    public = 0 if inputs.get("internal") else len(inputs["subnets"])
    reserved = inputs.get("minimumLoadBalancerCapacity") or {"capacityUnits": 0}
    return {
        "load_balancers": 1,
        "public_ipv4": public,
        "reserved_lcus": reserved["capacityUnits"],
    }


def _nat_gateway(inputs: Inputs) -> Mapping[str, int]:
    # _regional_nat_gateways counts those.
    return {} if inputs.get("availabilityMode") == "regional" else {"nat_gateways": 1}


def _endpoint(inputs: Inputs) -> Mapping[str, int]:
    interface = inputs.get("vpcEndpointType") == "Interface"
    return {"endpoints": len(inputs["subnetIds"])} if interface else {}


def _alarm(inputs: Inputs) -> Mapping[str, int]:
    queries: list[Inputs] = inputs.get("metricQueries") or [{"metric": inputs}]
    periods = [each["metric"].get("period") or 60 for each in queries if "metric" in each]
    return {
        "alarm_metrics": sum(period >= 60 for period in periods),
        "high_resolution_alarm_metrics": sum(period < 60 for period in periods),
    }


def _gibibytes(size: str) -> int:
    return -(-mebibytes(size) // 1024)


def _claim(inputs: Inputs) -> Mapping[str, int]:
    """Returns the size of an EBS volume. A claim of an existing volume is one of EFS, which is
    billed by use."""
    if "volumeName" in inputs["spec"]:
        return {}
    return {"volume_gib": _gibibytes(inputs["spec"]["resources"]["requests"]["storage"])}


def _health_check(inputs: Inputs) -> Mapping[str, int]:
    type_ = str(inputs["type"])
    options = (
        type_.startswith("HTTPS"),
        type_.endswith("STR_MATCH"),
        inputs.get("requestInterval") == 10,
        bool(inputs.get("measureLatency")),
    )
    return {"health_checks": 1, "health_check_options": sum(options)}


_QUANTITIES: Mapping[str, Callable[[Inputs], Mapping[str, int]]] = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": lambda _: {"composite_alarms": 1},
    "aws:cloudwatch/dashboard:Dashboard": lambda _: {"dashboards": 1},
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:ec2/eip:Eip": lambda _: {"public_ipv4": 1},
    "aws:ec2/natGateway:NatGateway": _nat_gateway,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:kms/key:Key": lambda _: {"kms_keys": 1},
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:route53/healthCheck:HealthCheck": _health_check,
    "aws:route53/zone:Zone": lambda _: {"hosted_zones": 1},
    "aws:wafv2/webAcl:WebAcl": lambda inputs: {
        "web_acls": 1,
        "web_acl_rules": len(inputs["rules"]),
    },
    CLUSTER: lambda _: {"control_planes": 1},
    "aws:amp/scraper:Scraper": lambda _: {"prometheus_collectors": 1},
    "kubernetes:core/v1:PersistentVolumeClaim": _claim,
}
"""Fields of BilledResources that a resource adds to, by type of the resource."""

BILLED = frozenset({*_QUANTITIES, NODE_GROUP, TEMPLATE, RESERVATION})
"""Types of resources that are counted."""

NO_FIXED_PRICE = frozenset(
    {
        "aws:acm/certificate:Certificate",
        "aws:acm/certificateValidation:CertificateValidation",
        "aws:amp/workspace:Workspace",  # billed by samples
        "aws:arczonalshift/autoshiftObserverNotificationStatus:AutoshiftObserverNotificationStatus",
        "aws:arczonalshift/zonalAutoshiftConfiguration:ZonalAutoshiftConfiguration",
        "aws:autoscaling/tag:Tag",
        "aws:cloudwatch/eventRule:EventRule",  # events of AWS services are free
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:cloudwatch/logGroup:LogGroup",  # billed by GB
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",  # its metric is billed if a line matches
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        "aws:cloudwatch/queryDefinition:QueryDefinition",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:ec2/flowLog:FlowLog",  # billed by GB
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/route:Route",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/subnetCidrReservation:SubnetCidrReservation",
        "aws:ec2/vpc:Vpc",
        "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
        "aws:ecr/repository:Repository",  # billed by GB
        "aws:efs/accessPoint:AccessPoint",
        "aws:efs/backupPolicy:BackupPolicy",  # backups are billed by GB
        "aws:efs/fileSystem:FileSystem",  # billed by GB
        "aws:efs/fileSystemPolicy:FileSystemPolicy",
        "aws:efs/mountTarget:MountTarget",
        "aws:eks/accessEntry:AccessEntry",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "aws:eks/addon:Addon",
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws:fis/experimentTemplate:ExperimentTemplate",  # billed by action-minutes
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:kms/alias:Alias",
        "aws:lb/listener:Listener",
        "aws:lb/listenerCertificate:ListenerCertificate",
        "aws:lb/listenerRule:ListenerRule",
        "aws:lb/targetGroup:TargetGroup",
        "aws:route53/record:Record",  # billed by queries
        "aws:s3/bucket:Bucket",  # billed by GB
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:sns/topic:Topic",  # billed by notifications
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sns/topicSubscription:TopicSubscription",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:wafv2/webAclAssociation:WebAclAssociation",
        "aws:xray/group:Group",  # billed by traces
        "aws:xray/samplingRule:SamplingRule",
        # Kubernetes objects run on the nodes. Volumes are counted, see above.
        "kubernetes:batch/v1:CronJob",
        "kubernetes:batch/v1:Job",
        "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
        "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy",
        "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding",
        "kubernetes:apps/v1:Deployment",
        "kubernetes:autoscaling.x-k8s.io/v1beta1:CapacityBuffer",
        "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
        "kubernetes:core/v1:ConfigMap",
        "kubernetes:core/v1:Namespace",
        "kubernetes:core/v1:PersistentVolume",  # billed with its claim or its file system
        "kubernetes:core/v1:PodTemplate",
        "kubernetes:core/v1:Service",  # a test checks that no Service has type LoadBalancer
        "kubernetes:core/v1:ServiceAccount",
        "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding",
        "kubernetes:helm.sh/v3:Release",
        "kubernetes:keda.sh/v1alpha1:ScaledObject",
        "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass",
        "kubernetes:keda.sh/v1alpha1:TriggerAuthentication",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "kubernetes:policy/v1:PodDisruptionBudget",
        "kubernetes:rbac.authorization.k8s.io/v1:Role",
        "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
        "kubernetes:scheduling.k8s.io/v1:PriorityClass",
        "kubernetes:storage.k8s.io/v1:StorageClass",
    }
)
"""Types of resources that are free, or billed by usage only."""


def billed_resources(
    recording: Recording, today: date, nodes: Nodes = "at rest"
) -> BilledResources:
    """Returns the quantities that AWS bills by time, with a number of nodes."""
    counts = Counter[str]()
    for resource in recording.cloud_resources:
        count = _QUANTITIES.get(resource.type)
        if count:
            counts.update(count(cast("Inputs", resource.inputs)))
    counts.update(_regional_nat_gateways(recording))
    groups = node_groups(recording, nodes)
    counts["volume_gib"] += node_volumes(recording, groups)
    cluster = _one(recording, CLUSTER)
    return BilledResources(
        instances=list(instances(recording, groups)),
        tier=cluster["controlPlaneScalingConfig"]["tier"],
        extended_support=_in_extended_support(cluster, today),
        without_price=(*_unknown(recording),),
        **counts,
    )


def _unknown(recording: Recording) -> Iterator[str]:
    """Yields the resource types of an extension whose price is unknown."""
    found = {each.type for each in recording.cloud_resources if each.type.startswith("aws:")}
    yield from sorted(found - BILLED - NO_FIXED_PRICE)


def _one(recording: Recording, type_: str) -> Inputs:
    [resource] = recording.of_type(type_)
    return cast("Inputs", resource.inputs)


def _in_extended_support(cluster: Inputs, today: date) -> bool:
    """True if EKS keeps the cluster beyond standard support instead of upgrading the cluster."""
    kept = cluster["upgradePolicy"]["supportType"] == "EXTENDED"
    return kept and today > KUBERNETES[cluster["version"]]


def _regional_nat_gateways(recording: Recording) -> Mapping[str, int]:
    """Returns a NAT gateway with an address for each zone in which a regional one has nodes."""
    regional = sum(
        each.inputs.get("availabilityMode") == "regional"
        for each in recording.of_type("aws:ec2/natGateway:NatGateway")
    )
    zones = regional * len(recording.settings.network.zones_in)
    return {"nat_gateways": zones, "public_ipv4": zones}
