"""The AWS API operation that creates each Pulumi type, and the members its inputs are sent in."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Request:
    """The operation that creates a resource. Keys are inputs, nested ones with dots."""

    service: str
    operation: str
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """Member of the request, for inputs that have another name."""
    elsewhere: frozenset[str] = frozenset()
    """Inputs that another operation sends, that only the provider reads, or whose structure the
    provider changes."""
    generated: frozenset[str] = frozenset()
    """Required members that the provider fills in."""
    within: str = ""
    """Path of the member that holds the inputs, if the request has one."""


def _request(
    service: str,
    operation: str,
    names: str = "",
    elsewhere: str = "",
    generated: str = "",
    within: str = "",
) -> Request:
    pairs = (pair.partition("=") for pair in names.split())
    return Request(
        service=service,
        operation=operation,
        names={key: value for key, _, value in pairs},
        elsewhere=frozenset(elsewhere.split()),
        generated=frozenset(generated.split()),
        within=within,
    )


REQUESTS = {
    "aws:acm/certificate:Certificate": _request("acm", "RequestCertificate"),
    "aws:amp/scraper:Scraper": _request(
        "amp",
        "CreateScraper",
        "source.eks=eksConfiguration destination.amp=ampConfiguration",
        "scrapeConfiguration",
        "scrapeConfiguration",
    ),
    "aws:amp/workspace:Workspace": _request("amp", "CreateWorkspace"),
    "aws:arczonalshift/autoshiftObserverNotificationStatus:AutoshiftObserverNotificationStatus": (
        _request("arc-zonal-shift", "UpdateAutoshiftObserverNotificationStatus")
    ),
    "aws:arczonalshift/zonalAutoshiftConfiguration:ZonalAutoshiftConfiguration": _request(
        "arc-zonal-shift",
        "CreatePracticeRunConfiguration",
        "resourceArn=resourceIdentifier",
        "zonalAutoshiftStatus",
    ),
    "aws:autoscaling/tag:Tag": _request(
        "autoscaling", "CreateOrUpdateTags", "tag=Tags", "autoscalingGroupName"
    ),
    "aws:backup/plan:Plan": _request(
        "backup",
        "CreateBackupPlan",
        "rules.targetVaultName=TargetBackupVaultName rules.schedule=ScheduleExpression "
        "rules.startWindow=StartWindowMinutes rules.completionWindow=CompletionWindowMinutes "
        "rules.lifecycle.deleteAfter=DeleteAfterDays "
        "rules.copyActions.destinationVaultArn=DestinationBackupVaultArn "
        "rules.copyActions.lifecycle.deleteAfter=DeleteAfterDays",
        generated="BackupPlanName",
        within="BackupPlan",
    ),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": _request(
        "backup",
        "CreateRestoreTestingPlan",
        "name=RestoreTestingPlanName",
        within="RestoreTestingPlan",
    ),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": _request(
        "backup",
        "CreateRestoreTestingSelection",
        "name=RestoreTestingSelectionName",
        "restoreTestingPlanName",
        within="RestoreTestingSelection",
    ),
    "aws:backup/selection:Selection": _request(
        "backup",
        "CreateBackupSelection",
        elsewhere="planId",
        generated="SelectionName",
        within="BackupSelection",
    ),
    "aws:backup/vault:Vault": _request(
        "backup", "CreateBackupVault", "kmsKeyArn=EncryptionKeyArn", generated="BackupVaultName"
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _request("cloudwatch", "PutCompositeAlarm"),
    "aws:cloudwatch/dashboard:Dashboard": _request("cloudwatch", "PutDashboard"),
    "aws:cloudwatch/eventRule:EventRule": _request("events", "PutRule", generated="Name"),
    "aws:cloudwatch/eventTarget:EventTarget": _request(
        "events",
        "PutTargets",
        "targetId=Id arn=Arn inputTransformer.inputPaths=InputPathsMap",
        elsewhere="rule",
        within="Targets",
    ),
    "aws:cloudwatch/logGroup:LogGroup": _request(
        "logs", "CreateLogGroup", "name=logGroupName", "retentionInDays"
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": _request(
        "logs",
        "PutMetricFilter",
        "name=filterName pattern=filterPattern metricTransformation=metricTransformations "
        "metricTransformation.name=metricName metricTransformation.namespace=metricNamespace "
        "metricTransformation.value=metricValue",
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": _request("logs", "PutResourcePolicy"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _request(
        "cloudwatch",
        "PutMetricAlarm",
        "name=AlarmName metricQueries=Metrics metricQueries.metric=MetricStat "
        "evaluateLowSampleCountPercentiles=EvaluateLowSampleCountPercentile",
        "metricQueries.metric",
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": _request("logs", "PutQueryDefinition"),
    "aws:ec2/capacityReservation:CapacityReservation": _request("ec2", "CreateCapacityReservation"),
    "aws:ec2/eip:Eip": _request("ec2", "AllocateAddress"),
    "aws:ec2/flowLog:FlowLog": _request(
        "ec2",
        "CreateFlowLogs",
        "vpcId=ResourceIds iamRoleArn=DeliverLogsPermissionArn",
        generated="ResourceType",
    ),
    "aws:ec2/internetGateway:InternetGateway": _request(
        "ec2", "CreateInternetGateway", elsewhere="vpcId"
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": _request(
        "ec2",
        "CreateLaunchTemplate",
        elsewhere="updateDefaultVersion",
        within="LaunchTemplateData",
    ),
    "aws:ec2/natGateway:NatGateway": _request("ec2", "CreateNatGateway"),
    "aws:ec2/route:Route": _request("ec2", "CreateRoute"),
    "aws:ec2/routeTable:RouteTable": _request("ec2", "CreateRouteTable"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _request("ec2", "AssociateRouteTable"),
    "aws:ec2/securityGroup:SecurityGroup": _request(
        "ec2", "CreateSecurityGroup", generated="GroupName"
    ),
    "aws:ec2/subnet:Subnet": _request("ec2", "CreateSubnet", elsewhere="mapPublicIpOnLaunch"),
    "aws:ec2/subnetCidrReservation:SubnetCidrReservation": _request(
        "ec2", "CreateSubnetCidrReservation", "cidrBlock=Cidr"
    ),
    "aws:ec2/vpc:Vpc": _request(
        "ec2",
        "CreateVpc",
        "assignGeneratedIpv6CidrBlock=AmazonProvidedIpv6CidrBlock",
        elsewhere="enableDnsHostnames enableDnsSupport",
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _request("ec2", "CreateVpcEndpoint"),
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": _request(
        "ec2", "AssociateVpcCidrBlock"
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _request(
        "ecr", "PutLifecyclePolicy", "policy=lifecyclePolicyText repository=repositoryName"
    ),
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": _request(
        "ecr", "CreatePullThroughCacheRule"
    ),
    "aws:ecr/repository:Repository": _request(
        "ecr",
        "CreateRepository",
        "name=repositoryName encryptionConfigurations=encryptionConfiguration",
        "forceDelete",
    ),
    "aws:efs/accessPoint:AccessPoint": _request(
        "efs", "CreateAccessPoint", generated="ClientToken"
    ),
    "aws:efs/backupPolicy:BackupPolicy": _request("efs", "PutBackupPolicy"),
    "aws:efs/fileSystem:FileSystem": _request("efs", "CreateFileSystem", generated="CreationToken"),
    "aws:efs/fileSystemPolicy:FileSystemPolicy": _request("efs", "PutFileSystemPolicy"),
    "aws:efs/mountTarget:MountTarget": _request("efs", "CreateMountTarget"),
    "aws:eks/accessEntry:AccessEntry": _request("eks", "CreateAccessEntry"),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": _request(
        "eks", "AssociateAccessPolicy"
    ),
    "aws:eks/addon:Addon": _request(
        "eks",
        "CreateAddon",
        "resolveConflictsOnCreate=resolveConflicts",
        "resolveConflictsOnUpdate",
    ),
    "aws:eks/cluster:Cluster": _request(
        "eks",
        "CreateCluster",
        "vpcConfig=resourcesVpcConfig",
        "enabledClusterLogTypes",
    ),
    "aws:eks/nodeGroup:NodeGroup": _request(
        "eks",
        "CreateNodegroup",
        "nodeGroupName=nodegroupName nodeRoleArn=nodeRole subnetIds=subnets",
        generated="nodegroupName",
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": _request(
        "eks", "CreatePodIdentityAssociation"
    ),
    "aws:fis/experimentTemplate:ExperimentTemplate": _request(
        "fis",
        "CreateExperimentTemplate",
        "experimentReportConfiguration.dataSources.cloudwatchDashboards.dashboardArn="
        "dashboardIdentifier",
        "actions targets",
        "clientToken actions",
    ),
    "aws:iam/role:Role": _request(
        "iam", "CreateRole", "assumeRolePolicy=AssumeRolePolicyDocument", generated="RoleName"
    ),
    "aws:iam/rolePolicy:RolePolicy": _request(
        "iam",
        "PutRolePolicy",
        "policy=PolicyDocument role=RoleName",
        generated="PolicyName",
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _request(
        "iam", "AttachRolePolicy", "role=RoleName"
    ),
    "aws:kms/alias:Alias": _request("kms", "CreateAlias", "name=AliasName"),
    "aws:kms/key:Key": _request(
        "kms", "CreateKey", elsewhere="deletionWindowInDays enableKeyRotation"
    ),
    "aws:lb/listener:Listener": _request(
        "elbv2",
        "CreateListener",
        "certificateArn=Certificates defaultActions.redirect=RedirectConfig "
        "defaultActions.fixedResponse=FixedResponseConfig",
        "certificateArn",
    ),
    "aws:lb/listenerCertificate:ListenerCertificate": _request(
        "elbv2",
        "AddListenerCertificates",
        "certificateArn=Certificates",
        "certificateArn",
        "Certificates",
    ),
    "aws:lb/listenerRule:ListenerRule": _request(
        "elbv2",
        "CreateRule",
        "actions.forward=ForwardConfig actions.redirect=RedirectConfig "
        "actions.fixedResponse=FixedResponseConfig conditions.sourceIp=SourceIpConfig "
        "conditions.pathPattern=PathPatternConfig "
        "conditions.hostHeader=HostHeaderConfig",
    ),
    "aws:lb/loadBalancer:LoadBalancer": _request(
        "elbv2",
        "CreateLoadBalancer",
        "loadBalancerType=Type",
        "accessLogs clientKeepAlive dropInvalidHeaderFields enableDeletionProtection "
        "enableWafFailOpen enableZonalShift healthCheckLogs idleTimeout internal "
        "minimumLoadBalancerCapacity",
        generated="Name",
    ),
    "aws:lb/targetGroup:TargetGroup": _request(
        "elbv2",
        "CreateTargetGroup",
        elsewhere="deregistrationDelay healthCheck loadBalancingAlgorithmType "
        "loadBalancingCrossZoneEnabled slowStart stickiness targetGroupHealth",
        generated="Name",
    ),
    "aws:route53/healthCheck:HealthCheck": _request(
        "route53",
        "CreateHealthCheck",
        "enableSni=EnableSNI fqdn=FullyQualifiedDomainName childHealthchecks=ChildHealthChecks "
        "childHealthThreshold=HealthThreshold",
        "cloudwatchAlarmName cloudwatchAlarmRegion triggers",
        within="HealthCheckConfig",
    ),
    "aws:route53/record:Record": _request(
        "route53",
        "ChangeResourceRecordSets",
        "aliases=AliasTarget aliases.name=DNSName aliases.zoneId=HostedZoneId "
        "records=ResourceRecords",
        "allowOverwrite failoverRoutingPolicies latencyRoutingPolicies weightedRoutingPolicies "
        "records zoneId",
        within="ChangeBatch.Changes.ResourceRecordSet",
    ),
    "aws:route53/zone:Zone": _request(
        "route53", "CreateHostedZone", elsewhere="comment vpcs", generated="CallerReference"
    ),
    "aws:s3/bucket:Bucket": _request(
        "s3", "CreateBucket", elsewhere="forceDestroy", generated="Bucket"
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _request(
        "s3",
        "PutBucketLifecycleConfiguration",
        "rules.id=ID",
        "bucket",
        within="LifecycleConfiguration",
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _request(
        "s3",
        "PutBucketOwnershipControls",
        elsewhere="bucket",
        within="OwnershipControls",
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _request("s3", "PutBucketPolicy"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _request(
        "s3",
        "PutPublicAccessBlock",
        elsewhere="bucket",
        within="PublicAccessBlockConfiguration",
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _request(
            "s3",
            "PutBucketEncryption",
            elsewhere="bucket",
            within="ServerSideEncryptionConfiguration",
        )
    ),
    "aws:sns/topic:Topic": _request(
        "sns", "CreateTopic", elsewhere="displayName kmsMasterKeyId", generated="Name"
    ),
    "aws:sns/topicPolicy:TopicPolicy": _request(
        "sns", "SetTopicAttributes", "arn=TopicArn policy=AttributeValue", generated="AttributeName"
    ),
    "aws:sns/topicSubscription:TopicSubscription": _request("sns", "Subscribe", "topic=TopicArn"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _request(
        "ec2",
        "AuthorizeSecurityGroupEgress",
        "securityGroupId=GroupId",
        "cidrIpv4 referencedSecurityGroupId",
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _request(
        "ec2",
        "AuthorizeSecurityGroupIngress",
        "securityGroupId=GroupId",
        "cidrIpv4 cidrIpv6 prefixListId referencedSecurityGroupId",
    ),
    "aws:wafv2/webAcl:WebAcl": _request("wafv2", "CreateWebACL", generated="Name"),
    "aws:wafv2/webAclAssociation:WebAclAssociation": _request("wafv2", "AssociateWebACL"),
    "aws:xray/group:Group": _request("xray", "CreateGroup"),
    "aws:xray/samplingRule:SamplingRule": _request(
        "xray",
        "CreateSamplingRule",
        "host=Host httpMethod=HTTPMethod urlPath=URLPath resourceArn=ResourceARN",
        within="SamplingRule",
    ),
}
"""Request by Pulumi type."""

WITHOUT_REQUEST = {
    "aws:acm/certificateValidation:CertificateValidation": "waits for a certificate",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "adopts what AWS creates with a VPC",
}
"""Types that create nothing in AWS, with the reason."""
